//! Nanoseconds per masked value: `cargo run --release -p narrows-mask --example mask`.

use std::hint::black_box;
use std::time::Instant;

use bytes::BytesMut;
use narrows_mask::{ColumnType, Format, PseudonymKey, Transform, mask};

const VALUES: u32 = 500_000;
const ROUNDS: u32 = 5;
const VALUE_BYTES_RESERVED: usize = 64;

fn main() {
    let text = ColumnType { oid: 25, modifier: -1 };
    let varchar = ColumnType { oid: 1043, modifier: 24 };
    let bigint = ColumnType { oid: 20, modifier: -1 };
    let uuid = ColumnType { oid: 2950, modifier: -1 };
    let timestamp = ColumnType { oid: 1184, modifier: -1 };
    let card = b"4111 1111 1111 1111".as_slice();
    let name = "Zoë Żółć Müller".as_bytes();
    let number = 42_i64.to_be_bytes();
    let pseudonym = Transform::Pseudonym(PseudonymKey([7; 32]));
    let cases = [
        ("redact text", Transform::Redact, text, Format::Text, card),
        ("redact int8, binary", Transform::Redact, bigint, Format::Binary, number.as_slice()),
        (
            "redact timestamptz",
            Transform::Redact,
            timestamp,
            Format::Text,
            b"2026-07-01 12:00:00+00".as_slice(),
        ),
        ("last4 text", Transform::Last4, text, Format::Text, card),
        ("last4 varchar(20), not ASCII", Transform::Last4, varchar, Format::Text, name),
        ("pseudonym text", pseudonym.clone(), text, Format::Text, card),
        ("pseudonym int8, binary", pseudonym.clone(), bigint, Format::Binary, number.as_slice()),
        ("pseudonym uuid, binary", pseudonym, uuid, Format::Binary, [9; 16].as_slice()),
    ];
    for (what, transform, column, format, value) in cases {
        println!("{what:<30} {:>6.1} ns", nanoseconds(&transform, column, format, value));
    }
}

/// The fastest of some rounds: what the code costs, not what the machine was busy with.
fn nanoseconds(transform: &Transform, column: ColumnType, format: Format, value: &[u8]) -> f64 {
    let mut out = BytesMut::with_capacity(VALUE_BYTES_RESERVED);
    (0..ROUNDS)
        .map(|_| {
            let started = Instant::now();
            for _ in 0..VALUES {
                out.clear();
                let _ = black_box(mask(black_box(transform), column, format, black_box(value), &mut out));
            }
            started.elapsed().as_secs_f64() * 1e9 / f64::from(VALUES)
        })
        .fold(f64::INFINITY, f64::min)
}
