//! One session's recording: what is written down, and that it is written before anything is sent.

use std::{
    collections::HashSet,
    io,
    rc::Rc,
    sync::{Arc, atomic::Ordering},
};

use narrows_journal::{Chain, Kind, SessionId, Written};
use narrows_wire::{LeftOut, OutputColumn, Record, RecordLevel, Scope, Verdict, VerdictId};
use serde_json::{Value, json};

use crate::{
    account::Account,
    batch::{Batch, let_others_add},
    bounds::KNOWN_VERDICTS_MAX,
    event::Counts,
    left_out::LeftOutSoFar,
    shared::{Shared, Stats},
};

/// Appends one session's frames to the journal.
#[derive(Debug)]
pub(crate) struct Recorder {
    batch: Rc<Batch>,
    stats: Arc<Stats>,
    /// Up to the last frame added, which may not be written yet.
    chain: Chain,
    /// Up to the last frame written.
    written: Chain,
    known: HashSet<VerdictId>,
    /// Verdicts to be written before their first use, with what they decide.
    introductions: Vec<String>,
    /// What the agent sent, as recorded.
    from_agent: Account,
    /// What the agent was sent, whether it is kept or not.
    to_agent: Account,
    left_out: LeftOutSoFar,
    /// Values masked so far, as written down.
    masked_values: u64,
}

impl Recorder {
    /// The recording of a session of which nothing has been written.
    pub(crate) fn new(shared: &Shared, batch: Rc<Batch>, session: SessionId) -> Recorder {
        let chain = Chain::new(session);
        Recorder {
            batch,
            stats: Arc::clone(&shared.stats),
            written: chain.clone(),
            chain,
            known: HashSet::new(),
            introductions: Vec::new(),
            from_agent: Account::default(),
            to_agent: Account::default(),
            left_out: LeftOutSoFar::default(),
            masked_values: 0,
        }
    }

    /// Whose recording it is.
    pub(crate) fn session(&self) -> SessionId {
        self.chain.session
    }

    /// Frames written and the last link of their chain.
    pub(crate) fn head(&self) -> (u64, [u8; 32]) {
        (self.written.sequence, self.written.head)
    }

    /// Plaintext bytes written for the agent.
    pub(crate) fn bytes_to_agent(&self) -> u64 {
        self.to_agent.bytes
    }

    /// Writes the first frame: the control plane's account of who opened what. The session may begin once
    /// what is returned is done.
    pub(crate) fn open(&mut self, document: &str) -> io::Result<Written> {
        self.chain = self.batch.begin(self.chain.session)?;
        self.append(Kind::Open, document.as_bytes())
    }

    /// Writes something that happened.
    pub(crate) fn event(&mut self, document: &Value) -> io::Result<Written> {
        self.event_text(&document.to_string())
    }

    /// Writes something that happened, told as JSON by the control plane.
    pub(crate) fn event_text(&mut self, document: &str) -> io::Result<Written> {
        self.append(Kind::Event, document.as_bytes())
    }

    /// Writes the last frame. Nothing is done on the strength of it, so nobody need wait for it.
    pub(crate) fn close(&mut self, reason: &str, counts: &Counts) -> io::Result<Written> {
        let document = json!({
            "reason": reason,
            "operations": counts.operations,
            "denials": counts.denials,
            "masked_values": counts.masked_values,
            "bytes_to_agent": counts.bytes_to_agent,
            "from_agent": self.from_agent.json(),
            "to_agent": self.to_agent.json(),
        });
        self.append(Kind::Close, document.to_string().as_bytes())
    }

    /// Has a verdict written before its first use in this session.
    pub(crate) fn introduce(&mut self, verdict: &Verdict) {
        let id = match verdict {
            Verdict::Allow(allow) => allow.id,
            Verdict::Deny(deny) => deny.id,
        };
        self.introduce_as(id, || describe(verdict));
    }

    /// As [`Recorder::introduce`], of a verdict that describes itself.
    pub(crate) fn introduce_as(&mut self, id: VerdictId, describe: impl FnOnce() -> Value) {
        if self.known.len() >= KNOWN_VERDICTS_MAX {
            // Forgotten verdicts are written once more, which does no harm.
            self.known.clear();
        }
        if self.known.insert(id) {
            self.introductions.push(describe().to_string());
        }
    }

    /// Adds verdicts used for the first time, what the agent sent and what decided it, and what the agent
    /// is about to be sent; `masked_values` were masked up to the end of it. None of it may be acted on before
    /// [`Recorder::write`].
    pub(crate) fn add(&mut self, records: &[Record], reply: &[u8], masked_values: u64) {
        self.add_except(records, reply, &[], masked_values);
    }

    /// As [`Recorder::add`], but of the parts of `reply` that are `left_out` no copy is kept.
    pub(crate) fn add_except(
        &mut self,
        records: &[Record],
        reply: &[u8],
        left_out: &[LeftOut],
        masked_values: u64,
    ) {
        for introduction in std::mem::take(&mut self.introductions) {
            self.add_frame(Kind::Verdict, introduction.as_bytes());
        }
        for record in records {
            match record {
                Record::Request(bytes) => {
                    self.add_frame(Kind::Request, bytes);
                    self.from_agent.add(bytes);
                }
                Record::Applied(VerdictId(id)) => self.add_frame(Kind::Applied, &id.to_be_bytes()),
            }
        }
        // Before the reply that they are in, so that a reader knows whose they are.
        let masked = masked_values.saturating_sub(self.masked_values);
        if masked > 0 {
            self.masked_values = masked_values;
            let document = json!({ "event": "masked", "values": masked });
            self.add_frame(Kind::Event, document.to_string().as_bytes());
        }
        self.to_agent.add(reply);
        let mut kept_from = 0;
        for part in left_out {
            self.add_reply(reply.get(kept_from..part.range.start).unwrap_or_default());
            let bytes = reply.get(part.range.clone()).unwrap_or_default();
            let document = self.left_out.add(part, bytes);
            self.add_frame(Kind::Event, document.to_string().as_bytes());
            kept_from = part.range.end;
        }
        self.add_reply(reply.get(kept_from..).unwrap_or_default());
    }

    fn add_reply(&mut self, kept: &[u8]) {
        if !kept.is_empty() {
            self.add_frame(Kind::Reply, kept);
        }
    }

    /// Writes what was added, once the worker's other sessions have had a chance to add theirs, and waits
    /// until it is acknowledged.
    pub(crate) async fn write(&mut self) -> io::Result<()> {
        if self.chain.sequence == self.written.sequence {
            return Ok(());
        }
        let_others_add().await;
        self.write_now()?.await
    }

    /// Writes what was added. It is acknowledged once what is returned is done.
    pub(crate) fn write_now(&mut self) -> io::Result<Written> {
        let written = self.batch.write()?;
        self.written = self.chain.clone();
        Ok(written)
    }

    fn append(&mut self, kind: Kind, payload: &[u8]) -> io::Result<Written> {
        self.add_frame(kind, payload);
        self.write_now()
    }

    fn add_frame(&mut self, kind: Kind, payload: &[u8]) {
        self.batch.add(&mut self.chain, kind, payload);
        self.stats.journal_bytes.fetch_add(payload.len() as u64, Ordering::Relaxed);
    }
}

/// What lineage said of each column. Where a result names the origin of a column, that has decided.
fn describe_columns(columns: &[OutputColumn]) -> Vec<Value> {
    let describe = |column: &OutputColumn| match column {
        OutputColumn::Clear(_) => json!({"exposure": "clear"}),
        OutputColumn::Masked { transform, .. } => {
            json!({"exposure": "masked", "transform": transform.to_string()})
        }
        OutputColumn::Whole(_) => json!({"exposure": "whole"}),
    };
    columns.iter().map(describe).collect()
}

fn describe(verdict: &Verdict) -> Value {
    let scope = |scope| match scope {
        Scope::Once => "once",
        Scope::Statement => "statement",
    };
    match verdict {
        Verdict::Allow(allow) => json!({
            "id": allow.id.0,
            "effect": "allow",
            "rule": &*allow.rule,
            "approval": allow.approval.as_deref(),
            "columns": allow.columns.as_deref().map(describe_columns),
            "scope": scope(allow.scope),
            "record": (allow.record != RecordLevel::Full).then(|| allow.record.name()),
        }),
        Verdict::Deny(deny) => json!({
            "id": deny.id.0,
            "effect": "deny",
            "rule": &*deny.rule,
            "reason": &*deny.reason,
            "scope": scope(deny.scope),
        }),
    }
}
