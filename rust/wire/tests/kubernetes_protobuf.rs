//! Bodies in protobuf become the JSON that they stand for, or are refused; nothing in them is dropped.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use narrows_wire::kubernetes::{ApiCall, Status};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;

const PROTOBUF: &str = "application/vnd.kubernetes.protobuf";
const BYTES_MAX: usize = 1 << 20;

/// Objects with every field of every kind, in protobuf and as JSON by Kubernetes' own code (see
/// `tests/cluster/server/cmd/pairs`).
const PAIRS: &str = include_str!("kubernetes_protobuf.pairs");

/// What becomes of a body that is sent to be created.
fn read(body: Vec<u8>) -> Result<ApiCall, Status> {
    read_at_most(body, BYTES_MAX)
}

fn read_at_most(body: Vec<u8>, json_bytes_max: usize) -> Result<ApiCall, Status> {
    let call = ApiCall::read(
        "POST",
        "/clusters/prod/api/v1/namespaces/shop/pods",
        &[("content-type", PROTOBUF.as_bytes())],
    )?;
    call.with_body(Bytes::from(body), json_bytes_max)
}

fn json(body: Vec<u8>) -> String {
    let call = read(body).unwrap();
    assert_eq!(call.content_type, "application/json");
    String::from_utf8(call.body.to_vec()).unwrap()
}

#[track_caller]
fn refused(body: Vec<u8>, code: u16, says: &str) {
    let status = read(body).unwrap_err();
    assert_eq!(status.code(), code, "{status}");
    assert!(status.message().contains(says), "{status}");
}

/// A varint, as short as can be.
fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    bytes.push(number.to_le_bytes()[0]);
    bytes
}

/// A field that is a number.
fn number(field: u64, value: u64) -> Vec<u8> {
    [varint(field << 3), varint(value)].concat()
}

/// A field that is a text, bytes or a message.
fn held(field: u64, value: impl AsRef<[u8]>) -> Vec<u8> {
    [&varint(field << 3 | 2)[..], &varint(value.as_ref().len() as u64), value.as_ref()].concat()
}

fn message(fields: &[Vec<u8>]) -> Vec<u8> {
    fields.concat()
}

fn enveloped(type_meta: &[Vec<u8>], rest: &[Vec<u8>]) -> Vec<u8> {
    [b"k8s\0".to_vec(), held(1, type_meta.concat()), rest.concat()].concat()
}

fn body(api_version: &str, kind: &str, fields: &[Vec<u8>]) -> Vec<u8> {
    enveloped(&[held(1, api_version), held(2, kind)], &[held(2, fields.concat()), held(3, ""), held(4, "")])
}

fn named(name: &str) -> Vec<u8> {
    held(1, held(1, name))
}

fn entry(name: &str, value: impl AsRef<[u8]>) -> Vec<u8> {
    [held(1, name), held(2, value)].concat()
}

#[test]
fn a_config_map_is_the_json_that_go_writes() {
    // As kubectl sends it: what is empty is there too.
    let metadata = message(&[
        held(1, "typed"),
        held(2, ""),
        held(3, "shop"),
        held(4, ""),
        held(5, ""),
        held(6, ""),
        number(7, 0),
        held(8, ""),
        held(11, entry("tier", "front \"1\"\n\u{1}")),
    ]);
    let sent = body(
        "v1",
        "ConfigMap",
        &[held(1, metadata), held(2, entry("colour", "blue")), held(3, entry("raw", [0xff]))],
    );
    assert_eq!(
        json(sent),
        concat!(
            r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"typed","namespace":"shop","#,
            r#""labels":{"tier":"front \"1\"\n\u0001"}},"data":{"colour":"blue"},"binaryData":{"raw":"/w=="}}"#
        )
        .replace(r"\n", r"\u000a")
    );
}

#[test]
fn what_is_inlined_stands_in_what_holds_it() {
    let secret = held(6, held(1, "shop-db"));
    let volume = message(&[held(1, "v"), held(2, secret)]);
    let container = message(&[held(1, "main"), held(15, number(2, 1))]);
    let sent = body("v1", "Pod", &[held(2, message(&[held(1, volume), held(2, container)]))]);
    assert_eq!(
        json(sent),
        concat!(
            r#"{"apiVersion":"v1","kind":"Pod","spec":{"volumes":[{"name":"v","secret":{"secretName":"shop-db"}}],"#,
            r#""containers":[{"name":"main","securityContext":{"privileged":true}}]}}"#
        )
    );
}

#[test]
fn fields_may_come_in_any_order_and_apart() {
    let finalizer = |name: &str| held(14, name);
    let metadata = message(&[finalizer("b"), held(1, "x"), finalizer("a")]);
    assert!(
        json(body("v1", "Pod", &[held(1, metadata)]))
            .contains(r#""metadata":{"name":"x","finalizers":["b","a"]}"#)
    );
}

#[test]
fn what_has_a_form_of_its_own_in_json_has_it() {
    let time = |seconds: u64| held(8, number(1, seconds));
    assert!(
        json(body("v1", "Pod", &[held(1, time(0))]))
            .contains(r#""creationTimestamp":"1970-01-01T00:00:00Z""#)
    );
    let port = |value: Vec<u8>| {
        body("v1", "Service", &[held(2, held(1, message(&[number(3, 80), held(4, value)])))])
    };
    let int = message(&[number(1, 0), number(2, 8080), held(3, "")]);
    let name = message(&[number(1, 1), number(2, 0), held(3, "http")]);
    assert!(json(port(int)).contains(r#""port":80,"targetPort":8080"#));
    assert!(json(port(name)).contains(r#""targetPort":"http""#));
    let quota = held(2, held(1, entry("pods", held(1, "10"))));
    assert!(json(body("v1", "ResourceQuota", &[quota])).contains(r#""hard":{"pods":"10"}"#));
    let rules = held(2, message(&[held(1, "get"), held(1, "list")]));
    assert!(
        json(body("rbac.authorization.k8s.io/v1", "Role", &[rules]))
            .contains(r#""rules":[{"verbs":["get","list"]}]"#)
    );
}

#[test]
fn json_within_is_json_or_nothing() {
    let revision = |raw: &str| body("apps/v1", "ControllerRevision", &[held(2, held(1, raw))]);
    assert!(json(revision(" {\"a\": [1, {}]}\n")).contains(r#""data":{"a": [1, {}]}"#));
    assert!(json(revision("")).contains(r#""data":null"#));
    for raw in ["{", "{}{}", "k8s\0", "NaN", "{\"a\":1},\"kind\":\"Secret\"", "'a'"] {
        refused(revision(raw), 415, "at data holds an object that is not JSON");
    }
}

#[test]
fn schemas_are_what_their_alternatives_say() {
    let schema = |fields: &[Vec<u8>]| {
        let version = message(&[held(1, "v1"), held(4, held(1, message(fields)))]);
        body("apiextensions.k8s.io/v1", "CustomResourceDefinition", &[held(2, held(7, version))])
    };
    let text = held(5, "string");
    assert!(json(schema(&[held(30, number(1, 0))])).contains(r#""additionalProperties":false"#));
    assert!(
        json(schema(&[held(30, message(&[number(1, 1), held(2, &text)]))]))
            .contains(r#""additionalProperties":{"type":"string"}"#)
    );
    assert!(json(schema(&[held(24, held(1, &text))])).contains(r#""items":{"type":"string"}"#));
    assert!(
        json(schema(&[held(24, message(&[held(2, &text), held(2, "")]))]))
            .contains(r#""items":[{"type":"string"},{}]"#)
    );
    assert!(json(schema(&[held(24, "")])).contains(r#""items":null"#));
    let minimum = [varint(11 << 3 | 1), 0.5f64.to_le_bytes().to_vec()].concat();
    assert!(json(schema(&[minimum])).contains(r#""minimum":0.5"#));
    let none = [varint(11 << 3 | 1), f64::NAN.to_le_bytes().to_vec()].concat();
    refused(schema(&[none]), 400, "a number is none that JSON has");
}

#[test]
fn numbers_may_be_packed() {
    let security = |fields: Vec<u8>| body("v1", "Pod", &[held(2, held(14, fields))]);
    let apart = security(message(&[number(4, 1), number(4, 300)]));
    let packed = security(held(4, [varint(1), varint(300)].concat()));
    assert!(json(apart.clone()).contains(r#""supplementalGroups":[1,300]"#));
    assert_eq!(json(apart), json(packed));
    refused(security(held(4, [0x80])), 400, "spec.securityContext.supplementalGroups: a number breaks off");
}

#[test]
fn negative_numbers_are_numbers() {
    let priority = |value: u64| body("v1", "Pod", &[held(2, number(25, value))]);
    assert!(json(priority((-5i64).cast_unsigned())).contains(r#""priority":-5"#));
    refused(priority(1 << 31), 400, "longer than 32 bits");
    refused(priority(u64::from(u32::MAX)), 400, "longer than 32 bits");
}

#[test]
fn what_is_not_known_is_refused_by_name() {
    refused(body("v1", "Pod", &[number(99, 1)]), 415, "field 99 is not known");
    let spec = held(2, held(2, message(&[held(1, "main"), held(777, "x")])));
    refused(
        body("v1", "Pod", &[spec]),
        415,
        "at spec.containers field 777 is not known; send application/json",
    );
    for (api_version, kind) in [
        ("v1", "Gadget"),
        ("v2", "Pod"),
        ("", ""),
        ("v1", ""),
        ("", "Pod"),
        ("v1", "pod"),
        ("v1", "PodList"),
        ("shop.example/v1", "Order"),
    ] {
        refused(body(api_version, kind, &[]), 415, &format!("the kind {kind} of {api_version} is not known"));
    }
    refused(body("v1", &format!("a\u{1b}[2J{}", "b".repeat(500)), &[]), 415, "the kind a[2Jbbb");
}

#[test]
fn the_envelope_is_of_one_form() {
    let pod = [held(1, "v1"), held(2, "Pod")];
    let good = held(2, named("x"));
    assert!(json(enveloped(&pod, std::slice::from_ref(&good))).contains(r#""kind":"Pod""#));
    assert!(json(enveloped(&pod, &[good.clone(), held(4, PROTOBUF)])).contains(r#""kind":"Pod""#));
    refused(enveloped(&pod, &[good.clone(), held(3, "gzip")]), 415, "encoded once more");
    refused(enveloped(&pod, &[good.clone(), held(4, "application/json")]), 415, "of another type");
    refused(enveloped(&pod, &[held(2, r#"{"metadata":{"name":"x"}}"#)]), 400, "no protobuf of Kubernetes");
    refused(enveloped(&pod, &[good.clone(), held(5, "x")]), 415, "field 5 is not known");
    refused(enveloped(&pod, &[good.clone(), held(2, named("y"))]), 400, "comes twice");
    refused(
        enveloped(&[held(1, "v1"), held(2, "Pod"), held(2, "Secret")], std::slice::from_ref(&good)),
        400,
        "comes twice",
    );
    refused(enveloped(&pod, &[good.clone(), held(1, held(2, "Secret"))]), 400, "comes twice");
    refused(enveloped(&[held(1, "v1"), number(2, 1)], std::slice::from_ref(&good)), 400, "another wire type");
    refused(enveloped(&[held(1, "v1"), held(2, [0xff])], &[good]), 400, "not UTF-8");
    for magic in ["", "k8s", "k8s\u{1}", "K8S\0", "{\"kind\":\"Pod\"}"] {
        refused([magic.as_bytes(), &body("v1", "Pod", &[])[4..]].concat(), 400, "does not begin with k8s");
    }
    refused(b"k8s\0".to_vec(), 400, "the envelope is empty");
    refused(enveloped(&pod, &[]), 400, "the envelope is empty");
}

#[test]
fn what_is_meant_once_comes_once() {
    refused(body("v1", "Pod", &[named("x"), named("y")]), 400, "comes twice");
    refused(
        body("v1", "Pod", &[held(1, message(&[held(1, "x"), held(1, "")]))]),
        400,
        "at metadata.name: a field that is meant once",
    );
    let twice = message(&[held(2, entry("a", "x")), held(2, entry("a", "y"))]);
    refused(body("v1", "ConfigMap", &[twice]), 400, "at data: a map has a name twice");
    refused(
        body("v1", "ConfigMap", &[held(2, message(&[entry("a", "x"), held(2, "y")]))]),
        400,
        "comes twice",
    );
    for half in [held(1, "a"), held(2, "x"), Vec::new()] {
        refused(
            body("v1", "ConfigMap", &[held(2, half)]),
            400,
            "a name without a value, or a value without a name",
        );
    }
    let volume = message(&[held(1, "v"), held(2, held(6, "")), held(2, held(1, ""))]);
    refused(body("v1", "Pod", &[held(2, held(1, volume))]), 400, "comes twice");
}

#[test]
fn what_breaks_off_or_runs_over_is_refused() {
    let object = held(2, message(&[named("x"), held(2, held(2, held(1, "main")))]));
    let whole = enveloped(&[held(1, "v1"), held(2, "Pod")], &[object]);
    for end in 4..whole.len() {
        let cut = read(whole[..end].to_vec()).unwrap_err();
        assert!([400, 415].contains(&cut.code()), "{end}: {cut}");
    }
    let broken: [(&[u8], &str); 10] = [
        (&[0x08], "a number breaks off"),
        (&[0x80], "a number breaks off"),
        (&[0x0a, 0x05, 0x01], "longer than what holds it"),
        (&[0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], "longer than what holds it"),
        (&[0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02], "longer than 64 bits"),
        (&[0x80; 11], "longer than 64 bits"),
        (&[0x02, 0x00], "no number that can be"),
        (&[0x0b, 0x0c], "a wire type that no kind has"),
        (&[0x0d, 0, 0, 0, 0], "a wire type that no kind has"),
        (&[0x09, 0, 0, 0], "a number breaks off"),
    ];
    for (bytes, says) in broken {
        refused(body("v1", "Pod", &[bytes.to_vec()]), 400, says);
    }
}

#[test]
fn a_field_is_of_the_type_that_its_number_says() {
    let fixed = [varint(1 << 3 | 1), vec![0; 8]].concat();
    for wrong in [number(1, 1), fixed] {
        refused(
            body("v1", "Pod", std::slice::from_ref(&wrong)),
            400,
            "at metadata: a field is of another wire type",
        );
        refused(
            body("v1", "ConfigMap", &[held(2, message(&[wrong, held(2, "x")]))]),
            400,
            "another wire type",
        );
    }
    refused(body("v1", "ConfigMap", &[held(4, "x")]), 400, "at immutable: a field is of another wire type");
    refused(body("v1", "ConfigMap", &[number(4, 2)]), 400, "a truth is neither 0 nor 1");
    refused(body("v1", "ConfigMap", &[held(2, entry("a", [0xc3, 0x28]))]), 400, "not UTF-8");
    refused(body("v1", "ConfigMap", &[held(2, message(&[held(1, [0xff]), held(2, "x")]))]), 400, "not UTF-8");
    refused(
        body("v1", "Service", &[held(2, held(1, held(4, number(1, 2))))]),
        400,
        "neither a number nor a text",
    );
}

#[test]
fn there_is_an_end_to_everything() {
    let nested = |depth: usize| {
        let schema = (0..depth).fold(Vec::new(), |inner, _| held(28, inner));
        let version = held(7, held(4, held(1, schema)));
        body("apiextensions.k8s.io/v1", "CustomResourceDefinition", &[held(2, version)])
    };
    assert!(read(nested(90)).is_ok());
    refused(nested(100), 413, "nested deeper than 100");
    refused(nested(1_000), 413, "nested deeper than 100");
    let many = vec![held(14, ""); 200_000].concat();
    refused(body("v1", "Pod", &[held(1, many)]), 413, "more than 200000 fields");
    let groups = held(4, vec![1; 200_000]);
    refused(body("v1", "Pod", &[held(2, held(14, groups))]), 413, "more than 200000 fields");
    let data = body("v1", "ConfigMap", &[held(3, entry("a", vec![0; 900]))]);
    assert!(read_at_most(data.clone(), 1300).is_ok());
    let status = read_at_most(data, 1200).unwrap_err();
    assert_eq!(
        (status.code(), status.message()),
        (413, "the body at binaryData is longer than body_bytes_max = 1200 as JSON")
    );
}

#[test]
fn what_came_is_told_of_and_what_did_not_is_not() {
    let sent = body("v1", "Pod", &[named("x")]);
    let length = sent.len();
    let told = read(sent).unwrap().translated.unwrap().to_string();
    assert!(told.starts_with(&format!("{PROTOBUF}; bytes={length}; sha256=")), "{told}");
    let empty = read(Vec::new()).unwrap();
    assert_eq!(
        (empty.content_type.as_str(), empty.translated, empty.body.len()),
        ("application/json", None, 0)
    );
}

fn pairs() -> Vec<(Vec<u8>, Value)> {
    let lines: Vec<&str> = PAIRS.lines().collect();
    let pair = |pair: &[&str]| (STANDARD.decode(pair[0]).unwrap(), serde_json::from_str(pair[1]).unwrap());
    lines.chunks_exact(2).map(pair).collect()
}

/// A value without the members that are null: Go writes some that a reader takes for absent.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members.into_iter().filter(|(_, member)| !member.is_null());
            kept.map(|(name, member)| (name, without_nulls(member))).collect()
        }
        Value::Array(elements) => elements.into_iter().map(without_nulls).collect(),
        scalar => scalar,
    }
}

#[test]
fn every_field_of_every_kind_is_what_go_makes_of_it() {
    let pairs = pairs();
    assert!(pairs.len() > 150);
    for (body, expected) in pairs {
        let kind = format!("{} {}", expected["apiVersion"], expected["kind"]);
        let found = serde_json::from_str(&json(body)).unwrap();
        assert_eq!(without_nulls(found), without_nulls(expected), "{kind}");
    }
}

proptest! {
    #[test]
    fn whatever_comes_is_json_or_refused(object in vec(any::<u8>(), 0..200), kind in 0usize..160) {
        let (_, expected) = pairs().swap_remove(kind);
        let text = |name: &str| expected[name].as_str().unwrap().to_owned();
        let sent = enveloped(&[held(1, text("apiVersion")), held(2, text("kind"))], &[held(2, object)]);
        if let Ok(call) = read(sent) {
            let _: Value = serde_json::from_slice(&call.body).unwrap();
        }
    }

    #[test]
    fn a_body_with_a_byte_changed_is_json_or_refused(
        kind in 0usize..160, at in any::<prop::sample::Index>(), to in any::<u8>(),
    ) {
        let (mut body, _) = pairs().swap_remove(kind);
        let at = at.index(body.len());
        body[at] = to;
        match read(body) {
            Ok(call) => drop(serde_json::from_slice::<Value>(&call.body).unwrap()),
            Err(status) => prop_assert!([400, 413, 415].contains(&status.code()), "{status}"),
        }
    }
}
