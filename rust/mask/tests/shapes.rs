//! Transforms that keep something of a value's shape: arrays, dates, buckets, first characters.

#![allow(clippy::expect_used, reason = "a test may panic")]

use bytes::BytesMut;
use narrows_mask::{ColumnType, Format, Masked, PseudonymKey, Transform, mask};

const KEY: PseudonymKey = PseudonymKey([7; 32]);

fn apply(transform: &str, oid: u32, format: Format, value: &[u8]) -> Option<Vec<u8>> {
    let transform = Transform::parse(transform, Some(&KEY)).expect("a transform");
    let mut out = BytesMut::new();
    match mask(&transform, ColumnType { oid, modifier: -1 }, format, value, &mut out) {
        Masked::Value => Some(out.to_vec()),
        Masked::Null => None,
    }
}

fn text(transform: &str, oid: u32, value: &str) -> Option<String> {
    apply(transform, oid, Format::Text, value.as_bytes())
        .map(|masked| String::from_utf8(masked).expect("UTF-8"))
}

/// An array of one dimension in binary.
fn array(oid: u32, elements: &[Option<&[u8]>]) -> Vec<u8> {
    let mut out = Vec::new();
    for word in [1, 1, oid, u32::try_from(elements.len()).expect("few"), 1] {
        out.extend_from_slice(&word.to_be_bytes());
    }
    for element in elements {
        let length = element.map_or(-1, |it| i32::try_from(it.len()).expect("short"));
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(element.unwrap_or_default());
    }
    out
}

#[test]
fn only_the_names_that_policy_knows_are_transforms() {
    for name in
        ["redact", "null", "last4", "pseudonym", "first:1", "first:16", "date:year", "date:month", "bucket:2"]
    {
        assert!(Transform::parse(name, Some(&KEY)).is_some(), "{name}");
    }
    for name in [
        "",
        "Redact",
        "first",
        "first:0",
        "first:17",
        "first:04",
        "first:+4",
        "date:day",
        "bucket:1",
        "bucket:99999999999",
        "last4:2",
    ] {
        assert!(Transform::parse(name, Some(&KEY)).is_none(), "{name}");
    }
}

#[test]
fn the_elements_of_an_array_are_masked_and_its_shape_stays() {
    for (transform, oid, value, expected) in [
        ("redact", 1009, r#"{a,"b, \"c\"",NULL,"NULL"}"#, r#"{"[redacted]","[redacted]",NULL,"[redacted]"}"#),
        ("last4", 1015, r#"{{abcdef,"g hijk"},{NULL,x}}"#, r#"{{"**cdef","**hijk"},{NULL,"*"}}"#),
        ("redact", 1007, "[0:1]={5,6}", r#"[0:1]={"0","0"}"#),
        ("redact", 1009, "{}", "{}"),
        ("bucket:10", 1016, "{15,-1,NULL}", r#"{"10","-10",NULL}"#),
        ("redact", 3807, r#"{"{\"a\": 1}"}"#, r#"{"\"[redacted]\""}"#),
    ] {
        assert_eq!(text(transform, oid, value).as_deref(), Some(expected), "{value}");
    }
    let masked = apply("last4", 1009, Format::Binary, &array(25, &[Some(b"abcdef"), None, Some(b"")]));
    assert_eq!(masked, Some(array(25, &[Some(b"**cdef"), None, Some(b"")])));
}

#[test]
fn an_array_that_is_none_or_whose_elements_have_no_mask_is_null() {
    let whole = array(25, &[Some(b"abcdef")]);
    for cut in 1..whole.len() {
        let masked = apply("redact", 1009, Format::Binary, &whole[..cut]);
        assert!(masked.is_none_or(|masked| !masked.ends_with(b"cdef")), "{cut}");
    }
    assert_eq!(text("redact", 1009, "abc"), None);
    assert_eq!(text("redact", 1009, "abc{x}"), None);
    assert_eq!(text("redact", 1009, r#"{"abc"#), None);
    assert_eq!(text("redact", 2287, r#"{"(1,2)"}"#), None);
}

#[test]
fn ranges_are_empty() {
    assert_eq!(text("redact", 3904, "[1,5)").as_deref(), Some("empty"));
    assert_eq!(apply("redact", 3912, Format::Binary, b"\x02"), Some(b"\x01".to_vec()));
    assert_eq!(text("redact", 4451, "{[1,5)}").as_deref(), Some("{}"));
    assert_eq!(apply("redact", 4536, Format::Binary, b"x"), Some(vec![0; 4]));
}

#[test]
fn dates_are_cut_to_their_period_in_text() {
    for (transform, oid, value, expected) in [
        ("date:year", 1082, "2026-07-15", "2026-01-01"),
        ("date:month", 1082, "0044-03-15 BC", "0044-03-01 BC"),
        ("date:month", 1114, "2026-07-15 12:30:00.5", "2026-07-01 00:00:00"),
        ("date:year", 1184, "2026-07-15 12:30:00.5+05:30", "2026-01-01 00:00:00+05:30"),
        ("date:year", 1184, "0044-03-15 12:30:00-01 BC", "0044-01-01 00:00:00-01 BC"),
        ("date:year", 1082, "10000-07-15", "10000-01-01"),
        ("date:year", 1082, "infinity", "2000-01-01"),
        ("date:year", 1082, "07/15/2026", "01/01/2000"),
        ("date:year", 1114, "Wed Jul 15 12:30:00 2026", "Sat Jan 01 00:00:00 2000"),
        ("date:year", 25, "2026-07-15", "[redacted]"),
        ("date:year", 23, "2026", "0"),
    ] {
        assert_eq!(text(transform, oid, value).as_deref(), Some(expected), "{value}");
    }
}

#[test]
fn dates_are_cut_to_their_period_in_binary() {
    let days = |transform, days: i32| {
        apply(transform, 1082, Format::Binary, &days.to_be_bytes())
            .map(|masked| i32::from_be_bytes(masked.try_into().expect("four bytes")))
    };
    // 2000-02-29 and 2000-03-01; 1999-12-31; 2026-07-15; 1600-01-31; counted by PostgreSQL.
    for (day, month, year) in [
        (59, 31, 0),
        (60, 60, 0),
        (-1, -31, -365),
        (9_692, 9_678, 9_497),
        (-146_067, -146_097, -146_097),
        (0, 0, 0),
    ] {
        assert_eq!((days("date:month", day), days("date:year", day)), (Some(month), Some(year)), "{day}");
    }
    assert_eq!(days("date:year", i32::MAX), Some(0));
    let noon = (9_692 * 86_400 + 43_200) * 1_000_000_i64;
    let masked = apply("date:month", 1184, Format::Binary, &noon.to_be_bytes());
    assert_eq!(masked, Some((9_678 * 86_400 * 1_000_000_i64).to_be_bytes().to_vec()));
}

#[test]
fn numbers_go_down_to_a_multiple() {
    for (oid, value, expected) in [
        (23, "1234", "1200"),
        (23, "-1", "-100"),
        (21, "-32768", "0"),
        (1700, "1234.50", "1200"),
        (1700, "-0.5", "-100"),
        (1700, "NaN", "0"),
        (701, "1234.5", "1200"),
        (701, "Infinity", "0"),
        (25, "1234", "[redacted]"),
    ] {
        assert_eq!(text("bucket:100", oid, value).as_deref(), Some(expected), "{value}");
    }
    let binary = |oid, value: &[u8]| apply("bucket:100", oid, Format::Binary, value);
    assert_eq!(binary(20, &1_234_i64.to_be_bytes()), Some(1_200_i64.to_be_bytes().to_vec()));
    assert_eq!(binary(701, &1_234.5_f64.to_be_bytes()), Some(1_200_f64.to_be_bytes().to_vec()));
    // 12345678.9 is the words 1234, 5678 and 9000 after a weight of 1; what is below 100 goes.
    let words = |words: &[u16]| words.iter().flat_map(|word| word.to_be_bytes()).collect::<Vec<u8>>();
    assert_eq!(binary(1700, &words(&[3, 1, 0, 1, 1234, 5678, 9000])), Some(words(&[2, 1, 0, 0, 1234, 5600])));
    assert_eq!(binary(1700, &words(&[1, 0xffff, 0x4000, 1, 5000])), Some(words(&[1, 0, 0x4000, 0, 100])));
    assert_eq!(binary(1700, &words(&[1, 0, 0, 0, 50])), Some(words(&[0, 0, 0, 0])));
}

#[test]
fn first_shows_no_more_than_its_number() {
    assert_eq!(text("first:4", 25, "Zoë Żółć").as_deref(), Some("Zoë ****"));
    assert_eq!(text("first:4", 25, "Zoë ").as_deref(), Some("****"));
    assert_eq!(text("first:4", 23, "12345").as_deref(), Some("0"));
}
