//! Whatever comes in, what goes out decodes as the type and does not hold the secret.

#![allow(clippy::expect_used, reason = "a test may panic")]

use bytes::BytesMut;
use narrows_mask::{ColumnType, Format, Masked, Period, PseudonymKey, Transform, mask};
use proptest::prelude::*;

/// Fixed-width types in binary, in bytes.
const WIDTHS: [(u32, usize); 21] = [
    (16, 1),
    (20, 8),
    (21, 2),
    (23, 4),
    (26, 4),
    (700, 4),
    (701, 8),
    (774, 8),
    (790, 8),
    (829, 6),
    (650, 8),
    (869, 8),
    (1082, 4),
    (1083, 8),
    (1114, 8),
    (1184, 8),
    (1186, 16),
    (1266, 12),
    (1562, 4),
    (1700, 8),
    (2950, 16),
];
const OTHERS: [u32; 13] = [17, 18, 19, 25, 114, 142, 705, 1042, 1043, 1560, 3802, 1009, 16_400];

fn transforms() -> impl Strategy<Value = Transform> {
    prop_oneof![
        Just(Transform::Redact),
        Just(Transform::Null),
        Just(Transform::Last4),
        (1..=16_u8).prop_map(Transform::First),
        prop_oneof![Just(Period::Year), Just(Period::Month)].prop_map(Transform::Date),
        (2..1_000_000_u32).prop_map(Transform::Bucket),
        any::<[u8; 32]>().prop_map(|key| Transform::Pseudonym(PseudonymKey(key))),
        any::<[u8; 32]>()
            .prop_filter_map("a cipher", |key| Transform::parse("ff1", Some(&PseudonymKey(key)))),
    ]
}

fn formats() -> impl Strategy<Value = Format> {
    prop_oneof![Just(Format::Text), Just(Format::Binary)]
}

fn oids() -> impl Strategy<Value = u32> {
    let known: Vec<u32> = WIDTHS.iter().map(|(oid, _)| *oid).chain(OTHERS).collect();
    prop_oneof![9 => prop::sample::select(known), 1 => any::<u32>()]
}

fn apply(transform: &Transform, column: ColumnType, format: Format, value: &[u8]) -> Option<Vec<u8>> {
    let mut out = BytesMut::new();
    match mask(transform, column, format, value, &mut out) {
        Masked::Value => Some(out.to_vec()),
        Masked::Null => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn anything_at_all_gives_a_value_of_the_type(
        transform in transforms(),
        oid in oids(),
        modifier in prop_oneof![Just(-1), 0..100_i32, i32::MIN..0],
        format in formats(),
        value in prop_oneof![".*".prop_map(String::into_bytes), prop::collection::vec(any::<u8>(), 0..40)],
    ) {
        let Some(masked) = apply(&transform, ColumnType { oid, modifier }, format, &value) else {
            return Ok(());
        };
        if format == Format::Text {
            prop_assert!(std::str::from_utf8(&masked).is_ok());
        } else if matches!(transform, Transform::Bucket(_)) && oid == 1700 {
            prop_assert!(masked.len() >= 8 && masked.len() % 2 == 0);
        } else if let Some((_, width)) = WIDTHS.iter().find(|(known, _)| *known == oid) {
            prop_assert_eq!(masked.len(), *width);
        }
        let characters = String::from_utf8_lossy(&masked).chars().count();
        match (oid, usize::try_from(i64::from(modifier) - 4)) {
            (1043, Ok(max)) => prop_assert!(characters <= max),
            (1042, Ok(max)) => prop_assert_eq!(characters, max),
            // The zero byte of "char" is written as no character at all.
            (18, _) => prop_assert!(characters <= 1),
            (19, _) => prop_assert!(characters <= 63),
            _ => {}
        }
    }

    #[test]
    fn nothing_but_what_the_transform_shows_is_shown(
        transform in transforms(),
        oid in prop::sample::select(vec![25_u32, 1043, 1042, 19]),
        secret in "[0-9A-Zżółć👍 -]{1,30}",
        shown in "[0-9A-Zżółć👍-]{4}",
    ) {
        let value = format!("{secret}{shown}");
        let column = ColumnType { oid, modifier: -1 };
        let Some(masked) = apply(&transform, column, Format::Text, value.as_bytes()) else {
            return Ok(());
        };
        let masked = String::from_utf8(masked).expect("UTF-8");
        let stars = "*".repeat(secret.chars().count());
        prop_assert!(match transform {
            Transform::Last4 => masked == format!("{stars}{shown}") || masked == "[redacted]",
            Transform::Pseudonym(_) => masked.starts_with("msk_"),
            Transform::Ff1(_) => masked == "[redacted]" || masked.len() == value.len(),
            Transform::First(shown) => {
                let (shown, characters) = (usize::from(shown), value.chars().count());
                let head: String = value.chars().take(if characters > shown { shown } else { 0 }).collect();
                masked == format!("{head}{}", "*".repeat(characters - head.chars().count())) || masked == "[redacted]"
            }
            _ => masked == "[redacted]",
        }, "{}", masked);
    }

    #[test]
    fn masking_again_shows_no_more(value in ".*", oid in prop::sample::select(vec![25_u32, 1043, 1042])) {
        let column = ColumnType { oid, modifier: -1 };
        for transform in [Transform::Redact, Transform::Last4] {
            let once = apply(&transform, column, Format::Text, value.as_bytes()).expect("a value");
            let twice = apply(&transform, column, Format::Text, &once).expect("a value");
            prop_assert_eq!(twice, once);
        }
    }

    #[test]
    fn redaction_depends_on_nothing_but_the_column(
        oid in prop::sample::select(
            WIDTHS.map(|(oid, _)| oid).into_iter().chain(OTHERS).filter(|oid| *oid != 1009).collect::<Vec<_>>()
        ),
        left in prop::collection::vec(any::<u8>(), 0..40),
        right in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let column = ColumnType { oid, modifier: -1 };
        let masked = |value: &[u8]| apply(&Transform::Redact, column, Format::Binary, value);
        prop_assert_eq!(masked(&left), masked(&right));
    }
}
