//! What is plain HTTP/1.1 and what is not, however its bytes are cut.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use narrows_wire::http::{HttpLimits, Refused, RequestCheck};
use proptest::collection::vec;
use proptest::prelude::*;

const HOST: &str = "Host: gateway\r\n";

/// What became of a stream: how many of its bytes were good, and why no more.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    good: usize,
    refused: Option<Refused>,
}

/// Feeds a stream in pieces, as a relay does: what is not good yet is kept and offered again.
fn check_in_pieces(check: &mut RequestCheck, pieces: &[&[u8]]) -> Outcome {
    let (mut kept, mut good) = (Vec::new(), 0);
    for piece in pieces {
        kept.extend_from_slice(piece);
        loop {
            let checked = check.feed(&kept);
            kept.drain(..checked.good);
            good += checked.good;
            if checked.refused.is_some() {
                return Outcome { good, refused: checked.refused };
            }
            if checked.good == 0 {
                break;
            }
        }
    }
    Outcome { good, refused: None }
}

fn outcome_of(stream: &[u8]) -> Outcome {
    check_in_pieces(&mut RequestCheck::new(HttpLimits::default()), &[stream])
}

/// The outcome of a stream, which is the same in every two pieces and byte by byte.
fn check_in_every_cut(stream: &[u8]) -> Outcome {
    let whole = outcome_of(stream);
    for cut in 0..=stream.len() {
        let (front, back) = stream.split_at(cut);
        let mut check = RequestCheck::new(HttpLimits::default());
        assert_eq!(check_in_pieces(&mut check, &[front, back]), whole, "cut at {cut}: {stream:?}");
    }
    let bytes: Vec<&[u8]> = stream.chunks(1).collect();
    assert_eq!(check_in_pieces(&mut RequestCheck::new(HttpLimits::default()), &bytes), whole);
    whole
}

fn request(line: &str, fields: &str) -> String {
    format!("{line}\r\n{HOST}{fields}\r\n")
}

#[test]
fn plain_requests_are_good() {
    let plain = [
        request("GET / HTTP/1.1", ""),
        request(
            "GET /clusters/prod/api/v1/pods?limit=500 HTTP/1.1",
            "Accept: application/json\r\nX-Empty:\r\n",
        ),
        request("POST /a HTTP/1.1", "content-length: 3\r\n") + "abc",
        request("POST /a HTTP/1.1", "Content-Length: 0\r\n"),
        request("POST /a HTTP/1.1", "Transfer-Encoding: chunked\r\n")
            + "3\r\nabc\r\n00A\r\n0123456789\r\n0\r\n\r\n",
        request("GET /a HTTP/1.1", "X-Name:  J\u{fc}rgen\t x \r\nCookie: a=b\r\nCookie: c=d\r\n"),
        "GET / HTTP/1.0\r\n\r\n".to_owned(),
        request("GET / HTTP/1.0", "Content-Length: 2\r\n") + "ab",
    ];
    for stream in &plain {
        let outcome = check_in_every_cut(stream.as_bytes());
        assert_eq!(outcome, Outcome { good: stream.len(), refused: None }, "{stream:?}");
    }
    // One behind another, the bodies of the former telling where the latter begin.
    let all = plain.concat();
    assert_eq!(check_in_every_cut(all.as_bytes()), Outcome { good: all.len(), refused: None });
}

#[test]
fn a_head_is_good_when_all_of_it_is_there() {
    let stream = request("GET / HTTP/1.1", "A: b\r\n");
    for cut in 0..stream.len() {
        assert_eq!(outcome_of(&stream.as_bytes()[..cut]), Outcome { good: 0, refused: None });
    }
}

#[test]
fn what_two_readers_could_frame_differently_is_refused() {
    let post = |fields: &str| request("POST /a HTTP/1.1", fields);
    let chunks = |body: &str| post("Transfer-Encoding: chunked\r\n") + body;
    let odd = [
        // Two lengths, or a length and chunks.
        post("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"),
        post("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n"),
        post("Content-Length: 3\r\nContent-Length: 3\r\n"),
        post("Content-Length: 3\r\ncontent-length: 4\r\n"),
        post("Content-Length: 3, 3\r\n"),
        // Lengths that are no number.
        post("Content-Length:\r\n"),
        post("Content-Length: +3\r\n"),
        post("Content-Length: -3\r\n"),
        post("Content-Length: 0x3\r\n"),
        post("Content-Length: 3 3\r\n"),
        post("Content-Length: \"3\"\r\n"),
        post("Content-Length: 9999999999999999999\r\n"),
        post("Content-Length: \u{663}\r\n"),
        // Encodings besides chunked.
        post("Transfer-Encoding: identity\r\n"),
        post("Transfer-Encoding: gzip, chunked\r\n"),
        post("Transfer-Encoding: chunked, chunked\r\n"),
        post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
        post("Transfer-Encoding: \"chunked\"\r\n"),
        post("Transfer-Encoding: xchunked\r\n"),
        post("Transfer-Encoding:\r\n"),
        post("Transfer-Encoding: chunked;q=1\r\n"),
        post("Transfer-Encoding:\u{b}chunked\r\n"),
        request("POST /a HTTP/1.0", "Transfer-Encoding: chunked\r\n"),
        // Lines.
        "GET / HTTP/1.1\nHost: a\r\n\r\n".to_owned(),
        "GET / HTTP/1.1\r\nHost: a\n\r\n".to_owned(),
        "GET / HTTP/1.1\r\nHost: a\r\n\n".to_owned(),
        "GET / HTTP/1.1\r\nHost: a\r\n\r\r\n\r\n".to_owned(),
        "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
        post("X: a\r\n b\r\n"),
        post("X: a\r\n\tContent-Length: 3\r\n"),
        format!("GET / HTTP/1.1\r\n Content-Length: 5\r\n{HOST}\r\n"),
        // Names and values.
        post("Content-Length : 3\r\n"),
        post("Content-Length\t: 3\r\n"),
        post("Transfer-Encoding : chunked\r\n"),
        post(": 3\r\n"),
        post("NoColon\r\n"),
        post("X\u{0}: a\r\n"),
        post("(X): a\r\n"),
        post("\u{fc}: a\r\n"),
        post("X: a\u{0}b\r\n"),
        post("X: a\rb\r\n"),
        post("X: a\u{1b}b\r\n"),
        post("X: a\u{7f}b\r\n"),
        // Hosts.
        "GET / HTTP/1.1\r\n\r\n".to_owned(),
        post("Host: b\r\n"),
        post("host: gateway\r\n"),
        request("GET / HTTP/1.0", "Host: b\r\n"),
        // Request lines.
        request("GET http://gateway/ HTTP/1.1", ""),
        request("CONNECT gateway:443 HTTP/1.1", ""),
        request("CONNECT /a HTTP/1.1", ""),
        request("OPTIONS * HTTP/1.1", ""),
        request("GET  / HTTP/1.1", ""),
        request("GET / HTTP/1.1 ", ""),
        request(" GET / HTTP/1.1", ""),
        request("GET /a b HTTP/1.1", ""),
        request("GET\t/\tHTTP/1.1", ""),
        request("GET / HTTP/2.0", ""),
        request("GET / http/1.1", ""),
        request("GET / HTTP/1.11", ""),
        request("GET /", ""),
        request("GET", ""),
        request("G@T / HTTP/1.1", ""),
        request("GET /\u{fc} HTTP/1.1", ""),
        request("GET /\u{0} HTTP/1.1", ""),
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(),
        "\u{16}\u{3}\u{1}\u{2}\n\r\n".to_owned(),
        // Chunks.
        chunks("3;ext=1\r\nabc\r\n0\r\n\r\n"),
        chunks("3 \r\nabc\r\n0\r\n\r\n"),
        chunks(" 3\r\nabc\r\n0\r\n\r\n"),
        chunks("0x3\r\nabc\r\n0\r\n\r\n"),
        chunks("+3\r\nabc\r\n0\r\n\r\n"),
        chunks("3\nabc\r\n0\r\n\r\n"),
        chunks("3\r\nabc\n0\r\n\r\n"),
        chunks("3\r\nabcd\r\n0\r\n\r\n"),
        chunks("\r\n0\r\n\r\n"),
        chunks("g\r\n"),
        chunks("0000000000003\r\nabc\r\n"),
        chunks("fffffffffffffffff\r\n"),
        chunks("0\r\nX: trailer\r\n\r\n"),
        chunks("0\r\n\n"),
        chunks("0;\r\n\r\n"),
    ];
    for stream in &odd {
        let outcome = check_in_every_cut(stream.as_bytes());
        let refused = outcome.refused.unwrap_or_else(|| panic!("{stream:?} passed: {outcome:?}"));
        assert_eq!(refused.code, 400, "{stream:?}");
        assert!(outcome.good < stream.len());
    }
}

#[test]
fn a_request_hidden_behind_a_body_is_found() {
    let hidden = request("GET http://smuggled/ HTTP/1.1", "");
    let first = request("POST /a HTTP/1.1", "Content-Length: 3\r\n") + "abc";
    let outcome = check_in_every_cut((first.clone() + &hidden).as_bytes());
    assert_eq!(outcome.good, first.len());
    assert_eq!(outcome.refused.map(|refused| refused.what), Some("the target is not a path"));
    // The same inside of the body is a body.
    let body = request("POST /a HTTP/1.1", &format!("Content-Length: {}\r\n", hidden.len())) + &hidden;
    assert_eq!(check_in_every_cut(body.as_bytes()), Outcome { good: body.len(), refused: None });
}

#[test]
fn what_is_good_ends_with_the_request() {
    let bare = request("GET /a HTTP/1.1", "");
    let lengthy = request("PUT /a HTTP/1.1", "Content-Length: 3\r\n") + "abc";
    let chunked = request("POST /a HTTP/1.1", "Transfer-Encoding: chunked\r\n") + "1\r\na\r\n0\r\n\r\n";
    for first in [bare.clone(), lengthy, chunked] {
        let mut check = RequestCheck::new(HttpLimits::default());
        assert_eq!(check.feed((first.clone() + &bare).as_bytes()).good, first.len());
        assert!(check.expects_request());
        assert_eq!(check.feed(bare.as_bytes()).good, bare.len());
    }
}

#[test]
fn a_head_is_bounded_before_it_ends() {
    let limits = HttpLimits::default();
    let endless = |start: &str, repeated: &str| {
        let mut check = RequestCheck::new(limits.clone());
        let mut kept = start.as_bytes().to_vec();
        loop {
            kept.extend_from_slice(repeated.as_bytes());
            let checked = check.feed(&kept);
            assert_eq!(checked.good, 0);
            if let Some(refused) = checked.refused {
                return (refused.code, kept.len());
            }
            assert!(kept.len() < 1 << 20, "nothing bounds {start:?}");
        }
    };
    let (code, held) = endless("GET /", "a");
    assert!(code == 414 && held <= limits.target_bytes_max + 65, "{held}");
    let (code, held) = endless("GET / HTTP/1.1\r\nX: ", "a");
    assert!(code == 431 && held <= limits.fields_bytes_max + 17, "{held}");
    let (code, _) = endless("GET / HTTP/1.1\r\n", "X: a\r\n");
    assert_eq!(code, 431);
    let (code, _) = endless("GET / HTTP/1.1\r\n", &format!("X: {}\r\n", "a".repeat(8000)));
    assert_eq!(code, 431);
}

#[test]
fn the_longest_target_passes_and_one_byte_more_does_not() {
    let limits = HttpLimits::default();
    let of = |length: usize| request(&format!("GET /{} HTTP/1.1", "a".repeat(length - 1)), "");
    assert_eq!(outcome_of(of(limits.target_bytes_max).as_bytes()).refused, None);
    assert_eq!(
        outcome_of(of(limits.target_bytes_max + 1).as_bytes()).refused.map(|refused| refused.code),
        Some(414)
    );
    let fields = |count: usize| request("GET / HTTP/1.1", &"X: a\r\n".repeat(count - 1));
    assert_eq!(outcome_of(fields(limits.fields_max).as_bytes()).refused, None);
    assert_eq!(
        outcome_of(fields(limits.fields_max + 1).as_bytes()).refused.map(|refused| refused.code),
        Some(431)
    );
}

#[test]
fn behind_an_upgrade_anything_passes_and_before_it_nothing_but_requests() {
    let upgrade = request("GET /a HTTP/1.1", "Connection: Upgrade\r\nUpgrade: websocket\r\n");
    let mut check = RequestCheck::new(HttpLimits::default());
    assert_eq!(check.feed(upgrade.as_bytes()).good, upgrade.len());
    check.upgraded();
    assert_eq!(check.feed(b"\x82\x00\n\0"), narrows_wire::http::Checked { good: 4, refused: None });

    let early = [upgrade.as_bytes(), b"\x82\x00\n\0"].concat();
    let outcome = check_in_every_cut(&early);
    assert!(outcome.refused.is_some() && outcome.good == upgrade.len());
    // One that was denied leaves the connection to the next request.
    let twice = upgrade.repeat(2);
    assert_eq!(outcome_of(twice.as_bytes()), Outcome { good: twice.len(), refused: None });
}

/// A stream that is nearly good: whole requests, some of them with one byte changed.
fn nearly_good() -> impl Strategy<Value = Vec<u8>> {
    let one = prop_oneof![
        Just(request("GET /a?b=c HTTP/1.1", "Accept: */*\r\n")),
        "[a-z\r\n]{0,20}".prop_map(|body| {
            request("PUT /a HTTP/1.1", &format!("Content-Length: {}\r\n", body.len())) + &body
        }),
        vec("[a-z\r\n]{1,20}", 0..4).prop_map(|chunks| {
            let written = |chunk: &String| format!("{:x}\r\n{chunk}\r\n", chunk.len());
            let chunks: Vec<String> = chunks.iter().map(written).collect();
            request("POST /a HTTP/1.1", "Transfer-Encoding: chunked\r\n") + &chunks.concat() + "0\r\n\r\n"
        }),
    ];
    let change = proptest::option::weighted(0.7, (any::<prop::sample::Index>(), any::<u8>()));
    (vec(one, 1..4), change).prop_map(|(requests, change)| {
        let mut stream = requests.concat().into_bytes();
        if let Some((position, byte)) = change {
            let position = position.index(stream.len());
            stream[position] = byte;
        }
        stream
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn how_bytes_are_cut_makes_no_difference(stream in nearly_good(), cuts in vec(1_usize..40, 0..20)) {
        let (mut pieces, mut rest) = (Vec::new(), &stream[..]);
        for cut in cuts {
            let (piece, behind) = rest.split_at(cut.min(rest.len()));
            pieces.push(piece);
            rest = behind;
        }
        pieces.push(rest);
        let mut check = RequestCheck::new(HttpLimits::default());
        prop_assert_eq!(check_in_pieces(&mut check, &pieces), outcome_of(&stream));
    }

    #[test]
    fn no_bytes_make_it_fail(stream in vec(any::<u8>(), 0..300)) {
        let outcome = outcome_of(&stream);
        prop_assert!(outcome.good <= stream.len());
    }
}
