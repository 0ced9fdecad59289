//! Why a command string cannot be judged word by word.

/// What kind of trouble it is: people may approve what is opaque, and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// Legal as far as was read, but outside of what is understood.
    Opaque,
    /// No shell would take it.
    Malformed,
    /// Malformed only because the text ends here: more lines could complete it.
    Unfinished,
    /// A bound of [`super::ShellLimits`] was passed.
    Oversized,
}

/// The first trouble in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What kind it is.
    pub kind: FaultKind,
    /// What was met, in words; never the text itself.
    pub reason: String,
}

impl Fault {
    pub(super) fn opaque(reason: impl Into<String>) -> Fault {
        Fault { kind: FaultKind::Opaque, reason: reason.into() }
    }

    pub(super) fn malformed(reason: impl Into<String>) -> Fault {
        Fault { kind: FaultKind::Malformed, reason: reason.into() }
    }

    pub(super) fn unfinished(reason: impl Into<String>) -> Fault {
        Fault { kind: FaultKind::Unfinished, reason: reason.into() }
    }

    pub(super) fn oversized(limit: &str, bound: usize) -> Fault {
        Fault { kind: FaultKind::Oversized, reason: format!("{limit} is {bound}") }
    }
}
