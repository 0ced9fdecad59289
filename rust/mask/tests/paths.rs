//! Masks of parts of JSON: what a path names, and that nothing else changes.

#![allow(clippy::expect_used, reason = "a test may panic")]

use bytes::BytesMut;
use narrows_mask::{ColumnType, Format, Masked, PseudonymKey, Transform, mask};
use proptest::prelude::*;
use serde_json::{Value, json};

const JSON: u32 = 114;
const JSONB: u32 = 3802;

fn paths(lines: &str) -> Transform {
    Transform::parse(&format!("paths:{lines}"), Some(&PseudonymKey([7; 32]))).expect("paths")
}

fn masked(lines: &str, oid: u32, format: Format, value: &[u8]) -> Vec<u8> {
    let mut out = BytesMut::new();
    let column = ColumnType { oid, modifier: -1 };
    assert_eq!(mask(&paths(lines), column, format, value, &mut out), Masked::Value);
    out.to_vec()
}

fn document(lines: &str, value: &str) -> String {
    String::from_utf8(masked(lines, JSON, Format::Text, value.as_bytes())).expect("UTF-8")
}

#[test]
fn what_a_path_names_is_masked_and_the_rest_is_as_it_was() {
    for (lines, value, expected) in [
        (
            "$.card.number last4",
            r#"{"card": {"number": "4111111111111111"}, "b":1}"#,
            r#"{"card": {"number": "************1111"}, "b":1}"#,
        ),
        (
            "$.items[*].token redact",
            r#"{"items":[{"token":"a"},{"id":2},{"token":"b"}]}"#,
            r#"{"items":[{"token":"[redacted]"},{"id":2},{"token":"[redacted]"}]}"#,
        ),
        (
            "$..password redact",
            r#"{"a":{"password":"x","b":[{"password":"y"}]},"password":"z"}"#,
            r#"{"a":{"password":"[redacted]","b":[{"password":"[redacted]"}]},"password":"[redacted]"}"#,
        ),
        ("$.*.n redact", r#"{"a":{"n":12},"b":{"n":1.5},"n":3}"#, r#"{"a":{"n":0},"b":{"n":0},"n":3}"#),
        ("$[*][*] redact", "[[1, true], [null, \"x\"], 5]", "[[0, false], [null, \"[redacted]\"], 5]"),
        ("$.a redact", r#"{"a":{"b":[1]},"c":2}"#, r#"{"a":{},"c":2}"#),
        ("$.a redact", r#"{"a":[1,{"x":"]"}]}"#, r#"{"a":[]}"#),
        ("$.a null", r#"{"a":{"b":1}}"#, r#"{"a":null}"#),
        ("$.a bucket:10", r#"{"a":57}"#, r#"{"a":50}"#),
        ("$.\"a b\".c redact", r#"{"a b":{"c":"x"}}"#, r#"{"a b":{"c":"[redacted]"}}"#),
        ("$['a.b'].c redact", r#"{"a.b":{"c":"x"}}"#, r#"{"a.b":{"c":"[redacted]"}}"#),
        ("$.card redact", r#"{"c\u0061rd":"x"}"#, r#"{"c\u0061rd":"[redacted]"}"#),
        ("$.a redact", r#"{"a":"1","a":"2"}"#, r#"{"a":"[redacted]","a":"[redacted]"}"#),
        ("$.a last4\n$.b redact", r#"{"b":"x","a":"12345"}"#, r#"{"b":"[redacted]","a":"*2345"}"#),
    ] {
        assert_eq!(document(lines, value), expected, "{lines}");
    }
}

#[test]
fn a_path_that_names_nothing_changes_nothing() {
    for value in [r#"{"b": [1, {"a": {}}] , "c":"\\\""}"#, "12", "\"a\"", "[]", "{}", "null", " [ ] "] {
        assert_eq!(document("$.x.a redact", value), value);
    }
}

#[test]
fn what_is_no_document_is_masked_whole() {
    let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    for value in
        ["", "{", r#"{"a" 1}"#, r#"{"a":1"#, "[1,]", "x y", r#"{"a":"secret"#, "{1:2}", "[1]]", &deep]
    {
        assert_eq!(document("$.b redact", value), "\"[redacted]\"", "{value}");
    }
}

#[test]
fn jsonb_keeps_its_version_and_text_that_is_json_is_read() {
    let value = b"\x01{\"a\": \"x\"}";
    assert_eq!(masked("$.a redact", JSONB, Format::Binary, value), b"\x01{\"a\": \"[redacted]\"}");
    assert_eq!(masked("$.a redact", JSONB, Format::Binary, b"\x02{}"), b"\x01\"[redacted]\"");
    assert_eq!(masked("$.a redact", 25, Format::Text, b"{\"a\":1}"), b"{\"a\":0}");
    assert_eq!(masked("$.a redact", 25, Format::Text, b"not JSON"), b"[redacted]");
    assert_eq!(masked("$.a redact", 23, Format::Text, b"5"), b"0");
    assert_eq!(masked("$.a redact", 3807, Format::Text, br#"{"{\"a\": 5}"}"#), br#"{"{\"a\": 0}"}"#);
}

#[test]
fn a_string_has_the_pseudonym_that_a_column_of_text_has() {
    let mut column = BytesMut::new();
    let pseudonym = Transform::Pseudonym(PseudonymKey([7; 32]));
    let _ = mask(&pseudonym, ColumnType { oid: 25, modifier: -1 }, Format::Text, b"ada", &mut column);
    let quoted = format!(r#"{{"a":"{}"}}"#, String::from_utf8_lossy(&column));
    assert_eq!(document("$.a pseudonym", r#"{"a":"ada"}"#), quoted);
}

#[test]
fn what_is_no_path_is_refused() {
    for lines in [
        "",
        "$ redact",
        "a redact",
        "$.a",
        "$.a what",
        "$a redact",
        "$. redact",
        "$.a[0] redact",
        "$.\"a redact",
        "$[''] redact",
        "$['a redact",
        "$.a paths:$.b redact",
    ] {
        assert!(Transform::parse(&format!("paths:{lines}"), None).is_none(), "{lines}");
    }
}

fn documents() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[ -~é\n]{0,8}".prop_map(Value::from),
        Just(Value::from("CANARY")),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::hash_map("[abc]|é\"", inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// What the mask of `$..a` leaves, worked out on the tree.
fn without(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(without).collect(),
        Value::Object(map) => {
            let entry = |(key, value): (&String, &Value)| {
                (key.clone(), if key == "a" { redacted(value) } else { without(value) })
            };
            Value::Object(map.iter().map(entry).collect())
        }
        other => other.clone(),
    }
}

fn redacted(value: &Value) -> Value {
    match value {
        Value::Null => Value::Null,
        Value::Bool(_) => json!(false),
        Value::Number(_) => json!(0),
        Value::String(_) => json!("[redacted]"),
        Value::Array(_) => json!([]),
        Value::Object(_) => json!({}),
    }
}

proptest! {
    #[test]
    fn any_document_is_masked_as_its_tree_is(value in documents(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
        let masked = document("$..a redact", &text.expect("a document"));
        let read: Value = serde_json::from_str(&masked).expect("JSON");
        prop_assert_eq!(read, without(&value));
    }

    #[test]
    fn nothing_makes_it_fail(value in prop::collection::vec(any::<u8>(), 0..40), oid in prop::sample::select(vec![25_u32, 114, 3802, 3807])) {
        for format in [Format::Text, Format::Binary] {
            let mut out = BytesMut::new();
            let column = ColumnType { oid, modifier: -1 };
            let _ = mask(&paths("$..a redact"), column, format, &value, &mut out);
        }
    }
}
