//! Detectors in values of each type: what is put together again, in text and in binary.

#![allow(clippy::expect_used, reason = "a test may panic")]

use bytes::BytesMut;
use narrows_mask::{ColumnType, Detector, Detectors, Format, Hints, Scanned, Transform};

const MAIL: &str = "ada@example.com";
const MASKED: &str = "[redacted:email]";

fn detectors(transform: Transform) -> Detectors {
    let card = (Detector::Pan, Transform::Last4);
    Detectors::new([(Detector::Email, transform), card]).expect("shapes that compile")
}

fn apply(oid: u32, modifier: i32, format: Format, value: &[u8]) -> (Scanned, Vec<u8>) {
    let mut out = BytesMut::new();
    let column = ColumnType { oid, modifier };
    let scanned = detectors(Transform::Redact).mask(column, format, Hints::default(), value, &mut out);
    (scanned, out.to_vec())
}

fn text(oid: u32, modifier: i32, value: &str) -> String {
    let (scanned, out) = apply(oid, modifier, Format::Text, value.as_bytes());
    assert_eq!(scanned, Scanned::Value, "{value}");
    String::from_utf8(out).expect("UTF-8")
}

/// A length and a value, as they stand in arrays and records.
fn field(value: &[u8]) -> Vec<u8> {
    let length = i32::try_from(value.len()).expect("short").to_be_bytes();
    [length.as_slice(), value].concat()
}

#[test]
fn text_keeps_what_is_around_a_find_and_to_its_length() {
    assert_eq!(text(25, -1, "to ada@example.com, 4111111111111111"), "to [redacted:email], ************1111");
    assert_eq!(text(1043, 4 + 15, MAIL), "[redacted]");
    assert_eq!(text(1043, 4 + 16, MAIL), MASKED);
    assert_eq!(text(1042, 4 + 20, &format!("{MAIL:20}")), format!("{MASKED:20}"));
    assert_eq!(text(142, -1, "<a>ada@example.com</a>"), "<a>[redacted:email]</a>");
}

#[test]
fn what_holds_nothing_or_is_no_text_is_left() {
    for oid in [25, 1009, 114, 2249, 16_400] {
        assert_eq!(apply(oid, -1, Format::Text, b"{\"plain\"}").0, Scanned::Clean, "{oid}");
    }
    for oid in [20, 23, 1700, 1082, 2950, 1082] {
        assert_eq!(apply(oid, -1, Format::Text, MAIL.as_bytes()).0, Scanned::Clean, "{oid}");
    }
}

#[test]
fn json_is_masked_inside_its_strings_and_its_numbers_become_strings() {
    for (value, expected) in [
        (r#"{"to":"ada@example.com","n":1}"#, r#"{"to":"[redacted:email]","n":1}"#),
        (r#"["a\u0064a\u0040example.com"]"#, r#"["[redacted:email]"]"#),
        (r#""say \"hi\" to ada@example.com\n""#, r#""say \"hi\" to [redacted:email]\u000a""#),
        (r#"{"ada@example.com": -4111111111111111}"#, r#"{"[redacted:email]": "************1111"}"#),
        (r#"["\ud83d\ude00 ada@example.com"]"#, r#"["😀 [redacted:email]"]"#),
    ] {
        assert_eq!(text(114, -1, value), expected);
        let binary = apply(3802, -1, Format::Binary, &[b"\x01", value.as_bytes()].concat());
        assert_eq!(binary, (Scanned::Value, [b"\x01", expected.as_bytes()].concat()));
    }
    assert_eq!(apply(3802, -1, Format::Binary, br#"{"a": 1}"#).0, Scanned::Null);
}

#[test]
fn a_key_says_what_its_value_is() {
    let ssn = Detectors::new([(Detector::UsSsn, Transform::Redact)]).expect("shapes that compile");
    let mut out = BytesMut::new();
    let column = ColumnType { oid: 114, modifier: -1 };
    let json = br#"{"order": 219099999, "ssn": 219099999, "x": 219099999}"#;
    assert_eq!(ssn.mask(column, Format::Text, Hints::default(), json, &mut out), Scanned::Value);
    assert_eq!(&out[..], br#"{"order": 219099999, "ssn": "[redacted:us-ssn]", "x": 219099999}"#);
}

#[test]
fn arrays_and_records_are_masked_element_by_element() {
    assert_eq!(text(1009, -1, "{a,ada@example.com,NULL}"), r#"{a,"[redacted:email]",NULL}"#);
    assert_eq!(text(1009, -1, r#"{"say \"hi\" ada@example.com"}"#), r#"{"say \"hi\" [redacted:email]"}"#);
    assert_eq!(text(2249, -1, r#"(1,"Ada ""L"" ada@example.com")"#), r#"(1,"Ada \"L\" [redacted:email]")"#);
    assert_eq!(text(3807, -1, r#"{"{\"m\": \"ada@example.com\"}"}"#), r#"{"{\"m\": \"[redacted:email]\"}"}"#);
    assert_eq!(text(16_400, -1, r#""k"=>"ada@example.com""#), r#""k"=>"[redacted:email]""#);

    let head: Vec<u8> = [1_u32, 1, 25, 3, 1].iter().flat_map(|word| word.to_be_bytes()).collect();
    let null = (-1_i32).to_be_bytes();
    let array = |mail: &str| [head.as_slice(), &field(b"a"), &null, &field(mail.as_bytes())].concat();
    assert_eq!(apply(1009, -1, Format::Binary, array(MAIL).as_slice()), (Scanned::Value, array(MASKED)));

    let record = |mail: &str| {
        let (count, int4, text) = (2_u32.to_be_bytes(), 23_u32.to_be_bytes(), 25_u32.to_be_bytes());
        [&count[..], &int4, &field(&[0, 0, 0, 1]), &text, &field(mail.as_bytes())].concat()
    };
    assert_eq!(apply(2249, -1, Format::Binary, &record(MAIL)), (Scanned::Value, record(MASKED)));
    for cut in 1..record(MAIL).len() {
        assert_ne!(apply(2249, -1, Format::Binary, &record(MAIL)[..cut]).0, Scanned::Value, "{cut}");
    }
}

#[test]
fn what_cannot_be_put_together_again_is_null() {
    assert_eq!(apply(16_400, -1, Format::Binary, MAIL.as_bytes()), (Scanned::Null, vec![]));
    let mut out = BytesMut::new();
    let column = ColumnType { oid: 114, modifier: -1 };
    let scanned = detectors(Transform::Null).mask(
        column,
        Format::Text,
        Hints::default(),
        br#"["ada@example.com"]"#,
        &mut out,
    );
    assert_eq!((scanned, out.len()), (Scanned::Null, 0));
}

#[test]
fn a_number_that_is_a_cards_is_masked_whole() {
    for (oid, value) in [(20, "4111111111111111"), (1700, "4111111111111111")] {
        assert_eq!(text(oid, -1, value), "0");
    }
    let (scanned, out) = apply(20, -1, Format::Binary, &4_111_111_111_111_111_i64.to_be_bytes());
    assert_eq!((scanned, out), (Scanned::Value, vec![0; 8]));
    // Four words of four digits: 4111 1111 1111 1111.
    let numeric = [0, 4, 0, 3, 0, 0, 0, 0, 0x10, 0x0f, 4, 0x57, 4, 0x57, 4, 0x57];
    assert_eq!(apply(1700, -1, Format::Binary, &numeric), (Scanned::Value, vec![0; 8]));
}

#[test]
fn other_numbers_are_left() {
    for value in ["4111111111111112", "4111111111111111.5", "12345", "-1", "NaN", "1790000000000000"] {
        assert_eq!(apply(1700, -1, Format::Text, value.as_bytes()).0, Scanned::Clean, "{value}");
    }
    assert_eq!(apply(20, -1, Format::Binary, b"short").0, Scanned::Clean);
    assert_eq!(apply(1700, -1, Format::Binary, &[0, 1, 0, 0, 0xc0, 0, 0, 0]).0, Scanned::Clean);
}

#[test]
fn an_integer_named_as_a_security_number_is_one() {
    let ssn = Detectors::new([(Detector::UsSsn, Transform::Redact)]).expect("shapes that compile");
    for (name, expected) in [("ssn", Scanned::Value), ("order_id", Scanned::Clean)] {
        let (column, hints) = (ColumnType { oid: 23, modifier: -1 }, Hints::of_name(name.as_bytes()));
        let mut out = BytesMut::new();
        assert_eq!(ssn.mask(column, Format::Text, hints, b"219099999", &mut out), expected, "{name}");
        let binary = 219_099_999_i32.to_be_bytes();
        assert_eq!(ssn.mask(column, Format::Binary, hints, &binary, &mut out), expected, "{name}");
    }
}

#[test]
fn bytes_are_looked_into_where_they_are_text() {
    let hex = |text: &str| text.bytes().fold("\\x".to_owned(), |hex, byte| format!("{hex}{byte:02x}"));
    assert_eq!(text(17, -1, &hex(&format!("to {MAIL}!"))), hex(&format!("to {MASKED}!")));
    assert_eq!(apply(17, -1, Format::Binary, MAIL.as_bytes()), (Scanned::Value, MASKED.into()));
    assert_eq!(text(17, -1, MAIL), MASKED, "bytea_output = escape");
    assert_eq!(apply(17, -1, Format::Binary, &[MAIL.as_bytes(), b"\xff"].concat()).0, Scanned::Clean);
    for odd in ["\\x", "\\x6", "\\xzz"] {
        assert_eq!(apply(17, -1, Format::Text, odd.as_bytes()).0, Scanned::Clean);
    }
}

#[test]
fn what_has_no_known_type_is_read_by_its_looks() {
    assert_eq!(text(0, -1, "call (ada@example.com"), "call ([redacted:email]");
    assert_eq!(text(0, -1, r#"{"a\nb": "ada@example.com"}"#), r#"{"a\nb": "[redacted:email]"}"#);
    assert_eq!(text(0, -1, "{a,ada@example.com}"), r#"{a,"[redacted:email]"}"#);
}
