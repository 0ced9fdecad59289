//! Sans-IO protocol inspection.
//!
//! An inspector is fed the plaintext of both sides of a session. It says what is being attempted
//! (an [`Ask`] with an [`Operation`]), holds everything until the verdict is in, and then says which
//! bytes go where. It never touches a socket, a clock, a file or policy.
//!
//! ```text
//!  downstream bytes ─► feed ─► Ask ─────► (the relay: cache, or the control plane)
//!                       │                        │
//!                       │        resolve ◄─── Verdict
//!                       ▼          ▼
//!                 Actions { upstream, downstream, records, close }
//! ```
//!
//! Nothing of an operation is forwarded without a [`Permit`], and only an allowing verdict makes one:
//! forwarding without deciding does not compile.

#![forbid(unsafe_code)]
#![allow(clippy::doc_markdown, reason = "messages keep the names that their specification gives them")]
#![allow(clippy::enum_variant_names, reason = "states are named for what they wait for")]

pub mod actions;
pub mod error;
pub mod http;
pub mod kubernetes;
pub mod limits;
pub mod operation;
pub mod output;
pub mod postgres;
pub mod ssh;
pub mod verdict;

pub use actions::{Actions, Ask, Close, LeftOut, Record};
pub use error::Error;
pub use limits::Limits;
pub use operation::{Operation, Phase, Statement, TransactionStatus};
pub use output::{ClearColumn, CopyFormat, OutputColumn};
pub use verdict::{
    Allow, AskId, Deny, Effects, Epoch, Exposure, NameSpace, Permit, RecordLevel, Scope, SqlName, Verdict,
    VerdictId,
};

/// The two legs of a session. Downstream leads to the agent, upstream to the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The leg to the agent.
    Downstream,
    /// The leg to the target.
    Upstream,
}

/// One protocol's state between two sockets, without the sockets.
pub trait Inspector {
    /// What the relay reads for this protocol: for Postgres a growing buffer of plaintext, from whose
    /// front the inspector takes whole messages and in which it leaves what it cannot take yet.
    type Input;
    /// What it wants done: [`Actions`] with what this protocol asks and records.
    type Actions;
    /// What it is answered.
    type Verdict;

    /// Takes what can be taken from the front of `input` and appends what follows from it to `out`.
    ///
    /// Stops early when an ask holds `from`; the rest stays in `input` and is offered again after
    /// [`Inspector::resolve`].
    ///
    /// # Errors
    /// When the side broke the protocol or a limit. The session cannot go on; what was appended to
    /// `out` before the error (a FATAL reply, say) is still to be performed.
    fn feed(&mut self, from: Side, input: &mut Self::Input, out: &mut Self::Actions) -> Result<(), Error>;

    /// Answers an ask. The held operation goes up or is denied in the protocol's own voice.
    ///
    /// # Errors
    /// [`Error::Misuse`] when no such ask is open.
    fn resolve(&mut self, ask: AskId, verdict: &Self::Verdict, out: &mut Self::Actions) -> Result<(), Error>;

    /// Whether `from` may be read: false while an ask holds it. TCP then pushes back.
    fn wants_input(&self, from: Side) -> bool;
}
