//! What holds for every conversation, whatever its messages and however its bytes are cut.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod playbook;

use std::sync::Arc;

use bytes::BytesMut;
use narrows_mask::MaskSet;
use narrows_wire::postgres::{
    Login, LoginRequest, NONCE_BYTES, Password, PostgresInspector, PostgresSession, Startup,
};
use narrows_wire::{
    Actions, Allow, AskId, Epoch, Exposure, Inspector, Limits, Operation, Record, Side, Statement, Verdict,
};
use playbook::messages::*;
use playbook::target::{SECRET, Target};
use playbook::{allowing, denying, masks, pretty};
use proptest::collection::vec;
use proptest::prelude::*;

/// What went where in a whole conversation.
#[derive(Debug, Default, PartialEq)]
struct Transcript {
    to_target: Vec<u8>,
    to_agent: Vec<u8>,
    asked: Vec<Statement>,
    requests: Vec<u8>,
    applied: Vec<u64>,
    closed: Option<String>,
}

struct Run {
    inspector: PostgresInspector,
    target: Target,
    allow: Allow,
    out: Actions,
    seen: Transcript,
    replies: Vec<u8>,
    cuts: Vec<usize>,
    cut: usize,
}

impl Run {
    fn new(masks: Option<Arc<MaskSet>>, allow: Allow, cuts: &[usize]) -> Run {
        let limits = Arc::new(Limits::default());
        let session = PostgresSession { limits, nonce: "n0nce".into(), masks, epoch: Epoch::default() };
        Run {
            inspector: PostgresInspector::new(session),
            target: Target::default(),
            allow,
            out: Actions::default(),
            seen: Transcript::default(),
            replies: Vec::new(),
            cuts: cuts.to_vec(),
            cut: 0,
        }
    }

    /// Sends each span whole, then all its replies, each cut into pieces.
    fn converse(mut self, spans: &[Vec<u8>]) -> Transcript {
        for span in spans {
            self.feed(Side::Downstream, span.clone());
            let replies = std::mem::take(&mut self.replies);
            self.feed(Side::Upstream, replies);
        }
        self.seen
    }

    fn feed(&mut self, side: Side, mut bytes: Vec<u8>) {
        let mut input = BytesMut::new();
        while !bytes.is_empty() {
            let length = self.cuts.get(self.cut).copied().unwrap_or(usize::MAX).clamp(1, bytes.len());
            self.cut += 1;
            input.extend(bytes.drain(..length));
            let fed = self.inspector.feed(side, &mut input, &mut self.out);
            assert!(fed.is_ok(), "{fed:?}");
            while self.settle() {
                assert!(self.inspector.feed(side, &mut input, &mut self.out).is_ok());
            }
        }
        assert!(input.is_empty(), "nothing is left over");
    }

    /// Delivers what is to be delivered and answers an ask; whether there was one.
    fn settle(&mut self) -> bool {
        let to_target = self.out.upstream().split();
        self.seen.to_target.extend(&to_target);
        self.replies.extend(self.target.answer(&to_target));
        self.seen.to_agent.extend(self.out.downstream().split());
        for record in self.out.records.drain(..) {
            match record {
                Record::Request(bytes) => self.seen.requests.extend(bytes),
                Record::Applied(verdict) => self.seen.applied.push(verdict.0),
            }
        }
        self.seen.closed = self.out.close.take().map(|close| close.reason).or(self.seen.closed.take());
        let Some(ask) = self.out.asks.pop() else { return false };
        let Operation::Statement(statement) = ask.operation;
        let verdict = if statement.text.starts_with("deny") {
            Verdict::Deny(Arc::new(denying()))
        } else {
            Verdict::Allow(Arc::new(self.allow.clone()))
        };
        self.seen.asked.push(statement);
        self.inspector.resolve(ask.id, &verdict, &mut self.out).unwrap();
        true
    }
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![3 => Just(String::new()), 2 => Just("a".to_owned()), 1 => Just("b".to_owned())]
}

fn text(denied: bool) -> impl Strategy<Value = String> {
    let deny = if denied { 2 } else { 0 };
    prop_oneof![
        4 => "good[0-3]",
        1 => Just("bad".to_owned()),
        deny => "deny[0-3]",
    ]
}

fn request(denied: bool) -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => (name(), text(denied)).prop_map(|(name, text)| parse(&name, &text)),
        4 => (name(), name()).prop_map(|(portal, statement)| bind(&portal, &statement)),
        1 => name().prop_map(|name| describe(&name)),
        1 => name().prop_map(|name| describe_statement(&name)),
        4 => name().prop_map(|name| execute(&name)),
        1 => name().prop_map(|name| close_statement(&name)),
        1 => text(denied).prop_map(|text| query(&text)),
    ]
}

/// Spans, each ended by a Sync, some by a Flush before it.
fn spans(denied: bool) -> impl Strategy<Value = Vec<Vec<u8>>> {
    let span = (vec(request(denied), 0..8), any::<bool>()).prop_map(|(messages, flushes)| {
        [messages.concat(), if flushes { flush() } else { vec![] }, sync()].concat()
    });
    vec(span, 1..5)
}

fn cuts() -> impl Strategy<Value = Vec<usize>> {
    vec(prop_oneof![1_usize..8, 8_usize..200], 0..200)
}

fn tainted() -> Allow {
    Allow { exposure: Exposure::Tainted, ..allowing() }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn how_bytes_are_cut_makes_no_difference(spans in spans(true), cuts in cuts(), masked: bool) {
        let masks = masked.then(masks);
        let whole = Run::new(masks.clone(), tainted(), &[]).converse(&spans);
        let cut = Run::new(masks, tainted(), &cuts).converse(&spans);
        prop_assert_eq!(pretty(&whole.to_target), pretty(&cut.to_target));
        prop_assert_eq!(whole, cut);
    }

    #[test]
    fn what_is_allowed_and_not_masked_passes_byte_by_byte(spans in spans(false)) {
        let through = Run::new(None, allowing(), &[]).converse(&spans);
        let mut target = Target::default();
        let direct: Vec<u8> = spans.iter().flat_map(|span| target.answer(span)).collect();
        prop_assert_eq!(pretty(&through.to_target), pretty(&spans.concat()));
        prop_assert_eq!(pretty(&through.to_agent), pretty(&direct));
    }

    #[test]
    fn a_denial_is_answered_as_if_the_target_itself_had_denied(spans in spans(true)) {
        let through = Run::new(None, allowing(), &[]).converse(&spans);
        let mut target = Target::denying();
        let direct: Vec<u8> = spans.iter().flat_map(|span| target.answer(span)).collect();
        prop_assert_eq!(pretty(&through.to_agent), pretty(&direct));
    }

    #[test]
    fn no_byte_of_a_denied_operation_goes_up(spans in spans(true), cuts in cuts()) {
        let seen = Run::new(None, allowing(), &cuts).converse(&spans);
        prop_assert!(!contains(&seen.to_target, b"deny0") && !contains(&seen.to_target, b"deny1"));
        prop_assert!(!contains(&seen.to_target, b"deny2") && !contains(&seen.to_target, b"deny3"));
    }

    #[test]
    fn every_message_is_recorded(spans in spans(true), cuts in cuts()) {
        let seen = Run::new(None, allowing(), &cuts).converse(&spans);
        prop_assert_eq!(pretty(&seen.requests), pretty(&spans.concat()));
    }

    #[test]
    fn no_secret_is_told_to_a_session_with_masks(spans in spans(true), cuts in cuts()) {
        let seen = Run::new(Some(masks()), tainted(), &cuts).converse(&spans);
        prop_assert!(!contains(&seen.to_agent, SECRET.as_bytes()));
        prop_assert_eq!(seen.closed, None);
    }

    #[test]
    fn a_held_operation_keeps_everything_behind_it(spans in spans(false), bind_asks: bool) {
        let allow = Allow { ask_at_bind: bind_asks, ..allowing() };
        let mut run = Run::new(None, allow, &[]);
        let mut input = BytesMut::from(&spans.concat()[..]);
        run.inspector.feed(Side::Downstream, &mut input, &mut run.out).unwrap();
        while let Some(ask) = run.out.asks.first().cloned() {
            let Operation::Statement(asked) = &ask.operation;
            prop_assert_eq!(run.inspector.held(), Some(ask.id));
            prop_assert!(!run.inspector.wants_input(Side::Downstream));
            let (before, waiting) = (run.out.upstream().len(), input.len());
            if !asked.text.is_empty() && run.seen.asked.iter().all(|other| other.text != asked.text) {
                prop_assert!(!contains(run.out.upstream(), asked.text.as_bytes()));
            }
            run.seen.asked.push(asked.clone());
            run.inspector.feed(Side::Downstream, &mut input, &mut run.out).unwrap();
            prop_assert_eq!((run.out.upstream().len(), input.len()), (before, waiting));
            let id = run.out.asks.remove(0).id;
            run.inspector.resolve(id, &Verdict::Allow(Arc::new(run.allow.clone())), &mut run.out).unwrap();
            run.inspector.feed(Side::Downstream, &mut input, &mut run.out).unwrap();
        }
        prop_assert_eq!(input.len(), 0);
    }

    #[test]
    fn arbitrary_bytes_never_panic(pieces in vec((any::<bool>(), noise()), 0..20), masked: bool) {
        let mut run = Run::new(masked.then(masks), tainted(), &[]);
        let (mut agent, mut target) = (BytesMut::new(), BytesMut::new());
        for (from_agent, bytes) in pieces {
            let (side, input) =
                if from_agent { (Side::Downstream, &mut agent) } else { (Side::Upstream, &mut target) };
            input.extend(bytes);
            let _ = run.inspector.feed(side, input, &mut run.out);
            if let Some(id) = run.inspector.held() {
                let _ = run.inspector.resolve(id, &Verdict::Allow(Arc::new(tainted())), &mut run.out);
            }
            let _ = run.inspector.resolve(AskId(u64::MAX), &Verdict::Deny(Arc::new(denying())), &mut run.out);
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic_at_login(pieces in vec(noise(), 0..6), secure: bool) {
        let mut startup = Startup::new(Arc::new(Limits::default()));
        let request = LoginRequest {
            user: "u".into(),
            database: "d".into(),
            parameters: vec![],
            password: Some(Arc::new(Password::new(b"p"))),
            nonce: [7; NONCE_BYTES],
            channel_binding: None,
        };
        let mut login = Login::new(request);
        let (mut first, mut second, mut out) = (BytesMut::new(), BytesMut::new(), BytesMut::new());
        for bytes in pieces {
            first.extend(&bytes);
            second.extend(&bytes);
            let _ = startup.feed(&mut first, secure, &mut out);
            let _ = login.feed(&mut second, &mut out);
        }
    }

    #[test]
    fn what_is_kept_stays_within_the_limits(messages in vec(request(true), 0..200)) {
        let limits = Limits {
            statement_bytes_max: 40,
            bind_bytes_max: 40,
            control_bytes_max: 40,
            names_bytes_max: 60,
            names_max: 2,
            pipeline_max: 20,
            span_bytes_max: 50,
            ..Limits::default()
        };
        let bound = limits.names_bytes_max + limits.span_bytes_max + 4 * (limits.bind_bytes_max + 5);
        let session =
            PostgresSession { limits: Arc::new(limits), nonce: "n0nce".into(), masks: None, epoch: Epoch::default() };
        let (mut inspector, mut out) = (PostgresInspector::new(session), Actions::default());
        for message in messages {
            let mut input = BytesMut::from(&message[..]);
            inspector.feed(Side::Downstream, &mut input, &mut out).unwrap();
            if let Some(id) = inspector.held() {
                inspector.resolve(id, &Verdict::Allow(Arc::new(allowing())), &mut out).unwrap();
            }
            prop_assert!(inspector.kept_bytes() <= bound, "{}", inspector.kept_bytes());
        }
    }
}

/// Bytes at random, and messages with random bodies, so that more than the framing is reached.
fn noise() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        1 => vec(any::<u8>(), 0..40),
        4 => (prop_oneof![Just(b'R'), any::<u8>()], vec(any::<u8>(), 0..40)).prop_map(|(tag, body)| message(tag, &body)),
        4 => request(true),
        1 => vec((b'1'..b't').prop_map(|tag| message(tag, &[0, 0, 0, 0, 0, 0, 0, 0])), 0..4)
            .prop_map(|messages| messages.concat()),
        1 => Just([parse_complete(), bind_complete(), columns(&[(0, 0)]), ready(b'I')].concat()),
    ]
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}
