//! Masks a file of JSON so many times, to be timed: `objects FILE SCENARIO ROUNDS`. `bench/objects.py` runs it.

#![allow(clippy::expect_used, clippy::panic, reason = "a benchmark may panic")]

use std::hint::black_box;
use std::sync::Arc;

use bytes::BytesMut;
use narrows_mask::{Answer, ObjectMasks, ObjectScanner, PseudonymKey, SecretsSeen};
use serde_json::Value;

/// As a socket gives it.
const PIECE_BYTES: usize = 64 * 1024;
const ENV: &str = r#"{"masks": [{"id": "env", "resources": [["", "pods"]],
    "paths": ["$.spec.containers[*].env[*].value"], "transform": "redact"}],
    "drop_annotations": ["kubectl.kubernetes.io/last-applied-configuration"]}"#;
const DETECTORS: &str = r#"{"detectors": {"pan": "last4", "email": "redact", "us-ssn": "redact", "iban": "redact",
    "jwt": "redact", "azure-key": "redact"}}"#;
const NOTHING: &str = "{}";

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, file, scenario, rounds] = arguments.as_slice() else { panic!("objects FILE SCENARIO ROUNDS") };
    let text = std::fs::read(file).expect("the file");
    let rounds: usize = rounds.parse().expect("a number of rounds");
    let seen = Arc::<SecretsSeen>::default();
    match scenario.as_str() {
        "unmasked" => scan(NOTHING, &seen, &text, rounds),
        "env" => scan(ENV, &seen, &text, rounds),
        "detectors" => scan(DETECTORS, &seen, &text, rounds),
        "seen" => {
            for number in 0..100 {
                seen.remember(format!("secret-number-{number:08}").as_bytes());
            }
            scan(NOTHING, &seen, &text, rounds);
        }
        "serde_json" => {
            for _ in 0..rounds {
                black_box(parse_mask_dump(&text));
            }
        }
        _ => panic!("no such scenario"),
    }
}

fn scan(masks: &str, seen: &Arc<SecretsSeen>, text: &[u8], rounds: usize) {
    let masks = Arc::new(ObjectMasks::compile(masks, &PseudonymKey([7; 32])).expect("masks"));
    let mut out = BytesMut::with_capacity(2 * PIECE_BYTES);
    for _ in 0..rounds {
        let answer = Answer { resource: "pods".into(), ..Answer::default() };
        let mut scanner = ObjectScanner::new(Arc::clone(&masks), Arc::clone(seen), answer);
        for piece in text.chunks(PIECE_BYTES) {
            out.clear();
            scanner.feed(piece, &mut out).expect("not refused");
            black_box(&out);
        }
        scanner.finish(&mut out).expect("not refused");
    }
}

/// The same masks on a tree.
fn parse_mask_dump(text: &[u8]) -> Vec<u8> {
    let mut list: Value = serde_json::from_slice(text).expect("JSON");
    for pod in list.get_mut("items").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(annotations) = pod.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut) {
            annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
        }
        let containers = pod.pointer_mut("/spec/containers").and_then(Value::as_array_mut);
        for container in containers.into_iter().flatten() {
            let env = container.get_mut("env").and_then(Value::as_array_mut);
            for value in env.into_iter().flatten().filter_map(|entry| entry.get_mut("value")) {
                *value = "[redacted]".into();
            }
        }
    }
    serde_json::to_vec(&list).expect("JSON")
}
