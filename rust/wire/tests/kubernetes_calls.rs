//! What is refused before policy is asked, and what of a request reaches the API server.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::ops::RangeInclusive;

use bytes::Bytes;
use narrows_wire::Scope;
use narrows_wire::kubernetes::{
    Accept, AnswerFormat, ApiAllow, ApiCall, Header, Method, Upgrade, UpstreamRequest,
};
use proptest::collection::vec;
use proptest::prelude::*;

const POD: &str = "/clusters/prod/api/v1/namespaces/a/pods/p";
const PODS: &str = "/clusters/prod/api/v1/namespaces/a/pods";

type Lines<'a> = &'a [(&'a str, &'a str)];

fn headers(lines: Lines<'_>) -> Vec<Header<'_>> {
    lines.iter().map(|(name, value)| (*name, value.as_bytes())).collect()
}

fn read(method: &str, uri: &str, lines: Lines<'_>) -> Result<ApiCall, u16> {
    ApiCall::read(method, uri, &headers(lines)).map_err(|status| status.code())
}

fn accept(uri: &str, value: &str) -> Result<Accept, u16> {
    let call = read("GET", uri, &[]).unwrap();
    Accept::read(&call, &headers(&[("Accept", value)])).map_err(|status| status.code())
}

fn allow() -> ApiAllow {
    ApiAllow {
        rule: "r".into(),
        approval: None,
        warning: "".into(),
        ports: None::<std::sync::Arc<[RangeInclusive<u16>]>>,
        restored: None,
        record: narrows_wire::RecordLevel::Full,
        scope: Scope::Once,
        policy_epoch: 0,
    }
}

fn upstream(call: &ApiCall, lines: Lines<'_>) -> UpstreamRequest {
    let headers = headers(lines);
    let accept = Accept::read(call, &headers).unwrap();
    UpstreamRequest::build(allow().permit(), call, &headers, &accept).unwrap()
}

#[test]
fn methods_are_those_of_the_api_server() {
    for method in ["OPTIONS", "TRACE", "CONNECT", "get", "PROPFIND", ""] {
        assert_eq!(read(method, PODS, &[]), Err(405), "{method}");
    }
}

#[test]
fn a_parameter_that_comes_twice_is_refused_except_a_list_and_behind_a_proxy() {
    for query in
        ["watch=0&watch=1", "fieldSelector=a&%66ieldSelector=b", "dryRun=All&dryRun=", "limit=1&limit=1"]
    {
        assert_eq!(read("GET", &format!("{PODS}?{query}"), &[]), Err(400), "{query}");
    }
    assert!(read("GET", &format!("{POD}/proxy/x?a=1&a=2"), &[]).is_ok());
    let websocket: Lines<'_> = &[("connection", "upgrade"), ("upgrade", "websocket")];
    let call = read("GET", &format!("{POD}/exec?command=ls&command=-l"), websocket).unwrap();
    assert_eq!(call.path, "/api/v1/namespaces/a/pods/p/exec?command=ls&command=-l");
    assert_eq!(read("GET", &format!("{POD}/exec?command=ls&tty=1&tty=0"), websocket), Err(400));
}

#[test]
fn a_uri_is_bounded() {
    let long = format!("{PODS}?a={}", "b".repeat(64 << 10));
    assert_eq!(read("GET", &long, &[]), Err(400));
}

#[test]
fn only_streams_are_upgraded_and_streams_need_it() {
    let websocket: Lines<'_> = &[("connection", "keep-alive, Upgrade"), ("upgrade", "WebSocket")];
    let spdy: Lines<'_> = &[("Connection", "upgrade"), ("Upgrade", "SPDY/3.1"), ("Content-Length", "0")];
    let exec = format!("{POD}/exec");
    assert_eq!(read("GET", &exec, websocket).unwrap().upgrade, Some(Upgrade::WebSocket));
    assert_eq!(read("POST", &exec, spdy).unwrap().upgrade, Some(Upgrade::Spdy));
    assert_eq!(read("GET", &exec, spdy).unwrap().upgrade, Some(Upgrade::Spdy));

    let refused: [(&str, &str, Lines<'_>); 14] = [
        ("POST", &exec, websocket),
        ("GET", &exec, &[]),
        ("POST", &exec, &[]),
        ("GET", &exec, &[("upgrade", "websocket")]),
        ("GET", &exec, &[("connection", "upgrade")]),
        ("GET", &exec, &[("connection", "keep-alive"), ("upgrade", "websocket")]),
        ("GET", &exec, &[("connection", "upgrade"), ("upgrade", "h2c")]),
        ("GET", &exec, &[("connection", "upgrade"), ("upgrade", "websocket, h2c")]),
        ("GET", &exec, &[("connection", "upgrade"), ("upgrade", "websocket"), ("upgrade", "SPDY/3.1")]),
        ("POST", &exec, &[("connection", "upgrade"), ("upgrade", "SPDY/3.1"), ("content-length", "5")]),
        (
            "POST",
            &exec,
            &[("connection", "upgrade"), ("upgrade", "SPDY/3.1"), ("transfer-encoding", "chunked")],
        ),
        ("GET", "/clusters/prod/api/v1/pods?watch=1", websocket),
        ("GET", "/clusters/prod/api/v1/nodes/n/proxy/exec/a/b/c", websocket),
        ("GET", "/clusters/prod/version", &[("connection", "upgrade, http2-settings"), ("upgrade", "h2c")]),
    ];
    for (method, uri, lines) in refused {
        assert_eq!(read(method, uri, lines), Err(400), "{method} {uri} {lines:?}");
    }
}

#[test]
fn what_reads_has_no_body() {
    for lines in [[("content-length", "2")], [("transfer-encoding", "chunked")], [("content-length", "00")]] {
        assert_eq!(read("GET", PODS, &lines), Err(400), "{lines:?}");
    }
    assert!(read("GET", PODS, &[("content-length", "0"), ("content-type", "application/cbor")]).is_ok());
}

#[test]
fn a_body_is_of_a_kind_that_policy_reads() {
    let good = [
        ("POST", PODS, "application/json", "application/json"),
        ("POST", PODS, "Application/JSON; charset=UTF-8", "application/json"),
        ("PUT", POD, "application/yaml", "application/yaml"),
        ("DELETE", POD, "application/json", "application/json"),
        ("POST", PODS, "application/vnd.kubernetes.protobuf", "application/vnd.kubernetes.protobuf"),
        ("DELETE", POD, "application/vnd.kubernetes.protobuf", "application/vnd.kubernetes.protobuf"),
        ("PATCH", POD, "application/json-patch+json", "application/json-patch+json"),
        ("PATCH", POD, "application/merge-patch+json", "application/merge-patch+json"),
        ("PATCH", POD, "application/strategic-merge-patch+json", "application/strategic-merge-patch+json"),
        ("PATCH", POD, "application/apply-patch+yaml", "application/apply-patch+yaml"),
    ];
    for (method, uri, sent, read_as) in good {
        let call = read(method, uri, &[("Content-Type", sent)]).unwrap();
        assert_eq!(call.content_type, read_as);
    }
    for method in ["POST", "PUT", "DELETE"] {
        assert_eq!(read(method, POD, &[]).unwrap().content_type, "application/json");
    }
    let bad = [
        ("POST", "application/cbor"),
        ("PUT", "application/vnd.kubernetes.protobuf;stream=watch;charset=x"),
        ("POST", "application/merge-patch+json"),
        ("POST", "application/json; charset=utf-16"),
        ("POST", "application/json, application/cbor"),
        ("POST", "json"),
        ("POST", "text/plain"),
        ("DELETE", "application/cbor"),
        ("PATCH", "application/vnd.kubernetes.protobuf"),
        ("PATCH", "application/apply-patch+cbor"),
        ("PATCH", "application/json"),
        ("PATCH", ""),
    ];
    for (method, sent) in bad {
        assert_eq!(read(method, POD, &[("Content-Type", sent)]), Err(415), "{method} {sent}");
    }
    assert_eq!(read("PATCH", POD, &[]), Err(415));
    assert_eq!(read("POST", PODS, &[("content-encoding", "gzip")]), Err(415));
    let twice: Lines<'_> = &[("content-type", "application/json"), ("Content-Type", "application/cbor")];
    assert_eq!(read("POST", PODS, twice), Err(400));
}

#[test]
fn the_api_server_is_asked_for_what_can_be_masked() {
    let table = [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/json, */*", "application/json"),
        ("application/vnd.kubernetes.protobuf,application/json", "application/json"),
        ("application/json;stream=watch", "application/json"),
        (
            "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json",
            "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json",
        ),
        (
            "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;q=0.5",
            "application/json;as=APIGroupDiscoveryList;v=v2;g=apidiscovery.k8s.io,application/json",
        ),
        (
            "application/json;q=0.1, application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1;q=0.9",
            "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json",
        ),
        (
            "application/vnd.kubernetes.protobuf;q=1, application/yaml, application/*;q=0.1",
            "application/json",
        ),
        ("application/json;as=Unknown;g=meta.k8s.io;v=v1, application/json", "application/json"),
        ("application/json;as=Table;g=evil;v=v1, */*;q=0.2", "application/json"),
        ("broken, application/json", "application/json"),
    ];
    for (sent, expected) in table {
        assert_eq!(
            accept(PODS, sent).map(|accept| accept.header().to_owned()).as_deref(),
            Ok(expected),
            "{sent}"
        );
    }
}

#[test]
fn what_cannot_be_masked_is_not_acceptable() {
    let many = vec!["application/json"; 33].join(",");
    let refused = [
        "application/vnd.kubernetes.protobuf",
        "application/vnd.kubernetes.protobuf;q=1",
        "application/yaml",
        "application/cbor, application/cbor-seq",
        "text/plain",
        "application/json;q=0",
        "application/json;q=0, */*",
        "*/*;q=0",
        "application/json;q=2",
        "application/json;q=0.0001",
        "application/json;as=Table",
        "application/json;as=Table;g=meta.k8s.io;v=v3",
        "application/json;as=Table;g=meta.k8s.io;v=v1;as=Other",
        &many,
    ];
    for sent in refused {
        assert_eq!(accept(PODS, sent).map(|accept| accept.header().to_owned()), Err(406), "{sent}");
    }
    let odd = [("accept", "application/json\u{e9}")];
    assert_eq!(Accept::read(&read("GET", PODS, &[]).unwrap(), &headers(&odd)).unwrap_err().code(), 400);
}

#[test]
fn an_answer_that_was_not_asked_for_is_none() {
    let log = format!("{POD}/log?follow=true");
    let table = [
        (PODS, "application/json", Some(AnswerFormat::Json)),
        (PODS, "application/json;as=Table;g=meta.k8s.io;v=v1", Some(AnswerFormat::Json)),
        (PODS, "application/json; charset=utf-8", Some(AnswerFormat::Json)),
        (PODS, "application/json; charset=utf-16", None),
        (PODS, "application/vnd.kubernetes.protobuf", None),
        (PODS, "application/vnd.kubernetes.protobuf;stream=watch", None),
        (PODS, "application/cbor", None),
        (PODS, "application/yaml", None),
        (PODS, "text/plain", None),
        (PODS, "text/html", None),
        (PODS, "", None),
        (&log, "text/plain", Some(AnswerFormat::Text)),
        (&log, "application/json", Some(AnswerFormat::Json)),
        (&log, "application/octet-stream", None),
        ("/clusters/prod/healthz", "text/plain; charset=utf-8", Some(AnswerFormat::Text)),
        (
            "/clusters/prod/openapi/v2",
            "application/com.github.proto-openapi.spec.v2.v1.0+protobuf",
            Some(AnswerFormat::Schema),
        ),
        (PODS, "application/com.github.proto-openapi.spec.v2.v1.0+protobuf", None),
        ("/clusters/prod/version", "application/com.github.proto-openapi.spec.v3.v1.0+protobuf", None),
    ];
    for (uri, content_type, expected) in table {
        assert_eq!(accept(uri, "*/*").unwrap().format_of(content_type), expected, "{uri} {content_type}");
    }
}

#[test]
fn logs_and_schemas_are_asked_for_as_clients_do() {
    assert_eq!(accept(&format!("{POD}/log"), "text/plain").unwrap().header(), "application/json");
    let schema = "application/com.github.proto-openapi.spec.v3@v1.0+protobuf";
    assert_eq!(accept("/clusters/prod/openapi/v3/api/v1", schema).unwrap().header(), schema);
    assert_eq!(accept(PODS, schema).map(|accept| accept.header().to_owned()), Err(406));
}

#[test]
fn nothing_of_the_client_reaches_the_api_server_but_what_is_needed() {
    let hostile: Lines<'_> = &[
        ("Host", "gateway"),
        ("Authorization", "Bearer agent"),
        ("AUTHORIZATION", "Bearer agent"),
        ("Cookie", "a=b"),
        ("Impersonate-User", "system:admin"),
        ("impersonate-group", "system:masters"),
        ("Impersonate-Uid", "0"),
        ("Impersonate-Extra-scopes", "all"),
        ("Impersonate_User", "system:admin"),
        ("X-Remote-User", "admin"),
        ("X-Remote-Extra-a", "b"),
        ("X-Forwarded-For", "127.0.0.1"),
        ("Audit-ID", "mine"),
        ("Proxy-Authorization", "Basic a"),
        ("TE", "trailers"),
        ("Trailer", "a"),
        ("Keep-Alive", "1"),
        ("X-HTTP-Method-Override", "DELETE"),
        ("Range", "bytes=0-1"),
        ("Accept-Encoding", "gzip"),
        ("Expect", "100-continue"),
        ("Connection", "close, Authorization, Host"),
        ("Sec-WebSocket-Protocol", "base64url.bearer.authorization.k8s.io.YQ"),
        ("User-Agent", "kubectl/v1.32.4 (linux) \u{e9}"),
        ("Accept", "application/json"),
    ];
    let call = read("GET", PODS, hostile).unwrap();
    let sent = upstream(&call, hostile);
    assert_eq!((sent.method, sent.path.as_str()), (Method::Get, "/api/v1/namespaces/a/pods"));
    let expected = [
        ("accept", "application/json"),
        ("accept-encoding", "identity"),
        ("user-agent", "kubectl/v1.32.4 (linux)"),
    ];
    assert_eq!(sent.headers, expected.map(|(name, value)| (name, value.to_owned())));
}

#[test]
fn a_body_goes_up_whole_with_its_type() {
    let lines: Lines<'_> = &[("Content-Type", "application/json; charset=utf-8"), ("Content-Length", "2")];
    let call = read("POST", PODS, lines).unwrap().with_body(Bytes::from_static(b"{}"), 2).unwrap();
    let sent = upstream(&call, lines);
    assert_eq!(sent.body, "{}");
    assert!(sent.headers.contains(&("content-type", "application/json".to_owned())));
    let without = upstream(&read("DELETE", POD, &[]).unwrap(), &[]);
    assert!(without.headers.iter().all(|(name, _)| *name != "content-type"));
}

#[test]
fn an_upgrade_goes_up_without_the_token() {
    let lines: Lines<'_> = &[
        ("Connection", "Upgrade, Sec-WebSocket-Key"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Extensions", "permessage-deflate"),
        ("Sec-WebSocket-Protocol", "base64url.bearer.authorization.k8s.io.c2VjcmV0, v5.channel.k8s.io"),
        ("Sec-WebSocket-Protocol", "BASE64URL.bearer.authorization.k8s.io.c2VjcmV0,v4.channel.k8s.io"),
    ];
    let sent = upstream(&read("GET", &format!("{POD}/exec?command=ls"), lines).unwrap(), lines);
    let expected = [
        ("accept", "application/json"),
        ("accept-encoding", "identity"),
        ("connection", "Upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("sec-websocket-version", "13"),
        ("sec-websocket-protocol", "v5.channel.k8s.io, v4.channel.k8s.io"),
    ];
    assert_eq!(sent.headers, expected.map(|(name, value)| (name, value.to_owned())));

    let lines: Lines<'_> = &[
        ("Connection", "Upgrade"),
        ("Upgrade", "SPDY/3.1"),
        ("X-Stream-Protocol-Version", "v4.channel.k8s.io"),
        ("X-Stream-Protocol-Version", "v3.channel.k8s.io"),
    ];
    let sent = upstream(&read("POST", &format!("{POD}/exec?command=ls"), lines).unwrap(), lines);
    let versions = sent.headers.iter().filter(|(name, _)| *name == "x-stream-protocol-version");
    assert_eq!(versions.map(|(_, value)| value.as_str()).collect::<Vec<_>>(), ["v4.channel.k8s.io"]);
}

#[test]
fn an_upgrade_to_nothing_that_is_served_is_refused() {
    for protocols in ["", "base64.channel.k8s.io, channel.k8s.io", "SPDY/3.1+portforward.k8s.io"] {
        let lines: Lines<'_> =
            &[("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Protocol", protocols)];
        let call = read("GET", &format!("{POD}/exec?command=ls"), lines).unwrap();
        let accept = Accept::read(&call, &headers(lines)).unwrap();
        let refused = UpstreamRequest::build(allow().permit(), &call, &headers(lines), &accept).unwrap_err();
        assert_eq!(refused.code(), 400);
        assert!(refused.message().contains("v5.channel.k8s.io"), "{refused}");
    }
}

/// Paths and queries that are mostly well formed.
fn any_uri() -> impl Strategy<Value = String> {
    let segment = prop_oneof![
        Just("api".to_owned()),
        Just("apis".to_owned()),
        Just("v1".to_owned()),
        Just("watch".to_owned()),
        Just("proxy".to_owned()),
        Just("namespaces".to_owned()),
        Just("secrets".to_owned()),
        "[a-z%/.2f:]{0,8}",
    ];
    (vec(segment, 0..8), "(\\?[a-zA-Z=&%2+.,]{0,20})?")
        .prop_map(|(segments, query)| format!("/clusters/prod/{}{query}", segments.join("/")))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn what_goes_up_reads_as_what_was_judged(uri in any_uri(), method in prop_oneof![Just("GET"), Just("POST"), Just("DELETE")]) {
        if let Ok(call) = read(method, &uri, &[]) {
            let again = read(method, &format!("/clusters/prod{}", call.path), &[]).unwrap();
            prop_assert_eq!(again, call);
        }
    }

    #[test]
    fn nothing_but_json_is_ever_asked_for(sent in "[a-z/*;=,q0-1. ]{0,40}|(application/(json|cbor|\\*)(;as=Table)?(;q=0(\\.[0-9])?)?,?){1,4}") {
        if let Ok(accept) = accept(PODS, &sent) {
            for member in accept.header().split(',') {
                prop_assert!(member == "application/json" || member.starts_with("application/json;as="), "{}", member);
            }
        }
    }
}
