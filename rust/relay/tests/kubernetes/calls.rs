//! Calls that go well, and calls that are refused.

use std::{
    io::Write,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use narrows_relay::{
    Event,
    event::{ApiCallAsked, Withdrawal},
};
use narrows_wire::{Scope, kubernetes::ApiAllow};

use crate::{
    cluster::{Cluster, json},
    gateway::{Gateway, allow, allowing, deny, exchange, get, post, read_answer},
};

fn withdrawn(gateway: &Gateway) -> Withdrawal {
    gateway.event(|event| match event {
        Event::AskWithdrawn(withdrawn) => Some(withdrawn.reason),
        _ => None,
    })
}

#[test]
fn a_call_goes_up_as_the_gateways_own_and_its_answer_comes_back() {
    let cluster = Cluster::answering(json(r#"{"kind":"PodList"}"#));
    let gateway = Gateway::before(&cluster);
    let mut agent = gateway.connect();
    let answer = exchange(&mut agent, &get("/api/v1/pods?limit=500"));
    assert_eq!((answer.code, answer.body.as_str()), (200, r#"{"kind":"PodList"}"#));
    let request = &cluster.requests()[0];
    assert!(request.starts_with("GET /api/v1/pods?limit=500 HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("authorization: Bearer upstream-secret\r\n"), "{request}");
    assert!(request.contains(&format!("host: {}\r\n", cluster.address)), "{request}");
    assert!(request.contains("accept-encoding: identity\r\n"), "{request}");
    assert!(request.contains("audit-id: "), "{request}");
    assert!(!request.contains("good"), "{request}");
    drop(agent);
    let closed = gateway.closed();
    assert_eq!((closed.admitted, closed.counts.operations, closed.counts.denials), (true, 1, 0));
    let recorded = gateway.recorded();
    assert!(recorded.contains("GET /api/v1/pods?limit=500") && recorded.contains(r#"{"kind":"PodList"}"#));
    assert!(!recorded.contains("upstream-secret") && !recorded.contains("Bearer"), "{recorded}");
}

#[test]
fn no_header_passes_that_is_not_on_a_list() {
    let answer = json("{}").replace("\r\n\r\n", "\r\nSet-Cookie: a=b\r\nServer: x\r\nETag: \"1\"\r\n\r\n");
    let cluster = Cluster::answering(answer);
    let gateway = Gateway::before(&cluster);
    let odd = "Impersonate-User: root\r\nX-Remote-User: root\r\nCookie: a=b\r\nAudit-ID: mine\r\n\
               X-Forwarded-For: 1.2.3.4\r\nUser-Agent: kubectl/v1\r\n\r\n";
    let answer =
        exchange(&mut gateway.connect(), &get("/api/v1/pods").replace("\r\n\r\n", &format!("\r\n{odd}")));
    let (request, head) = (cluster.requests()[0].to_lowercase(), answer.head.to_lowercase());
    for name in ["impersonate-", "x-remote-", "cookie", "x-forwarded-", "audit-id: mine"] {
        assert!(!request.contains(name), "{name}: {request}");
    }
    assert!(request.contains("user-agent: kubectl/v1\r\n"), "{request}");
    assert!(head.contains("etag: \"1\"") && !head.contains("cookie") && !head.contains("server:"), "{head}");
}

#[test]
fn a_denial_is_a_status_and_the_connection_lives_on() {
    let cluster = Cluster::answering(json("{}"));
    let gateway = Gateway::deciding(&cluster, deny);
    let mut agent = gateway.connect();
    for _ in 0..2 {
        let answer = exchange(&mut agent, &post("/api/v1/namespaces/shop/pods", r#"{"kind":"Pod"}"#));
        assert_eq!(answer.code, 403);
        assert!(answer.body.contains(r#""reason":"Forbidden""#), "{}", answer.body);
        assert!(answer.body.contains("it is not to be done (rule never); ask an operator"));
    }
    assert!(cluster.requests().is_empty());
    drop(agent);
    let closed = gateway.closed();
    assert_eq!((closed.counts.operations, closed.counts.denials), (2, 2));
    assert!(gateway.recorded().contains(r#"{"kind":"Pod"}"#));
}

#[test]
fn a_token_that_is_not_good_is_a_401_and_the_next_one_is_looked_at() {
    let cluster = Cluster::answering(json("{}"));
    let gateway = Gateway::before(&cluster);
    let mut agent = gateway.connect();
    let answer = exchange(&mut agent, &get("/version").replace("Bearer good", "Bearer bad"));
    assert_eq!(answer.code, 401);
    assert!(!gateway.closed().admitted);
    assert!(!gateway.recorded().contains("bad"));
    assert_eq!(exchange(&mut agent, &get("/version")).code, 200);
}

#[test]
fn another_target_or_token_is_another_session() {
    let cluster = Cluster::answering(json("{}"));
    let gateway = Gateway::before(&cluster);
    let mut agent = gateway.connect();
    let opened = |gateway: &Gateway| {
        gateway.event(|event| match event {
            Event::SessionOpened(opened) => Some(opened.session),
            _ => None,
        })
    };
    for request in [get("/version"), get("/version")] {
        assert_eq!(exchange(&mut agent, &request).code, 200);
    }
    let first = opened(&gateway);
    assert_eq!(exchange(&mut agent, &get("/version").replace("/prod/", "/test/")).code, 200);
    let closed = gateway.closed();
    assert_eq!((closed.session, closed.counts.operations), (first, 2));
    let second = opened(&gateway);
    assert_eq!(exchange(&mut agent, &get("/version").replace("good", "good3600000")).code, 200);
    assert_eq!(gateway.closed().session, second);
}

#[test]
fn connections_to_the_api_server_are_kept_and_shared() {
    let cluster = Cluster::answering(json("{}"));
    let gateway = Gateway::before(&cluster);
    for _ in 0..3 {
        let mut agent = gateway.connect();
        for _ in 0..3 {
            assert_eq!(exchange(&mut agent, &get("/version")).code, 200);
        }
    }
    assert_eq!((cluster.requests().len(), cluster.connections()), (9, 1));
}

#[test]
fn a_verdict_that_may_be_reused_is_until_policy_moves() {
    let cluster = Cluster::answering(json("{}"));
    let gateway = Gateway::deciding(&cluster, |plane, asked| {
        let _ = plane.allow_call(asked.ask, allowing(asked, Scope::Statement));
    });
    let mut agent = gateway.connect();
    for path in ["/version", "/version", "/api", "/version"] {
        exchange(&mut agent, &get(path));
    }
    assert_eq!(gateway.asked(), ["get /version", "get /api"]);
    gateway.plane.move_policy();
    exchange(&mut agent, &get("/version"));
    assert_eq!(gateway.asked().len(), 3);
    exchange(&mut agent, &post("/api/v1/namespaces", "{\"a\":1}"));
    exchange(&mut agent, &post("/api/v1/namespaces", "{\"a\":2}"));
    exchange(&mut agent, &post("/api/v1/namespaces", "{\"a\":1}"));
    assert_eq!(gateway.asked().len(), 5);
}

#[test]
fn a_verdict_of_an_earlier_policy_decides_nothing() {
    let cluster = Cluster::answering(json("{}"));
    let first = AtomicBool::new(true);
    let gateway = Gateway::deciding(&cluster, move |plane, asked| {
        if first.swap(false, Ordering::Relaxed) {
            plane.move_policy();
        }
        allow(plane, asked);
    });
    assert_eq!(exchange(&mut gateway.connect(), &get("/version")).code, 200);
    assert_eq!(gateway.asked(), ["get /version", "get /version"]);
}

fn hold(plane: &narrows_relay::Plane, asked: &ApiCallAsked) {
    let notice =
        narrows_relay::Notice { message: "waits".into(), detail: String::new(), hint: String::new() };
    assert!(plane.hold(asked.ask, u64::MAX / 2, notice));
}

#[test]
fn a_held_call_goes_up_when_it_is_approved_and_says_so() {
    let cluster = Cluster::answering(json("{}"));
    let gateway = Gateway::deciding(&cluster, |plane, asked| {
        hold(plane, asked);
        thread::sleep(Duration::from_millis(50));
        let allow = ApiAllow { warning: "approved as A1".into(), ..allowing(asked, Scope::Once) };
        assert!(plane.allow_call(asked.ask, allow));
    });
    let answer = exchange(&mut gateway.connect(), &post("/api/v1/namespaces", "{}"));
    assert_eq!(answer.code, 200);
    assert!(answer.head.contains("warning: 299 - \"approved as A1\""), "{}", answer.head);
    assert!(gateway.recorded().contains(r#""event":"held""#));
}

#[test]
fn whoever_hangs_up_while_held_withdraws_the_call() {
    let cluster = Cluster::answering(json("{}"));
    let asks = Mutex::new(0);
    let gateway = Gateway::deciding(&cluster, move |plane, asked| {
        *asks.lock().unwrap() += 1;
        hold(plane, asked);
    });
    let mut agent = gateway.connect();
    agent.write_all(post("/api/v1/namespaces", "{}").as_bytes()).unwrap();
    while gateway.asked().is_empty() {
        thread::sleep(Duration::from_millis(1));
    }
    drop(agent);
    assert_eq!(withdrawn(&gateway), Withdrawal::HangUp);
    assert_eq!(gateway.closed().counts.operations, 0);
    assert!(gateway.recorded().contains(r#"{"event":"withdrawn","reason":"hang-up"}"#));
    assert!(cluster.requests().is_empty());
}

#[test]
fn a_request_behind_a_held_one_does_not_hide_a_hang_up() {
    for behind in [1, 3_000] {
        let cluster = Cluster::answering(json("{}"));
        let gateway = Gateway::deciding(&cluster, hold);
        let mut agent = gateway.connect();
        let held = post("/api/v1/namespaces", "{}");
        agent.write_all((held.clone() + &get("/version").repeat(behind)).as_bytes()).unwrap();
        while gateway.asked().is_empty() {
            thread::sleep(Duration::from_millis(1));
        }
        drop(agent);
        let hung_up = Instant::now();
        assert_eq!(withdrawn(&gateway), Withdrawal::HangUp);
        assert!(hung_up.elapsed() < Duration::from_secs(3), "{behind}: {:?}", hung_up.elapsed());
        assert_eq!(gateway.asked().len(), 1);
        assert!(cluster.requests().is_empty());
    }
}

#[test]
fn whoever_hangs_up_before_being_admitted_withdraws_the_ask() {
    let cluster = Cluster::answering(json("{}"));
    let gateway = Gateway::before(&cluster);
    let mut agent = gateway.connect();
    agent.write_all(get("/version").replace("good", "mute").as_bytes()).unwrap();
    thread::sleep(Duration::from_millis(100));
    drop(agent);
    assert_eq!(withdrawn(&gateway), Withdrawal::HangUp);
    assert!(!gateway.closed().admitted);
}

#[test]
fn what_nobody_decides_is_denied_in_time() {
    let cluster = Cluster::answering(json("{}"));
    let gateway = Gateway::deciding(&cluster, |_, _| {});
    let answer = exchange(&mut gateway.connect(), &get("/version"));
    assert_eq!(answer.code, 429);
    assert!(answer.body.contains("ask_deadline_ms"), "{}", answer.body);
    assert_eq!(withdrawn(&gateway), Withdrawal::Deadline);
}

#[test]
fn a_session_that_is_closed_denies_what_waits_and_lets_nothing_more_through() {
    let cluster = Cluster::answering(json("{}"));
    let gateway = Gateway::deciding(&cluster, |plane, asked| {
        let refusal = narrows_relay::Refusal {
            sqlstate: *b"57P01",
            message: "ended by an operator".into(),
            hint: String::new(),
        };
        assert!(plane.close_session(asked.session, refusal));
    });
    let mut agent = gateway.connect();
    let answer = exchange(&mut agent, &get("/version"));
    assert_eq!(answer.code, 403);
    assert!(answer.body.contains("ended by an operator"), "{}", answer.body);
    assert!(answer.head.contains("connection: close"), "{}", answer.head);
    assert_eq!(withdrawn(&gateway), Withdrawal::SessionClosed);
    assert_eq!(gateway.closed().reason, "Narrows: ended by an operator");
}

#[test]
fn the_shutdown_ends_what_waits_and_what_is_idle() {
    let cluster = Cluster::answering(json("{}"));
    let calls = AtomicUsize::new(0);
    let gateway = Gateway::deciding(&cluster, move |plane, asked| {
        if calls.fetch_add(1, Ordering::Relaxed) == 0 {
            allow(plane, asked);
        } else {
            hold(plane, asked);
        }
    });
    let mut idle = gateway.connect();
    assert_eq!(exchange(&mut idle, &get("/version")).code, 200);
    let mut waits = gateway.connect();
    waits.write_all(get("/version").as_bytes()).unwrap();
    while gateway.asked().len() < 2 {
        thread::sleep(Duration::from_millis(1));
    }
    let started = std::time::Instant::now();
    gateway.plane.shutdown(Duration::from_secs(10));
    assert!(started.elapsed() < Duration::from_secs(5));
    let answer = read_answer(&mut waits);
    assert_eq!(answer.code, 503);
    assert!(answer.body.contains("shutting down"), "{}", answer.body);
}
