//! Answers that stream: watches, logs, long lists; what is masked in them, and what ends them.

use std::{
    io::{Read, Write},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use narrows_mask::PseudonymKey;
use narrows_relay::Plane;
use narrows_wire::{RecordLevel, Scope, kubernetes::ApiAllow};
use sha2::{Digest as _, Sha256};

use crate::{
    cluster::{Cluster, Peer, json},
    gateway::{Agent, Gateway, TOKEN, allow, allowing, deny, exchange, get, read_chunk, read_head},
};

const MASKS: &str = r#"{
    "masks": [{"id": "secrets", "resources": [["", "secrets"]], "paths": ["$.data.*"], "transform": "placeholder"}],
    "detectors": {"jwt": "redact"}, "remember": ["secrets"]
}"#;

fn publish(plane: &Plane) {
    plane.publish_object_masks(1, MASKS, &PseudonymKey([7; 32])).unwrap();
}

fn chunk(text: &str) -> String {
    format!("{:x}\r\n{text}\r\n", text.len())
}

fn begin(peer: &mut Peer, content_type: &str) {
    let head =
        format!("HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nTransfer-Encoding: chunked\r\n\r\n");
    peer.write_all(head.as_bytes()).unwrap();
    peer.flush().unwrap();
}

fn send(peer: &mut Peer, text: &str) -> bool {
    peer.write_all(chunk(text).as_bytes()).and_then(|()| peer.flush()).is_ok()
}

/// A watch that has an event as often as `more` says so, until the gateway is gone.
fn watched(more: Arc<AtomicUsize>) -> Cluster {
    Cluster::start(move |peer, _| {
        begin(peer, "application/json");
        loop {
            if more.load(Ordering::Acquire) == 0 {
                thread::sleep(Duration::from_millis(2));
                continue;
            }
            more.fetch_sub(1, Ordering::AcqRel);
            if !send(peer, "{\"type\":\"ADDED\",\"object\":{\"kind\":\"Pod\"}}\n") {
                return;
            }
        }
    })
}

fn watch(agent: &mut Agent, token: &str) -> String {
    let request = get("/api/v1/pods?watch=1").replace(TOKEN, token);
    agent.write_all(request.as_bytes()).unwrap();
    read_head(agent)
}

fn next_event(agent: &mut Agent) -> String {
    String::from_utf8(read_chunk(agent).unwrap()).unwrap()
}

#[test]
fn a_watch_begins_before_its_first_event_and_each_event_passes_at_once() {
    let more = Arc::new(AtomicUsize::new(0));
    let cluster = watched(Arc::clone(&more));
    let gateway = Gateway::before(&cluster);
    let mut agent = gateway.connect();
    assert!(watch(&mut agent, TOKEN).contains("transfer-encoding: chunked"));
    for _ in 0..3 {
        more.fetch_add(1, Ordering::AcqRel);
        assert!(next_event(&mut agent).contains("ADDED"));
    }
    drop(agent);
    gateway.closed();
    assert_eq!(gateway.recorded().matches("ADDED").count(), 3);
}

#[test]
fn a_watch_ends_with_its_token_and_says_so() {
    let more = Arc::new(AtomicUsize::new(1));
    let cluster = watched(more);
    let gateway = Gateway::before(&cluster);
    let mut agent = gateway.connect();
    watch(&mut agent, "good600");
    assert!(next_event(&mut agent).contains("ADDED"));
    let last = next_event(&mut agent);
    assert!(last.starts_with(r#"{"type":"ERROR","object":{"kind":"Status""#), "{last}");
    assert!(last.contains(r#""code":401"#) && last.contains("the token has run out"), "{last}");
    assert!(read_chunk(&mut agent).unwrap().is_empty());
    assert!(gateway.recorded().contains(r#""type":"ERROR""#));
}

#[test]
fn a_watch_that_policy_no_longer_allows_ends_at_once() {
    let more = Arc::new(AtomicUsize::new(1));
    let cluster = watched(Arc::clone(&more));
    let denied = Arc::new(AtomicBool::new(false));
    let moved = Arc::clone(&denied);
    let gateway = Gateway::deciding(&cluster, move |plane, asked| {
        if moved.load(Ordering::Acquire) { deny(plane, asked) } else { allow(plane, asked) }
    });
    let mut agent = gateway.connect();
    watch(&mut agent, TOKEN);
    next_event(&mut agent);
    gateway.plane.move_policy();
    more.store(1, Ordering::Release);
    assert!(next_event(&mut agent).contains("ADDED"), "it is still allowed");
    denied.store(true, Ordering::Release);
    gateway.plane.move_policy();
    let last = next_event(&mut agent);
    assert!(last.contains("ERROR") && last.contains("it is not to be done"), "{last}");
    assert!(read_chunk(&mut agent).unwrap().is_empty());
}

#[test]
fn of_an_answer_that_is_not_kept_there_is_its_length_and_hash() {
    let body = "{\"items\":[\"canary\"]}";
    let cluster = Cluster::start(move |peer, request| {
        if request.contains("/missing") {
            let error = "{\"kind\":\"Status\",\"message\":\"no such thing\"}";
            drop(peer.write_all(json(error).replace("200 OK", "404 Not Found").as_bytes()));
        } else if request.contains("watch=1") {
            begin(peer, "application/json");
            send(peer, "{\"type\":\"ADDED\"}\n");
            thread::sleep(Duration::from_millis(20));
            send(peer, "{\"type\":\"DELETED\"}\n");
            drop(peer.write_all(b"0\r\n\r\n"));
        } else {
            drop(peer.write_all(json(body).as_bytes()));
        }
    });
    let gateway = Gateway::deciding(&cluster, |plane, asked| {
        let record = RecordLevel::NoneOfTheRows;
        let _ = plane.allow_call(asked.ask, ApiAllow { record, ..allowing(asked, Scope::Once) });
    });
    let mut agent = gateway.connect();
    let listed = exchange(&mut agent, &get("/api/v1/pods"));
    assert!(listed.body.contains("canary"));
    let watched = exchange(&mut agent, &get("/api/v1/pods?watch=1"));
    assert!(exchange(&mut agent, &get("/api/v1/pods/missing")).body.contains("no such thing"));
    drop(agent);
    gateway.closed();
    let recorded = gateway.recorded();
    for kept in
        ["GET /api/v1/pods?watch=1", "HTTP/1.1 200 OK", "no such thing", "\"record\":\"none-of-the-rows\""]
    {
        assert!(recorded.contains(kept), "{kept}");
    }
    assert!(!recorded.contains("canary") && !recorded.contains("DELETED"), "{recorded}");
    for body in [listed.body, watched.body] {
        let hash = Sha256::digest(body.as_bytes())
            .iter()
            .fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
        let account = format!("\"bytes\":{}", body.len());
        let last = recorded.lines().rfind(|line| line.contains("left-out") && line.contains(&hash));
        assert!(last.is_some_and(|line| line.contains(&account)), "{body}: {recorded}");
    }
}

#[test]
fn a_session_that_is_closed_ends_its_logs_visibly() {
    let cluster = Cluster::start(|peer, _| {
        begin(peer, "text/plain");
        while send(peer, "line\n") {
            thread::sleep(Duration::from_millis(5));
        }
    });
    let gateway = Gateway::before(&cluster);
    let mut agent = gateway.connect();
    let path = "/api/v1/namespaces/a/pods/b/log?follow=true";
    agent.write_all(get(path).as_bytes()).unwrap();
    read_head(&mut agent);
    assert_eq!(read_chunk(&mut agent).unwrap(), b"line\n");
    gateway.plane.shutdown(Duration::from_secs(5));
    while let Some(chunk) = read_chunk(&mut agent) {
        assert!(!chunk.is_empty(), "it ended as if it were whole");
    }
}

#[test]
fn what_is_masked_reaches_neither_the_agent_nor_the_recording() {
    let secret = "aHVudGVyMi1odW50ZXIy";
    let object = format!(r#"{{"kind":"Secret","apiVersion":"v1","data":{{"password":"{secret}"}}}}"#);
    let cluster = Cluster::start(move |peer, request| {
        if request.contains("watch=1") {
            begin(peer, "application/json");
            let event = format!("{{\"type\":\"ADDED\",\"object\":{object}}}\n");
            for byte in event.bytes() {
                send(peer, std::str::from_utf8(&[byte]).unwrap());
            }
            peer.write_all(b"0\r\n\r\n").unwrap();
        } else if request.contains("/log") {
            begin(peer, "text/plain");
            send(peer, "the password is hunter2-");
            send(peer, "hunter2\n");
            peer.write_all(b"0\r\n\r\n").unwrap();
        } else {
            peer.write_all(json(&object).as_bytes()).unwrap();
        }
    });
    let gateway = Gateway::masking(&cluster);
    let mut agent = gateway.connect();
    let unpublished = exchange(&mut agent, &get("/api/v1/namespaces/a/secrets/s"));
    assert_eq!(unpublished.code, 406);
    assert!(unpublished.body.contains("have not been published"), "{}", unpublished.body);
    publish(&gateway.plane);
    let warned = [
        exchange(&mut agent, &get("/api/v1/namespaces/a/secrets/s")),
        exchange(&mut agent, &get("/api/v1/namespaces/a/secrets?watch=1")),
    ];
    for answer in &warned {
        assert!(answer.code == 200 && answer.whole, "{}", answer.head);
        assert!(!answer.body.contains(secret) && answer.body.contains("password"), "{}", answer.body);
    }
    let log = exchange(&mut agent, &get("/api/v1/namespaces/a/pods/b/log"));
    assert!(log.code == 200 && !log.body.contains("hunter2"), "{}", log.body);
    drop(agent);
    assert!(gateway.closed().counts.masked_values >= 3);
    let recorded = gateway.recorded();
    assert!(!recorded.contains(secret) && !recorded.contains("hunter2"), "{recorded}");
}

#[test]
fn masks_that_are_published_anew_end_a_watch_and_break_a_list() {
    let proceed = Arc::new(AtomicBool::new(false));
    let waits = Arc::clone(&proceed);
    let cluster = Cluster::start(move |peer, request| {
        begin(peer, "application/json");
        send(peer, if request.contains("watch=1") { "{\"type\":\"ADDED\"}\n" } else { "{\"items\":[1" });
        while !waits.swap(false, Ordering::AcqRel) {
            thread::sleep(Duration::from_millis(1));
        }
        send(peer, if request.contains("watch=1") { "{\"type\":\"ADDED\"}\n" } else { ",2]}" });
        drop(peer.write_all(b"0\r\n\r\n"));
    });
    let gateway = Gateway::masking(&cluster);
    publish(&gateway.plane);
    for (path, ends_well) in [("/api/v1/pods?watch=1", true), ("/api/v1/pods", false)] {
        let mut agent = gateway.connect();
        agent.write_all(get(path).as_bytes()).unwrap();
        read_head(&mut agent);
        assert!(!read_chunk(&mut agent).unwrap().is_empty());
        publish(&gateway.plane);
        proceed.store(true, Ordering::Release);
        assert_eq!(read_chunk(&mut agent).is_some_and(|chunk| chunk.is_empty()), ends_well, "{path}");
    }
}

#[test]
fn an_agent_that_does_not_read_stops_the_api_server() {
    const PIECE: usize = 64 << 10;
    let sent = Arc::new(AtomicUsize::new(0));
    let counts = Arc::clone(&sent);
    let cluster = Cluster::start(move |peer, _| {
        begin(peer, "application/json");
        let piece = format!("\"{}\",", "x".repeat(PIECE - 3));
        send(peer, "[");
        for _ in 0..1_024 {
            if !send(peer, &piece) {
                return;
            }
            counts.fetch_add(PIECE, Ordering::Relaxed);
        }
        send(peer, "1]");
        drop(peer.write_all(b"0\r\n\r\n"));
    });
    let gateway = Gateway::before(&cluster);
    let mut agent = gateway.connect();
    agent.write_all(get("/api/v1/pods").as_bytes()).unwrap();
    read_head(&mut agent);
    let mut before = usize::MAX;
    while before != sent.load(Ordering::Relaxed) {
        before = sent.load(Ordering::Relaxed);
        thread::sleep(Duration::from_millis(300));
    }
    assert!(before < 24 << 20, "{before} bytes were taken from the API server");
    let mut received = 0;
    loop {
        let chunk = read_chunk(&mut agent).unwrap();
        if chunk.is_empty() {
            break;
        }
        received += chunk.len();
    }
    assert_eq!(received, 1 + 1_024 * PIECE + 2);
    drop(agent);
    assert!(gateway.closed().counts.bytes_to_agent > received as u64);
}

#[test]
fn an_agent_that_hangs_up_ends_what_it_watched() {
    let ended = Arc::new(AtomicBool::new(false));
    let ends = Arc::clone(&ended);
    let cluster = Cluster::start(move |peer, _| {
        begin(peer, "application/json");
        // Silent: only the gateway can end it.
        let mut byte = [0];
        ends.store(peer.read(&mut byte).unwrap_or(0) == 0, Ordering::Release);
    });
    let gateway = Gateway::before(&cluster);
    let mut agent = gateway.connect();
    watch(&mut agent, TOKEN);
    drop(agent);
    gateway.closed();
    while !ended.load(Ordering::Acquire) {
        thread::sleep(Duration::from_millis(1));
    }
}
