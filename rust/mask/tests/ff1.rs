//! Format-preserving encryption: of which values, and that it keeps what it must.

#![allow(clippy::expect_used, reason = "a test may panic")]

use std::collections::HashSet;

use bytes::BytesMut;
use narrows_mask::{ColumnType, Format, Masked, PseudonymKey, Transform, mask};
use proptest::prelude::*;

fn encrypted(oid: u32, format: Format, value: &[u8]) -> Vec<u8> {
    let cipher = Transform::parse("ff1", Some(&PseudonymKey([7; 32]))).expect("a transform");
    let mut out = BytesMut::new();
    assert_eq!(mask(&cipher, ColumnType { oid, modifier: -1 }, format, value, &mut out), Masked::Value);
    out.to_vec()
}

fn text(oid: u32, value: &str) -> String {
    String::from_utf8(encrypted(oid, Format::Text, value.as_bytes())).expect("UTF-8")
}

#[test]
fn digits_become_digits_and_separators_stay() {
    let masked = text(25, "4111-1111 1111.1111");
    assert_ne!(masked, "4111-1111 1111.1111");
    let separators: String = masked.chars().map(|it| if it.is_ascii_digit() { '#' } else { it }).collect();
    assert_eq!(separators, "####-#### ####.####");
}

#[test]
fn what_is_too_short_or_no_number_is_redacted() {
    for value in ["", "12345", "AB123456", "１２３４５６", &"1".repeat(65)] {
        assert_eq!(text(25, value), "[redacted]", "{value}");
    }
    for value in ["12345", "-123456", "123456.5", "NaN"] {
        assert_eq!(text(1700, value), "0", "{value}");
    }
    assert_eq!(text(1082, "2026-07-15"), "2000-01-01");
}

#[test]
fn it_needs_a_key() {
    assert!(Transform::parse("ff1", None).is_none());
}

#[test]
fn a_million_values_are_permuted() {
    let all: HashSet<String> = (0..1_000_000).step_by(97).map(|it| text(25, &format!("{it:06}"))).collect();
    assert_eq!(all.len(), 1_000_000_usize.div_ceil(97));
    assert!(all.iter().all(|it| it.len() == 6));
}

proptest! {
    #[test]
    fn a_number_keeps_its_digits_and_its_type(number in 100_000..i32::MAX) {
        let masked: i32 = text(23, &number.to_string()).parse().expect("an int4");
        prop_assert_eq!(masked.to_string().len(), number.to_string().len());
        let binary = encrypted(23, Format::Binary, &number.to_be_bytes());
        prop_assert_eq!(binary, masked.to_be_bytes());
        prop_assert_eq!(text(20, &number.to_string()).len(), number.to_string().len());
    }

    #[test]
    fn all_formats_of_a_large_number_agree(number in 1_000_000_000_i64..i64::MAX) {
        let masked: i64 = text(20, &number.to_string()).parse().expect("an int8");
        prop_assert_eq!(encrypted(20, Format::Binary, &number.to_be_bytes()), masked.to_be_bytes());
    }
}
