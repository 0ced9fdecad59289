//! What holds for every conversation, however its bytes are cut.

use proptest::collection::vec;
use proptest::prelude::*;

use super::super::spdy::Writer;
use super::peers::*;
use super::*;

/// What came out: bytes to both sides, what was recorded, and how it ended.
type Outcome = (Bytes, Bytes, Vec<StreamRecord>, Result<(), Error>);

fn run(protocol: StreamProtocol, ports: &[u16], from: Side, bytes: &[u8], cuts: &[usize]) -> Outcome {
    let mut session = Session::new(protocol, Some(masks()), ports);
    let ended = session.feed(from, bytes, cuts);
    session.inspector.finish(&mut session.out);
    let mut sides = [Side::Upstream, Side::Downstream].map(|side| sent(&mut session, side).freeze());
    let [upstream, downstream] = &mut sides;
    (std::mem::take(upstream), std::mem::take(downstream), session.out.records, ended)
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        vec(any::<u8>(), 0..40),
        Just(b"4111 1111 1111 1111 ".to_vec()),
        Just(b"hunter2-secret\n".to_vec()),
        Just(vec![b'x'; PIECE_BYTES + 3]),
    ]
}

/// Bytes of a target on the channels of a WebSocket: messages, fragments and signs of life.
fn channels() -> impl Strategy<Value = Vec<u8>> {
    let message_of = |(channel, text): (u8, Vec<u8>)| message(Side::Upstream, &[&[channel], &text]);
    let one = prop_oneof![
        4 => (0_u8..6, text()).prop_map(message_of),
        1 => Just(b"\x89\x02hi".to_vec()),
        1 => Just(b"\x02\x00\x00\x02\x01a\x89\x00\x80\x01b".to_vec()),
        1 => vec(any::<u8>(), 1..10),
    ];
    vec(one, 0..6).prop_map(|all| all.concat())
}

/// Bytes of an agent on a SPDY connection for ports.
fn connections() -> impl Strategy<Value = Vec<u8>> {
    let one = prop_oneof![
        3 => (prop_oneof![Just("80"), Just("22"), Just("8050")]).prop_map(|port| (Some(port), 0, false, Vec::new())),
        5 => (1_u32..14, any::<bool>(), text()).prop_map(|(stream, fin, text)| (None, stream, fin, text)),
    ];
    vec(one, 0..10).prop_map(|steps| {
        let (mut agent, mut number) = (Agent::default(), 1);
        let frames = steps.into_iter().map(|(port, stream, fin, text)| match port {
            Some(port) => {
                number += 4;
                agent.connect(number - 4, port)
            }
            None => data(stream, fin, &text),
        });
        frames.collect::<Vec<_>>().concat()
    })
}

fn cuts() -> impl Strategy<Value = Vec<usize>> {
    vec(prop_oneof![1_usize..8, 8_usize..2000], 0..200)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) })]

    #[test]
    fn how_a_websocket_is_cut_makes_no_difference(bytes in channels(), cuts in cuts()) {
        for (protocol, ports) in [(StreamProtocol::ChannelsV5, &[][..]), (StreamProtocol::PortChannels, &[80])] {
            prop_assert_eq!(
                run(protocol, ports, Side::Upstream, &bytes, &[]),
                run(protocol, ports, Side::Upstream, &bytes, &cuts)
            );
        }
    }

    #[test]
    fn how_spdy_is_cut_makes_no_difference(bytes in connections(), cuts in cuts()) {
        let run = |cuts: &[usize]| run(StreamProtocol::PortSpdy, &[], Side::Downstream, &bytes, cuts);
        prop_assert_eq!(run(&[]), run(&cuts));
    }

    #[test]
    fn no_denied_port_is_named_to_the_target(bytes in connections(), cuts in cuts()) {
        let (upstream, ..) = run(StreamProtocol::PortSpdy, &[], Side::Downstream, &bytes, &cuts);
        let heard = Ear::of(Side::Upstream).hear(&upstream);
        prop_assert!(opened(&heard, "port").iter().all(|(_, port)| port.as_deref() != Some("22")));
    }

    #[test]
    fn no_secret_comes_out_and_what_comes_out_is_recorded(parts in vec((1_u8..3, 1_usize..9), 1..40)) {
        let secret = b"a hunter2-secret b 4111 1111 1111 1111 c ".repeat(9);
        let mut session = Session::new(StreamProtocol::ChannelsV5, Some(masks()), &[]);
        let mut rests = [&secret[..], &secret[..]];
        for (channel, length) in parts {
            let rest = &mut rests[usize::from(channel - 1)];
            let (piece, behind) = rest.split_at(length.min(rest.len()));
            *rest = behind;
            session.feed(Side::Upstream, &message(Side::Upstream, &[&[channel], piece]), &[]).unwrap();
        }
        session.inspector.finish(&mut session.out);
        let (heard, _) = messages(&mut session, Side::Downstream);
        for (channel, stream) in [(1, ProcessStream::Stdout), (2, ProcessStream::Stderr)] {
            let of = heard.iter().filter(|message| message[0] == channel);
            let all = of.flat_map(|message| message[1..].to_vec()).collect::<Vec<u8>>();
            prop_assert!(!String::from_utf8_lossy(&all).contains("hunter2-secret"));
            prop_assert!(!String::from_utf8_lossy(&all).contains("4111 1111 1111 1111"));
            prop_assert_eq!(session.recorded(stream), all);
        }
    }

    #[test]
    fn nonsense_is_never_a_panic(bytes in vec(any::<u8>(), 0..200), side in any::<bool>()) {
        use StreamProtocol::*;
        let from = if side { Side::Upstream } else { Side::Downstream };
        let mut head = BytesMut::new();
        Writer::ping(&mut head, 1);
        for protocol in [ChannelsV4, ChannelsV5, Spdy, PortSpdy, PortTunnel] {
            let _ = run(protocol, &[], from, &bytes, &[]);
            let _ = run(protocol, &[], from, &[&head, &bytes[..]].concat(), &[]);
        }
    }
}
