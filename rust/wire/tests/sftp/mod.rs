//! An agent, a target and what is between them, for conversations in SFTP.
#![allow(dead_code, unreachable_pub, missing_docs, reason = "each test crate uses its own part")]

pub mod messages;
pub mod target;

use bytes::BytesMut;
use narrows_wire::ssh::sftp::{Allow, Ask, Deny, SftpInspector, SftpLimits, SftpRecord, Transfer, Verdict};
use narrows_wire::{Actions, AskId, Error, Inspector, Side};

use messages::{Answer, answers};
use target::Target;

/// What an SFTP inspector wants done.
pub type SftpActions = Actions<Ask, SftpRecord>;

/// The epoch of a session's start.
pub const EPOCH: u64 = 1;

pub fn allowing() -> Verdict {
    allowing_in(EPOCH)
}

pub fn allowing_in(policy_epoch: u64) -> Verdict {
    Verdict::Allow(Allow { rule: "files".into(), reusable: false, policy_epoch })
}

pub fn denying() -> Verdict {
    Verdict::Deny(Deny {
        rule: "no-entry".into(),
        reason: "this is not for agents".into(),
        hint: "ask the owners".into(),
        reusable: false,
        policy_epoch: EPOCH,
    })
}

/// A session with everything that has happened in it.
pub struct Session {
    pub inspector: SftpInspector,
    pub target: Target,
    /// Asked and not answered.
    pub asks: Vec<Ask>,
    pub records: Vec<SftpRecord>,
    pub closed: Option<String>,
    pub error: Option<Error>,
    to_agent: Vec<u8>,
    from_agent: BytesMut,
    from_target: BytesMut,
}

impl Session {
    /// A session that the agent has opened, on a target of `tests/sftp/target.rs`.
    pub fn open() -> Session {
        Session::with(SftpLimits::default())
    }

    pub fn with(limits: SftpLimits) -> Session {
        let mut session = Session::unopened(limits);
        session.send(&messages::init(3));
        assert_eq!(session.heard(), [Answer::Version(vec!["posix-rename@openssh.com".to_owned()])]);
        session
    }

    pub fn unopened(limits: SftpLimits) -> Session {
        Session {
            inspector: SftpInspector::new(limits, EPOCH),
            target: Target::default(),
            asks: Vec::new(),
            records: Vec::new(),
            closed: None,
            error: None,
            to_agent: Vec::new(),
            from_agent: BytesMut::new(),
            from_target: BytesMut::new(),
        }
    }

    /// The agent sends bytes; whatever follows happens.
    pub fn send(&mut self, bytes: &[u8]) {
        self.from_agent.extend_from_slice(bytes);
        self.settle();
    }

    /// The target sends bytes that it was not asked for.
    pub fn say(&mut self, bytes: &[u8]) {
        self.from_target.extend_from_slice(bytes);
        self.settle();
    }

    /// The only ask that is open.
    pub fn asked(&self) -> &Transfer {
        assert_eq!(self.asks.len(), 1, "{:?}", self.asks);
        &self.asks[0].transfer
    }

    /// Answers the ask that has been open longest.
    pub fn resolve(&mut self, verdict: &Verdict) {
        let ask = self.asks.remove(0);
        self.resolve_ask(ask.id, verdict).unwrap();
    }

    pub fn resolve_ask(&mut self, id: AskId, verdict: &Verdict) -> Result<(), Error> {
        let mut out = SftpActions::default();
        let resolved = self.inspector.resolve(id, verdict, &mut out);
        self.deliver(out);
        self.settle();
        resolved
    }

    pub fn set_policy_epoch(&mut self, epoch: u64) {
        let mut out = SftpActions::default();
        self.inspector.set_policy_epoch(epoch, &mut out);
        self.asks.clear();
        self.deliver(out);
    }

    pub fn hang_up(&mut self) {
        let mut out = SftpActions::default();
        self.inspector.hang_up(&mut out);
        self.deliver(out);
    }

    /// Sends a request and allows whatever it asks.
    pub fn allowed(&mut self, bytes: &[u8]) -> Vec<Answer> {
        self.send(bytes);
        while !self.asks.is_empty() {
            self.resolve(&allowing());
        }
        self.heard()
    }

    /// What the agent has heard since this was last asked.
    pub fn heard(&mut self) -> Vec<Answer> {
        answers(&std::mem::take(&mut self.to_agent))
    }

    /// The same as bytes.
    pub fn heard_bytes(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.to_agent)
    }

    /// What the target was asked to do, other than where paths lead.
    pub fn done(&self) -> &[String] {
        &self.target.done
    }

    fn settle(&mut self) {
        loop {
            let before = (self.from_agent.len(), self.from_target.len());
            for side in [Side::Downstream, Side::Upstream] {
                let mut out = SftpActions::default();
                let input =
                    if side == Side::Downstream { &mut self.from_agent } else { &mut self.from_target };
                if let Err(error) = self.inspector.feed(side, input, &mut out) {
                    self.error.get_or_insert(error);
                }
                self.deliver(out);
            }
            if before == (self.from_agent.len(), self.from_target.len()) {
                return;
            }
        }
    }

    fn deliver(&mut self, mut out: SftpActions) {
        let to_target = out.upstream().split();
        self.from_target.extend_from_slice(&self.target.answer(&to_target));
        self.to_agent.extend_from_slice(&out.downstream().split());
        self.asks.append(&mut out.asks);
        self.records.append(&mut out.records);
        self.closed = self.closed.take().or(out.close.map(|close| close.reason));
    }
}
