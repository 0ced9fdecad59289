//! Masks of Kubernetes' objects in every shape in which an API server answers with them.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a test may panic")]

use std::sync::Arc;

use bytes::BytesMut;
use narrows_mask::{
    Answer, ObjectMasks, ObjectScanner, PLACEHOLDER_MARK, PseudonymKey, Refused, SecretsSeen, Why,
};
use serde_json::{Value, json};

const SECRETS: &str = r#"{"masks": [
    {"id": "secrets", "resources": [["", "secrets"]], "paths": ["$.data.*", "$.stringData.*"]},
    {"id": "keys", "resources": [["", "configmaps"]], "paths": ["$.data['db.password']"], "transform": "redact"},
    {"id": "env", "resources": [["", "pods"]], "paths": ["$.spec.containers[*].env[*].value"], "transform": "redact"},
    {"id": "crd", "resources": [["shop.example", "*"]], "paths": ["$.spec.token", "$..pin"], "transform": "last4"}],
  "detectors": {"pan": "last4", "secret": "redact"},
  "drop_annotations": ["kubectl.kubernetes.io/last-applied-configuration"],
  "remember": ["secrets"]}"#;
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";
/// base64 of `hunter2!`.
const CANARY_BASE64: &str = "aHVudGVyMiE=";
const CANARY: &str = "hunter2!";

fn masks() -> Arc<ObjectMasks> {
    Arc::new(ObjectMasks::compile(SECRETS, &PseudonymKey([7; 32])).expect("masks"))
}

fn answer(group: &str, resource: &str) -> Answer {
    Answer { group: group.into(), resource: resource.into(), ..Answer::default() }
}

fn scan(scanner: &mut ObjectScanner, text: &[u8]) -> Result<String, Refused> {
    let mut out = BytesMut::new();
    scanner.feed(text, &mut out)?;
    scanner.finish(&mut out)?;
    Ok(String::from_utf8(out.to_vec()).expect("UTF-8"))
}

fn masked_text(answer: impl Into<Answer>, text: &str) -> String {
    let answer = answer.into();
    let mut scanner = ObjectScanner::new(masks(), Arc::default(), answer.clone());
    let whole = scan(&mut scanner, text.as_bytes()).expect("not refused");
    for size in 1..9 {
        let mut scanner = ObjectScanner::new(masks(), Arc::default(), answer.clone());
        let mut out = BytesMut::new();
        for piece in text.as_bytes().chunks(size) {
            scanner.feed(piece, &mut out).expect("not refused");
        }
        scanner.finish(&mut out).expect("not refused");
        assert_eq!(String::from_utf8_lossy(&out), whole, "in pieces of {size}");
    }
    whole
}

fn masked(answer: Answer, document: &Value) -> Value {
    serde_json::from_str(&masked_text(answer, &document.to_string())).expect("JSON")
}

fn refused(answer: Answer, text: &[u8]) -> Why {
    let mut scanner = ObjectScanner::new(masks(), Arc::default(), answer);
    scan(&mut scanner, text).expect_err("refused").why
}

fn secret() -> Value {
    json!({
        "kind": "Secret", "apiVersion": "v1",
        "metadata": {"name": "db", "annotations": {"a": "1", LAST_APPLIED: "{\"stringData\":{\"pw\":\"hunter2!\"}}", "z": "2"}},
        "data": {"password": CANARY_BASE64, "empty": ""}, "stringData": {"x": CANARY}, "type": "Opaque",
    })
}

/// Whether a text is a placeholder in base64, as clients that decode expect it.
fn is_encoded_placeholder(text: &str) -> bool {
    use base64::Engine as _;
    let decoded = base64::engine::general_purpose::STANDARD.decode(text).expect("base64");
    decoded.starts_with(PLACEHOLDER_MARK.as_bytes())
}

fn check_secret(secret: &Value) {
    assert_eq!(secret["metadata"]["annotations"], json!({"a": "1", "z": "2"}));
    assert_eq!(secret["type"], "Opaque");
    let data = secret["data"].as_object().expect("a map");
    assert_eq!(data.keys().collect::<Vec<_>>(), ["empty", "password"]);
    for value in data.values() {
        assert!(is_encoded_placeholder(value.as_str().expect("text")));
    }
    assert!(secret["stringData"]["x"].as_str().expect("text").starts_with("narrows-masked-"));
}

#[test]
fn a_secret_is_masked_wherever_an_answer_has_one() {
    let secrets = || answer("", "secrets");
    let watched = || Answer { watch: true, ..secrets() };
    let table =
        json!({"kind": "Table", "columnDefinitions": [], "rows": [{"cells": ["db"], "object": secret()}]});
    check_secret(&masked(secrets(), &secret()));
    check_secret(&masked(secrets(), &json!({"kind": "SecretList", "items": [{}, secret()]}))["items"][1]);
    check_secret(&masked(secrets(), &table)["rows"][0]["object"]);
    check_secret(&masked(watched(), &json!({"type": "ADDED", "object": secret()}))["object"]);
    check_secret(
        &masked(watched(), &json!({"type": "ADDED", "object": {"items": [secret()]}}))["object"]["items"][0],
    );
    check_secret(
        &masked(watched(), &json!({"type": "ADDED", "object": table}))["object"]["rows"][0]["object"],
    );
}

#[test]
fn equal_values_have_equal_placeholders_at_the_same_key_alone() {
    let one = masked(answer("", "secrets"), &json!({"data": {"a": CANARY_BASE64, "b": CANARY_BASE64}}));
    let listed = masked(answer("", "secrets"), &json!({"items": [{"data": {"a": CANARY_BASE64}}]}));
    assert_ne!(one["data"]["a"], one["data"]["b"]);
    assert_eq!(one["data"]["a"], listed["items"][0]["data"]["a"]);
}

#[test]
fn a_watch_is_many_documents_and_anything_else_is_one() {
    let event = json!({"type": "ADDED", "object": {"data": {"a": CANARY_BASE64}}}).to_string();
    let bookmark =
        json!({"type": "BOOKMARK", "object": {"kind": "Secret", "metadata": {"resourceVersion": "12"}}});
    let stream = format!("{event}\n{bookmark}\n{event}{event}");
    let out = masked_text(Answer { watch: true, ..answer("", "secrets") }, &stream);
    assert_eq!(out.matches("ADDED").count(), 3);
    assert!(out.contains(&bookmark.to_string()) && !out.contains(CANARY_BASE64), "{out}");
    assert_eq!(refused(answer("", "secrets"), stream.as_bytes()), Why::SecondDocument);
}

#[test]
fn what_is_not_masked_is_as_it_was_byte_for_byte() {
    for text in [
        "{ \"a\" : 1.50e+2 ,\n \"b\":[ ],\"c\":{} }\n",
        r#"{"items":[{"metadata":{"annotations":{"b":"\u00e9\ud83d\ude00","c":"é"},"x":-0}}],"n":12345678901234567890.10}"#,
        "{\"metadata\":{\"annotations\":{ \"a\" : \"1\" ,\n\t\"b\":\"2\"}}}",
        "",
        " \n",
    ] {
        assert_eq!(masked_text(answer("", "secrets"), text), text);
    }
}

#[test]
fn an_annotation_goes_with_the_comma_that_it_needs() {
    for (before, after) in [
        ("{ \"LAST\": \"x\" }", "{  }"),
        ("{\"LAST\":\"x\", \"a\":\"1\"}", "{ \"a\":\"1\"}"),
        ("{\"a\":\"1\", \"LAST\":{\"b\":[1,\"x\",{}]} , \"c\":\"2\"}", "{\"a\":\"1\" , \"c\":\"2\"}"),
        ("{\"a\":\"1\",\"LAST\":1}", "{\"a\":\"1\"}"),
        ("{\"l\\u0041st\":\"1\",\"\\u004cAST\":null}", "{\"l\\u0041st\":\"1\"}"),
    ] {
        let with = |annotations: &str| {
            let annotations = annotations.replace("\\u004cAST", &LAST_APPLIED.replacen('k', "\\u006b", 1));
            format!("{{\"metadata\":{{\"annotations\":{}}}}}", annotations.replace("LAST", LAST_APPLIED))
        };
        assert_eq!(masked_text(answer("", "secrets"), &with(before)), with(after), "{before}");
        assert_eq!(
            masked_text(answer("", "services"), &with(before)),
            with(before),
            "no mask is on services"
        );
    }
}

#[test]
fn keys_are_compared_as_they_are_meant() {
    let out = masked_text(answer("", "secrets"), r#"{"d\u0061ta":{"p":"aHVudGVyMiE="}}"#);
    let value = out.split('"').nth(5).expect("a value");
    assert!(is_encoded_placeholder(value) && out.contains(r"d\u0061ta"), "{out}");
}

#[test]
fn values_of_every_kind_are_masked_leaf_by_leaf() {
    let spec = json!({"spec": {"token": {"a": ["123456789", 5, 1.5, true, null, {"b": "x"}]}, "pin": 1234}});
    let out = masked(answer("shop.example", "orders"), &spec);
    assert_eq!(out["spec"]["token"], json!({"a": ["*****6789", 0, 0, false, null, {"b": "*"}]}));
    assert_eq!(out["spec"]["pin"], 0);
}

#[test]
fn one_key_of_a_map_is_masked_and_the_others_are_not() {
    let out = masked(answer("", "configmaps"), &json!({"data": {"db.password": "hunter2!", "db": "orders"}}));
    assert_eq!(out, json!({"data": {"db.password": "[redacted]", "db": "orders"}}));
}

#[test]
fn cells_show_what_is_no_field_of_the_object_alone() {
    let table = json!({
        "kind": "Table",
        "columnDefinitions": [
            {"name": "Name", "type": "string", "format": "name"}, {"name": "Pin", "type": "string", "format": "name"},
            {"name": "Count", "type": "integer", "format": ""}, {"name": "Age", "type": "date", "format": ""}],
        "rows": [{"cells": ["order-1", CANARY, 1234, "5d", "more"]}, {"cells": ["order-2", [CANARY], null, "6d"]}],
    });
    let out = masked(answer("shop.example", "orders"), &table);
    assert_eq!(out["columnDefinitions"], table["columnDefinitions"]);
    assert_eq!(out["rows"][0]["cells"], json!(["order-1", "[redacted]", 0, "5d", "[redacted]"]));
    assert_eq!(out["rows"][1]["cells"], json!(["order-2", ["[redacted]"], null, "6d"]));
    assert_eq!(masked(answer("", "pods"), &table), table, "a pod's columns do not show its environment");
    let out = masked(
        answer("shop.example", "orders"),
        &json!({"rows": [{"cells": ["early"]}], "columnDefinitions": []}),
    );
    assert_eq!(out["rows"][0]["cells"], json!(["[redacted]"]));
}

#[test]
fn columns_are_described_by_the_first_event_of_a_watch() {
    let event = |columns: Value| json!({"type": "ADDED", "object": {"kind": "Table", "columnDefinitions": columns, "rows": [{"cells": ["a", "b"]}]}});
    let columns = json!([{"format": "name"}, {"type": "string"}]);
    let stream = format!("{}\n{}", event(columns), event(Value::Null));
    let out = masked_text(Answer { watch: true, ..answer("shop.example", "orders") }, &stream);
    assert_eq!(out.matches(r#"["a","[redacted]"]"#).count(), 2, "{out}");
}

#[test]
fn a_status_does_not_quote_what_is_masked() {
    let named = Answer { name: "db".into(), namespace: "shop".into(), ..answer("", "secrets") };
    for (said, shown) in [
        (r#"secrets "db" not found"#, r#"secrets "db" not found"#),
        (
            r#"Secret "db" is invalid: metadata.labels: Invalid value: "hunter2!": a valid label must be short"#,
            r#"Secret "db" is invalid: metadata.labels: Invalid value: "[redacted]": a valid label must be short"#,
        ),
        (r#"x: Invalid value: "hun\"ter2!": no"#, r#"x: Invalid value: "[redacted]": no"#),
        (
            r#"x: Unsupported value: "a": supported values: "b", "c""#,
            r#"x: Unsupported value: "[redacted]": supported values: "[redacted]", "[redacted]""#,
        ),
        ("x: Invalid value: 12345: too large", "x: Invalid value: [redacted]"),
        (r#"x: "a"hunter2!"#, r#"x: "[redacted]"[redacted]"#),
        (r#"x: "hunter2!"#, "x: [redacted]"),
        ("map: map[data:map[pw:hunter2!]] does not", "map: [redacted]"),
        (
            "admission webhook \"w\" denied the request: hunter2!",
            "admission webhook \"[redacted]\" [redacted]",
        ),
        (r#"Invalid value: {"a":"hunter2!"}: no"#, "Invalid value: [redacted]"),
        (
            r#"secrets "db" is forbidden: User "u" cannot get resource "secrets" in the namespace "shop""#,
            r#"secrets "db" is forbidden: User "[redacted]" cannot get resource "secrets" in the namespace "shop""#,
        ),
    ] {
        let status = json!({"kind": "Status", "message": said, "details": {"name": "db", "causes": [{"message": said}]}});
        let out = masked(named.clone(), &status);
        assert_eq!(out["message"], shown);
        assert_eq!(out["details"]["causes"][0]["message"], shown);
        assert_eq!(out["details"]["name"], "db");
        let out =
            masked(Answer { watch: true, ..named.clone() }, &json!({"type": "ERROR", "object": status}));
        assert_eq!(out["object"]["message"], shown);
        assert_eq!(masked(answer("", "services"), &status), status, "no mask is on services");
    }
}

#[test]
fn detectors_look_into_strings_numbers_and_keys() {
    let out = masked(
        answer("", "events"),
        &json!({"note": "card 4111 1111 1111 1111", "n": 4_111_111_111_111_111_u64, "4111111111111111": 1, "m": 12}),
    );
    assert_eq!(out, json!({"note": "card ***************1111", "n": 0, "************1111": 1, "m": 12}));
    let out = masked_text(answer("", "events"), r#"{"note":"4\u003111111111111111"}"#);
    assert_eq!(out, r#"{"note":"************1111"}"#);
}

#[test]
fn a_name_says_what_the_value_beside_it_is() {
    let env = json!({"spec": [{"name": "DB_PASSWORD", "value": "kX9vPq27LmZr4TtB"}, {"name": "MODE", "value": "kX9vPq27LmZr4TtB"}]});
    let out = masked(answer("", "services"), &env);
    assert_eq!(out["spec"][0]["value"], "[redacted:secret]");
    assert_eq!(out["spec"][1], env["spec"][1]);
}

#[test]
fn a_secret_that_is_a_word_leaves_objects_their_identity() {
    let (masks, seen) = (masks(), Arc::<SecretsSeen>::default());
    seen.remember(b"default");
    let mut scanner = ObjectScanner::new(masks, seen, answer("", "pods"));
    let pod =
        r#"{"kind":"Pod","metadata":{"name":"default","namespace":"default","labels":{"note":"default"}}}"#;
    let masked = scan(&mut scanner, pod.as_bytes()).expect("masked");
    assert!(masked.starts_with(r#"{"kind":"Pod","metadata":{"name":"default","namespace":"default","#));
    assert!(!masked.contains(r#""note":"default""#), "{masked}");
}

#[test]
fn a_secret_that_was_seen_is_found_everywhere_else() {
    let (masks, seen) = (masks(), Arc::<SecretsSeen>::default());
    let mut scanner = ObjectScanner::new(Arc::clone(&masks), Arc::clone(&seen), answer("", "secrets"));
    scan(&mut scanner, secret().to_string().as_bytes()).expect("not refused");
    assert_eq!(scanner.masked()["secrets"], 3);
    assert_eq!(scanner.masked()["dropped-annotations"], 1);
    let pod = json!({"status": {"message": "login with hunter2! failed", "x": CANARY_BASE64, "y": "68756e7465723221"}});
    let mut scanner = ObjectScanner::new(Arc::clone(&masks), Arc::clone(&seen), answer("", "pods"));
    let out: Value =
        serde_json::from_str(&scan(&mut scanner, pod.to_string().as_bytes()).expect("JSON")).expect("JSON");
    assert_eq!(
        out["status"],
        json!({"message": "login with [redacted:known] failed", "x": "[redacted:known]E=", "y": "[redacted:known]"})
    );
    assert_eq!(scanner.masked()["known"], 3);
    let mut stream = masks.stream(&seen, false);
    let mut out = BytesMut::new();
    stream.feed(b"PASSWORD=hun", &mut out);
    stream.feed(b"ter2!\n", &mut out);
    stream.finish(&mut out);
    assert!(!out.windows(8).any(|part| part == CANARY.as_bytes()), "{out:?}");
}

#[test]
fn the_oldest_secrets_are_forgotten_first() {
    let seen = SecretsSeen::default();
    for number in 0..600 {
        seen.remember(format!("secret-number-{number}").as_bytes());
    }
    seen.remember(b"short");
    seen.remember(&[b'x'; 9_000]);
    let masks = masks();
    let shows = |text: &str| {
        let mut out = BytesMut::new();
        let mut stream = masks.stream(&seen, false);
        stream.feed(text.as_bytes(), &mut out);
        stream.finish(&mut out);
        out == text.as_bytes()
    };
    assert!(shows("secret-number-10\n") && shows("short\n"));
    assert!(!shows("secret-number-599\n") && !shows("secret-number-100\n"));
}

#[test]
fn what_could_be_read_in_two_ways_is_refused() {
    let secrets = || answer("", "secrets");
    for (text, why) in [
        (&b"{"[..], Why::Truncated),
        (b"{\"a\":\"b", Why::Truncated),
        (b"[]", Why::NotObject),
        (b"\"a\"", Why::NotObject),
        (b"\xef\xbb\xbf{}", Why::NotObject),
        (b"{\"a\":1,}", Why::Malformed),
        (b"{\"a\":[1,]}", Why::Malformed),
        (b"{\"a\":[}", Why::Malformed),
        (b"{\"a\":[1}", Why::Malformed),
        (b"{\"a\" 1}", Why::Malformed),
        (b"{a:1}", Why::Malformed),
        (b"{\"a\":01}", Why::Malformed),
        (b"{\"a\":1.}", Why::Malformed),
        (b"{\"a\":+1}", Why::Malformed),
        (b"{\"a\":NaN}", Why::Malformed),
        (b"{\"a\":trueish}", Why::Malformed),
        (b"{\"a\":\"\\x41\"}", Why::Malformed),
        (b"{\"a\":\"\\u00g0\"}", Why::Malformed),
        (b"{\"a\":1}}", Why::NotObject),
        (b"{\"a\":\"\\ud800\"}", Why::NotUnicode),
        (b"{\"a\":\"\\ud800\\u0041\"}", Why::NotUnicode),
        (b"{\"a\":\"\\udc00\"}", Why::NotUnicode),
        (b"{\"a\":\"\xff\"}", Why::NotUnicode),
        (b"{\"a\":\"\xc3\"}", Why::NotUnicode),
        (b"{\"a\":\"\xed\xa0\x80\"}", Why::NotUnicode),
        (b"{\"a\":\"\0\"}", Why::ControlCharacter),
        (b"{\"a\":\"\n\"}", Why::ControlCharacter),
        (b"{\"a\0\":1}", Why::ControlCharacter),
        (b"{\"data\":{},\"d\\u0061ta\":{}}", Why::RepeatedKey),
        (b"{\"data\":{\"a\":\"x\",\"a\":\"y\"}}", Why::RepeatedKey),
        (b"{\"items\":[],\"items\":[]}", Why::RepeatedKey),
        (b"{\"metadata\":{\"annotations\":{},\"annotations\":{}}}", Why::RepeatedKey),
        (b"{} {}", Why::SecondDocument),
    ] {
        assert_eq!(refused(secrets(), text), why, "{}", String::from_utf8_lossy(text));
    }
    let deep = format!("{{\"a\":{}", "[".repeat(250));
    assert_eq!(refused(secrets(), deep.as_bytes()), Why::TooDeep);
    let number = format!("{{\"a\":{}}}", "1".repeat(2_000));
    assert_eq!(refused(secrets(), number.as_bytes()), Why::TooLong);
    let blanks =
        format!("{{\"metadata\":{{\"annotations\":{{\"a\":\"1\",{}\"b\":\"2\"}}}}}}", " ".repeat(2_000));
    assert_eq!(refused(secrets(), blanks.as_bytes()), Why::TooLong);
}

#[test]
fn a_refusal_is_final_and_a_long_string_is_one() {
    let mut scanner = ObjectScanner::new(masks(), Arc::default(), answer("", "secrets"));
    let mut out = BytesMut::new();
    scanner.feed(b"{\"a\":\"", &mut out).expect("a string begins");
    let refused = loop {
        if let Err(refused) = scanner.feed(&vec![b'x'; 65_536], &mut out) {
            break refused;
        }
        assert!(out.len() < 10, "nothing of it goes on");
    };
    assert_eq!(refused.why, Why::TooLong);
    assert_eq!(scanner.feed(b"\"}", &mut out), Err(refused));
    assert_eq!(scanner.finish(&mut out), Err(refused));
    assert!(refused.to_string().contains("too long"));
}

const RELEASE: &str = r#"{"metadata":{"name":"sh.helm.release.v1.web.v1"},"data":{"a":"aHVudGVyMiE="}}"#;

fn but_for_names(more: &str, answer: Answer, text: &str) -> String {
    let masks = format!(
        r#"{{"masks": [{{"id": "secrets", "resources": [["", "secrets"]], "paths": ["$.data.*"],
            "except_names": ["sh.helm.release.v1.*"]}}{more}]}}"#
    );
    let masks = ObjectMasks::compile(&masks, &PseudonymKey([7; 32])).expect("masks");
    let mut scanner = ObjectScanner::new(Arc::new(masks), Arc::default(), answer);
    scan(&mut scanner, text.as_bytes()).expect("not refused")
}

#[test]
fn an_object_is_left_as_it_is_where_its_name_says_so_in_time() {
    let other = RELEASE.replace("sh.helm.release.v1.web.v1", "web");
    let list = format!(r#"{{"items":[{other},{RELEASE},{other}]}}"#);
    let shown = but_for_names("", answer("", "secrets"), &list);
    assert!(shown.contains(RELEASE), "{shown}");
    assert_eq!(shown.matches(CANARY_BASE64).count(), 1, "{shown}");

    let event = format!(r#"{{"type":"ADDED","object":{RELEASE}}}"#);
    let watched = Answer { watch: true, ..answer("", "secrets") };
    assert_eq!(but_for_names("", watched, &event), event);
    assert_eq!(but_for_names("", answer("", "secrets"), RELEASE), RELEASE);

    for masked in [
        r#"{"data":{"a":"aHVudGVyMiE="},"metadata":{"name":"sh.helm.release.v1.web.v1"}}"#,
        r#"{"name":"sh.helm.release.v1.web.v1","metadata":{"labels":{"name":"sh.helm.release.v1.web.v1"}},"data":{"a":"aHVudGVyMiE="}}"#,
        r#"{"metadata":{"name":["sh.helm.release.v1.web.v1"]},"data":{"a":"aHVudGVyMiE="}}"#,
    ] {
        let shown = but_for_names("", answer("", "secrets"), masked);
        assert!(!shown.contains(CANARY_BASE64), "{shown}");
    }
}

#[test]
fn an_exception_holds_where_every_mask_makes_it() {
    for names in ["", r#", "except_names": ["other-*"]"#] {
        let second =
            format!(r#", {{"id": "all", "resources": [["", "secrets"]], "paths": ["$.data.*"]{names}}}"#);
        let shown = but_for_names(&second, answer("", "secrets"), RELEASE);
        assert!(!shown.contains(CANARY_BASE64), "{shown}");
    }
}

#[test]
fn masks_that_mean_nothing_are_refused() {
    for (json, said) in [
        ("{", "EOF"),
        (
            r#"{"masks": [{"id": "a", "resources": [["", "x"]], "paths": ["data"]}]}"#,
            "mask \"a\": \"data\" is no path",
        ),
        (
            r#"{"masks": [{"id": "a", "resources": [["", "x"]], "paths": ["$.a"], "transform": "what"}]}"#,
            "is no transform",
        ),
        (
            r#"{"masks": [{"id": "a", "resources": [["", "x"]], "paths": ["$.a"], "transform": "paths:$.a redact"}]}"#,
            "is no transform",
        ),
        (r#"{"detectors": {"what": "redact"}}"#, "\"what\" is no detector"),
        (r#"{"remember": ["a"]}"#, "there is no mask \"a\""),
        (r#"{"other": 1}"#, "unknown field"),
    ] {
        let error = ObjectMasks::compile(json, &PseudonymKey([7; 32])).expect_err("refused").to_string();
        assert!(error.contains(said), "{error}");
    }
}
