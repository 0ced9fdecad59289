//! One session's recording: what is written down, and that it is written before anything is sent.

use std::{
    collections::HashSet,
    io,
    rc::Rc,
    sync::{Arc, atomic::Ordering},
};

use narrows_journal::{Chain, Kind, SessionId};
use narrows_wire::{OutputColumn, Record, Scope, Verdict, VerdictId};
use serde_json::{Value, json};

use crate::{
    batch::{Batch, let_others_add},
    bounds::KNOWN_VERDICTS_MAX,
    event::Counts,
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
    bytes_to_agent: u64,
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
            bytes_to_agent: 0,
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
        self.bytes_to_agent
    }

    /// Writes the first frame: the control plane's account of who opened what.
    pub(crate) fn open(&mut self, document: &str) -> io::Result<()> {
        self.append(Kind::Open, document.as_bytes())
    }

    /// Writes something that happened.
    pub(crate) fn event(&mut self, document: &Value) -> io::Result<()> {
        self.event_text(&document.to_string())
    }

    /// Writes something that happened, told as JSON by the control plane.
    pub(crate) fn event_text(&mut self, document: &str) -> io::Result<()> {
        self.append(Kind::Event, document.as_bytes())
    }

    /// Writes the last frame.
    pub(crate) fn close(&mut self, reason: &str, counts: &Counts) -> io::Result<()> {
        let document = json!({
            "reason": reason,
            "operations": counts.operations,
            "denials": counts.denials,
            "masked_values": counts.masked_values,
            "bytes_to_agent": counts.bytes_to_agent,
        });
        self.append(Kind::Close, document.to_string().as_bytes())
    }

    /// Has a verdict written before its first use in this session.
    pub(crate) fn introduce(&mut self, verdict: &Verdict) {
        let id = match verdict {
            Verdict::Allow(allow) => allow.id,
            Verdict::Deny(deny) => deny.id,
        };
        if self.known.len() >= KNOWN_VERDICTS_MAX {
            // Forgotten verdicts are written once more, which does no harm.
            self.known.clear();
        }
        if self.known.insert(id) {
            self.introductions.push(describe(verdict).to_string());
        }
    }

    /// Adds verdicts used for the first time, what the agent sent and what decided it, and what the agent
    /// is about to be sent. None of it may be acted on before [`Recorder::write`].
    pub(crate) fn add(&mut self, records: &[Record], reply: &[u8]) {
        for introduction in std::mem::take(&mut self.introductions) {
            self.add_frame(Kind::Verdict, introduction.as_bytes());
        }
        for record in records {
            match record {
                Record::Request(bytes) => self.add_frame(Kind::Request, bytes),
                Record::Applied(VerdictId(id)) => self.add_frame(Kind::Applied, &id.to_be_bytes()),
            }
        }
        if !reply.is_empty() {
            self.add_frame(Kind::Reply, reply);
            self.bytes_to_agent += reply.len() as u64;
        }
    }

    /// Writes what was added, once the worker's other sessions have had a chance to add theirs.
    pub(crate) async fn write(&mut self) -> io::Result<()> {
        if self.chain.sequence == self.written.sequence {
            return Ok(());
        }
        let_others_add().await;
        self.write_now()
    }

    /// Writes what was added.
    pub(crate) fn write_now(&mut self) -> io::Result<()> {
        self.batch.write()?;
        self.written = self.chain.clone();
        Ok(())
    }

    fn append(&mut self, kind: Kind, payload: &[u8]) -> io::Result<()> {
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
        OutputColumn::Clear => json!({"exposure": "clear"}),
        OutputColumn::Masked { transform, .. } => {
            json!({"exposure": "masked", "transform": transform.to_string()})
        }
        OutputColumn::Whole => json!({"exposure": "whole"}),
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
