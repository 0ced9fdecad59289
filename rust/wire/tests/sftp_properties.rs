//! What holds for every conversation in SFTP, whatever its requests and however its bytes are cut.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod sftp;

use bytes::BytesMut;
use narrows_wire::ssh::sftp::{SftpInspector, SftpLimits, SftpRecord};
use narrows_wire::{AskId, Inspector, Side};
use proptest::collection::vec;
use proptest::prelude::*;
use sftp::messages::*;
use sftp::target::Target;
use sftp::{EPOCH, Session, SftpActions, allowing, denying};

/// What happened in a whole conversation.
#[derive(Debug, Default, PartialEq)]
struct Transcript {
    done: Vec<String>,
    heard: Vec<Answer>,
    asked: Vec<String>,
    records: Vec<SftpRecord>,
}

/// Sends everything in pieces; what is below `/secret` is denied, the rest allowed.
fn converse(bytes: &[u8], cuts: &[usize]) -> Transcript {
    let (mut session, mut asked) = (Session::open(), Vec::new());
    let (mut rest, mut cuts) = (bytes, cuts.iter());
    while !rest.is_empty() {
        let length = cuts.next().copied().unwrap_or(usize::MAX).clamp(1, rest.len());
        let (piece, behind) = rest.split_at(length);
        rest = behind;
        session.send(piece);
        while let Some(ask) = session.asks.first() {
            asked.push(format!("{:?}", ask.transfer));
            let denied = ask.transfer.path.starts_with("/secret");
            session.resolve(&if denied { denying() } else { allowing() });
        }
    }
    assert_eq!(session.error, None);
    let heard = session.heard();
    Transcript { done: session.target.done, heard, asked, records: session.records }
}

fn path() -> impl Strategy<Value = String> {
    prop_oneof!["/(srv|tmp|secret)/[ab]", "(\\.\\./)?[ab]", "/srv/data/out/[ab]", "/missing/x/[ab]"]
}

fn handle() -> impl Strategy<Value = String> {
    prop_oneof![4 => "h[1-4]", 1 => Just("nonsense".to_owned())]
}

fn any_request() -> impl Strategy<Value = Vec<u8>> {
    let id = any::<u32>();
    prop_oneof![
        3 => (id, path(), prop_oneof![Just(1_u32), Just(0x1a), Just(3)]).prop_map(|(id, path, flags)| open(id, &path, flags)),
        2 => (id, handle()).prop_map(|(id, handle)| read(id, &handle, 0)),
        2 => (id, handle(), vec(any::<u8>(), 0..50)).prop_map(|(id, handle, data)| write(id, &handle, 0, &data)),
        2 => (id, handle()).prop_map(|(id, handle)| close(id, &handle)),
        2 => (id, path(), prop_oneof![Just(7_u8), Just(11), Just(13), Just(15), Just(16), Just(17), Just(19)])
            .prop_map(|(id, path, tag)| with_path(tag, id, &path)),
        1 => (id, path(), path()).prop_map(|(id, from, to)| rename(id, &from, &to)),
        1 => (id, path(), path()).prop_map(|(id, from, to)| symlink(id, &from, &to)),
        1 => (id, path()).prop_map(|(id, path)| setstat(id, &path, 0o4644)),
        1 => (id, any::<u8>(), vec(any::<u8>(), 0..20))
            .prop_filter("an INIT ends the session", |(_, tag, _)| *tag != 1)
            .prop_map(|(id, tag, body)| request(tag, id, &[body])),
    ]
}

fn conversation() -> impl Strategy<Value = Vec<u8>> {
    vec(any_request(), 0..12).prop_map(|requests| requests.concat())
}

fn cuts() -> impl Strategy<Value = Vec<usize>> {
    vec(prop_oneof![1_usize..8, 8_usize..100], 0..100)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn how_bytes_are_cut_makes_no_difference(bytes in vec(any_request(), 1..4), cuts in cuts()) {
        // One request at a time: how soon a second one comes makes a difference to nothing but order.
        for request in &bytes {
            prop_assert_eq!(converse(request, &[]), converse(request, &cuts));
        }
    }

    #[test]
    fn no_operation_goes_up_but_by_an_allow(bytes in conversation()) {
        let mut session = Session::open();
        session.send(&bytes);
        while !session.asks.is_empty() {
            prop_assert!(session.done().is_empty());
            session.resolve(&denying());
        }
        prop_assert!(session.done().is_empty(), "{:?}", session.done());
    }

    #[test]
    fn nothing_that_was_denied_is_named_to_the_target(bytes in conversation(), cuts in cuts()) {
        let seen = converse(&bytes, &cuts);
        for done in &seen.done {
            let path = done.split(' ').nth(1).unwrap();
            prop_assert!(!path.starts_with("/secret"), "{}", done);
        }
    }

    #[test]
    fn every_request_is_answered_once(requests in vec(any_request(), 0..12)) {
        let ids: Vec<u32> = requests.iter().map(|bytes| u32::from_be_bytes(bytes[5..9].try_into().unwrap())).collect();
        let seen = converse(&requests.concat(), &[]);
        let mut heard: Vec<u32> = seen.heard.iter().map(id_of).collect();
        let mut expected = ids;
        heard.sort_unstable();
        expected.sort_unstable();
        prop_assert_eq!(heard, expected);
    }

    #[test]
    fn half_a_request_does_nothing(request in any_request(), cut in any::<prop::sample::Index>()) {
        let seen = converse(&request[..cut.index(request.len())], &[]);
        prop_assert_eq!(seen, Transcript::default());
    }

    #[test]
    fn arbitrary_bytes_never_panic(pieces in vec((any::<bool>(), noise()), 0..20)) {
        let mut inspector = SftpInspector::new(SftpLimits::default(), EPOCH);
        let (mut agent, mut target) = (BytesMut::new(), BytesMut::new());
        let (mut real, mut asks) = (Target::default(), 0);
        agent.extend(init(3));
        for (from_agent, bytes) in pieces {
            let mut out = SftpActions::default();
            if from_agent { agent.extend(bytes) } else { target.extend(bytes) }
            let _ = inspector.feed(Side::Downstream, &mut agent, &mut out);
            target.extend(real.answer(&out.upstream().split()));
            let _ = inspector.feed(Side::Upstream, &mut target, &mut out);
            asks += out.asks.len() as u64;
            let _ = inspector.resolve(AskId(asks), &allowing(), &mut out);
        }
    }
}

#[test]
fn a_conversation_may_be_cut_at_every_offset() {
    let conversation = [
        open(1, "notes", 0x1a),
        write(2, "h1", 0, b"data"),
        close(3, "h1"),
        rename(4, "notes", "/secret/x"),
        realpath(5, "/srv/data/out/../y"),
        opendir(6, "/srv"),
        extended(7, "no-such@thing", &[]),
    ];
    for request in &conversation {
        let whole = converse(request, &[]);
        for cut in 1..request.len() {
            assert_eq!(converse(request, &[cut]), whole, "cut at {cut}");
        }
        assert_eq!(converse(request, &vec![1; request.len()]), whole);
    }
}

fn noise() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        1 => vec(any::<u8>(), 0..40),
        4 => (any::<u8>(), vec(any::<u8>(), 0..40)).prop_map(|(tag, body)| packet(tag, &body)),
        4 => any_request(),
        3 => (101_u8..106, 1_u32..6, vec(any::<u8>(), 0..30)).prop_map(|(tag, id, body)| packet(tag, &[number(id), body].concat())),
    ]
}

fn id_of(answer: &Answer) -> u32 {
    match answer {
        Answer::Status(id, ..)
        | Answer::Handle(id, _)
        | Answer::Data(id, _)
        | Answer::Name(id, _)
        | Answer::Attributes(id)
        | Answer::Extended(id) => *id,
        Answer::Version(_) => panic!("a second VERSION"),
    }
}
