//! port-forward, over SPDY, SPDY in WebSocket, and the channels of a WebSocket.

use sha2::{Digest as _, Sha256};

use super::super::spdy::{Event, Writer};
use super::peers::*;
use super::*;

fn passed(data: &[u8]) -> Passed {
    Passed { bytes: data.len() as u64, sha256: Sha256::digest(data).into() }
}

fn session() -> (Session, Agent, Ear, Ear) {
    let session = Session::new(StreamProtocol::PortSpdy, None, &[]);
    (session, Agent::default(), Ear::of(Side::Downstream), Ear::of(Side::Upstream))
}

#[test]
fn a_connection_passes_and_is_counted_and_hashed() {
    let (mut session, mut agent, mut to_agent, mut to_target) = session();
    session.feed(Side::Downstream, &agent.connect(1, "8000"), &[]).unwrap();
    let mut target = Writer::default();
    let replies = [reply(&mut target, 1), reply(&mut target, 3)].concat();
    session.feed(Side::Upstream, &replies, &[]).unwrap();
    let up = [data(1, true, b""), data(3, false, b"GET "), data(3, false, b"/"), data(3, true, b"")].concat();
    session.feed(Side::Downstream, &up, &[]).unwrap();
    let down = [data(3, false, b"200 OK"), data(3, true, b""), data(1, true, b"")].concat();
    session.feed(Side::Upstream, &down, &[]).unwrap();
    let heard = to_target.hear(&sent(&mut session, Side::Upstream));
    assert_eq!(opened(&heard, "port"), [(1, Some("8000".to_owned())), (3, Some("8000".to_owned()))]);
    assert_eq!(opened(&heard, "requestid"), [(1, Some("1".to_owned())), (3, Some("1".to_owned()))]);
    assert_eq!(data_of(&heard, 3), (b"GET /".to_vec(), true));
    assert_eq!(data_of(&to_agent.hear(&sent(&mut session, Side::Downstream)), 3), (b"200 OK".to_vec(), true));
    assert_eq!(
        session.out.records,
        [
            StreamRecord::Opened { connection: 3, port: 8000 },
            StreamRecord::Closed {
                connection: 3,
                port: 8000,
                to_target: passed(b"GET /"),
                to_agent: passed(b"200 OK")
            },
        ]
    );
}

#[test]
fn nothing_of_a_denied_port_reaches_the_target_and_both_stay_in_step() {
    let (mut session, mut agent, mut to_agent, mut to_target) = session();
    // Between two connections that are allowed: the compressor's state runs through all three.
    for (number, port) in [(1, "80"), (5, "22"), (9, "8099")] {
        let frames = [agent.connect(number, port), data(number + 2, false, b"data")].concat();
        session.feed(Side::Downstream, &frames, &[]).unwrap();
    }
    session.feed(Side::Downstream, &[data(7, true, b"more"), reset(5)].concat(), &[]).unwrap();
    let up = to_target.hear(&sent(&mut session, Side::Upstream));
    let ports: Vec<u32> = opened(&up, "port").into_iter().map(|(stream, _)| stream).collect();
    assert_eq!(ports, [1, 3, 9, 11]);
    assert!(up.iter().all(|event| !matches!(
        event,
        Event::Data { stream: 5 | 7, .. } | Event::Reset { stream: 5 | 7, .. }
    )));
    let mut target = Writer::default();
    let replies: Vec<u8> = [1, 3, 9, 11].into_iter().flat_map(|stream| reply(&mut target, stream)).collect();
    session.feed(Side::Upstream, &replies, &[]).unwrap();
    let down = to_agent.hear(&sent(&mut session, Side::Downstream));
    let mut accepted: Vec<u32> = down
        .iter()
        .filter_map(|event| match event {
            Event::Reply { stream, .. } => Some(*stream),
            _ => None,
        })
        .collect();
    accepted.sort_unstable();
    assert_eq!(accepted, [1, 3, 5, 7, 9, 11]);
    let (message, fin) = data_of(&down, 5);
    assert!(fin);
    assert_eq!(message, b"Narrows: port 22 is denied (rule web); allowed are 80, 8000-8099");
    assert_eq!(data_of(&down, 7), (Vec::new(), true));
    assert!(session.out.records.contains(&StreamRecord::Refused { port: 22 }));
}

#[test]
fn odd_headers_end_the_session() {
    for headers in [
        &[("streamtype", "data")][..],
        &[("streamtype", "data"), ("port", "")],
        &[("streamtype", "data"), ("port", "+80")],
        &[("streamtype", "data"), ("port", "65616")],
        &[("streamtype", "data"), ("port", "80\x00443")],
        &[("streamtype", "stdin"), ("port", "80")],
        &[("port", "80")],
        &[("streamtype", "data"), ("port", "80"), ("requestid", "a b")],
    ] {
        let (mut session, mut agent, ..) = session();
        let fed = session.feed(Side::Downstream, &agent.open(1, headers), &[]);
        assert!(fed.is_err(), "{headers:?}");
        assert!(sent(&mut session, Side::Upstream).is_empty());
    }
}

#[test]
fn why_a_connection_fails_is_masked() {
    let mut session = Session::new(StreamProtocol::PortSpdy, Some(masks()), &[]);
    session.feed(Side::Downstream, &Agent::default().connect(1, "80"), &[]).unwrap();
    session.feed(Side::Upstream, &data(1, true, b"no hunter2-secret here"), &[]).unwrap();
    let heard = Ear::of(Side::Downstream).hear(&sent(&mut session, Side::Downstream));
    let (message, _) = data_of(&heard, 1);
    assert!(!String::from_utf8_lossy(&message).contains("hunter2"));
    assert!(session.out.records.contains(&StreamRecord::Failed { port: 80, message: message.into() }));
    assert_eq!(session.inspector.masked_values(), 1);
}

#[test]
fn the_end_is_told_on_the_streams_for_errors() {
    let (mut session, mut agent, mut to_agent, _) = session();
    session.feed(Side::Downstream, &agent.connect(1, "80"), &[]).unwrap();
    session.inspector.end(&expired(), &mut session.out);
    let heard = to_agent.hear(&sent(&mut session, Side::Downstream));
    assert_eq!(data_of(&heard, 1), (b"Narrows: token expired".to_vec(), true));
    assert_eq!(data_of(&heard, 3), (Vec::new(), true));
    assert!(matches!(session.out.records.last(), Some(StreamRecord::Closed { connection: 3, .. })));
}

#[test]
fn a_websocket_carries_spdy_whatever_its_messages() {
    let frames = [Agent::default().connect(1, "80"), data(3, true, b"payload")].concat();
    for length in [1, 7, frames.len()] {
        let mut session = Session::new(StreamProtocol::PortTunnel, None, &[]);
        let messages_sent: Vec<u8> =
            frames.chunks(length).flat_map(|piece| message(Side::Downstream, &[piece])).collect();
        session.feed(Side::Downstream, &messages_sent, &[]).unwrap();
        let heard = Ear::of(Side::Upstream).hear(&messages(&mut session, Side::Upstream).0.concat());
        assert_eq!(data_of(&heard, 3), (b"payload".to_vec(), true));
        session.feed(Side::Upstream, b"\x88\x00", &[]).unwrap();
        assert!(messages(&mut session, Side::Downstream).1);
        assert!(matches!(session.out.records.last(), Some(StreamRecord::Closed { connection: 3, .. })));
    }
}

#[test]
fn channels_carry_ports_that_the_target_announces() {
    let mut session = Session::new(StreamProtocol::PortChannels, Some(masks()), &[80, 8000]);
    let down = [
        message(Side::Upstream, &[b"\x00\x50\x00"]),
        message(Side::Upstream, &[b"\x01\x50"]),
        message(Side::Upstream, &[b"\x01\x00no hunter2-secret"]),
        message(Side::Upstream, &[b"\x02\x40\x1fhello"]),
        message(Side::Upstream, &[b"\x04\x40\x1fhello"]),
    ];
    session.feed(Side::Upstream, &down.concat(), &[]).unwrap();
    let (heard, _) = messages(&mut session, Side::Downstream);
    assert_eq!(heard[..2], [b"\x00\x50\x00".to_vec(), b"\x01\x50".to_vec()]);
    assert!(heard[2].starts_with(b"\x01\x00no ") && !String::from_utf8_lossy(&heard[2]).contains("hunter2"));
    assert_eq!(heard[3..], [b"\x02\x40\x1fhello".to_vec()]);
    let up = [b"\x00up", b"\x01up", b"\x02up", b"\x04up"].map(|parts| message(Side::Downstream, &[parts]));
    session.feed(Side::Downstream, &up.concat(), &[]).unwrap();
    assert_eq!(messages(&mut session, Side::Upstream).0, [b"\x00up", b"\x02up"]);
    session.inspector.finish(&mut session.out);
    assert_eq!(
        session.out.records.last(),
        Some(&StreamRecord::Closed {
            connection: 1,
            port: 8000,
            to_target: passed(b"up"),
            to_agent: passed(b"hello")
        })
    );
}

#[test]
fn a_target_that_forwards_another_port_ends_the_session() {
    let mut session = Session::new(StreamProtocol::PortChannels, None, &[80]);
    let fed = session.feed(Side::Upstream, &message(Side::Upstream, &[b"\x00\x16\x00"]), &[]);
    assert!(fed.unwrap_err().to_string().contains("not asked for"));
}
