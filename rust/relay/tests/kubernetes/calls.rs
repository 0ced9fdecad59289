//! Calls that go well, and calls that are refused.

use crate::{
    cluster::{Cluster, json},
    gateway::{Gateway, deny, exchange, get, post},
};

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
    assert!(!request.contains("good"), "{request}");
    drop(agent);
    let closed = gateway.closed();
    assert_eq!((closed.admitted, closed.counts.operations, closed.counts.denials), (true, 1, 0));
    let recorded = gateway.recorded();
    assert!(recorded.contains("GET /api/v1/pods?limit=500") && recorded.contains(r#"{"kind":"PodList"}"#));
    assert!(!recorded.contains("upstream-secret") && !recorded.contains("Bearer"), "{recorded}");
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
fn a_token_that_is_not_good_is_a_401() {
    let cluster = Cluster::answering(json("{}"));
    let gateway = Gateway::before(&cluster);
    let mut agent = gateway.connect();
    let request = get("/version").replace("Bearer good", "Bearer bad");
    let answer = exchange(&mut agent, &request);
    assert_eq!(answer.code, 401);
    assert!(!gateway.closed().admitted);
    assert!(!gateway.recorded().contains("bad"));
    assert_eq!(exchange(&mut agent, &get("/version")).code, 200);
}
