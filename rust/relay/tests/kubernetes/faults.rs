//! API servers that break off, answer what was not asked for, or do not end.

use std::{
    io::Write,
    sync::atomic::{AtomicUsize, Ordering},
};

use crate::{
    cluster::{Cluster, Peer, json},
    gateway::{Gateway, exchange, get, post, read_answer},
};

fn hang_up(peer: &mut Peer) {
    drop(peer.flush());
    drop(peer.sock.shutdown(std::net::Shutdown::Both));
}

#[test]
fn an_api_server_that_is_not_there_is_a_503_to_be_tried_again() {
    let cluster = Cluster::answering(json("{}"));
    let gateway = Gateway::before(&cluster.moved_to("127.0.0.1:1"));
    let answer = exchange(&mut gateway.connect(), &get("/version"));
    assert_eq!(answer.code, 503);
    assert!(answer.head.contains("retry-after: 1"), "{}", answer.head);
    assert!(answer.body.contains("Narrows cannot reach the API server"), "{}", answer.body);
    assert!(gateway.recorded().contains(r#""event":"unanswered""#));
}

#[test]
fn an_api_server_with_another_certificate_is_not_spoken_to() {
    let (cluster, other) = (Cluster::answering(json("{}")), Cluster::answering(json("{}")));
    let gateway = Gateway::before(&other.moved_to(&cluster.address));
    let answer = exchange(&mut gateway.connect(), &get("/version"));
    assert_eq!(answer.code, 503);
    assert!(answer.body.contains("does not trust"), "{}", answer.body);
    assert!(cluster.requests().is_empty());
}

#[test]
fn whether_a_write_was_done_is_not_known_when_the_api_server_dies() {
    let cluster = Cluster::start(|peer, _| hang_up(peer));
    let gateway = Gateway::before(&cluster);
    let mut agent = gateway.connect();
    let write = exchange(&mut agent, &post("/api/v1/namespaces", "{}"));
    assert_eq!(write.code, 503);
    assert!(!write.head.contains("retry-after"), "{}", write.head);
    assert!(write.body.contains("whether it did what was asked is not known"), "{}", write.body);
    let read = exchange(&mut agent, &get("/version"));
    assert!(read.head.contains("retry-after"), "{}", read.head);
    assert_eq!(cluster.requests().len(), 2);
}

#[test]
fn a_read_is_sent_again_when_a_kept_connection_turns_out_dead_and_a_write_is_not() {
    for (request, sent, code) in [(get("/version"), 3, 200), (post("/api/v1/namespaces", "{}"), 2, 503)] {
        let calls = AtomicUsize::new(0);
        let cluster = Cluster::start(move |peer, _| match calls.fetch_add(1, Ordering::Relaxed) {
            1 => hang_up(peer),
            _ => peer.write_all(json("{}").as_bytes()).unwrap(),
        });
        let gateway = Gateway::before(&cluster);
        let mut agent = gateway.connect();
        assert_eq!(exchange(&mut agent, &get("/version")).code, 200);
        assert_eq!(exchange(&mut agent, &request).code, code);
        assert_eq!(cluster.requests().len(), sent);
    }
}

#[test]
fn an_answer_that_breaks_off_never_ends_as_if_it_were_whole() {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
    let body = "x".repeat(300_000);
    for answer in [
        format!("{head}Content-Length: 900000\r\n\r\n\"{body}"),
        format!("{head}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n\"{body}\r\n", body.len() + 1),
        format!("{head}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n\"{body}\r\nzz\r\n", body.len() + 1),
    ] {
        let cluster = Cluster::start(move |peer, _| {
            peer.write_all(answer.as_bytes()).unwrap();
            hang_up(peer);
        });
        let gateway = Gateway::before(&cluster);
        let answer = exchange(&mut gateway.connect(), &get("/api/v1/pods"));
        assert!(answer.code == 200 && !answer.whole, "{} {}", answer.code, answer.head);
        gateway.closed();
        assert!(gateway.recorded().contains(r#""event":"cut""#));
    }
}

#[test]
fn an_api_server_that_stalls_is_not_waited_for() {
    for began in ["", "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"] {
        let cluster = Cluster::start(move |peer, _| {
            peer.write_all(began.as_bytes()).and_then(|()| peer.flush()).unwrap();
            drop(std::io::Read::read(peer, &mut [0]));
        });
        let gateway = Gateway::before(&cluster);
        let mut agent = gateway.connect();
        agent.write_all(get("/api/v1/pods").as_bytes()).unwrap();
        let answer = read_answer(&mut agent);
        assert!(if began.is_empty() { answer.code == 503 } else { !answer.whole }, "{}", answer.head);
        drop(agent);
        gateway.closed();
        assert!(gateway.recorded().contains("answer_deadline_ms = 400"));
    }
}

#[test]
fn an_answer_that_cannot_be_masked_is_not_passed_on() {
    for (head, why) in [
        ("Content-Type: application/vnd.kubernetes.protobuf", "neither JSON nor text"),
        ("Content-Type: application/json;stream=watch\r\nContent-Encoding: gzip", "compressed"),
        ("Content-Type: text/html", "neither JSON nor text"),
        ("Content-Type: text/plain", "neither JSON nor text"),
        ("Content-Type: application/json\r\nContent-Type: text/plain", "does not say what it is"),
        ("Server: x", "does not say what it is"),
    ] {
        let cluster =
            Cluster::answering(format!("HTTP/1.1 200 OK\r\n{head}\r\nContent-Length: 6\r\n\r\nsecret"));
        let gateway = Gateway::before(&cluster);
        let answer = exchange(&mut gateway.connect(), &get("/api/v1/namespaces/a/secrets/b"));
        assert_eq!(answer.code, 406, "{head}");
        assert!(answer.body.contains(why), "{head}: {}", answer.body);
        assert!(!answer.body.contains("secret\""), "{}", answer.body);
        assert!(gateway.recorded().contains(r#""event":"unfit""#));
    }
}

#[test]
fn heads_that_do_not_end_or_that_say_two_things_are_no_answer() {
    let endless = format!("HTTP/1.1 200 OK\r\nX: {}", "x".repeat(1 << 20));
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "X: y\r\n".repeat(1_000));
    let both = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\
                Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        .to_owned();
    let two = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\
               Content-Length: 3\r\n\r\n{} "
        .to_owned();
    for answer in [endless, many, both, two, "SSH-2.0-x\r\n\r\n".to_owned()] {
        let cluster = Cluster::start(move |peer, _| {
            drop(peer.write_all(answer.as_bytes()));
            hang_up(peer);
        });
        let gateway = Gateway::before(&cluster);
        let answer = exchange(&mut gateway.connect(), &get("/api/v1/pods"));
        assert!(matches!(answer.code, 503 | 406), "{} {}", answer.code, answer.body);
    }
}

#[test]
fn a_connection_with_bytes_behind_its_answer_is_not_kept() {
    let cluster = Cluster::answering(json("{}") + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let gateway = Gateway::before(&cluster);
    let mut agent = gateway.connect();
    for _ in 0..3 {
        assert_eq!(exchange(&mut agent, &get("/version")).body, "{}");
    }
    assert_eq!(cluster.connections(), 3);
}

#[test]
fn answers_without_a_body_have_none() {
    for (code, text) in [("204 No Content", ""), ("304 Not Modified", "")] {
        let cluster = Cluster::answering(format!("HTTP/1.1 {code}\r\nETag: \"1\"\r\n\r\n{text}"));
        let gateway = Gateway::before(&cluster);
        let answer = exchange(&mut gateway.connect(), &get("/openapi/v2"));
        assert_eq!(answer.code.to_string(), code[..3]);
    }
    let cluster =
        Cluster::answering("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n");
    let gateway = Gateway::before(&cluster);
    let mut agent = gateway.connect();
    for _ in 0..2 {
        agent.write_all(get("/api/v1/pods").replace("GET", "HEAD").as_bytes()).unwrap();
        let answer = crate::gateway::read_head(&mut agent);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    assert_eq!(cluster.connections(), 1);
}
