//! Whatever comes in: no panic, no broken type, no secret that a detector knows, and nothing left to find.

#![allow(clippy::expect_used, reason = "a test may panic")]

use std::sync::{Arc, LazyLock};

use bytes::BytesMut;
use narrows_mask::{
    ColumnType, Detector, Detectors, Format, Hints, PseudonymKey, Scanned, Stream, Transform,
};
use proptest::prelude::*;

const SECRETS: [&str; 12] = [
    "4111 1111 1111 1111",
    "378282246310005",
    "DE89 3704 0044 0532 0130 00",
    "123-45-6789",
    "ada.l+x@mail.example.co.uk",
    "+44 20 7946 0958",
    "192.168.77.12",
    "2001:db8:85a3::8a2e:370:7334",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
    "AKIAIOSFODNN7EXAMPLE",
    "xoxb-123456789012-abcdefghijKLMN",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIBOgIBAAJB\n-----END RSA PRIVATE KEY-----",
];

/// Every detector, with each transform in turn; compiled once.
static DETECTORS: LazyLock<[Arc<Detectors>; 4]> = LazyLock::new(|| {
    [Transform::Redact, Transform::Last4, Transform::First(4), Transform::Pseudonym(PseudonymKey([7; 32]))]
        .map(|transform| {
            let wanted = Detector::ALL.map(|detector| (detector, transform.clone()));
            Arc::new(Detectors::new(wanted).expect("shapes that compile"))
        })
});

fn detectors() -> impl Strategy<Value = &'static Arc<Detectors>> {
    prop::sample::select(DETECTORS.iter().collect::<Vec<_>>())
}

/// Text out of secrets, parts of them and what stands around such things.
fn texts() -> impl Strategy<Value = String> {
    parts().prop_map(|parts| parts.concat())
}

fn parts() -> impl Strategy<Value = Vec<String>> {
    let part = prop_oneof![
        4 => prop::sample::select(SECRETS.to_vec()).prop_map(str::to_owned),
        2 => (prop::sample::select(SECRETS.to_vec()), 1..20_usize)
            .prop_map(|(secret, cut)| secret.chars().skip(cut).collect()),
        4 => "[ \t\n,;:=@+.*\"'{}()/_-]{1,3}",
        2 => "[0-9 -]{1,20}",
        2 => prop::sample::select(vec!["password=", "api_key: ", "://u:", "ssn ", "card ", "żółć", "version "])
            .prop_map(str::to_owned),
        2 => "[a-zA-Z0-9]{1,12}",
    ];
    prop::collection::vec(part, 0..8)
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![texts().prop_map(String::into_bytes), prop::collection::vec(any::<u8>(), 0..80)]
}

fn masked(detectors: &Detectors, oid: u32, format: Format, value: &[u8]) -> Option<Vec<u8>> {
    let mut out = BytesMut::from("before");
    let column = ColumnType { oid, modifier: -1 };
    match detectors.mask(column, format, Hints::default(), value, &mut out) {
        Scanned::Clean => {
            assert_eq!(&out[..], b"before");
            Some(value.to_vec())
        }
        Scanned::Value => Some(out.strip_prefix(b"before").expect("what was there stays").to_vec()),
        Scanned::Null => {
            assert_eq!(&out[..], b"before");
            None
        }
    }
}

fn streamed(detectors: &Arc<Detectors>, text: &[u8], cuts: &[usize]) -> Vec<u8> {
    let mut stream = Stream::new(Arc::clone(detectors), Arc::default(), false);
    let (mut rest, mut out) = (text, BytesMut::new());
    for cut in cuts {
        let (piece, tail) = rest.split_at((*cut).min(rest.len()));
        stream.feed(piece, &mut out);
        rest = tail;
    }
    stream.feed(rest, &mut out);
    stream.finish(&mut out);
    assert_eq!(stream.held(), 0);
    out.to_vec()
}

#[test]
fn a_string_that_is_not_closed_is_looked_into_to_its_end() {
    for (open, shown) in [
        ("\"4111 1111 1111 1111", "\"[redacted:pan]\""),
        ("\"card 4111 1111 1111 1111żółć", "\"card [redacted:pan]żółć\""),
    ] {
        let masked = masked(&DETECTORS[0], 114, Format::Text, open.as_bytes()).expect("a text");
        assert_eq!(String::from_utf8(masked).expect("UTF-8"), shown);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn anything_at_all_can_be_masked(
        detectors in detectors(),
        oid in prop::sample::select(vec![25_u32, 1043, 1042, 19, 142, 114, 3802, 1009, 1015, 199, 3807, 2249, 2287, 16_400, 17]),
        format in prop_oneof![Just(Format::Text), Just(Format::Binary)],
        value in bytes(),
    ) {
        let masked = masked(detectors, oid, format, &value);
        if std::str::from_utf8(&value).is_ok() {
            prop_assert!(masked.is_none_or(|masked| std::str::from_utf8(&masked).is_ok()));
        }
    }

    #[test]
    fn what_is_masked_is_not_found_again(detectors in detectors(), parts in parts()) {
        // Apart, since what touches a number may be taken for the rest of it, and what touches a mask not.
        let text = parts.join(" | ");
        let once = masked(detectors, 25, Format::Text, text.as_bytes()).expect("a text");
        let twice = masked(detectors, 25, Format::Text, &once).expect("a text");
        prop_assert_eq!(String::from_utf8(twice).expect("UTF-8"), String::from_utf8(once).expect("UTF-8"));
    }

    #[test]
    fn known_secrets_are_masked_between_words(
        detectors in detectors(),
        secret in prop::sample::select(SECRETS.to_vec()),
        // Not all letters: "rev 192.168.77.12" is a version.
        before in "[a-d]{0,8} ",
        after in " [a-z]{0,8}",
    ) {
        let text = format!("{before}{secret}{after}");
        let shown = masked(detectors, 25, Format::Text, text.as_bytes()).expect("a text");
        prop_assert!(!String::from_utf8(shown).expect("UTF-8").contains(secret));
    }

    #[test]
    fn where_a_stream_is_cut_makes_no_difference(
        text in texts(), more in texts(), cuts in prop::collection::vec(1..40_usize, 0..12),
    ) {
        let detectors = &DETECTORS[0];
        let text = format!("{text}\n{more}");
        let whole = streamed(detectors, text.as_bytes(), &[]);
        prop_assert_eq!(streamed(detectors, text.as_bytes(), &cuts), whole);
    }

    #[test]
    fn json_stays_json(text in texts(), key in "[a-z]{1,6}", number in 0..u64::MAX, detectors in detectors()) {
        let document = serde_json::json!({ key: [text, number, {"card": 4_111_111_111_111_111_u64}] });
        let masked = masked(detectors, 114, Format::Text, document.to_string().as_bytes()).expect("a value");
        let read: serde_json::Value = serde_json::from_slice(&masked).expect("JSON");
        prop_assert!(!read.to_string().contains("4111111111111111"));
    }
}
