//! kubectl asks for a stream twice: the second request is no new question.

use crate::{
    cluster::{Cluster, json},
    gateway::{Gateway, TOKEN, deny, exchange},
};

const EXEC: &str = "/api/v1/namespaces/a/pods/b/exec?command=ls&stdout=true";

/// A request for a stream over a WebSocket.
fn websocket(path: &str) -> String {
    format!(
        "GET /clusters/prod{path} HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {TOKEN}\r\n\
         Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: v5.channel.k8s.io\r\n\r\n"
    )
}

/// The same over SPDY.
fn spdy(path: &str) -> String {
    format!(
        "POST /clusters/prod{path} HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {TOKEN}\r\n\
         Connection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: v4.channel.k8s.io\r\n\
         Content-Length: 0\r\n\r\n"
    )
}

#[test]
fn a_denied_exec_is_asked_about_once() {
    let cluster = Cluster::answering(json("{}"));
    let gateway = Gateway::deciding(&cluster, deny);
    // kubectl dials anew for the second.
    for request in [websocket(EXEC), spdy(EXEC)] {
        let answer = exchange(&mut gateway.connect(), &request);
        assert_eq!(answer.code, 403);
        assert!(answer.body.contains("(rule never)"), "{}", answer.body);
    }
    assert_eq!(gateway.asked().len(), 1);
    let (first, second) = (gateway.closed(), gateway.closed());
    assert_eq!((first.counts.operations, second.counts.operations), (1, 0));
    assert!(gateway.recorded().contains(r#""event":"second-request""#));
    for request in
        [spdy(EXEC), websocket(EXEC), websocket(EXEC), spdy("/api/v1/namespaces/a/pods/c/exec?command=ls")]
    {
        exchange(&mut gateway.connect(), &request);
    }
    assert_eq!(gateway.asked().len(), 5, "only the second request of a pair is folded");
    assert!(cluster.requests().is_empty());
}

#[test]
fn the_denial_of_one_principal_is_no_other_ones() {
    let cluster = Cluster::answering(json("{}"));
    let gateway = Gateway::deciding(&cluster, deny);
    exchange(&mut gateway.connect(), &websocket(EXEC));
    exchange(&mut gateway.connect(), &spdy(EXEC).replace(TOKEN, "good5000"));
    assert_eq!(gateway.asked().len(), 2);
}
