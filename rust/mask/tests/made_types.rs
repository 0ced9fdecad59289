//! Types that somebody made, and ranges: labels, rows, texts under other names, bounds.

#![allow(clippy::expect_used, reason = "a test may panic")]

use std::collections::HashMap;
use std::sync::Arc;

use bytes::BytesMut;
use narrows_mask::{ColumnType, Field, Format, Masked, PseudonymKey, Transform, Types, UserType};
use proptest::prelude::*;

const STATUS: u32 = 16_400;
const HOME: u32 = 16_401;
const HOMES: u32 = 16_402;
const SSN: u32 = 16_403;
const SSN_AGAIN: u32 = 16_404;
const FLOATS: u32 = 16_405;
const MANY_FLOATS: u32 = 16_406;
const CUSTOMERS: u32 = 16_390;
const CUSTOMER: u32 = 16_391;
const LOOP: u32 = 16_410;
const UNKNOWN: u32 = 99_999;

const fn column(oid: u32) -> ColumnType {
    ColumnType { oid, modifier: -1 }
}

const fn field(attribute: i16, oid: u32) -> Field {
    Field { attribute, column: column(oid) }
}

fn types() -> Types {
    Types::from_iter([
        (STATUS, UserType::Enum { label: b"open".to_vec().into() }),
        (HOME, UserType::Composite { relation: 16_399, fields: [field(1, 25), field(2, 23)].into() }),
        (HOMES, UserType::Array { element: HOME }),
        (SSN, UserType::Domain(ColumnType { oid: 1043, modifier: 8 })),
        (SSN_AGAIN, UserType::Domain(column(SSN))),
        (FLOATS, UserType::Range { bound: 701 }),
        (MANY_FLOATS, UserType::Multirange),
        // Attribute 2 was dropped.
        (
            CUSTOMER,
            UserType::Composite {
                relation: CUSTOMERS,
                fields: [field(1, 23), field(3, SSN), field(4, HOME)].into(),
            },
        ),
        (LOOP, UserType::Domain(column(LOOP))),
    ])
}

fn apply(transform: &Transform, oid: u32, format: Format, value: &[u8]) -> Option<Vec<u8>> {
    let mut out = BytesMut::from(&b"before"[..]);
    let masked = types().mask(transform, column(oid), format, value, &mut out);
    assert!(out.starts_with(b"before"));
    match masked {
        Masked::Value => Some(out.split_off(6).to_vec()),
        Masked::Null => {
            assert_eq!(&out[..], b"before");
            None
        }
    }
}

fn text(transform: &str, oid: u32, value: &str) -> Option<String> {
    let transform = Transform::parse(transform, Some(&PseudonymKey([7; 32]))).expect("a transform");
    apply(&transform, oid, Format::Text, value.as_bytes()).map(|it| String::from_utf8(it).expect("UTF-8"))
}

fn binary(transform: &str, oid: u32, value: &[u8]) -> Option<Vec<u8>> {
    apply(&Transform::parse(transform, None).expect("a transform"), oid, Format::Binary, value)
}

/// A composite in binary.
fn record(fields: &[(u32, Option<&[u8]>)]) -> Vec<u8> {
    let mut out = u32::try_from(fields.len()).expect("few").to_be_bytes().to_vec();
    for (oid, value) in fields {
        out.extend_from_slice(&oid.to_be_bytes());
        out.extend_from_slice(&value.map_or(-1, |it| i32::try_from(it.len()).expect("short")).to_be_bytes());
        out.extend_from_slice(value.unwrap_or_default());
    }
    out
}

/// A range in binary.
fn range(flags: u8, bounds: &[&[u8]]) -> Vec<u8> {
    let mut out = vec![flags];
    for bound in bounds {
        out.extend_from_slice(&i32::try_from(bound.len()).expect("short").to_be_bytes());
        out.extend_from_slice(bound);
    }
    out
}

#[test]
fn an_enum_shows_one_label_whatever_the_transform() {
    for transform in ["redact", "last4", "pseudonym", "bucket:10", "date:year"] {
        assert_eq!(text(transform, STATUS, "paid").as_deref(), Some("open"), "{transform}");
    }
    assert_eq!(binary("redact", STATUS, b"paid").as_deref(), Some(&b"open"[..]));
    assert_eq!(text("null", STATUS, "paid"), None);
}

#[test]
fn a_composite_is_redacted_field_by_field() {
    let value = r#"("4 Main St ""East"" \\",12345)"#;
    assert_eq!(text("last4", HOME, value).as_deref(), Some(r#"("[redacted]","0")"#));
    assert_eq!(text("redact", HOME, "(,)").as_deref(), Some("(,)"));
    assert_eq!(text("redact", HOME, r#"("",1)"#).as_deref(), Some(r#"("[redacted]","0")"#));
    assert_eq!(text("null", HOME, value), None);
    assert_eq!(
        binary("redact", HOME, &record(&[(25, Some(b"4 Main St")), (23, None)])),
        Some(record(&[(25, Some(b"[redacted]")), (23, None)]))
    );
    assert_eq!(
        text("redact", HOMES, r#"{"(a,1)",NULL}"#).as_deref(),
        Some(r#"{"(\"[redacted]\",\"0\")",NULL}"#)
    );
}

#[test]
fn a_composite_of_other_fields_than_its_type_is_null() {
    for value in ["(a)", "(a,1,2)", "a,1", "(a,1", "(\"a,1)", ""] {
        assert_eq!(text("redact", HOME, value), None, "{value}");
    }
    assert_eq!(binary("redact", HOME, &record(&[(25, Some(b"a"))])), None);
    assert_eq!(binary("redact", HOME, &record(&[(25, Some(b"a")), (23, Some(b"1234"))])[..9]), None);
}

#[test]
fn a_field_in_binary_goes_by_the_type_that_it_says() {
    // The catalogue is behind: the second field is a text now.
    let value = record(&[(25, Some(b"a")), (25, Some(b"secret"))]);
    let masked = binary("redact", HOME, &value);
    assert_eq!(masked, Some(record(&[(25, Some(b"[redacted]")), (25, Some(b"[redacted]"))])));
    let unknown = record(&[(25, Some(b"a")), (UNKNOWN, Some(b"secret"))]);
    assert_eq!(binary("redact", HOME, &unknown), Some(record(&[(25, Some(b"[redacted]")), (UNKNOWN, None)])));
}

#[test]
fn a_row_is_masked_in_its_masked_columns() {
    let fields = Transform::Fields(Arc::new(HashMap::from([(3, Transform::Last4)])));
    let value = br#"(7,2345,"(x,1)")"#;
    let masked = apply(&fields, CUSTOMER, Format::Text, value);
    assert_eq!(masked.as_deref(), Some(&br#"("7","****","(x,1)")"#[..]));
    let home = record(&[(25, Some(b"x")), (23, None)]);
    let value = record(&[(23, Some(&[0, 0, 0, 7])), (SSN, Some(b"2345")), (HOME, Some(&home))]);
    let expected = record(&[(23, Some(&[0, 0, 0, 7])), (SSN, Some(b"****")), (HOME, Some(&home))]);
    assert_eq!(apply(&fields, CUSTOMER, Format::Binary, &value), Some(expected));
    assert!(types().is_row_of(CUSTOMER, CUSTOMERS) && !types().is_row_of(HOME, CUSTOMERS));
    assert_eq!(apply(&fields, 25, Format::Text, b"secret").as_deref(), Some(&b"[redacted]"[..]));
}

#[test]
fn a_domain_is_what_it_is_over() {
    for oid in [SSN, SSN_AGAIN] {
        assert_eq!(text("redact", oid, "1234").as_deref(), Some("[red"));
    }
    assert_eq!(text("redact", LOOP, "1234"), None);
}

#[test]
fn ranges_are_widened_to_buckets_and_periods() {
    for (transform, oid, value, expected) in [
        ("bucket:10", 3904, "[13,17)", "[10,20)"),
        ("bucket:10", 3904, "[10,20)", "[10,20)"),
        ("bucket:10", 3904, "[-3,21)", "[-10,30)"),
        ("bucket:10", 3926, "(,15)", "(,20)"),
        ("bucket:10", 3906, "[20,20]", "[20,30)"),
        ("bucket:10", 3906, "(19.99,20.01]", "[10,30)"),
        ("bucket:10", 3906, "(-0.5,)", "[-10,)"),
        ("bucket:10", FLOATS, "[1.5,9.5]", "[0,10)"),
        ("date:year", 3912, "[2026-03-04,2026-03-05)", "[2026-01-01,2027-01-01)"),
        ("date:month", 3912, "[2026-12-01,2027-01-01)", "[2026-12-01,2027-01-01)"),
        ("date:month", 3912, "[2026-12-02,2026-12-31)", "[2026-12-01,2027-01-01)"),
        (
            "date:month",
            3908,
            r#"["2026-01-31 23:59:59.5","2026-02-01 00:00:00"]"#,
            r#"["2026-01-01 00:00:00","2026-03-01 00:00:00")"#,
        ),
        (
            "date:year",
            3910,
            r#"["2026-01-31 23:59:59+02","2027-01-01 00:00:00+01")"#,
            r#"["2026-01-01 00:00:00+02","2027-01-01 00:00:00+01")"#,
        ),
        // What has no bucket, or stands before Christ, says nothing.
        ("bucket:10", 3904, "empty", "empty"),
        ("bucket:10", 3904, "[2147483640,2147483645)", "empty"),
        ("bucket:10", 3912, "[2026-03-04,2026-03-05)", "empty"),
        ("date:year", 3912, "[0044-03-15 BC,0044-03-16 BC)", "empty"),
        ("date:year", 3912, "[2026-03-04,infinity)", "empty"),
        ("redact", 3904, "[13,17)", "empty"),
        ("last4", FLOATS, "[1.5,9.5]", "empty"),
        ("bucket:10", MANY_FLOATS, "{[1,2)}", "{}"),
    ] {
        assert_eq!(text(transform, oid, value).as_deref(), Some(expected), "{transform} {value}");
    }
    assert_eq!(text("null", 3904, "[13,17)"), None);
    assert_eq!(text("bucket:10", 3905, r#"{"[13,17)"}"#).as_deref(), Some(r#"{"[10,20)"}"#));
}

#[test]
fn ranges_in_binary_are_widened_alike() {
    let int = |number: i32| number.to_be_bytes();
    let widened = binary("bucket:10", 3904, &range(0x02, &[&int(13), &int(17)]));
    assert_eq!(widened, Some(range(0x02, &[&int(10), &int(20)])));
    assert_eq!(binary("bucket:10", 3904, &range(0x18, &[])), Some(range(0x18, &[])));
    assert_eq!(binary("bucket:10", 3904, &range(0x0a, &[&int(17)])), Some(range(0x08, &[&int(20)])));
    // 60 days after the first of January 2000, a leap year, it is the first of March.
    let march = binary("date:month", 3912, &range(0x06, &[&int(59), &int(60)]));
    assert_eq!(march, Some(range(0x02, &[&int(31), &int(91)])));
    for wrong in [&range(0x02, &[&int(13)])[..], &range(0x62, &[&int(1), &int(2)]), &[], &[0x01]] {
        assert_eq!(binary("bucket:10", 3904, wrong), Some(vec![1]), "{wrong:?}");
    }
}

/// The two bounds of a range in text.
fn bounds(range: &str) -> (i64, i64) {
    let inside = range.trim_matches(['[', ')', ']', '(']);
    let (lower, upper) = inside.split_once(',').expect("two bounds");
    (lower.parse().expect("a number"), upper.parse().expect("a number"))
}

proptest! {
    #[test]
    fn a_widened_range_holds_what_the_range_held_and_both_formats_agree(
        lower in -1_000_000_i64..1_000_000, length in 1_i64..1_000, width in 2_u32..10_000,
    ) {
        let upper = lower + length;
        let transform = Transform::Bucket(width);
        let written = apply(&transform, 3926, Format::Text, format!("[{lower},{upper})").as_bytes());
        let (from, to) = bounds(&String::from_utf8(written.expect("a value")).expect("UTF-8"));
        prop_assert!(from <= lower && upper <= to && from % i64::from(width) == 0 && to % i64::from(width) == 0);
        prop_assert!(lower - from < width.into() && to - upper < width.into());
        let value = range(0x02, &[&lower.to_be_bytes(), &upper.to_be_bytes()]);
        let expected = range(0x02, &[&from.to_be_bytes(), &to.to_be_bytes()]);
        prop_assert_eq!(apply(&transform, 3926, Format::Binary, &value), Some(expected));
    }

    #[test]
    fn whatever_is_written_as_a_made_type_no_letter_of_it_is_left(
        oid in prop::sample::select(vec![STATUS, HOME, HOMES, SSN, FLOATS, MANY_FLOATS, CUSTOMER, 3904, 3912, 3905]),
        value in "[(){},\"\\\\Z0 ]{0,40}",
    ) {
        let masked = apply(&Transform::Redact, oid, Format::Text, value.as_bytes());
        prop_assert!(!masked.unwrap_or_default().contains(&b'Z'));
    }

    #[test]
    fn whatever_comes_in_binary_something_comes_out_or_nothing(
        oid in prop::sample::select(vec![HOME, HOMES, FLOATS, CUSTOMER, 3904, 3912, 3905]),
        transform in prop::sample::select(vec![Transform::Redact, Transform::Bucket(7)]),
        value in prop::collection::vec(prop_oneof![3 => Just(0_u8), 1 => 0..32_u8, 1 => any::<u8>()], 0..60),
    ) {
        // What is checked is in `apply`: what was there before is still there, and a NULL added nothing to it.
        let _ = apply(&transform, oid, Format::Binary, &value);
    }

    #[test]
    fn a_composite_keeps_its_fields_and_loses_their_values(
        street in prop::option::of("[^\0]{0,20}"), zip in prop::option::of(any::<i32>()),
    ) {
        let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\"\""));
        let value = format!(
            "({},{})",
            street.as_deref().map_or(String::new(), quoted),
            zip.map_or(String::new(), |zip| zip.to_string()),
        );
        let expected = format!(
            "({},{})",
            if street.is_some() { "\"[redacted]\"" } else { "" },
            if zip.is_some() { "\"0\"" } else { "" },
        );
        let masked = apply(&Transform::Redact, HOME, Format::Text, value.as_bytes());
        prop_assert_eq!(masked, Some(expected.into_bytes()));
    }
}
