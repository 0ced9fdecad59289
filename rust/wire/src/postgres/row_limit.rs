//! The most rows that a statement may touch: it counts them itself, and fails when they are too many.
//!
//! Nobody but the target knows what a statement touched, and once it has committed that is too late to know.
//! So the statement is put between two of the inspector's own, in the same transaction: the first keeps how
//! many rows the session's statistics have counted so far, the second compares, and fails on purpose when
//! there are too many more. What follows from an error is then the target's own doing: the statement is
//! rolled back, a transaction that was open is failed, and the status is reported as it is. The statistics
//! see what a CommandComplete does not tell: rows changed by triggers, by cascades, in a WITH.
//!
//! Every name is written with its schema, for the agent decides what search_path is.

use std::sync::Arc;

use bytes::{BufMut, BytesMut};

use super::fields::Fields;
use super::frame::{body_of, put, put_string};
use crate::Allow;

const COUNTED: &str = "(SELECT COALESCE(pg_catalog.sum(n_tup_ins OPERATOR(pg_catalog.+) n_tup_upd \
     OPERATOR(pg_catalog.+) n_tup_del), 0) FROM pg_catalog.pg_stat_xact_user_tables)";

/// The replies to the messages that [`RowLimit::put_first`] and [`RowLimit::put_check`] append.
pub(super) const REPLIES: [u8; 6] = *b"312C33";

/// Makes and knows the statements that count.
#[derive(Debug)]
pub(super) struct RowLimit {
    name: String,
}

/// How far a Query whose rows are counted has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// The inspector's first statement.
    ExpectFirst,
    /// The agent's.
    ExpectStatement,
    /// The inspector's second.
    ExpectCheck,
}

/// A Query whose rows are counted.
#[derive(Clone, Debug)]
pub(super) struct Counted {
    /// How far it has come.
    pub(super) stage: Stage,
    /// The verdict that limits it.
    pub(super) allow: Arc<Allow>,
}

impl RowLimit {
    /// Statements whose names are made from `nonce`.
    pub(super) fn new(nonce: &str) -> RowLimit {
        RowLimit { name: format!("narrows_rows_{nonce}") }
    }

    /// Appends the messages that run the first statement; they leave nothing behind.
    pub(super) fn put_first(&self, out: &mut BytesMut) {
        self.put(&self.first(), out);
    }

    /// Appends the messages that fail when more than `rows_max` rows were touched since.
    pub(super) fn put_check(&self, rows_max: u64, out: &mut BytesMut) {
        self.put(&self.check(rows_max), out);
    }

    /// The Query that does what the Query `frame` does, with both statements around it.
    pub(super) fn around(&self, frame: &[u8], rows_max: u64) -> BytesMut {
        let body = body_of(frame);
        let text = body.strip_suffix(b"\0").unwrap_or(body);
        let mut out = BytesMut::new();
        put(&mut out, b'Q', |out| {
            out.extend_from_slice(self.before().as_bytes());
            out.extend_from_slice(text);
            out.extend_from_slice(b"\n;"); // the text may end in a comment
            put_string(out, self.check(rows_max).as_bytes());
        });
        out
    }

    /// How many characters of such a Query come before the agent's.
    pub(super) fn shift(&self) -> usize {
        self.before().len()
    }

    /// How many rows were touched, if `error` is that of the check.
    pub(super) fn exceeded(&self, error: &Fields<'_>) -> Option<u64> {
        let text = std::str::from_utf8(error.find(b'M')?).ok()?;
        let (_, counted) = text.split_once(&self.name)?;
        counted.split_ascii_whitespace().next()?.parse().ok()
    }

    fn before(&self) -> String {
        format!("{};\n", self.first())
    }

    fn first(&self) -> String {
        format!(
            "SELECT FROM (SELECT pg_catalog.set_config('narrows.{}', {COUNTED}::pg_catalog.text, true) AS kept \
             OFFSET 0) AS counted WHERE kept IS NULL",
            self.name
        )
    }

    /// Without statistics nothing can be told, which is too much. The cast fails on what is no number.
    fn check(&self, rows_max: u64) -> String {
        let name = &self.name;
        format!(
            "SELECT FROM (SELECT {COUNTED} OPERATOR(pg_catalog.-) \
             pg_catalog.current_setting('narrows.{name}')::pg_catalog.numeric AS touched OFFSET 0) AS counted \
             WHERE CASE WHEN touched OPERATOR(pg_catalog.<=) {rows_max}::pg_catalog.numeric AND \
             pg_catalog.current_setting('track_counts') OPERATOR(pg_catalog.=) 'on' THEN false \
             ELSE pg_catalog.concat('{name} ', touched, ' ')::pg_catalog.int8 IS NULL END"
        )
    }

    /// Close first, for an earlier one that failed has not closed its own.
    fn put(&self, sql: &str, out: &mut BytesMut) {
        self.put_close(b'S', out);
        put(out, b'P', |out| {
            put_string(out, self.name.as_bytes());
            put_string(out, sql.as_bytes());
            out.put_u16(0);
        });
        put(out, b'B', |out| {
            put_string(out, self.name.as_bytes());
            put_string(out, self.name.as_bytes());
            out.extend_from_slice(&[0; 6]);
        });
        put(out, b'E', |out| {
            put_string(out, self.name.as_bytes());
            out.put_u32(0);
        });
        self.put_close(b'P', out);
        self.put_close(b'S', out);
    }

    /// Closes the statement or the portal.
    fn put_close(&self, kind: u8, out: &mut BytesMut) {
        put(out, b'C', |out| {
            out.put_u8(kind);
            put_string(out, self.name.as_bytes());
        });
    }
}
