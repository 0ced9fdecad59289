//! Text in pieces: what is held back, and for how long.

#![allow(clippy::expect_used, reason = "a test may panic")]

use bytes::BytesMut;
use narrows_mask::{Detector, Detectors, Stream, Transform};

/// Documented bounds of a stream.
const HELD_BYTES_MAX: usize = 16_384;

fn all() -> Detectors {
    Detectors::new(Detector::ALL.map(|detector| (detector, Transform::Redact))).expect("shapes that compile")
}

/// What comes out for each piece, and at the end.
fn streamed(pieces: &[&[u8]]) -> Vec<String> {
    let (detectors, mut stream) = (all(), Stream::default());
    let mut outputs = Vec::new();
    for piece in pieces {
        let mut out = BytesMut::new();
        stream.feed(&detectors, piece, &mut out);
        assert!(stream.held() <= HELD_BYTES_MAX);
        outputs.push(String::from_utf8_lossy(&out).into_owned());
    }
    let mut out = BytesMut::new();
    stream.flush(&detectors, &mut out);
    assert_eq!(stream.held(), 0);
    outputs.push(String::from_utf8_lossy(&out).into_owned());
    outputs
}

#[test]
fn lines_go_on_as_they_end() {
    assert_eq!(streamed(&[b"one\ntwo", b" and a half\n", b"$ "]), ["one\n", "two and a half\n", "", "$ "]);
}

#[test]
fn a_secret_in_two_pieces_is_one() {
    assert_eq!(streamed(&[b"card 4111 1111 11", b"11 1111\n"]), ["", "card [redacted:pan]\n", ""]);
}

#[test]
fn a_private_key_goes_whole_over_any_number_of_lines() {
    let key = "x\n-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\nAAAA\n-----END OPENSSH PRIVATE KEY-----\ny\n";
    let expected = "x\n[redacted:private-key]\ny\n";
    assert_eq!(streamed(&[key.as_bytes()]).concat(), expected);
    for cut in 1..key.len() {
        let (head, tail) = key.as_bytes().split_at(cut);
        assert_eq!(streamed(&[head, tail]).concat(), expected, "{cut}");
    }
    let bytes: Vec<&[u8]> = key.as_bytes().chunks(1).collect();
    assert_eq!(streamed(&bytes).concat(), expected);
}

#[test]
fn a_private_key_without_an_end_is_dropped_up_to_a_limit() {
    let line = format!("{}\n", "A".repeat(63));
    let body = line.repeat(1_100);
    let text = format!("-----BEGIN PRIVATE KEY-----\n{body}done\n");
    let shown = streamed(&[text.as_bytes()]).concat();
    assert!(shown.starts_with("[redacted:private-key]") && shown.ends_with("done\n"));
    assert!(shown.len() < body.len() - 65_536 + 100, "{}", shown.len());
}

#[test]
fn a_line_without_an_end_is_let_go_in_steps() {
    let noise = "lorem ipsum ".repeat(4_000);
    let text = format!("{noise}4111 1111 1111 1111 {noise}ada@example.com {noise}");
    let expected =
        text.replace("4111 1111 1111 1111", "[redacted:pan]").replace("ada@example.com", "[redacted:email]");
    assert_eq!(streamed(&[text.as_bytes()]).concat(), expected);
    for size in [1, 7, 4_096, 20_000] {
        let pieces: Vec<&[u8]> = text.as_bytes().chunks(size).collect();
        assert_eq!(streamed(&pieces).concat(), expected, "{size}");
    }
}

#[test]
fn bytes_that_are_no_text_pass() {
    let bytes: Vec<u8> = (0..=255).cycle().take(5_000).collect();
    let (detectors, mut stream, mut out) = (all(), Stream::default(), BytesMut::new());
    stream.feed(&detectors, &bytes, &mut out);
    stream.flush(&detectors, &mut out);
    assert_eq!(&out[..], &bytes[..]);
}
