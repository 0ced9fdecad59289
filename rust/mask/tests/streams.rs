//! Text in pieces: what is held back, and for how long.

#![allow(clippy::expect_used, clippy::string_slice, reason = "a test may panic")]

use std::sync::{Arc, LazyLock};

use bytes::BytesMut;
use narrows_mask::{Detector, Detectors, KnownValues, Stream, Transform};
use proptest::prelude::*;

/// Documented bounds of a stream.
const LINE_BYTES_MAX: usize = 16_384;
const PASSWORD: &[u8] = b"correct horse/battery+staple";
const LABELLED: &str = include_str!("data/labelled.tsv");

fn all() -> Arc<Detectors> {
    let all = Detector::ALL.map(|detector| (detector, Transform::Redact));
    Arc::new(Detectors::new(all).expect("shapes that compile"))
}

fn stream(detectors: &Arc<Detectors>, ansi: bool) -> Stream {
    static KNOWN: LazyLock<Arc<KnownValues>> =
        LazyLock::new(|| Arc::new(KnownValues::new([PASSWORD]).expect("a short value")));
    Stream::new(Arc::clone(detectors), Arc::clone(&KNOWN), ansi)
}

/// What comes out for each piece, and at the end.
fn streamed_by(mut stream: Stream, pieces: &[&[u8]]) -> Vec<String> {
    let mut outputs = Vec::new();
    for piece in pieces {
        let mut out = BytesMut::new();
        stream.feed(piece, &mut out);
        assert!(stream.held() <= LINE_BYTES_MAX);
        outputs.push(String::from_utf8_lossy(&out).into_owned());
    }
    let mut out = BytesMut::new();
    stream.finish(&mut out);
    assert_eq!(stream.held(), 0);
    outputs.push(String::from_utf8_lossy(&out).into_owned());
    outputs
}

fn streamed(pieces: &[&[u8]]) -> Vec<String> {
    streamed_by(stream(&all(), false), pieces)
}

fn shown(pieces: &[&[u8]]) -> Vec<String> {
    streamed_by(stream(&all(), true), pieces)
}

#[test]
fn only_what_could_become_a_find_is_held() {
    let pieces: [&[u8]; 5] = [b"one\ntwo", b" and a half\n", b"$ ", b"call 4111 ", b"times"];
    assert_eq!(streamed(&pieces), ["one\n", "two and a half\n", "$ ", "call ", "4111 ", "times"]);
}

#[test]
fn a_secret_in_two_pieces_is_one() {
    assert_eq!(streamed(&[b"card 4111 1111 11", b"11 1111\n"]), ["card ", "[redacted:pan]\n", ""]);
    assert_eq!(streamed(&[b"pwd='two wo", b"rds' x"]), ["pwd=", "'[redacted:connection-string]' ", "x"]);
}

#[test]
fn what_stands_before_a_number_counts_after_it_has_gone_on() {
    assert_eq!(streamed(&[b"her ssn is ", b"219099999\n"]), ["her ssn is ", "[redacted:us-ssn]\n", ""]);
}

#[test]
fn known_values_are_found_in_every_form() {
    for form in [
        "correct horse/battery+staple",
        "correct%20horse%2Fbattery%2Bstaple",
        "636f727265637420686f7273652f626174746572792b737461706c65",
        "636F727265637420686F7273652F626174746572792B737461706C65",
        "Y29ycmVjdCBob3JzZS9iYXR0ZXJ5K3N0YXBsZQ==",
        // Behind one byte and behind two.
        "OmNvcnJlY3QgaG9yc2UvYmF0dGVyeStzdGFwbGU=",
        "YTpjb3JyZWN0IGhvcnNlL2JhdHRlcnkrc3RhcGxl",
    ] {
        let text = format!("<{form}> x\n");
        for cut in 1..text.len() {
            let (head, tail) = text.as_bytes().split_at(cut);
            let all = streamed(&[head, tail]).concat();
            assert!(all.contains("[redacted:known]") && all.ends_with("> x\n"), "{form} {cut} {all}");
        }
    }
}

#[test]
fn each_line_of_a_known_value_is_one_and_short_ones_are_none() {
    let known = KnownValues::new([b"first line\nsecond line\n".as_slice(), b"short"]).expect("short values");
    let pieces: [&[u8]; 1] = [b"a second line, short\n"];
    assert_eq!(
        streamed_by(Stream::new(all(), Arc::new(known), false), &pieces)[0],
        "a [redacted:known], short\n"
    );
}

#[test]
fn finds_are_counted() {
    let (mut stream, mut out) = (stream(&all(), false), BytesMut::new());
    stream.feed(b"ada@example.com 4111111111111111 bob@example.com\n", &mut out);
    let masked: Vec<_> = stream.masked().iter().map(|(name, count)| (*name, *count)).collect();
    assert_eq!(masked, [("email", 2), ("pan", 1)]);
}

#[test]
fn a_terminals_sequences_hide_nothing_and_stay() {
    for (output, expected) in [
        (
            "\x1b[31m4111\x1b[0m1111\x1b[1;4m11111111\x1b[m x\n",
            "\x1b[31m[redacted:pan]\x1b[0m\x1b[1;4m\x1b[m x\n",
        ),
        ("ada\x1b(B@exam\x08ple.com\r\n", "[redacted:email]\x1b(B\x08\r\n"),
        ("\x1b]0;ada@example.com\x07$ ", "\x1b]0;[redacted:email]\x07$ "),
        (
            "\x1b]8;;http://u:hunter22@h/\x1b\\link\n",
            "\x1b]8;;http://u:[redacted:connection-string]@h/\x1b\\link\n",
        ),
        ("\x1b[?2004h$ ", "\x1b[?2004h$ "),
        ("tab\tand\x07 bell\n", "tab\tand\x07 bell\n"),
    ] {
        assert_eq!(shown(&[output.as_bytes()]).concat(), expected);
    }
}

#[test]
fn what_is_no_sequence_is_text() {
    let endless = format!("\x1b]0;{} ada@example.com x\n", "y ".repeat(3_000));
    let all = shown(&[endless.as_bytes()]).concat();
    assert_eq!(all, endless.replace("ada@example.com", "[redacted:email]"));
    assert_eq!(shown(&[b"\x1b[12"]), ["", "\x1b[12"]);
}

#[test]
fn a_private_key_goes_whole_over_any_number_of_lines() {
    let key = "x\n-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\nAAAA\n-----END OPENSSH PRIVATE KEY-----\ny\n";
    let one_line = "x\n-----BEGIN PRIVATE KEY----- b3BlbnNzaC1rZXk AAAA -----END PRIVATE KEY-----\ny\n";
    let expected = "x\n[redacted:private-key]\ny\n";
    for (key, ansi) in [(key, false), (key, true), (one_line, false)] {
        let whole = streamed_by(stream(&all(), ansi), &[key.as_bytes()]).concat();
        assert_eq!(whole, expected);
        for cut in 1..key.len() {
            let (head, tail) = key.as_bytes().split_at(cut);
            let cut_up = streamed_by(stream(&all(), ansi), &[head, tail]).concat();
            assert_eq!(cut_up, expected, "{cut}");
        }
        let bytes: Vec<&[u8]> = key.as_bytes().chunks(1).collect();
        assert_eq!(streamed_by(stream(&all(), ansi), &bytes).concat(), expected);
    }
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
    let text = format!("{noise}4111 1111 1111 1111 {noise}ada@example.com {noise}{}", "y".repeat(40_000));
    let expected =
        text.replace("4111 1111 1111 1111", "[redacted:pan]").replace("ada@example.com", "[redacted:email]");
    assert_eq!(streamed(&[text.as_bytes()]).concat(), expected);
    for size in [7, 4_096, 20_000] {
        let pieces: Vec<&[u8]> = text.as_bytes().chunks(size).collect();
        assert_eq!(streamed(&pieces).concat(), expected, "{size}");
    }
}

#[test]
fn bytes_that_are_no_text_pass() {
    let bytes: Vec<u8> = (0..=255).cycle().take(5_000).collect();
    for ansi in [false, true] {
        let (mut stream, mut out) = (stream(&all(), ansi), BytesMut::new());
        stream.feed(&bytes, &mut out);
        stream.finish(&mut out);
        assert_eq!(&out[..], &bytes[..]);
    }
}

/// Every labelled text, cut at every place: the same comes out as when it comes whole.
#[test]
fn what_comes_out_does_not_depend_on_where_labelled_text_was_cut() {
    let detectors = all();
    for text in LABELLED.lines().map(|line| line.rsplit('\t').next().unwrap_or_default()).step_by(10) {
        let text = format!("{text} end\n");
        let whole = streamed_by(stream(&detectors, false), &[text.as_bytes()]).concat();
        for cut in 1..text.len() {
            let (head, tail) = text.as_bytes().split_at(cut);
            let cut_up = streamed_by(stream(&detectors, false), &[head, tail]).concat();
            assert_eq!(cut_up, whole, "{text:?} at {cut}");
        }
    }
}

/// Pieces of everything that detectors and terminals look at, joined at random.
fn output() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        "[ -~]{0,12}",
        "[0-9]{1,5}[ -]?",
        Just("4111 1111 1111 1111".to_owned()),
        Just("DE89 3704 0044 0532 0130 00".to_owned()),
        Just("+49 30 901820".to_owned()),
        Just("ada@example.com".to_owned()),
        Just("password=".to_owned()),
        Just("'".to_owned()),
        Just("-----".to_owned()),
        Just("-----BEGIN PRIVATE KEY-----".to_owned()),
        Just("-----END PRIVATE KEY-----".to_owned()),
        Just("correct horse/battery+staple".to_owned()),
        Just("\n".to_owned()),
        Just(" ".to_owned()),
        Just("\r\n".to_owned()),
        Just("\x1b[31m".to_owned()),
        Just("\x1b]0;title ada@example.com\x07".to_owned()),
        Just("\x1b".to_owned()),
        Just("\x08".to_owned()),
        Just("é".to_owned()),
    ];
    prop::collection::vec(part, 0..24).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn what_comes_out_does_not_depend_on_where_it_was_cut(
        text in output(),
        ansi in any::<bool>(),
        size in 1..9_usize,
    ) {
        let detectors = all_once();
        let whole = streamed_by(stream(detectors, ansi), &[text.as_bytes()]).concat();
        let pieces: Vec<&[u8]> = text.as_bytes().chunks(size).collect();
        let mut bytes = BytesMut::new();
        let mut in_pieces = stream(detectors, ansi);
        for piece in pieces {
            in_pieces.feed(piece, &mut bytes);
        }
        in_pieces.finish(&mut bytes);
        prop_assert_eq!(String::from_utf8_lossy(&bytes), whole);
    }
}

fn all_once() -> &'static Arc<Detectors> {
    static ALL: LazyLock<Arc<Detectors>> = LazyLock::new(all);
    &ALL
}
