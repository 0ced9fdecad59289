//! The downstream leg up to the evidence, hostile input first.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(clippy::doc_markdown, reason = "messages keep the names that their specification gives them")]

mod playbook;

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use narrows_wire::postgres::{Evidence, Startup, Step, cancel_secret_bytes, fatal, welcome};
use narrows_wire::{Error, Limits};
use playbook::messages::{message, parameter_status, ready};
use playbook::pretty;

const SSL_REQUEST: u32 = 80_877_103;
const GSSENC_REQUEST: u32 = 80_877_104;
const CANCEL_REQUEST: u32 = 80_877_102;
const V3_0: u32 = 196_608;
const V3_2: u32 = 196_610;

fn packet(code: u32, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 8).unwrap().to_be_bytes();
    [&length[..], &code.to_be_bytes(), body].concat()
}

fn startup(version: u32, pairs: &[(&str, &str)]) -> Vec<u8> {
    let body: Vec<&str> = pairs.iter().flat_map(|(name, value)| [*name, *value]).chain([""]).collect();
    packet(version, format!("{}\0", body.join("\0")).as_bytes())
}

fn password(text: &str) -> Vec<u8> {
    message(b'p', format!("{text}\0").as_bytes())
}

struct Leg {
    startup: Startup,
    input: BytesMut,
    out: BytesMut,
    secure: bool,
}

impl Leg {
    fn new(secure: bool) -> Leg {
        let startup = Startup::new(Arc::new(Limits::default()));
        Leg { startup, input: BytesMut::new(), out: BytesMut::new(), secure }
    }

    fn feed(&mut self, bytes: impl AsRef<[u8]>) -> Result<Step, Error> {
        self.input.extend_from_slice(bytes.as_ref());
        self.startup.feed(&mut self.input, self.secure, &mut self.out)
    }

    fn told(&mut self) -> String {
        pretty(&self.out.split()).join("\n")
    }
}

/// What a StartupMessage over TLS is told.
fn answer(message: impl AsRef<[u8]>) -> (Result<Step, Error>, String) {
    let mut leg = Leg::new(true);
    let step = leg.feed(message);
    (step, leg.told())
}

fn evidence(pairs: &[(&str, &str)]) -> Evidence {
    let mut leg = Leg::new(true);
    assert_eq!(leg.feed(startup(V3_0, pairs)), Ok(Step::ExpectMore), "{}", leg.told());
    match leg.feed(password("token")) {
        Ok(Step::Evidence(evidence)) => evidence,
        other => panic!("{other:?}"),
    }
}

#[test]
fn plaintext_behind_an_ssl_request_ends_the_connection() {
    let mut leg = Leg::new(false);
    let injected = [packet(SSL_REQUEST, b""), b"x".to_vec()].concat();
    assert!(matches!(leg.feed(injected), Err(Error::Malformed { .. })));
    assert!(!leg.told().starts_with('S'));
}

#[test]
fn a_password_is_never_asked_for_in_plaintext() {
    let mut leg = Leg::new(false);
    assert_eq!(leg.feed(startup(V3_0, &[("user", "ada")])), Ok(Step::Close));
    let told = leg.told();
    assert!(told.contains("FATAL") && told.contains("28000") && told.contains("sslmode=require"), "{told}");
    assert_eq!(leg.feed(password("token")), Ok(Step::Close));
    assert_eq!(leg.told(), "");
}

#[test]
fn encryption_is_negotiated_once_each() {
    let mut leg = Leg::new(false);
    assert_eq!(leg.feed(packet(GSSENC_REQUEST, b"")), Ok(Step::ExpectMore));
    assert_eq!(&leg.out.split()[..], b"N");
    assert_eq!(leg.feed(packet(SSL_REQUEST, b"")), Ok(Step::StartTls));
    assert_eq!(&leg.out.split()[..], b"S");
    leg.secure = true;
    assert!(leg.feed(packet(SSL_REQUEST, b"")).is_err());

    let mut leg = Leg::new(false);
    assert_eq!(leg.feed(packet(GSSENC_REQUEST, b"")), Ok(Step::ExpectMore));
    assert!(leg.feed(packet(GSSENC_REQUEST, b"")).is_err());
}

#[test]
fn a_packet_over_the_limit_is_refused_before_it_is_read() {
    for hostile in
        [&b"GET / HTTP/1.1\r\n"[..], &[0, 0, 0x27, 0x11, 0, 3, 0, 0], &[0xff; 8], &[0, 0, 0, 4, 0, 0, 0, 0]]
    {
        let (step, told) = answer(hostile);
        assert!(step.is_err() && told.contains("FATAL"), "{told}");
    }
}

#[test]
fn a_cancel_request_is_taken_in_plaintext_too() {
    for (secure, key) in [(false, vec![7; 4]), (true, vec![7; 32])] {
        let mut leg = Leg::new(secure);
        let step = leg.feed(packet(CANCEL_REQUEST, &[&42_i32.to_be_bytes()[..], &key].concat()));
        assert_eq!(step, Ok(Step::Cancel { process_id: 42, secret: Bytes::from(key) }));
        assert_eq!(leg.told(), "");
    }
    for key in [vec![7; 3], vec![7; 257]] {
        assert!(answer(packet(CANCEL_REQUEST, &[&[0; 4][..], &key].concat())).0.is_err());
    }
}

#[test]
fn a_password_is_asked_for_and_taken_as_evidence() {
    let mut leg = Leg::new(true);
    let parameters = [("user", "ada"), ("database", "orders-db"), ("application_name", "psql")];
    assert_eq!(leg.feed(startup(V3_2, &parameters)), Ok(Step::ExpectMore));
    assert_eq!(&leg.out.split()[..], message(b'R', &[0, 0, 0, 3]));
    let Ok(Step::Evidence(evidence)) = leg.feed(password("secret-token")) else { panic!("no evidence") };
    assert!(!format!("{evidence:?}").contains("secret-token"));
    assert_eq!(
        evidence,
        Evidence {
            user: "ada".into(),
            database: "orders-db".into(),
            parameters: vec![("application_name".into(), "psql".into())],
            password: b"secret-token".to_vec(),
            protocol_minor: 2,
        }
    );
}

#[test]
fn the_database_is_named_as_the_user_by_default() {
    assert_eq!(evidence(&[("user", "ada")]).database, "ada");
}

#[test]
fn a_startup_without_a_user_is_refused() {
    let (step, told) = answer(startup(V3_0, &[("database", "x")]));
    assert!(step == Ok(Step::Close) && told.contains("28000"), "{told}");
}

#[test]
fn a_version_is_negotiated_only_when_it_has_to_be() {
    let user = ("user", "ada");
    let negotiation = |version: u32, options: &[&str]| {
        let mut body = version.to_be_bytes().to_vec();
        body.extend(u32::try_from(options.len()).unwrap().to_be_bytes());
        body.extend(options.iter().flat_map(|option| [option.as_bytes(), b"\0"].concat()));
        pretty(&message(b'v', &body)).join("")
    };
    for (version, option, expected) in [
        (V3_0, None, None),
        (V3_2, None, None),
        (V3_0 + 9999, None, Some(negotiation(V3_2, &[]))),
        (V3_0, Some("_pq_.grease"), Some(negotiation(V3_0, &["_pq_.grease"]))),
        (V3_0 + 9999, Some("_pq_.grease"), Some(negotiation(V3_2, &["_pq_.grease"]))),
    ] {
        let pairs: Vec<_> = std::iter::once(user).chain(option.map(|name| (name, "1"))).collect();
        let (step, told) = answer(startup(version, &pairs));
        assert_eq!(step, Ok(Step::ExpectMore));
        assert_eq!(told.lines().count(), 1 + usize::from(expected.is_some()), "{told}");
        assert_eq!(expected.as_deref().unwrap_or_default(), told.lines().rev().nth(1).unwrap_or_default());
    }
    let (step, told) = answer(startup(2 << 16, &[user]));
    assert!(step == Ok(Step::Close) && told.contains("0A000"), "{told}");
}

#[test]
fn a_parameter_that_is_not_allowed_is_refused_by_name() {
    for (name, value, told_of) in [
        ("search_path", "evil", "search_path"),
        ("role", "postgres", "role"),
        ("standard_conforming_strings", "off", "standard_conforming_strings"),
        ("options", "-c search_path=evil", "search_path"),
        ("options", "-csearch_path=evil", "search_path"),
        ("options", "--search-path=evil", "search_path"),
        ("options", "-c DateStyle=ISO -c role=x", "role"),
        ("options", "-c", "-c"),
        ("options", "-W 5", "-W"),
        ("options", r"-c\ role=x", "role"),
        ("client_encoding", "SJIS", "SJIS"),
        ("options", "-c client_encoding=GBK", "GBK"),
        ("replication", "database", "replication"),
        ("replication", "1", "replication"),
    ] {
        let (step, told) = answer(startup(V3_0, &[("user", "ada"), (name, value)]));
        assert!(
            step == Ok(Step::Close) && told.contains("FATAL") && told.contains(told_of),
            "{name}={value}: {told}"
        );
        assert!(!told.contains("R \\x00"), "no password is asked for: {told}");
    }
}

#[test]
fn what_drivers_send_is_tolerated() {
    let parameters = evidence(&[
        ("user", "ada"),
        ("client_encoding", "'utf-8'"),
        ("datestyle", "ISO"),
        ("extra_float_digits", "2"),
        ("replication", "false"),
        ("options", r"-c statement_timeout=5s --application-name=my\ app"),
    ])
    .parameters;
    let expected = [
        ("client_encoding", "UTF8"),
        ("DateStyle", "ISO"),
        ("extra_float_digits", "2"),
        ("statement_timeout", "5s"),
        ("application_name", "my app"),
    ];
    assert_eq!(parameters, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[test]
fn a_password_over_the_limit_or_another_message_ends_the_connection() {
    let ready_for_password = || {
        let mut leg = Leg::new(true);
        assert_eq!(leg.feed(startup(V3_0, &[("user", "ada")])), Ok(Step::ExpectMore));
        leg.told();
        leg
    };
    let mut leg = ready_for_password();
    assert!(matches!(
        leg.feed([b'p', 0, 1, 0, 4]),
        Err(Error::LimitExceeded { limit: "password_bytes_max", .. })
    ));
    assert!(leg.told().contains("FATAL"));
    assert!(matches!(ready_for_password().feed(message(b'Q', b"x\0")), Err(Error::Violation { .. })));
    assert!(matches!(ready_for_password().feed(message(b'p', b"a\0b\0")), Err(Error::Malformed { .. })));
    assert_eq!(ready_for_password().feed(message(b'X', b"")), Ok(Step::Close));
}

#[test]
fn a_startup_may_come_byte_by_byte() {
    let mut leg = Leg::new(true);
    let whole = [startup(V3_0, &[("user", "ada")]), password("token")].concat();
    let (last, rest) = whole.split_last().unwrap();
    for byte in rest {
        assert_eq!(leg.feed([*byte]), Ok(Step::ExpectMore));
    }
    assert!(matches!(leg.feed([*last]), Ok(Step::Evidence(_))));
}

#[test]
fn a_welcome_has_the_targets_parameters_and_a_key_of_our_own() {
    let mut out = BytesMut::new();
    welcome(&[("server_version".into(), "18.4".into())], 42, &[7; 4], &mut out);
    let expected = [
        message(b'R', &[0; 4]),
        parameter_status("server_version", "18.4"),
        message(b'K', &[0, 0, 0, 42, 7, 7, 7, 7]),
        ready(b'I'),
    ];
    assert_eq!(pretty(&out), pretty(&expected.concat()));
    assert_eq!((cancel_secret_bytes(0), cancel_secret_bytes(2)), (4, 32));
}

#[test]
fn a_fatal_error_leaves_empty_fields_out() {
    let mut out = BytesMut::new();
    fatal(*b"28P01", "no", "", "try again", &mut out);
    assert_eq!(pretty(&out), [r"E SFATAL\x00VFATAL\x00C28P01\x00Mno\x00Htry again\x00\x00"]);
}
