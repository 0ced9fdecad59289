//! Denials, in the target's own voice.
//!
//! An ErrorResponse that Narrows made up would leave the target ignorant of the error: it would commit
//! what came before in the same implicit transaction, and report another status than the agent expects.
//! So the denied message is replaced by one of the same kind that is sure to fail, the target fails it
//! with all that follows from that, and only the text of its ErrorResponse is rewritten.

use bytes::{BufMut, BytesMut};

use super::fields::{Fields, Report};
use super::frame::{put, put_string};
use crate::Deny;

/// What the agent is told instead of what the poison provokes.
#[derive(Debug)]
pub(super) struct Denial {
    sqlstate: [u8; 5],
    message: String,
    detail: String,
    hint: String,
}

impl Denial {
    /// Policy, or someone who was asked, said no.
    pub(super) fn of(deny: &Deny) -> Denial {
        Denial {
            sqlstate: deny.sqlstate,
            message: format!("Narrows: {}", deny.reason),
            detail: format!("rule {}", deny.rule),
            hint: deny.hint.to_string(),
        }
    }

    /// A statement, a Bind or a set of names is larger than `limit`, which is `max`.
    pub(super) fn of_limit(what: &str, limit: &str, max: usize) -> Denial {
        Denial {
            sqlstate: *b"54000",
            message: format!("Narrows: {what} over the limit"),
            detail: format!("{limit} = {max}"),
            hint: format!("Send less at a time, or ask the operator to raise {limit}."),
        }
    }

    /// Text that cannot be judged.
    pub(super) fn of_text(fault: &str) -> Denial {
        Denial {
            sqlstate: *b"22021",
            message: format!("Narrows: {fault}"),
            detail: "rule unreadable".to_owned(),
            hint: "Send SQL as UTF-8; pass other bytes as parameters.".to_owned(),
        }
    }

    /// A FunctionCall, which would run a function that no policy has seen.
    pub(super) fn of_function_call() -> Denial {
        Denial {
            sqlstate: *b"42501",
            message: "Narrows: the FunctionCall message is not allowed".to_owned(),
            detail: "rule function-call".to_owned(),
            hint: "Call the function by a statement.".to_owned(),
        }
    }

    /// A copy that is not what its statement was judged by.
    pub(super) fn of_copy() -> Denial {
        Denial {
            sqlstate: *b"42501",
            message: "Narrows: the copy has other columns than its statement was judged by".to_owned(),
            detail: "rule masked-data".to_owned(),
            hint: "Run it again: the target's catalogue is being read anew.".to_owned(),
        }
    }

    /// A row that is copied in holds what a mask has put in a value's place.
    pub(super) fn of_written_back() -> Denial {
        Denial {
            sqlstate: *b"42501",
            message: "Narrows: a row of the copy holds what stands for a masked value; nothing was copied".to_owned(),
            detail: "rule masked-data".to_owned(),
            hint: "Leave the masked columns out of what is copied, or copy rows that were not read through masks."
                .to_owned(),
        }
    }

    /// It touched more rows than its verdict lets it. With `touched` within that, they could not be counted.
    pub(super) fn of_rows(touched: u64, rows_max: u64, rule: &str) -> Denial {
        let what = if touched > rows_max {
            format!("it would have touched {touched} rows, and may touch {rows_max}")
        } else {
            "the target does not count rows (track_counts is off), and this may touch only so many".to_owned()
        };
        Denial {
            sqlstate: *b"42501",
            message: format!("Narrows: {what}; it was rolled back"),
            detail: format!("rule {rule}, limit rows = {rows_max}"),
            hint: "Touch fewer rows at a time; what triggers and cascades change counts too.".to_owned(),
        }
    }

    /// The agent cancelled while it waited: what PostgreSQL itself says then.
    pub(super) fn of_cancel() -> Denial {
        Denial {
            sqlstate: *b"57014",
            message: "canceling statement due to user request".to_owned(),
            detail: String::new(),
            hint: String::new(),
        }
    }

    /// Appends the ErrorResponse.
    pub(super) fn put(&self, out: &mut BytesMut) {
        self.put_as(b"ERROR", out);
    }

    /// Appends it as the last words of a session.
    pub(super) fn put_fatal(&self, out: &mut BytesMut) {
        self.put_as(b"FATAL", out);
    }

    fn put_as(&self, severity: &'static [u8], out: &mut BytesMut) {
        Report {
            severity,
            sqlstate: self.sqlstate,
            message: &self.message,
            detail: &self.detail,
            hint: &self.hint,
        }
        .put(b'E', out);
    }
}

/// Messages that are sure to fail: they use a name that nobody can have given to anything.
#[derive(Debug)]
pub(super) struct Poison {
    name: String,
}

impl Poison {
    /// Poison whose name is made from `nonce`.
    pub(super) fn new(nonce: &str) -> Poison {
        Poison { name: format!("narrows_deny_{nonce}") }
    }

    /// A Query: 42601, then ReadyForQuery.
    pub(super) fn put_query(&self, out: &mut BytesMut) {
        put(out, b'Q', |out| put_string(out, self.name.as_bytes()));
    }

    /// A Parse for `statement`: 42601.
    pub(super) fn put_parse(&self, statement: &[u8], out: &mut BytesMut) {
        put(out, b'P', |out| {
            put_string(out, statement);
            put_string(out, self.name.as_bytes());
            out.put_u16(0);
        });
    }

    /// A Bind: 26000.
    pub(super) fn put_bind(&self, out: &mut BytesMut) {
        put(out, b'B', |out| {
            put_string(out, b"");
            put_string(out, self.name.as_bytes());
            out.extend_from_slice(&[0; 6]);
        });
    }

    /// An Execute: 34000.
    pub(super) fn put_execute(&self, out: &mut BytesMut) {
        put(out, b'E', |out| {
            put_string(out, self.name.as_bytes());
            out.put_u32(0);
        });
    }

    /// A CopyFail: 57014, with the name in its text.
    pub(super) fn put_copy_fail(&self, out: &mut BytesMut) {
        put(out, b'f', |out| put_string(out, self.name.as_bytes()));
    }

    /// Whether an error was provoked by this poison.
    pub(super) fn provoked(&self, error: &Fields<'_>) -> bool {
        error.message_contains(self.name.as_bytes())
    }
}
