//! What one masked value costs: `cargo bench -p narrows-mask --bench mask`.

#![allow(clippy::expect_used, reason = "a benchmark may panic")]

use std::hint::black_box;

use bytes::BytesMut;
use criterion::{Criterion, criterion_group, criterion_main};
use narrows_mask::{ColumnType, Format, PseudonymKey, Transform, mask};

const TEXT: u32 = 25;
const VARCHAR: u32 = 1043;
const INT8: u32 = 20;
const UUID: u32 = 2950;
const TIMESTAMPTZ: u32 = 1184;
const JSONB: u32 = 3802;

fn mask_values(criterion: &mut Criterion) {
    let key = PseudonymKey([7; 32]);
    let parsed = |name: &str| Transform::parse(name, Some(&key)).expect("a transform");
    let card = b"4111 1111 1111 1111".as_slice();
    let number = 42_000_000_i64.to_be_bytes();
    let document =
        br#"{"id": 7, "card": {"number": "4111111111111111", "brand": "visa"}, "tags": ["a", "b"]}"#;
    let cases: [(&str, &str, u32, Format, &[u8]); 11] = [
        ("redact text", "redact", TEXT, Format::Text, card),
        ("redact int8, binary", "redact", INT8, Format::Binary, &number),
        ("redact timestamptz", "redact", TIMESTAMPTZ, Format::Text, b"2026-07-01 12:00:00+00"),
        ("last4 text", "last4", TEXT, Format::Text, card),
        ("last4 varchar(20), not ASCII", "last4", VARCHAR, Format::Text, "Zoë Żółć Müller".as_bytes()),
        ("pseudonym text", "pseudonym", TEXT, Format::Text, card),
        ("pseudonym int8, binary", "pseudonym", INT8, Format::Binary, &number),
        ("pseudonym uuid, binary", "pseudonym", UUID, Format::Binary, &[9; 16]),
        ("ff1 text", "ff1", TEXT, Format::Text, card),
        ("ff1 int8, binary", "ff1", INT8, Format::Binary, &number),
        ("one path of a document of 87 bytes", "paths:$.card.number last4", JSONB, Format::Text, document),
    ];
    let mut group = criterion.benchmark_group("mask");
    for (name, transform, oid, format, value) in cases {
        let (transform, column) = (parsed(transform), ColumnType { oid, modifier: 24 });
        group.bench_function(name, |bencher| {
            let mut out = BytesMut::with_capacity(128);
            bencher.iter(|| {
                out.clear();
                let _ = black_box(mask(black_box(&transform), column, format, black_box(value), &mut out));
            });
        });
    }
}

criterion_group!(benches, mask_values);
criterion_main!(benches);
