//! exec and attach, over WebSocket and SPDY.

use super::super::spdy::{Event, Writer};
use super::peers::*;
use super::*;

const V4: StreamProtocol = StreamProtocol::ChannelsV4;
const V5: StreamProtocol = StreamProtocol::ChannelsV5;

fn to_agent(session: &mut Session, parts: &[&[u8]]) -> Vec<Vec<u8>> {
    session.feed(Side::Upstream, &message(Side::Upstream, parts), &[]).unwrap();
    messages(session, Side::Downstream).0
}

fn to_target(session: &mut Session, parts: &[&[u8]]) -> Vec<Vec<u8>> {
    session.feed(Side::Downstream, &message(Side::Downstream, parts), &[]).unwrap();
    messages(session, Side::Upstream).0
}

#[test]
fn channels_pass_both_ways_and_are_recorded() {
    let mut session = Session::new(V5, None, &[]);
    assert_eq!(to_agent(&mut session, &[b"\x01"]), [b"\x01"], "the API server says that it is ready");
    assert_eq!(to_target(&mut session, &[b"\x00ls\n"]), [b"\x00ls\n"]);
    assert_eq!(to_target(&mut session, &[b"\x04{}"]), [b"\x04{}"]);
    assert_eq!(to_agent(&mut session, &[b"\x01a\n"]), [b"\x01a\n"]);
    assert_eq!(to_agent(&mut session, &[b"\x02oops"]), [b"\x02oops"]);
    assert_eq!(to_agent(&mut session, &[b"\x03{}"]), [b"\x03{}"]);
    let streams = [
        ProcessStream::Stdin,
        ProcessStream::Resize,
        ProcessStream::Stdout,
        ProcessStream::Stderr,
        ProcessStream::Error,
    ];
    let recorded = streams.map(|stream| String::from_utf8(session.recorded(stream)).unwrap());
    assert_eq!(recorded, ["ls\n", "{}", "a\n", "oops", "{}"]);
    assert_eq!(session.out.records.len(), 5);
}

#[test]
fn nothing_passes_against_the_direction_of_a_channel_or_on_an_unknown_one() {
    let mut session = Session::new(V5, None, &[]);
    for channel in [1, 2, 3, 5, 48, 254] {
        assert!(to_target(&mut session, &[&[channel], b"x"]).is_empty(), "{channel}");
    }
    for channel in [0, 4, 5, 49, 255] {
        assert!(to_agent(&mut session, &[&[channel], b"\x01"]).is_empty(), "{channel}");
    }
    assert!(to_target(&mut session, &[b""]).is_empty());
    assert!(session.out.records.is_empty());
}

#[test]
fn stdin_is_closed_by_itself_in_v5_alone() {
    let mut session = Session::new(V5, None, &[]);
    assert_eq!(to_target(&mut session, &[b"\xff\x00"]), [b"\xff\x00"]);
    assert!(to_target(&mut session, &[b"\xff\x01"]).is_empty(), "output is not the agent's to close");
    for odd in [&b"\xff"[..], b"\xff\x00\x00"] {
        let mut session = Session::new(V5, None, &[]);
        let fed = session.feed(Side::Downstream, &message(Side::Downstream, &[odd]), &[]);
        assert!(fed.is_err(), "{odd:?}");
    }
    let mut older = Session::new(V4, None, &[]);
    assert!(to_target(&mut older, &[b"\xff\x00"]).is_empty());
}

#[test]
fn a_channel_stands_before_a_message_not_before_a_fragment() {
    let mut session = Session::new(V5, None, &[]);
    // An empty fragment, the channel, a Ping between, and two fragments more.
    let frames = [&b"\x02\x00"[..], b"\x00\x01\x01", b"\x89\x02hi", b"\x00\x03one", b"\x80\x03two"].concat();
    session.feed(Side::Upstream, &frames, &[]).unwrap();
    let bytes = sent(&mut session, Side::Downstream);
    assert_eq!(&bytes[..], b"\x89\x02hi\x82\x04\x01one\x82\x04\x01two");
    assert_eq!(session.recorded(ProcessStream::Stdout), b"onetwo");
}

#[test]
fn output_is_masked_across_messages_and_recorded_as_it_is_sent() {
    let mut session = Session::new(V5, Some(masks()), &[]);
    let mut heard = Vec::new();
    for part in [&b"card 4111 1111"[..], b" 1111 1111 and hun", b"ter2-se", b"cret and hun"] {
        heard.extend(to_agent(&mut session, &[b"\x01", part]));
    }
    assert!(to_agent(&mut session, &[b"\x02", b"hunter2-secret"]).is_empty(), "it may go on");
    heard.extend(to_agent(&mut session, &[b"\x03", br#"{"message":"hunter2-secret"}"#]));
    let of = |channel: u8| {
        let of_channel = heard.iter().filter(|message| message[0] == channel);
        of_channel.map(|message| String::from_utf8_lossy(&message[1..])).collect::<String>()
    };
    for (channel, stream) in
        [(1, ProcessStream::Stdout), (2, ProcessStream::Stderr), (3, ProcessStream::Error)]
    {
        assert!(!of(channel).contains("hunter2-s") && !of(channel).contains("1111"), "{}", of(channel));
        assert_eq!(session.recorded(stream), of(channel).as_bytes());
    }
    assert!(of(1).starts_with("card ") && of(1).ends_with(" and hun"), "{}", of(1));
    assert_eq!(heard.last().unwrap()[0], 3, "the Status comes last");
    assert_eq!(session.inspector.masked_values(), 4);
}

#[test]
fn what_was_kept_back_goes_on_when_the_target_closes() {
    let mut session = Session::new(V4, Some(masks()), &[]);
    assert_eq!(to_agent(&mut session, &[b"\x01the prompt"]), [b"\x01the "]);
    session.feed(Side::Upstream, b"\x88\x02\x03\xe8", &[]).unwrap();
    let (messages, is_closed) = messages(&mut session, Side::Downstream);
    assert_eq!((messages, is_closed), (vec![b"\x01prompt".to_vec()], true));
    session.feed(Side::Upstream, &message(Side::Upstream, &[b"\x01late"]), &[]).unwrap();
    assert!(sent(&mut session, Side::Downstream).is_empty());
}

#[test]
fn a_session_ends_with_a_status_that_kubectl_prints() {
    let mut session = Session::new(V5, Some(masks()), &[]);
    to_agent(&mut session, &[b"\x01the prompt"]);
    session.inspector.end(&expired(), &mut session.out);
    let (heard, is_closed) = messages(&mut session, Side::Downstream);
    assert_eq!(heard[0], b"\x01prompt");
    let status = String::from_utf8_lossy(&heard[1]);
    assert!(status.starts_with('\u{3}') && status.contains(r#""message":"Narrows: token expired""#));
    assert!(is_closed && messages(&mut session, Side::Upstream).1);
}

/// A SPDY session with these streams, numbered 1, 3, 5, …, and accepted.
fn spdy(masks: Option<OutputMasks>, types: &[&str]) -> (Session, Ear, Ear) {
    let mut session = Session::new(StreamProtocol::Spdy, masks, &[]);
    let (mut agent, mut target, mut ears) =
        (Agent::default(), Writer::default(), (Ear::of(Side::Downstream), Ear::of(Side::Upstream)));
    for (number, kind) in (1..).step_by(2).zip(types) {
        session.feed(Side::Downstream, &agent.open(number, &[("streamtype", kind)]), &[]).unwrap();
        session.feed(Side::Upstream, &reply(&mut target, number), &[]).unwrap();
    }
    let heard = ears.1.hear(&sent(&mut session, Side::Upstream));
    let expected: Vec<_> =
        (1..).step_by(2).zip(types).map(|(number, kind)| (number, Some((*kind).to_owned()))).collect();
    assert_eq!(opened(&heard, "streamtype"), expected);
    let heard = ears.0.hear(&sent(&mut session, Side::Downstream));
    assert_eq!(heard.len(), types.len(), "every stream is accepted");
    (session, ears.0, ears.1)
}

const ALL: [&str; 5] = ["error", "stdin", "stdout", "stderr", "resize"];

#[test]
fn spdy_streams_pass_both_ways_and_are_recorded() {
    let (mut session, mut agent, mut target) = spdy(None, &ALL);
    let up = [data(3, false, b"ls\n"), data(3, true, b""), data(9, false, b"{}"), data(5, false, b"no")];
    session.feed(Side::Downstream, &up.concat(), &[]).unwrap();
    let heard = target.hear(&sent(&mut session, Side::Upstream));
    assert_eq!(data_of(&heard, 3), (b"ls\n".to_vec(), true));
    assert_eq!(data_of(&heard, 9), (b"{}".to_vec(), false));
    assert_eq!(data_of(&heard, 5).0, b"", "output is not the agent's to send");
    let down = [data(5, false, b"a\n"), data(7, false, b"oops"), data(1, false, b"{}"), data(5, true, b"")];
    session.feed(Side::Upstream, &down.concat(), &[]).unwrap();
    let heard = agent.hear(&sent(&mut session, Side::Downstream));
    assert_eq!(data_of(&heard, 5), (b"a\n".to_vec(), true));
    assert_eq!(data_of(&heard, 1), (b"{}".to_vec(), false));
    assert_eq!(session.recorded(ProcessStream::Stdin), b"ls\n");
    assert_eq!(session.recorded(ProcessStream::Stderr), b"oops");
}

#[test]
fn spdy_output_is_masked_and_ends_with_its_stream() {
    let (mut session, mut agent, _) = spdy(Some(masks()), &ALL);
    let down = [data(5, false, b"x hunter2"), data(5, true, b"-secret y"), data(7, false, b"kept")];
    session.feed(Side::Upstream, &down.concat(), &[]).unwrap();
    session.feed(Side::Upstream, &reset(7), &[]).unwrap();
    let heard = agent.hear(&sent(&mut session, Side::Downstream));
    let (stdout, fin) = data_of(&heard, 5);
    assert!(fin && stdout.starts_with(b"x ") && stdout.ends_with(b" y"));
    assert_eq!(session.recorded(ProcessStream::Stdout), stdout);
    assert!(!String::from_utf8_lossy(&stdout).contains("hunter2"));
    assert_eq!(data_of(&heard, 7).0, b"kept");
    assert_eq!(heard.last(), Some(&Event::Reset { stream: 7, status: 5 }));
}

#[test]
fn spdy_data_of_no_open_stream_goes_nowhere() {
    let (mut session, mut agent, mut target) = spdy(None, &["error", "stdin", "stdout"]);
    let up =
        [data(9, false, b"never opened"), data(2, false, b"nor this"), reset(3), data(3, false, b"late")];
    session.feed(Side::Downstream, &up.concat(), &[]).unwrap();
    let heard = target.hear(&sent(&mut session, Side::Upstream));
    assert_eq!(heard, [Event::Reset { stream: 3, status: 5 }]);
    let down = [data(3, false, b"crossed"), reset(3), data(5, true, b"end"), data(5, false, b"after")];
    session.feed(Side::Upstream, &down.concat(), &[]).unwrap();
    let heard = agent.hear(&sent(&mut session, Side::Downstream));
    assert_eq!(data_of(&heard, 5), (b"end".to_vec(), true));
    assert_eq!(data_of(&heard, 3).0, b"");
    assert!(session.recorded(ProcessStream::Stdin).is_empty());
}

#[test]
fn a_spdy_session_ends_with_a_status_too() {
    let (mut session, mut agent, mut target) = spdy(Some(masks()), &ALL);
    session.feed(Side::Upstream, &data(5, false, b"the prompt"), &[]).unwrap();
    session.inspector.end(&expired(), &mut session.out);
    let heard = agent.hear(&sent(&mut session, Side::Downstream));
    assert_eq!(data_of(&heard, 5), (b"the prompt".to_vec(), true));
    let (status, fin) = data_of(&heard, 1);
    assert!(fin && String::from_utf8_lossy(&status).contains("token expired"));
    assert_eq!(heard.last(), Some(&Event::GoAway { last: 0, status: 0 }));
    assert_eq!(target.hear(&sent(&mut session, Side::Upstream)).last(), heard.last());
}

#[test]
fn pings_and_goodbyes_pass() {
    let (mut session, mut agent, mut target) = spdy(None, &["error"]);
    let mut frames = BytesMut::new();
    Writer::ping(&mut frames, 1);
    Writer::go_away(&mut frames, 0, 0);
    session.feed(Side::Downstream, &frames, &[]).unwrap();
    session.feed(Side::Upstream, &frames, &[]).unwrap();
    let expected = [Event::Ping(1), Event::GoAway { last: 0, status: 0 }];
    assert_eq!(target.hear(&sent(&mut session, Side::Upstream)), expected);
    assert_eq!(agent.hear(&sent(&mut session, Side::Downstream)), expected);
}
