//! The scanner beside a slow masker that works on the tree, and in pieces of any size.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a test may panic")]

use std::sync::Arc;

use bytes::BytesMut;
use narrows_mask::{Answer, ObjectMasks, ObjectScanner, PseudonymKey, Refused};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

const MASKS: &str = r#"{"masks": [
    {"id": "a", "resources": [["shop.example", "orders"]], "paths": ["$.a.*.b", "$.a[*]", "$..p"], "transform": "redact"}],
  "drop_annotations": ["x"]}"#;
const CANARY: &str = "CANARY";

fn scanner(watch: bool) -> ObjectScanner {
    let masks = Arc::new(ObjectMasks::compile(MASKS, &PseudonymKey([7; 32])).expect("masks"));
    let (group, resource) = ("shop.example".to_owned(), "orders".to_owned());
    ObjectScanner::new(masks, Arc::default(), Answer { group, resource, watch, ..Answer::default() })
}

fn scan(watch: bool, pieces: &[&[u8]]) -> (Vec<u8>, Result<(), Refused>) {
    let (mut scanner, mut out) = (scanner(watch), BytesMut::new());
    let fed = pieces.iter().try_for_each(|piece| scanner.feed(piece, &mut out));
    let done = fed.and_then(|()| scanner.finish(&mut out));
    (out.to_vec(), done)
}

/// The kinds of key that ways are made of, and some that they are not.
const KEYS: &str = r#"[abpxz]|items|rows|object|metadata|annotations|é|"|\\|\n"#;

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[ -~é\n😀]{0,12}".prop_map(Value::from),
        Just(Value::from(CANARY)),
    ];
    leaf.prop_recursive(6, 60, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::hash_map(KEYS, inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn documents() -> impl Strategy<Value = Value> {
    prop::collection::hash_map(KEYS, values(), 0..6).prop_map(|map| Value::Object(map.into_iter().collect()))
}

/// What the masks leave, worked out on the tree: every way to an object, then every path of the mask.
fn reference(document: &Value) -> Value {
    let mut document = document.clone();
    let roots: [&[&str]; 6] = [
        &[],
        &["items", "[*]"],
        &["rows", "[*]", "object"],
        &["object"],
        &["object", "items", "[*]"],
        &["object", "rows", "[*]", "object"],
    ];
    for root in roots {
        for path in [&["a", "*", "b"][..], &["a", "[*]"], &["**", "p"]] {
            at(&mut document, &[root, path].concat(), &mut redact);
        }
        at(&mut document, &[root, &["metadata", "annotations"]].concat(), &mut |annotations| {
            if let Some(annotations) = annotations.as_object_mut() {
                annotations.remove("x");
            }
        });
    }
    document
}

fn at(value: &mut Value, path: &[&str], then: &mut impl FnMut(&mut Value)) {
    let Some((step, rest)) = path.split_first() else { return then(value) };
    match (*step, value) {
        ("**", value) => deep(value, rest, then),
        ("[*]", Value::Array(items)) => items.iter_mut().for_each(|item| at(item, rest, then)),
        ("*", Value::Object(map)) => map.values_mut().for_each(|value| at(value, rest, then)),
        (key, Value::Object(map)) => {
            if let Some(value) = map.get_mut(key) {
                at(value, rest, then);
            }
        }
        _ => {}
    }
}

fn deep(value: &mut Value, path: &[&str], then: &mut impl FnMut(&mut Value)) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| deep(item, path, then)),
        Value::Object(map) => map.values_mut().for_each(|inner| deep(inner, path, then)),
        _ => {}
    }
    at(value, path, then);
}

fn redact(value: &mut Value) {
    match value {
        Value::Null => {}
        Value::Bool(_) => *value = json!(false),
        Value::Number(_) => *value = json!(0),
        Value::String(_) => *value = json!("[redacted]"),
        Value::Array(items) => items.iter_mut().for_each(redact),
        Value::Object(map) => map.values_mut().for_each(redact),
    }
}

/// Writes a document as an odd client might: blanks anywhere, escapes where none is needed.
fn odd(value: &Value) -> String {
    let text = |text: &str| {
        let units: Vec<String> = text.encode_utf16().map(|unit| format!("\\u{unit:04X}")).collect();
        format!("\"{}\"", units.concat())
    };
    let entry = |(key, value): (&String, &Value)| format!("{}\t: {}", text(key), odd(value));
    match value {
        Value::String(content) => text(content),
        Value::Array(items) => format!("[ {} ]", items.iter().map(odd).collect::<Vec<_>>().join("\r\n,")),
        Value::Object(map) => format!("{{\n{} }}", map.iter().map(entry).collect::<Vec<_>>().join(" , ")),
        other => other.to_string(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn it_masks_what_the_tree_has_masked(document in documents()) {
        for text in [document.to_string(), odd(&document), serde_json::to_string_pretty(&document).expect("JSON")] {
            let (out, done) = scan(false, &[text.as_bytes()]);
            prop_assert_eq!(done, Ok(()));
            let out: Value = serde_json::from_slice(&out).expect("JSON");
            prop_assert_eq!(&out, &reference(&document), "{}", text);
        }
    }

    #[test]
    fn it_does_not_matter_where_it_is_cut(document in documents(), is_odd: bool, cuts in prop::collection::vec(0usize..2_000, 0..8)) {
        let text = if is_odd { odd(&document) } else { document.to_string() };
        let whole = scan(true, &[text.as_bytes(), text.as_bytes()]).0;
        let stream = text.repeat(2).into_bytes();
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut % (stream.len() + 1)).chain([0, stream.len()]).collect();
        cuts.sort_unstable();
        let pieces: Vec<&[u8]> = cuts.windows(2).map(|cut| &stream[cut[0]..cut[1]]).collect();
        prop_assert_eq!(&scan(true, &pieces), &(whole.clone(), Ok(())));
        let bytes: Vec<&[u8]> = stream.chunks(1).collect();
        prop_assert_eq!(&scan(true, &bytes), &(whole, Ok(())));
    }

    #[test]
    fn it_takes_what_serde_takes_and_nothing_else(document in documents(), at in 0usize..2_000, byte: u8) {
        let mut text = document.to_string().into_bytes();
        let at = at % text.len();
        text[at] = byte;
        let (_, done) = scan(false, &[&text]);
        let read = serde_json::from_slice::<Map<String, Value>>(&text);
        if done.is_ok() {
            // A number of any size is JSON.
            let is_json = read.as_ref().map_or_else(|error| error.to_string().contains("out of range"), |_| true);
            prop_assert!(is_json, "{}", String::from_utf8_lossy(&text));
        }
        if let Err(refused) = done && read.is_ok() {
            prop_assert_eq!(refused.why, narrows_mask::Why::RepeatedKey);
        }
    }

    #[test]
    fn bytes_that_are_anything_are_refused_alike_wherever_they_are_cut(text in prop::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(&br#"{}[]",:\u0aftn1-e "#[..])], 0..60)) {
        let (out, done) = scan(true, &[&text]);
        let bytes: Vec<&[u8]> = text.chunks(1).collect();
        let (cut, cut_done) = scan(true, &bytes);
        prop_assert_eq!(done.is_ok(), cut_done.is_ok());
        prop_assert!(cut.starts_with(&out));
    }
}
