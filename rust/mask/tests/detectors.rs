//! What each detector finds, and what looks like it and is not: one line per case.

#![allow(clippy::expect_used, reason = "a test may panic")]

use narrows_mask::{Detector, Detectors, Hints, Transform};

fn all() -> Detectors {
    Detectors::new(Detector::ALL.map(|detector| (detector, Transform::Redact))).expect("shapes that compile")
}

/// What is found in a text, as `name=part` for each.
fn found(detectors: &Detectors, name: &str, text: &str) -> Vec<String> {
    let found = detectors.find(text.as_bytes(), Hints::of_name(name.as_bytes()));
    found.into_iter().map(|it| format!("{}={}", it.detector.name(), &text[it.span])).collect()
}

#[test]
fn detectors_keep_their_names() {
    for detector in Detector::ALL {
        assert_eq!(Detector::named(detector.name()), Some(detector));
    }
    assert_eq!(Detector::named("PAN"), None);
}

#[test]
fn what_is_sensitive_is_found_to_the_byte() {
    let detectors = all();
    let github = "ghp_000000000000000000000000000000".to_owned();
    let storage = format!("{}==", "aB3/xYz9Qw+K7mNpR5tV".repeat(4) + "2bC4dE");
    let cases: Vec<(String, Vec<String>)> = vec![
        ("4111111111111111".into(), vec!["pan=4111111111111111".into()]),
        ("card 4111 1111 1111 1111 123".into(), vec!["pan=4111 1111 1111 1111".into()]),
        ("x 3782-822463-10005.".into(), vec!["pan=3782-822463-10005".into()]),
        ("1 4111-1111-1111-1111 ok".into(), vec!["pan=4111-1111-1111-1111".into()]),
        ("**4111111111111111**".into(), vec!["pan=4111111111111111".into()]),
        ("Maestro card 676770830427".into(), vec!["pan=676770830427".into()]),
        ("pay DE89 3704 0044 0532 0130 00 NOW".into(), vec!["iban=DE89 3704 0044 0532 0130 00".into()]),
        ("GB82WEST12345698765432".into(), vec!["iban=GB82WEST12345698765432".into()]),
        ("his 123-45-6789, ok".into(), vec!["us-ssn=123-45-6789".into()]),
        ("SSN: 123456789".into(), vec!["us-ssn=123456789".into()]),
        ("<ada.l+x@mail.example.co.uk>.".into(), vec!["email=ada.l+x@mail.example.co.uk".into()]),
        ("żaneta@żółć.pl".into(), vec!["email=żaneta@żółć.pl".into()]),
        ("call +44 20 7946 0958 now".into(), vec!["phone=+44 20 7946 0958".into()]),
        ("+12025550143".into(), vec!["phone=+12025550143".into()]),
        ("+1 (202) 555-0143 2026".into(), vec!["phone=+1 (202) 555-0143".into()]),
        ("from 10.0.0.5:5432".into(), vec!["ipv4=10.0.0.5".into()]),
        ("http://192.168.1.7/x".into(), vec!["ipv4=192.168.1.7".into()]),
        ("at fe80::1ff:fe23:4567:890a, x".into(), vec!["ipv6=fe80::1ff:fe23:4567:890a".into()]),
        ("2001:db8:85a3::8a2e:370:7334:".into(), vec!["ipv6=2001:db8:85a3::8a2e:370:7334".into()]),
        (
            "t eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln.".into(),
            vec!["jwt=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln".into()],
        ),
        (format!("AccountKey={storage};x"), vec![format!("azure-key={storage}")]),
        (
            "?sv=1&sig=".to_owned() + &"aB3d".repeat(10) + "xyz%3D&x",
            vec![format!("azure-key={}xyz%3D", "aB3d".repeat(10))],
        ),
        (
            "abc8Q~0123456789abcdefghijABCDEFGHIJ_-~.".into(),
            vec!["azure-key=abc8Q~0123456789abcdefghijABCDEFGHIJ_-~.".into()],
        ),
        ("id AKIAIOSFODNN7EXAMPLE".into(), vec!["aws-key=AKIAIOSFODNN7EXAMPLE".into()]),
        (
            "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".into(),
            vec!["aws-key=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".into()],
        ),
        (format!("{github}2RwXmA"), vec![]),
        (
            "xoxb-123456789012-abcdefghijKLMN".into(),
            vec!["slack-token=xoxb-123456789012-abcdefghijKLMN".into()],
        ),
        ("postgres://app:s3cr3t@db/x".into(), vec!["connection-string=s3cr3t".into()]),
        ("postgres://app:p@ss@db.example.com/x".into(), vec!["connection-string=p@ss".into()]),
        (
            "Server=db;User Id=a;Password=hunter2;Pooling=true".into(),
            vec!["connection-string=hunter2".into()],
        ),
        ("PGPASSWORD='a b c' psql".into(), vec!["connection-string=a b c".into()]),
        ("api_key: 9f8A7c6B5d4E3f2G1h".into(), vec!["secret=9f8A7c6B5d4E3f2G1h".into()]),
        ("Authorization: Bearer 9f8A7c6B5d4E3f2G1h".into(), vec!["secret=9f8A7c6B5d4E3f2G1h".into()]),
        ("password: Tr0ub4dor&3".into(), vec!["secret=Tr0ub4dor&3".into()]),
        (
            "a -----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY----- b".into(),
            vec!["private-key=-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----".into()],
        ),
        (
            "-----BEGIN PRIVATE KEY-----\nMIIB".into(),
            vec!["private-key=-----BEGIN PRIVATE KEY-----\nMIIB".into()],
        ),
    ];
    let wrong: Vec<_> = cases
        .into_iter()
        .map(|(text, expected)| (found(&detectors, "note", &text), expected, text))
        .filter(|(found, expected, _)| found != expected)
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_only_looks_sensitive_is_left() {
    let detectors = all();
    let lookalikes = [
        "[redacted:us-ssn] 246310005",
        "4111111111111112",
        "9111111111111111",
        "0.4111111111111111",
        "4111111111111111.25",
        "41111111111111112345678",
        "order4111111111111111",
        "1609459200000",
        "20260701123000",
        "2026-07-01 12:00:00.123456+00",
        "676770830427",
        "DE88370400440532013000",
        "123-45-67890",
        "000-12-3456",
        "987-65-4321",
        "123456789",
        "2026-07-0123",
        "icon@2x.png",
        "git@github.com:owner/name.git",
        "user@host",
        "a+b=12345678",
        "2026-01-01T00:00:00+00:00",
        "+99912345678",
        "version 10.2.3.4",
        "v1.2.3.4",
        "1.3.6.1.4.1.311",
        "requests==2.3.4.5",
        "256.1.1.1",
        "12:30:45",
        "aa:bb:cc:dd:ee:ff",
        "aa:bb:cc:dd:ee:ff:00:11",
        "std::abc::def",
        "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
        "eyJhbGciOiJ.x.y",
        "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "password=$1",
        "password = ?",
        "the token was revoked yesterday",
        "secretary of the board",
        "https://example.com:8443/path@v2",
        "[redacted:pan]",
        "************1111",
        "msk_0123456789abcdef",
    ];
    let wrong: Vec<_> =
        lookalikes.into_iter().filter(|text| !found(&detectors, "note", text).is_empty()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_name_makes_more_of_a_value() {
    let detectors = all();
    for (name, text, expected) in [
        ("ssn", "123456789", "us-ssn=123456789"),
        ("SSN_last", "123 45 6789", "us-ssn=123 45 6789"),
        ("card_no", "676770830427", "pan=676770830427"),
        ("apiKey", "", ""),
        ("api_key", "9f8A7c6B5d4E3f2G1h", "secret=9f8A7c6B5d4E3f2G1h"),
        ("secretary", "Ada Lovelace, London", ""),
        ("company", "676770830427", ""),
        ("version", "10.0.0.5", "ipv4=10.0.0.5"),
    ] {
        assert_eq!(found(&detectors, name, text).join(","), expected, "{name} {text}");
    }
}

#[test]
fn github_tokens_are_found_by_their_checksum() {
    let detectors = all();
    // The checksum of thirty zeroes, worked out by another implementation (Python's zlib).
    let checked = format!("ghp_{}{}", "0".repeat(30), CHECKSUM);
    assert_eq!(found(&detectors, "note", &checked), [format!("github-token={checked}")]);
    let changed = checked.replacen("00", "01", 1);
    assert_eq!(found(&detectors, "note", &changed), Vec::<String>::new());
}

const CHECKSUM: &str = "2C8GjS";

#[test]
fn overlapping_finds_are_one_named_by_the_most_severe() {
    let detectors = all();
    let text = "password: xoxb-123456789012-abcdefghijKLMN";
    assert_eq!(found(&detectors, "note", text), ["slack-token=xoxb-123456789012-abcdefghijKLMN"]);
    let mail = "mail: 4111111111111111@example.com";
    assert_eq!(found(&detectors, "note", mail), ["pan=4111111111111111@example.com"]);
}
