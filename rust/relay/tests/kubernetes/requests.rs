//! Agents that send what could be read in two ways, too much, or too slowly.

use std::{
    io::{ErrorKind, Read, Write},
    time::{Duration, Instant},
};

use crate::{
    cluster::{Cluster, json},
    gateway::{Agent, Gateway, TOKEN, exchange, get, post},
};

/// Whether the gateway closes, without another answer.
fn closes(agent: &mut Agent) -> bool {
    match agent.read(&mut [0; 64]) {
        Ok(0) => true,
        Err(error) => error.kind() != ErrorKind::WouldBlock,
        Ok(_) => false,
    }
}

#[test]
fn what_could_be_framed_in_two_ways_is_answered_and_ends_the_connection() {
    let cluster = Cluster::answering(json("{}"));
    let gateway = Gateway::before(&cluster);
    let authorization = format!("Host: gateway\r\nAuthorization: Bearer {TOKEN}\r\n");
    for request in [
        post("/api/v1/namespaces", "{}").replace("\r\n\r\n", "\r\nTransfer-Encoding: chunked\r\n\r\n"),
        post("/api/v1/namespaces", "{}").replace("Length: 2", "Length: 2\r\nContent-Length: 3"),
        post("/api/v1/namespaces", "{}").replace("Length: 2", "Length: +2"),
        get("/version").replace("Host: gateway", "Host: gateway\r\nHost: other"),
        get("/version").replace("Host: gateway", "Host : gateway"),
        get("/version").replace("\r\n", "\n"),
        get("/version").replace("Host: gateway", "Host: gateway\r\n folded"),
        format!("GET http://other/clusters/prod/version HTTP/1.1\r\n{authorization}\r\n"),
        format!("CONNECT other:443 HTTP/1.1\r\n{authorization}\r\n"),
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(),
    ] {
        let mut agent = gateway.connect();
        // A request behind it must not be answered.
        let answer = exchange(&mut agent, &(request.clone() + &get("/version")));
        assert_eq!(answer.code, 400, "{request}");
        assert!(answer.body.contains(r#""kind":"Status""#), "{}", answer.body);
        assert!(closes(&mut agent), "{request}");
    }
    assert!(cluster.requests().is_empty());
}

#[test]
fn heads_and_uris_have_a_limit() {
    let cluster = Cluster::answering(json("{}"));
    let gateway = Gateway::before(&cluster);
    let long = "x".repeat(70 << 10);
    for (request, code) in [
        (get(&format!("/api/v1/pods?labelSelector={long}")), 400),
        (get("/version").replace("\r\n\r\n", &format!("\r\nX: {long}\r\n\r\n")), 400),
        (get("/version").replace("\r\n\r\n", &format!("\r\n{}\r\n", "X: y\r\n".repeat(200))), 400),
    ] {
        let mut agent = gateway.connect();
        assert_eq!(exchange(&mut agent, &request).code, code);
        assert!(closes(&mut agent));
    }
}

#[test]
fn paths_that_mean_two_things_are_refused_and_the_connection_lives_on() {
    let cluster = Cluster::answering(json("{}"));
    let gateway = Gateway::before(&cluster);
    let mut agent = gateway.connect();
    for path in [
        "/api/v1/namespaces/a/secrets%2fs1",
        "/api//v1/pods",
        "/api/v1/../v1/pods",
        "/api/v1/pods?watch=1&watch=0",
    ] {
        assert_eq!(exchange(&mut agent, &get(path)).code, 400, "{path}");
    }
    assert_eq!(exchange(&mut agent, &get("/api/v1/namespaces/a/%73ecrets")).code, 200);
    assert_eq!(gateway.asked(), ["list /api/v1/namespaces/a/secrets"]);
}

#[test]
fn a_body_has_a_limit_whether_or_not_it_says_its_length() {
    let cluster = Cluster::answering(json("{}"));
    let gateway = Gateway::before(&cluster);
    let body = "x".repeat((1 << 20) + 1);
    let said = post("/api/v1/namespaces", &body);
    let head = said.split("Content-Length").next().unwrap();
    let chunked = format!("{head}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    for request in [said, chunked] {
        let answer = exchange(&mut gateway.connect(), &request);
        assert_eq!(answer.code, 413);
        assert!(answer.body.contains("body_bytes_max = 1048576"), "{}", answer.body);
    }
    assert!(gateway.asked().is_empty() && cluster.requests().is_empty());
}

#[test]
fn a_body_that_waits_to_be_wanted_is_asked_for() {
    let cluster = Cluster::answering(json("{}"));
    let gateway = Gateway::before(&cluster);
    let mut agent = gateway.connect();
    let request =
        post("/api/v1/namespaces", "{}").replace("Content-Length", "Expect: 100-continue\r\nContent-Length");
    let (head, body) = request.split_at(request.len() - 2);
    agent.write_all(head.as_bytes()).unwrap();
    assert!(crate::gateway::read_head(&mut agent).starts_with("HTTP/1.1 100"));
    assert_eq!(exchange(&mut agent, body).code, 200);
}

#[test]
fn a_head_has_to_arrive_in_time() {
    let cluster = Cluster::answering(json("{}"));
    let gateway = Gateway::before(&cluster);
    let started = Instant::now();
    let (mut silent, mut slow) = (gateway.connect(), gateway.connect());
    assert_eq!(exchange(&mut slow, &get("/version")).code, 200);
    for byte in get("/version").bytes().take(30) {
        if slow.write_all(&[byte]).and_then(|()| slow.flush()).is_err() {
            break;
        }
        std::thread::sleep(Duration::from_millis(30));
    }
    assert!(closes(&mut slow) && closes(&mut silent));
    assert!(started.elapsed() < Duration::from_secs(5));
    assert_eq!(cluster.requests().len(), 1);
}

#[test]
fn requests_behind_one_another_are_answered_in_order() {
    let cluster = Cluster::start(|peer, request| {
        let path = request.split(' ').nth(1).unwrap().to_owned();
        peer.write_all(json(&format!("{{\"path\":\"{path}\"}}")).as_bytes()).unwrap();
    });
    let gateway = Gateway::before(&cluster);
    let mut agent = gateway.connect();
    let requests: String = ["/api", "/apis", "/version"].into_iter().map(get).collect();
    agent.write_all(requests.as_bytes()).unwrap();
    for path in ["/api", "/apis", "/version"] {
        assert_eq!(crate::gateway::read_answer(&mut agent).body, format!("{{\"path\":\"{path}\"}}"));
    }
}

#[test]
fn http_2_is_not_spoken() {
    let cluster = Cluster::answering(json("{}"));
    let gateway = Gateway::before(&cluster);
    assert!(gateway.connect_offering(&[b"h2"]).is_err());
    let agent = gateway.connect_offering(&[b"h2", b"http/1.1"]).unwrap();
    assert_eq!(agent.conn.alpn_protocol(), Some(&b"http/1.1"[..]));
    assert_eq!(exchange(&mut gateway.connect_offering(&[]).unwrap(), &get("/version")).code, 200);
}

#[test]
fn what_is_refused_before_there_is_a_session_is_written_down() {
    let cluster = Cluster::answering(json("{}"));
    let gateway = Gateway::before(&cluster);
    let mut agent = gateway.connect();
    let bearer = format!("Authorization: Bearer {TOKEN}\r\n");
    assert_eq!(exchange(&mut agent, &get("/version").replace(&bearer, "")).code, 401);
    assert_eq!(exchange(&mut agent, &get("/api/v1/secrets%2fcanary")).code, 400);
    assert_eq!(exchange(&mut agent, &get("/version").replace("Host: gateway", "Host : gateway")).code, 400);
    assert!(closes(&mut agent));
    let closed = gateway.closed();
    assert!(!closed.admitted);
    let recorded = gateway.recorded();
    let refused: Vec<_> = recorded.lines().filter(|line| line.contains(r#""event":"refused""#)).collect();
    assert_eq!(refused.len(), 3, "{recorded}");
    assert!(
        refused[0].contains(r#""code":401"#) && refused[0].contains(r#""path":"/clusters/prod/version""#)
    );
    assert!(refused[1].contains(r#""path":"/clusters/prod/api/v1/secrets%2fcanary""#), "{}", refused[1]);
    assert!(recorded.contains(r#""admitted":false"#));
}

#[test]
fn what_is_no_call_is_written_down_in_the_session_that_there_is() {
    let cluster = Cluster::answering(json("{}"));
    let gateway = Gateway::before(&cluster);
    let mut agent = gateway.connect();
    assert_eq!(exchange(&mut agent, &get("/version")).code, 200);
    assert_eq!(exchange(&mut agent, &get("/api/v1//pods")).code, 400);
    assert_eq!(exchange(&mut agent, &get("/version")).code, 200);
    drop(agent);
    assert!(gateway.closed().admitted);
    assert!(!gateway.recorded().contains(r#""admitted":false"#));
}

#[test]
fn whoever_sends_only_strays_is_sent_away() {
    let cluster = Cluster::answering(json("{}"));
    let gateway = Gateway::before(&cluster);
    let mut agent = gateway.connect();
    let mut count = 0;
    while !exchange(&mut agent, &get("/api/v1//pods")).head.contains("connection: close") {
        count += 1;
        assert!(count < 100);
    }
    assert!(closes(&mut agent));
    assert!(!gateway.closed().admitted);
}
