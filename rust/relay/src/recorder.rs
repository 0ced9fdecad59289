//! One session's recording: what is written down, and that it is written before anything is sent.

use std::{
    collections::HashSet,
    io,
    sync::{Arc, atomic::Ordering},
};

use narrows_journal::{Chain, Entry, Journal, Kind, SessionId};
use narrows_wire::{Record, Scope, Verdict, VerdictId};
use serde_json::{Value, json};

use crate::{
    bounds::KNOWN_VERDICTS_MAX,
    event::Counts,
    shared::{Shared, Stats},
};

/// Appends one session's frames to the journal.
#[derive(Debug)]
pub(crate) struct Recorder {
    journal: Arc<Journal>,
    stats: Arc<Stats>,
    chain: Chain,
    known: HashSet<VerdictId>,
    /// Verdicts to be written with the next batch, before their first use.
    introductions: Vec<String>,
    bytes_to_agent: u64,
}

impl Recorder {
    /// The recording of a session of which nothing has been written.
    pub(crate) fn new(shared: &Shared, session: SessionId) -> Recorder {
        Recorder {
            journal: Arc::clone(&shared.journal),
            stats: Arc::clone(&shared.stats),
            chain: Chain::new(session),
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
        (self.chain.sequence, self.chain.head)
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

    /// Writes one batch: verdicts used for the first time, what the agent sent and what decided it,
    /// and what the agent is about to be sent.
    pub(crate) fn batch(&mut self, records: &[Record], reply: &[u8]) -> io::Result<()> {
        if records.is_empty() && reply.is_empty() && self.introductions.is_empty() {
            return Ok(());
        }
        let applied: Vec<[u8; 8]> = records.iter().map(applied_payload).collect();
        let introductions = self.introductions.iter().map(|text| (Kind::Verdict, text.as_bytes()));
        let recorded = records.iter().zip(&applied).map(|(record, applied)| match record {
            Record::Request(bytes) => (Kind::Request, bytes.as_ref()),
            Record::Applied(_) => (Kind::Applied, applied.as_slice()),
        });
        let reply = (!reply.is_empty()).then_some((Kind::Reply, reply));
        let frames: Vec<(Kind, [&[u8]; 1])> =
            introductions.chain(recorded).chain(reply).map(|(kind, payload)| (kind, [payload])).collect();
        let entries: Vec<Entry<'_>> =
            frames.iter().map(|(kind, parts)| Entry { kind: *kind, parts }).collect();
        write(&self.journal, &self.stats, &mut self.chain, &entries)?;
        self.bytes_to_agent += reply.map_or(0, |(_, bytes)| bytes.len() as u64);
        self.introductions.clear();
        Ok(())
    }

    fn append(&mut self, kind: Kind, payload: &[u8]) -> io::Result<()> {
        let entry = Entry { kind, parts: &[payload] };
        write(&self.journal, &self.stats, &mut self.chain, &[entry])
    }
}

fn write(journal: &Journal, stats: &Stats, chain: &mut Chain, entries: &[Entry<'_>]) -> io::Result<()> {
    journal.append(chain, entries)?;
    let bytes: usize = entries.iter().flat_map(|entry| entry.parts).map(|part| part.len()).sum();
    stats.journal_bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    Ok(())
}

fn applied_payload(record: &Record) -> [u8; 8] {
    match record {
        Record::Applied(VerdictId(id)) => id.to_be_bytes(),
        Record::Request(_) => [0; 8],
    }
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
