//! One row per type: what a client sees in either format.

#![allow(clippy::expect_used, reason = "a test may panic")]

use bytes::BytesMut;
use narrows_mask::{ColumnType, Format, Masked, PseudonymKey, Transform, mask};

fn apply(transform: &Transform, oid: u32, modifier: i32, format: Format, value: &[u8]) -> Option<Vec<u8>> {
    let mut out = BytesMut::from("before");
    let masked = mask(transform, ColumnType { oid, modifier }, format, value, &mut out);
    let appended = out.strip_prefix(b"before").expect("what was there stays").to_vec();
    match masked {
        Masked::Value => Some(appended),
        Masked::Null => {
            assert!(appended.is_empty(), "NULL has no bytes");
            None
        }
    }
}

fn text(transform: &Transform, oid: u32, modifier: i32, value: &str) -> Option<String> {
    let masked = apply(transform, oid, modifier, Format::Text, value.as_bytes())?;
    Some(String::from_utf8(masked).expect("UTF-8"))
}

const KEY: PseudonymKey = PseudonymKey([7; 32]);

#[test]
fn redaction_gives_each_type_its_constant() {
    let zeroes = [0; 16];
    let cases: &[(u32, &str, &str, &[u8])] = &[
        (16, "t", "f", &zeroes[..1]),
        (17, r"\xdeadbeef", r"\x", b""),
        (20, "-99", "0", &zeroes[..8]),
        (21, "-99", "0", &zeroes[..2]),
        (23, "-99", "0", &zeroes[..4]),
        (25, "secret", "[redacted]", b"[redacted]"),
        (26, "99", "0", &zeroes[..4]),
        (114, r#"{"a": 1}"#, r#""[redacted]""#, br#""[redacted]""#),
        (142, "<a>secret</a>", "<redacted/>", b"<redacted/>"),
        (650, "10.0.0.0/8", "0.0.0.0/32", b"\x02\x20\x01\x04\0\0\0\0"),
        (700, "1.5", "0", &zeroes[..4]),
        (701, "1.5", "0", &zeroes[..8]),
        (774, "08:00:2b:01:02:03:04:05", "00:00:00:00:00:00:00:00", &zeroes[..8]),
        (790, "$12.34", "$0.00", &zeroes[..8]),
        (829, "08:00:2b:01:02:03", "00:00:00:00:00:00", &zeroes[..6]),
        (869, "10.0.0.1", "0.0.0.0", b"\x02\x20\x00\x04\0\0\0\0"),
        (1082, "1987-06-05", "2000-01-01", &zeroes[..4]),
        (1083, "11:22:33", "00:00:00", &zeroes[..8]),
        (1114, "1987-06-05 11:22:33", "2000-01-01 00:00:00", &zeroes[..8]),
        (1184, "1987-06-05 11:22:33+02", "2000-01-01 00:00:00+00", &zeroes[..8]),
        (1186, "3 days 04:05:06", "00:00:00", &zeroes[..16]),
        (1266, "11:22:33+02", "00:00:00+00", &zeroes[..12]),
        (1562, "10110", "", &zeroes[..4]),
        (1700, "12.34", "0", &zeroes[..8]),
        (2950, "6f1c0c9e-0000-4000-8000-000000000001", "00000000-0000-0000-0000-000000000000", &zeroes),
        (3802, r#"{"a": 1}"#, r#""[redacted]""#, b"\x01\"[redacted]\""),
    ];
    for (oid, value, expected, binary) in cases {
        assert_eq!(text(&Transform::Redact, *oid, -1, value).as_deref(), Some(*expected), "oid {oid}");
        let masked = apply(&Transform::Redact, *oid, -1, Format::Binary, b"\x01whatever").expect("a value");
        assert_eq!(&masked, binary, "oid {oid}");
        if !matches!(oid, 25) {
            assert_eq!(text(&Transform::Last4, *oid, -1, value).as_deref(), Some(*expected), "oid {oid}");
        }
    }
}

#[test]
fn types_without_a_known_layout_become_null() {
    let composites_and_unknown = [2249, 600, 2205, 16_400, 0];
    let transforms = [Transform::Redact, Transform::Null, Transform::Last4, Transform::Pseudonym(KEY)];
    for oid in composites_and_unknown {
        for transform in &transforms {
            for format in [Format::Text, Format::Binary] {
                assert_eq!(apply(transform, oid, -1, format, b"{a,b}"), None, "oid {oid}");
            }
        }
    }
    assert_eq!(text(&Transform::Null, 25, -1, "secret"), None);
}

#[test]
fn text_keeps_to_the_declared_length() {
    let cases = [
        (25, -1, "[redacted]"),
        (1043, -1, "[redacted]"),
        (1043, 4 + 20, "[redacted]"),
        (1043, 4 + 10, "[redacted]"),
        (1043, 4 + 3, "[re"),
        (1043, 4 + 1, "["),
        (1042, -1, "[redacted]"),
        (1042, 4 + 12, "[redacted]  "),
        (1042, 4 + 4, "[red"),
        (19, -1, "[redacted]"),
        (18, -1, "["),
    ];
    for (oid, modifier, expected) in cases {
        assert_eq!(
            text(&Transform::Redact, oid, modifier, "x").as_deref(),
            Some(expected),
            "{oid} {modifier}"
        );
    }
}

#[test]
fn last4_shows_four_characters_of_longer_texts() {
    let cases = [
        (25, -1, "4111111111111111", "************1111"),
        (25, -1, "4111-1111-1111-1234", "***************1234"),
        (25, -1, "12345", "*2345"),
        (25, -1, "1234", "****"),
        (25, -1, "1", "*"),
        (25, -1, "", ""),
        (25, -1, "żółćżółć", "****żółć"),
        (25, -1, "żółć", "****"),
        (25, -1, "a👍🏽b👍c", "**🏽b👍c"),
        (1043, 4 + 16, "4111111111111111", "************1111"),
        (1042, 4 + 20, "4111111111111111    ", "************1111    "),
        (1042, 4 + 20, "1234                ", "****                "),
        (1042, 4 + 6, "      ", "      "),
        (19, -1, "customers", "*****mers"),
        (25, -1, "****1234", "****1234"),
    ];
    for (oid, modifier, value, expected) in cases {
        assert_eq!(text(&Transform::Last4, oid, modifier, value).as_deref(), Some(expected), "{value:?}");
    }
}

#[test]
fn last4_of_what_is_no_text_of_the_column_is_redaction() {
    for value in [b"\xff\xfe\xfd\xfc\xfb".as_slice(), b"12345678901"] {
        let masked = apply(&Transform::Last4, 1043, 4 + 10, Format::Binary, value);
        assert_eq!(masked.as_deref(), Some(b"[redacted]".as_slice()));
    }
    let json = r#"{"card": "4111111111111111"}"#;
    assert_eq!(text(&Transform::Last4, 3802, -1, json).as_deref(), Some(r#""[redacted]""#));
}

#[test]
fn dates_follow_the_style_of_the_session() {
    let cases = [
        (1082, "05.06.1987", "01.01.2000"),
        (1082, "06/05/1987", "01/01/2000"),
        (1082, "06-05-1987", "01-01-2000"),
        (1082, "0044-03-15 BC", "2000-01-01"),
        (1082, "infinity", "2000-01-01"),
        (1082, "-infinity", "2000-01-01"),
        (1082, "", "2000-01-01"),
        (1114, "05.06.1987 11:22:33.5", "01.01.2000 00:00:00"),
        (1114, "06/05/1987 11:22:33.5", "01/01/2000 00:00:00"),
        (1114, "Fri Jun 05 11:22:33.5 1987", "Sat Jan 01 00:00:00 2000"),
        (1114, "Fri 05 Jun 11:22:33.5 1987", "Sat 01 Jan 00:00:00 2000"),
        (1184, "Fri 05 Jun 11:22:33 1987 CEST", "Sat 01 Jan 00:00:00 2000 UTC"),
        (1114, "infinity", "2000-01-01 00:00:00"),
        (1184, "05.06.1987 11:22:33 CEST", "01.01.2000 00:00:00 UTC"),
        (1184, "06/05/1987 11:22:33 CEST", "01/01/2000 00:00:00 UTC"),
        (1184, "Fri Jun 05 11:22:33 1987 CEST", "Sat Jan 01 00:00:00 2000 UTC"),
        (1186, "P3DT4H5M6S", "PT0S"),
        (1186, "@ 3 days 4 hours", "@ 0"),
        (1186, "1-2 3 4:05:06", "00:00:00"),
    ];
    for (oid, value, expected) in cases {
        assert_eq!(text(&Transform::Redact, oid, -1, value).as_deref(), Some(expected), "{value:?}");
    }
}

#[test]
fn bit_strings_keep_their_bits() {
    assert_eq!(text(&Transform::Redact, 1560, 9, "101100111").as_deref(), Some("000000000"));
    assert_eq!(text(&Transform::Redact, 1560, -1, "1").as_deref(), Some("0"));
    let nine = apply(&Transform::Redact, 1560, 9, Format::Binary, b"\0\0\0\x09\xb3\x80");
    assert_eq!(nine.as_deref(), Some(b"\0\0\0\x09\0\0".as_slice()));
    let one = apply(&Transform::Redact, 1560, -1, Format::Binary, b"\0\0\0\x01\x80");
    assert_eq!(one.as_deref(), Some(b"\0\0\0\x01\0".as_slice()));
}
