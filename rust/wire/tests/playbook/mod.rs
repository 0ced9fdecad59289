//! A conversation between an agent and a target, with the inspector in between and no socket.
//!
//! ```text
//! Playbook::open()
//!     .agent(query("select 1"))          the agent sends
//!     .asks(Phase::Query, "select 1")    the inspector wants to know
//!     .target_gets([])                   and nothing has gone up
//!     .allow()
//!     .target_gets([query("select 1")])
//!     .target([complete("SELECT 0"), ready(b'I')])
//!     .agent_gets([complete("SELECT 0"), ready(b'I')]);
//! ```
//!
//! Every byte counts: what is not asserted before the conversation ends fails the test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(clippy::needless_pass_by_value, reason = "a conversation reads better without ampersands")]
#![allow(clippy::doc_markdown, reason = "messages keep the names that their specification gives them")]
#![allow(dead_code, unreachable_pub, missing_docs, reason = "each test crate uses its own part")]

use std::collections::HashMap;
use std::sync::Arc;

use bytes::BytesMut;
use narrows_mask::{Detector, Detectors, MaskSet, RelationMasks, Transform};
use narrows_wire::postgres::{PostgresInspector, PostgresSession};
use narrows_wire::{
    Actions, Allow, AskId, Deny, Effects, Epoch, Error, Exposure, Inspector, Limits, Operation, Phase,
    Record, RecordLevel, Scope, Side, Statement, Verdict, VerdictId,
};

pub mod messages;
pub mod target;

use messages::{message, report};

pub const POISON: &str = "narrows_deny_n0nce";
/// A relation whose attribute 2 is masked to NULL.
pub const PEOPLE: u32 = 16_400;
/// A relation without masks.
pub const ORDERS: u32 = 16_500;

pub struct Playbook {
    pub inspector: PostgresInspector,
    from_agent: BytesMut,
    from_target: BytesMut,
    out: Actions,
    to_target: Vec<u8>,
    to_agent: Vec<u8>,
    asks: Vec<(AskId, Statement)>,
    open: Option<AskId>,
    applied: Vec<VerdictId>,
    left_out: Vec<NotKept>,
    requests: Vec<u8>,
    closed: Option<String>,
    error: Option<Error>,
}

/// What the recording keeps no copy of, of one answer.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct NotKept {
    pub answer: u64,
    pub by: u64,
    pub rows: u64,
    pub bytes: Vec<u8>,
}

pub fn masks() -> Arc<MaskSet> {
    let people = RelationMasks::Columns(Arc::new(HashMap::from([(2, Transform::Null)])));
    let relations = HashMap::from([(PEOPLE, people), (ORDERS, RelationMasks::Clear)]);
    Arc::new(MaskSet { relations, ..MaskSet::default() })
}

/// The masks, with a detector of email addresses for everything else.
pub fn detecting() -> Arc<MaskSet> {
    let detectors = Detectors::new([(Detector::Email, Transform::Redact)]).unwrap();
    Arc::new(MaskSet { detectors: Some(Arc::new(detectors)), ..MaskSet::clone(&masks()) })
}

pub fn allowing() -> Allow {
    Allow {
        id: VerdictId(1),
        rule: "reads".into(),
        approval: None,
        scope: Scope::Statement,
        epoch: Epoch::default(),
        exposure: Exposure::Clear,
        columns: None,
        copy: None,
        effects: Effects::default(),
        gives: [].into(),
        reads: [].into(),
        ask_at_bind: false,
        rows_max: None,
        record: RecordLevel::Full,
    }
}

pub fn denying() -> Deny {
    Deny {
        id: VerdictId(2),
        rule: "never-destroy".into(),
        reason: "no".into(),
        hint: "ask".into(),
        sqlstate: *b"42501",
        scope: Scope::Once,
        epoch: Epoch::default(),
    }
}

/// What the agent is told when [`denying`] has denied.
pub fn denied() -> Vec<u8> {
    narrows_error("42501", "Narrows: no", "rule never-destroy", "ask")
}

pub fn narrows_error(sqlstate: &str, text: &str, detail: &str, hint: &str) -> Vec<u8> {
    report(b'E', &[('S', "ERROR"), ('V', "ERROR"), ('C', sqlstate), ('M', text), ('D', detail), ('H', hint)])
}

pub fn fatal(sqlstate: &str, text: &str) -> Vec<u8> {
    report(b'E', &[('S', "FATAL"), ('V', "FATAL"), ('C', sqlstate), ('M', text)])
}

/// What the target says to poison.
pub fn poison_error(sqlstate: &str) -> Vec<u8> {
    messages::error(sqlstate, &format!("\"{POISON}\" does not exist"))
}

pub fn poisoned_query() -> Vec<u8> {
    messages::query(POISON)
}

pub fn poisoned_parse(name: &str) -> Vec<u8> {
    messages::parse(name, POISON)
}

pub fn poisoned_bind() -> Vec<u8> {
    messages::bind("", POISON)
}

pub fn poisoned_execute() -> Vec<u8> {
    messages::execute(POISON)
}

impl Playbook {
    pub fn open() -> Playbook {
        Playbook::with(Limits::default(), None)
    }

    pub fn masked() -> Playbook {
        Playbook::with(Limits::default(), Some(masks()))
    }

    pub fn detecting() -> Playbook {
        Playbook::with(Limits::default(), Some(detecting()))
    }

    pub fn limited(limits: Limits) -> Playbook {
        Playbook::with(limits, None)
    }

    pub fn with(limits: Limits, masks: Option<Arc<MaskSet>>) -> Playbook {
        let session = PostgresSession {
            limits: Arc::new(limits),
            nonce: "n0nce".into(),
            masks,
            epoch: Epoch::default(),
        };
        Playbook {
            inspector: PostgresInspector::new(session),
            from_agent: BytesMut::new(),
            from_target: BytesMut::new(),
            out: Actions::default(),
            to_target: Vec::new(),
            to_agent: Vec::new(),
            asks: Vec::new(),
            open: None,
            applied: Vec::new(),
            left_out: Vec::new(),
            requests: Vec::new(),
            closed: None,
            error: None,
        }
    }

    /// The agent sends; what cannot be taken yet stays in its buffer.
    #[track_caller]
    pub fn agent(&mut self, bytes: impl AsRef<[u8]>) -> &mut Playbook {
        self.from_agent.extend_from_slice(bytes.as_ref());
        self.pump();
        self
    }

    /// As [`Playbook::agent`], several messages in one write.
    pub fn agent_all<const N: usize>(&mut self, messages: [Vec<u8>; N]) -> &mut Playbook {
        self.agent(messages.concat())
    }

    /// The target sends.
    pub fn target<const N: usize>(&mut self, messages: [Vec<u8>; N]) -> &mut Playbook {
        self.from_target.extend_from_slice(&messages.concat());
        let fed = self.inspector.feed(Side::Upstream, &mut self.from_target, &mut self.out);
        self.keep(fed);
        self.pump();
        self
    }

    #[track_caller]
    pub fn target_gets<const N: usize>(&mut self, messages: [Vec<u8>; N]) -> &mut Playbook {
        let got = std::mem::take(&mut self.to_target);
        assert_eq!(pretty(&got), pretty(&messages.concat()), "what the target got");
        self
    }

    #[track_caller]
    pub fn agent_gets<const N: usize>(&mut self, messages: [Vec<u8>; N]) -> &mut Playbook {
        let got = std::mem::take(&mut self.to_agent);
        assert_eq!(pretty(&got), pretty(&messages.concat()), "what the agent got");
        self
    }

    /// What the target got, whatever it is: a line for each message.
    pub fn sent(&mut self) -> Vec<String> {
        pretty(&std::mem::take(&mut self.to_target))
    }

    /// What the agent got, whatever it is.
    pub fn told(&mut self) -> String {
        pretty(&std::mem::take(&mut self.to_agent)).join("\n")
    }

    #[track_caller]
    pub fn asks(&mut self, phase: Phase, text: &str) -> &mut Playbook {
        let statement = self.asked();
        assert_eq!((statement.phase, &*statement.text), (phase, text));
        self
    }

    /// The operation that was asked about.
    #[track_caller]
    pub fn asked(&mut self) -> Statement {
        assert!(!self.asks.is_empty(), "nothing was asked");
        let (id, statement) = self.asks.remove(0);
        assert!(!self.inspector.wants_input(Side::Downstream), "the agent's side is held");
        self.open = Some(id);
        statement
    }

    pub fn allow(&mut self) -> &mut Playbook {
        self.allow_with(allowing())
    }

    #[track_caller]
    pub fn allow_with(&mut self, allow: Allow) -> &mut Playbook {
        self.resolve(&Verdict::Allow(Arc::new(allow)))
    }

    #[track_caller]
    pub fn allow_exposed(&mut self, exposure: Exposure) -> &mut Playbook {
        self.allow_with(Allow { exposure, ..allowing() })
    }

    #[track_caller]
    pub fn allow_effects(&mut self, effects: Effects) -> &mut Playbook {
        self.allow_with(Allow { effects, ..allowing() })
    }

    #[track_caller]
    pub fn deny(&mut self) -> &mut Playbook {
        self.resolve(&Verdict::Deny(Arc::new(denying())))
    }

    #[track_caller]
    pub fn resolve(&mut self, verdict: &Verdict) -> &mut Playbook {
        let ask = self.open.take().expect("an ask was taken with asks() or asked()");
        let resolved = self.inspector.resolve(ask, verdict, &mut self.out);
        self.keep(resolved);
        self.pump();
        self
    }

    pub fn cancel(&mut self) -> &mut Playbook {
        self.inspector.cancel_held(&mut self.out);
        self.open = None;
        self.pump();
        self
    }

    pub fn notice(&mut self, text: &str) -> &mut Playbook {
        self.inspector.notice(text, "", "", &mut self.out);
        self.pump();
        self
    }

    #[track_caller]
    pub fn applies<const N: usize>(&mut self, verdicts: [u64; N]) -> &mut Playbook {
        assert_eq!(std::mem::take(&mut self.applied), verdicts.map(VerdictId));
        self
    }

    /// Checks that the recording has exactly these messages of the agent since it was last asked.
    #[track_caller]
    pub fn records<const N: usize>(&mut self, messages: [Vec<u8>; N]) -> &mut Playbook {
        assert_eq!(pretty(&std::mem::take(&mut self.requests)), pretty(&messages.concat()));
        self
    }

    /// What the recording keeps no copy of since this was last asked, answer by answer.
    pub fn left_out(&mut self) -> Vec<NotKept> {
        std::mem::take(&mut self.left_out)
    }

    /// The session ends, with a reason that contains `reason`.
    #[track_caller]
    pub fn ends(&mut self, reason: &str) -> &mut Playbook {
        let closed = self.closed.take().expect("the session was to end");
        assert!(closed.contains(reason), "{closed}");
        self
    }

    fn pump(&mut self) {
        loop {
            self.drain();
            let before = self.from_agent.len();
            if !self.inspector.wants_input(Side::Downstream) {
                return;
            }
            let fed = self.inspector.feed(Side::Downstream, &mut self.from_agent, &mut self.out);
            self.keep(fed);
            if self.from_agent.len() == before {
                return;
            }
        }
    }

    fn keep(&mut self, result: Result<(), Error>) {
        if let Err(error) = result {
            assert!(self.out.close.is_some(), "an error closes");
            self.error = Some(error);
        }
        self.drain();
    }

    fn drain(&mut self) {
        self.to_target.extend(self.out.upstream().split());
        let told = self.out.downstream().split();
        for part in self.out.left_out.drain(..) {
            if self.left_out.last().is_none_or(|last| last.answer != part.answer) {
                self.left_out.push(NotKept { answer: part.answer, by: part.by.0, ..NotKept::default() });
            }
            let last = self.left_out.last_mut().unwrap();
            last.rows += part.rows.unwrap_or_default();
            last.bytes.extend_from_slice(&told[part.range]);
        }
        self.to_agent.extend(told);
        for ask in self.out.asks.drain(..) {
            let Operation::Statement(statement) = ask.operation;
            self.asks.push((ask.id, statement));
        }
        for record in self.out.records.drain(..) {
            match record {
                Record::Request(bytes) => self.requests.extend(bytes),
                Record::Applied(verdict) => self.applied.push(verdict),
            }
        }
        if let Some(close) = self.out.close.take() {
            self.closed = Some(close.reason);
        }
    }
}

impl Drop for Playbook {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        assert_eq!(pretty(&self.to_target), Vec::<String>::new(), "the target got more");
        assert_eq!(pretty(&self.to_agent), Vec::<String>::new(), "the agent got more");
        assert_eq!(self.asks, [], "more was asked");
        assert_eq!(self.closed, None, "the session ended");
    }
}

/// One line per message.
pub fn pretty(mut bytes: &[u8]) -> Vec<String> {
    let mut lines = Vec::new();
    while let [tag, a, b, c, d, rest @ ..] = bytes {
        let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
        let body = &rest[..rest.len().min(length.saturating_sub(4))];
        lines.push(format!("{} {}", char::from(*tag), body.escape_ascii()));
        bytes = &rest[body.len()..];
    }
    if !bytes.is_empty() {
        lines.push(format!("… {}", bytes.escape_ascii()));
    }
    lines
}

/// A message whose header promises more than `body` has.
pub fn beginning_of(tag: u8, total_body: usize, body: &[u8]) -> Vec<u8> {
    let length = i32::try_from(total_body + 4).unwrap().to_be_bytes();
    [&[tag][..], &length, body].concat()
}

pub fn unknown_message() -> Vec<u8> {
    message(b'y', b"")
}
