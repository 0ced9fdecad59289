//! The upstream login against a target that may be anybody.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod playbook;

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::BytesMut;
use hmac::{Hmac, KeyInit, Mac};
use narrows_wire::postgres::{LoggedIn, Login, LoginError, LoginRequest, NONCE_BYTES, Password};
use playbook::messages::{error, message, parameter_status, ready};
use sha2::{Digest, Sha256};

const PASSWORD: &[u8] = b"pencil";
const SALT: &[u8] = b"salt of the earth";

fn request() -> LoginRequest {
    LoginRequest {
        user: "narrows".into(),
        database: "orders".into(),
        parameters: vec![("application_name".into(), "agent".into())],
        password: Some(Arc::new(Password::new(PASSWORD))),
        nonce: [7; NONCE_BYTES],
        channel_binding: None,
    }
}

struct Leg {
    login: Login,
    out: BytesMut,
}

impl Leg {
    fn new(request: LoginRequest) -> Leg {
        let mut leg = Leg { login: Login::new(request), out: BytesMut::new() };
        leg.login.start(&mut leg.out);
        leg.out.clear();
        leg
    }

    fn feed(&mut self, bytes: impl AsRef<[u8]>) -> Result<Option<LoggedIn>, LoginError> {
        self.login.feed(&mut BytesMut::from(bytes.as_ref()), &mut self.out)
    }

    /// What was sent, without its header.
    fn sent(&mut self) -> Vec<u8> {
        self.out.split().get(5..).unwrap_or_default().to_vec()
    }

    fn fails(&mut self, bytes: impl AsRef<[u8]>) -> String {
        let error = self.feed(bytes).expect_err("the login was to fail").to_string();
        assert!(!error.contains("pencil"), "{error}");
        error
    }
}

fn authentication(kind: u32, body: &[u8]) -> Vec<u8> {
    message(b'R', &[&kind.to_be_bytes()[..], body].concat())
}

fn offers(mechanisms: &str) -> Vec<u8> {
    authentication(10, format!("{mechanisms}\0\0").as_bytes())
}

fn settings() -> Vec<u8> {
    [parameter_status("client_encoding", "UTF8"), parameter_status("standard_conforming_strings", "on")]
        .concat()
}

fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

/// The server's side of RFC 5802 with 4,096 iterations.
fn salted(password: &[u8]) -> Vec<u8> {
    let mut round = hmac(password, &[SALT, &[0, 0, 0, 1]].concat());
    let mut result = round.clone();
    for _ in 1..4096 {
        round = hmac(password, &round);
        result.iter_mut().zip(&round).for_each(|(byte, other)| *byte ^= other);
    }
    result
}

/// Plays the server up to its signature, which is made with `password`; returns the signature message.
fn exchange(leg: &mut Leg, password: &[u8], mechanism: &str, header: &str) -> Vec<u8> {
    let first = leg.sent();
    let text = String::from_utf8(first).unwrap();
    let (chosen, rest) = text.split_once('\0').unwrap();
    assert_eq!(chosen, mechanism);
    let bare = rest[4..].strip_prefix(header).expect("the channel binding flag");
    let nonce = bare.split("r=").nth(1).unwrap();
    let challenge = format!("r={nonce}more,s={},i=4096", STANDARD.encode(SALT));
    leg.feed(authentication(11, challenge.as_bytes())).unwrap();
    let last = String::from_utf8(leg.sent()).unwrap();
    let (without_proof, proof) = last.split_once(",p=").unwrap();
    let signed = format!("{bare},{challenge},{without_proof}");
    let salted = salted(password);
    let client_key = hmac(&salted, b"Client Key");
    let signature = hmac(&Sha256::digest(&client_key), signed.as_bytes());
    let expected: Vec<u8> = client_key.iter().zip(&signature).map(|(key, byte)| key ^ byte).collect();
    if password == PASSWORD {
        assert_eq!(proof, STANDARD.encode(expected), "the client's proof");
    }
    let server = hmac(&hmac(&salted, b"Server Key"), signed.as_bytes());
    authentication(12, format!("v={}", STANDARD.encode(server)).as_bytes())
}

#[test]
fn the_startup_message_pins_what_sql_depends_on() {
    let mut out = BytesMut::new();
    Login::new(request()).start(&mut out);
    let text = String::from_utf8_lossy(&out).into_owned();
    assert!(text.contains("user\0narrows\0database\0orders\0application_name\0agent\0"));
    assert!(text.ends_with("client_encoding\0UTF8\0standard_conforming_strings\0on\0\0"));
    assert_eq!(u32::from_be_bytes(out[..4].try_into().unwrap()) as usize, out.len());
}

#[test]
fn scram_logs_in_and_yields_parameters_and_key() {
    let mut leg = Leg::new(request());
    leg.feed(offers("SCRAM-SHA-256")).unwrap();
    let signature = exchange(&mut leg, PASSWORD, "SCRAM-SHA-256", "n,,");
    assert_eq!(leg.feed(signature), Ok(None));
    let key = message(b'K', &[0, 0, 0, 42, 1, 2, 3, 4]);
    let end = [authentication(0, b""), settings(), key, ready(b'I')].concat();
    let logged_in = leg.feed(end).unwrap().expect("ready");
    assert_eq!(
        (logged_in.process_id, &logged_in.cancel_key[..], logged_in.parameters.len()),
        (42, &[1, 2, 3, 4][..], 2)
    );
}

#[test]
fn over_tls_the_channel_is_bound_where_the_target_can() {
    let over_tls = || LoginRequest { channel_binding: Some(vec![9; 32]), ..request() };
    let mut leg = Leg::new(over_tls());
    leg.feed(offers("SCRAM-SHA-256-PLUS\0SCRAM-SHA-256")).unwrap();
    let signature = exchange(&mut leg, PASSWORD, "SCRAM-SHA-256-PLUS", "p=tls-server-end-point,,");
    assert_eq!(leg.feed(signature), Ok(None));

    let mut leg = Leg::new(over_tls());
    leg.feed(offers("SCRAM-SHA-256")).unwrap();
    // "y": I could bind; a target that could as well then knows that someone in between took its offer out.
    exchange(&mut leg, PASSWORD, "SCRAM-SHA-256", "y,,");
}

#[test]
fn a_target_that_does_not_know_the_password_is_refused() {
    let mut leg = Leg::new(request());
    leg.feed(offers("SCRAM-SHA-256")).unwrap();
    let signature = exchange(&mut leg, b"guess", "SCRAM-SHA-256", "n,,");
    assert!(leg.fails(signature).contains("could not prove"));
}

#[test]
fn a_target_that_skips_its_proof_is_refused() {
    let mut leg = Leg::new(request());
    leg.feed(offers("SCRAM-SHA-256")).unwrap();
    exchange(&mut leg, PASSWORD, "SCRAM-SHA-256", "n,,");
    assert!(leg.fails(authentication(0, b"")).contains("AuthenticationSASLFinal was expected"));

    let mut leg = Leg::new(request());
    leg.feed(offers("SCRAM-SHA-256")).unwrap();
    assert!(leg.fails(authentication(0, b"")).contains("AuthenticationSASLContinue was expected"));
}

#[test]
fn weaker_methods_are_refused_by_name() {
    for (request_for, named) in [
        (authentication(3, b""), "cleartext"),
        (authentication(5, b"salt"), "md5"),
        (authentication(7, b""), "kind 7"),
        (offers("OAUTHBEARER"), "no SCRAM-SHA-256"),
    ] {
        assert!(Leg::new(request()).fails(request_for).contains(named));
    }
    let mut leg = Leg::new(request());
    leg.feed(offers("SCRAM-SHA-256")).unwrap();
    assert!(leg.fails(authentication(3, b"")).contains("cleartext"), "a downgrade half way");
}

#[test]
fn scram_iterations_are_capped() {
    for iterations in ["100001", "4294967296", "x"] {
        let mut leg = Leg::new(request());
        leg.feed(offers("SCRAM-SHA-256")).unwrap();
        let challenge = format!("r={}more,s=c2FsdA==,i={iterations}", STANDARD.encode([7; NONCE_BYTES]));
        assert!(leg.fails(authentication(11, challenge.as_bytes())).contains("iterations"));
    }
}

#[test]
fn a_target_that_trusts_is_believed_and_one_that_wants_a_password_we_lack_is_not() {
    let without = || LoginRequest { password: None, ..request() };
    let mut leg = Leg::new(without());
    let logged_in = leg.feed([authentication(0, b""), settings(), ready(b'I')].concat()).unwrap();
    assert!(logged_in.expect("ready").cancel_key.is_empty());
    assert!(Leg::new(without()).fails(offers("SCRAM-SHA-256")).contains("its credential has none"));
}

#[test]
fn a_refusal_is_told_with_its_sqlstate() {
    let refused = Leg::new(request()).feed(error("28P01", "password authentication failed")).unwrap_err();
    let expected =
        LoginError::Refused { sqlstate: "28P01".into(), message: "password authentication failed".into() };
    assert_eq!(refused, expected);
}

#[test]
fn settings_under_which_sql_cannot_be_judged_are_refused() {
    for (name, value) in [
        ("client_encoding", "SJIS"),
        ("standard_conforming_strings", "off"),
        ("server_encoding", "SQL_ASCII"),
    ] {
        let mut leg = Leg::new(request());
        let others: Vec<u8> = [("client_encoding", "UTF8"), ("standard_conforming_strings", "on")]
            .into_iter()
            .filter(|(other, _)| *other != name)
            .flat_map(|(other, value)| parameter_status(other, value))
            .collect();
        let end = [authentication(0, b""), others, parameter_status(name, value), ready(b'I')].concat();
        assert!(leg.fails(end).contains(value));
    }
    let nothing_reported = [authentication(0, b""), ready(b'I')].concat();
    assert!(Leg::new(request()).fails(nothing_reported).contains("nothing"));
}

#[test]
fn a_message_out_of_place_or_too_long_is_refused() {
    assert!(Leg::new(request()).fails(ready(b'I')).contains("a request for authentication was expected"));
    assert!(Leg::new(request()).fails([b'R', 0x7f, 0, 0, 0]).contains("login_bytes_max"));
    assert!(Leg::new(request()).fails(authentication(10, b"no end")).contains("malformed"));
}

#[test]
fn nothing_secret_is_in_a_debug_form() {
    let login = Login::new(LoginRequest { password: Some(Arc::new(Password::new(b"hunter2"))), ..request() });
    assert!(!format!("{login:?}").contains("hunter2") && !format!("{login:?}").contains("104, 117"));
}
