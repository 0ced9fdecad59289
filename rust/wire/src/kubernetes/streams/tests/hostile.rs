//! Peers that break the rules: the session ends, and nothing of it has passed.

use super::super::spdy::Writer;
use super::peers::*;
use super::*;

fn broken(protocol: StreamProtocol, from: Side, bytes: &[u8], named: &str) {
    for cuts in [&[][..], &[1; 200]] {
        let mut session =
            Session::new(protocol, None, if protocol == StreamProtocol::PortChannels { &[80] } else { &[] });
        let error = session.feed(from, bytes, cuts).expect_err(named).to_string();
        assert!(error.contains(named), "{error}");
        assert!(session.out.upstream().is_empty() && session.out.downstream().is_empty());
    }
}

#[test]
fn frames_of_websocket() {
    use StreamProtocol::{ChannelsV5, PortChannels, PortTunnel};
    for protocol in [ChannelsV5, PortChannels, PortTunnel] {
        broken(protocol, Side::Downstream, b"\x82\x02\x00x", "without a mask");
        broken(protocol, Side::Upstream, b"\x82\x82keys\x00x", "a masked");
        broken(protocol, Side::Upstream, b"\xc2\x02\x01x", "a reserved bit");
        broken(protocol, Side::Upstream, b"\x80\x02\x01x", "continuation of no message");
        broken(protocol, Side::Upstream, b"\x89\x7e\x00\x7e", "fragmented or too long");
        broken(protocol, Side::Upstream, b"\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff", "message_bytes_max");
    }
}

#[test]
fn frames_of_spdy() {
    use StreamProtocol::{PortSpdy, Spdy};
    for protocol in [Spdy, PortSpdy] {
        broken(protocol, Side::Downstream, b"\x80\x03\0\x06\0\0\0\x05\0\0\0\x01\0", "wrong length");
        broken(protocol, Side::Downstream, b"\x80\x03\0\x01\0\xff\xff\xff", "control_frame_bytes_max");
        broken(protocol, Side::Downstream, b"GET / HTTP", "SPDY");
        broken(protocol, Side::Downstream, &reply(&mut Writer::default(), 1), "a stream of its own");
        let opened = Agent::default().open(2, &[("streamtype", "data"), ("port", "80")]);
        broken(protocol, Side::Upstream, &opened, "that the target opens");
        broken(protocol, Side::Downstream, &opened, "out of order");
    }
    broken(
        Spdy,
        Side::Downstream,
        &Agent::default().open(1, &[("streamtype", "data")]),
        "without a known type",
    );
    broken(Spdy, Side::Downstream, &Agent::default().open(1, &[]), "without a known type");
}

#[test]
fn streams_come_in_order_and_once() {
    let mut agent = Agent::default();
    let frames =
        [agent.open(5, &[("streamtype", "error")]), agent.open(3, &[("streamtype", "stdin")])].concat();
    let mut session = Session::new(StreamProtocol::Spdy, None, &[]);
    assert!(session.feed(Side::Downstream, &frames, &[]).unwrap_err().to_string().contains("out of order"));
    let mut agent = Agent::default();
    let frames =
        [agent.open(1, &[("streamtype", "stdin")]), agent.open(3, &[("streamtype", "stdin")])].concat();
    let mut session = Session::new(StreamProtocol::Spdy, None, &[]);
    assert!(session.feed(Side::Downstream, &frames, &[]).unwrap_err().to_string().contains("same type"));
}

#[test]
fn streams_are_bounded() {
    let mut session = Session::new(StreamProtocol::PortSpdy, None, &[]);
    let (mut agent, mut target) = (Agent::default(), Ear::of(Side::Upstream));
    for number in (1..).step_by(4).take(1_100) {
        session.feed(Side::Downstream, &agent.connect(number, "80"), &[]).unwrap();
    }
    let heard = target.hear(&sent(&mut session, Side::Upstream));
    assert_eq!(opened(&heard, "port").len(), 2_048);
    let heard = Ear::of(Side::Downstream).hear(&sent(&mut session, Side::Downstream));
    assert_eq!(heard.len(), 152, "the others are reset");
}
