//! Pseudonyms: stable, of the type, and telling nothing but equality.

#![allow(clippy::expect_used, reason = "a test may panic")]

use std::collections::HashSet;

use bytes::BytesMut;
use narrows_mask::{ColumnType, Format, MaskSet, Masked, PseudonymKey, Transform, mask};
use proptest::prelude::*;

const INTEGERS: [(u32, usize); 4] = [(21, 2), (23, 4), (26, 4), (20, 8)];

fn keyed(key: u8, oid: u32, modifier: i32, format: Format, value: &[u8]) -> Vec<u8> {
    let mut out = BytesMut::new();
    let transform = Transform::Pseudonym(PseudonymKey([key; 32]));
    assert_eq!(mask(&transform, ColumnType { oid, modifier }, format, value, &mut out), Masked::Value);
    out.to_vec()
}

fn pseudonym(oid: u32, format: Format, value: &[u8]) -> Vec<u8> {
    keyed(7, oid, -1, format, value)
}

fn text(oid: u32, modifier: i32, value: &str) -> String {
    String::from_utf8(keyed(7, oid, modifier, Format::Text, value.as_bytes())).expect("UTF-8")
}

/// The reference values were worked out with Python's hmac, so a change of the scheme shows.
#[test]
fn the_scheme_is_fixed() {
    assert_eq!(text(25, -1, "ada@example.com"), "msk_tk3jztpy9hsgs7e4");
    assert_eq!(text(20, -1, "42"), "5292776195844692129");
    assert_eq!(text(23, -1, "42"), "-1378596498");
    assert_eq!(text(21, -1, "42"), "-30354");
    assert_eq!(
        text(2950, -1, "6f1c0c9e-1111-4222-8333-444444444444"),
        "9a69ae1f-38c4-849a-b9ac-6c71093fb902"
    );
    assert_eq!(text(3802, -1, r#"{"a": 1}"#), "\"msk_4h4wa4a0sj6pv9ay\"");
}

#[test]
fn text_types_share_their_pseudonyms_and_the_key_decides() {
    let of_text = text(25, -1, "ada");
    assert_eq!(text(1043, 24, "ada"), of_text);
    assert_eq!(text(1042, 24, "ada                 "), of_text);
    assert_eq!(text(1042, 34, "ada                           "), format!("{of_text}          "));
    assert_eq!(text(19, -1, "ada"), of_text);
    assert_eq!(pseudonym(25, Format::Binary, b"ada"), of_text.as_bytes());
    assert_ne!(text(25, -1, "adb"), of_text);
    assert_ne!(text(25, -1, "ada "), of_text, "only char(n) is padded");
    assert_ne!(keyed(8, 25, -1, Format::Text, b"ada"), of_text.as_bytes());
}

#[test]
fn a_column_too_short_for_a_pseudonym_is_redacted() {
    assert_eq!(text(1043, 4 + 20, "ada").len(), 20);
    assert_eq!(text(1043, 4 + 19, "ada"), "[redacted]");
    assert_eq!(text(1042, 4 + 12, "ada         "), "[redacted]  ");
    assert_eq!(text(18, -1, "a"), "[");
}

#[test]
fn types_with_few_values_are_redacted() {
    for (oid, value, expected) in
        [(16, "t", "f"), (1082, "1987-06-05", "2000-01-01"), (1700, "1.5", "0"), (701, "1.5", "0")]
    {
        assert_eq!(text(oid, -1, value), expected);
    }
}

#[test]
fn both_formats_of_a_value_agree() {
    for (oid, width) in INTEGERS {
        for number in [0_i64, 1, 42, 32_767] {
            let binary = number.to_be_bytes()[8 - width..].to_vec();
            let of_text = text(oid, -1, &number.to_string());
            let of_binary = pseudonym(oid, Format::Binary, &binary);
            let filler = if of_binary[0] >= 128 && oid != 26 { -1_i64 } else { 0 };
            let decoded = of_binary.iter().fold(filler, |number, byte| number << 8 | i64::from(*byte));
            assert_eq!(of_text, decoded.to_string(), "oid {oid}, {number}");
        }
    }
    let of_text = text(2950, -1, "00000000-0000-0000-0000-00000000002a").replace('-', "");
    let of_text = u128::from_str_radix(&of_text, 16).expect("hexadecimal");
    let of_binary = pseudonym(2950, Format::Binary, &42_u128.to_be_bytes());
    assert_eq!(of_binary, of_text.to_be_bytes());
    let json = pseudonym(3802, Format::Binary, b"\x01{\"a\": 1}");
    assert_eq!(json, [b"\x01", text(3802, -1, r#"{"a": 1}"#).as_bytes()].concat());
}

#[test]
fn malformed_values_are_redacted() {
    for (oid, width) in INTEGERS {
        for garbage in [b"".as_slice(), b"12x", b"\xff\xff\xff"] {
            assert_eq!(pseudonym(oid, Format::Text, garbage), b"0");
            assert_eq!(pseudonym(oid, Format::Binary, garbage), vec![0; width]);
        }
    }
    for garbage in
        ["", "6f1c0c9e", "6f1c0c9e-1111-4222-8333-44444444444g", "6f1c0c9e-1111-4222-8333-4444444444444"]
    {
        assert_eq!(text(2950, -1, garbage), "00000000-0000-0000-0000-000000000000");
    }
    assert_eq!(pseudonym(3802, Format::Binary, b"{}"), b"\x01\"[redacted]\"");
}

#[test]
fn different_values_have_different_pseudonyms() {
    let of_text: HashSet<_> = (0..2000).map(|number| text(25, -1, &number.to_string())).collect();
    assert_eq!(of_text.len(), 2000);
    let of_bigint: HashSet<_> = (0..2000).map(|number| text(20, -1, &number.to_string())).collect();
    assert_eq!(of_bigint.len(), 2000);
}

proptest! {
    #[test]
    fn text_pseudonyms_have_one_shape(value in ".*") {
        let token = text(25, -1, &value);
        prop_assert_eq!(token.len(), 20);
        let digits = token.strip_prefix("msk_").expect("the mark");
        prop_assert!(digits.bytes().all(|byte| b"0123456789abcdefghjkmnpqrstvwxyz".contains(&byte)));
    }

    #[test]
    fn integers_are_from_where_data_hardly_is_and_known_again(value in any::<i16>()) {
        let masks = MaskSet { key: Some(PseudonymKey([7; 32])), ..MaskSet::default() };
        let transform = Transform::Pseudonym(PseudonymKey([7; 32]));
        for (oid, from, to) in
            [(21, -32_768, -16_384), (23, -1_i64 << 31, -1 << 30), (26, 3 << 30, 1 << 32), (20, 1 << 62, i64::MAX)]
        {
            let written = text(oid, -1, &value.to_string());
            let number: i64 = written.parse().expect("a number");
            prop_assert!((from..to).contains(&number));
            let column = ColumnType { oid, modifier: -1 };
            let padded = format!(" {written} ");
            prop_assert!(masks.knows(Some(&transform), column, Format::Text, padded.as_bytes()));
            prop_assert!(!masks.knows(Some(&transform), column, Format::Text, value.to_string().as_bytes()) || oid == 21);
        }
    }

    #[test]
    fn a_uuid_is_known_again_and_no_other(value in any::<u128>(), bit in 0..128_u32) {
        let masks = MaskSet { key: Some(PseudonymKey([7; 32])), ..MaskSet::default() };
        let uuid = pseudonym(2950, Format::Binary, &value.to_be_bytes());
        let other = u128::from_be_bytes(uuid.clone().try_into().expect("16 bytes")) ^ (1 << bit);
        prop_assert!(masks.knows(None, ColumnType::UNKNOWN, Format::Binary, &uuid));
        prop_assert!(!masks.knows(None, ColumnType::UNKNOWN, Format::Binary, &other.to_be_bytes()));
    }

    #[test]
    fn uuids_are_version_8(value in any::<u128>()) {
        let uuid = pseudonym(2950, Format::Binary, &value.to_be_bytes());
        prop_assert_eq!((uuid[6] >> 4, uuid[8] >> 6), (8, 0b10));
    }
}
