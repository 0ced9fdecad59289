//! What the agent has sent since its last Sync and the target has not seen yet.
//!
//! A span is kept back so that, when a statement in it has to wait for a decision, the target has seen
//! nothing: its clocks (`statement_timeout` runs from a span's first message) have not started, no lock is
//! held. It costs nothing, because the target answers a span only at its end anyway.

use bytes::BytesMut;

use crate::{Actions, Permit};

/// How far what was sent of a span goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Depth {
    /// Nothing was sent.
    #[default]
    Nothing,
    /// Parse, Describe and Close: a Sync here changes nothing.
    Preparing,
    /// More than that: a Sync here would commit.
    Running,
}

/// The kept back part of a span, and what went before it.
#[derive(Debug, Default)]
pub(super) struct Span {
    kept: BytesMut,
    kept_depth: Depth,
    kept_replies: usize,
    sent_depth: Depth,
}

impl Span {
    /// Keeps one message back. Each that carries an operation costs a permit.
    pub(super) fn keep(&mut self, _permit: Permit, depth: Depth, bytes: &[u8]) {
        self.write(depth).extend_from_slice(bytes);
    }

    /// The kept bytes, to append a message of the inspector's own.
    pub(super) fn write(&mut self, depth: Depth) -> &mut BytesMut {
        self.kept_depth = self.kept_depth.max(depth);
        &mut self.kept
    }

    /// The message kept last is answered.
    pub(super) fn expect_reply(&mut self) {
        self.kept_replies += 1;
    }

    /// Bytes kept back.
    pub(super) fn len(&self) -> usize {
        self.kept.len()
    }

    /// Replies to messages that are kept back.
    pub(super) fn replies(&self) -> usize {
        self.kept_replies
    }

    /// How far what the target has seen of the span goes.
    pub(super) fn sent(&self) -> Depth {
        self.sent_depth
    }

    /// Lets the kept part go up.
    pub(super) fn release(&mut self, out: &mut Actions) {
        out.upstream().extend_from_slice(&self.kept);
        self.sent_depth = self.sent_depth.max(self.kept_depth);
        self.discard();
    }

    /// The target will skip the kept part, or nobody is left who wants it.
    pub(super) fn discard(&mut self) {
        self.kept.clear();
        self.kept_depth = Depth::Nothing;
        self.kept_replies = 0;
    }

    /// What was sent has been ended by a Sync.
    pub(super) fn end_sent(&mut self) {
        self.sent_depth = Depth::Nothing;
    }
}
