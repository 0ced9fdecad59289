//! Errors that say whose fault it is.

use crate::Side;

/// Why a session cannot go on. A denial is not an error: it is a verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// Bytes that are no message of the protocol.
    Malformed {
        /// Who sent them.
        side: Side,
        /// What was wrong, without the bytes themselves.
        what: &'static str,
    },
    /// A message that is well formed and not legal now.
    Violation {
        /// Who sent it.
        side: Side,
        /// What was waited for.
        expected: &'static str,
        /// The type byte that came.
        got: u8,
    },
    /// Part of the protocol that Narrows refuses.
    Unsupported {
        /// Who asked for it.
        side: Side,
        /// Its name in the specification.
        feature: &'static str,
    },
    /// A bound of [`crate::Limits`] was passed.
    LimitExceeded {
        /// Who passed it.
        side: Side,
        /// The limit's name, as in the configuration.
        limit: &'static str,
    },
    /// The caller broke the contract of [`crate::Inspector`].
    Misuse {
        /// Which part of it.
        what: &'static str,
    },
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Error::Malformed { side, what } => write!(f, "{} sent a malformed message: {what}", blame(*side)),
            Error::Violation { side, expected, got } => write!(
                f,
                "{} sent message type {:?} where {expected} was expected",
                blame(*side),
                char::from(*got)
            ),
            Error::Unsupported { side, feature } => {
                write!(f, "{} asked for {feature}, which Narrows does not allow", blame(*side))
            }
            Error::LimitExceeded { side, limit } => write!(f, "{} went over the limit {limit}", blame(*side)),
            Error::Misuse { what } => write!(f, "internal error: {what}"),
        }
    }
}

impl std::error::Error for Error {}

fn blame(side: Side) -> &'static str {
    match side {
        Side::Downstream => "the agent",
        Side::Upstream => "the target",
    }
}
