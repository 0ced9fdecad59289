//! What is written down in the place of what a recording keeps no copy of.
//!
//! An answer may take many reads. Each time, before the agent is sent what was read, the whole of the answer so
//! far is accounted for; so the last account of an answer is of all of it, and none is of what was not sent.

use narrows_wire::LeftOut;
use serde_json::{Value, json};

use crate::account::Account;

/// The account of the answer of which something was left out last.
#[derive(Debug, Default)]
pub(crate) struct LeftOutSoFar {
    answer: u64,
    rows: Option<u64>,
    account: Account,
}

impl LeftOutSoFar {
    /// Takes a part of an answer, and says what is to be written of the answer so far.
    pub(crate) fn add(&mut self, part: &LeftOut, bytes: &[u8]) -> Value {
        if self.answer != part.answer {
            *self = LeftOutSoFar { answer: part.answer, ..LeftOutSoFar::default() };
        }
        self.rows = part.rows.map(|rows| self.rows.unwrap_or(0) + rows);
        self.account.add(bytes);
        json!({
            "event": "left-out",
            "verdict": part.by.0,
            "record": part.level.name(),
            "rows": self.rows,
            "bytes": self.account.bytes,
            "sha256": self.account.sha256(),
        })
    }
}
