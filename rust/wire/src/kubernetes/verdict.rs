//! What policy answers an API call.

use std::{fmt, ops::RangeInclusive, sync::Arc};

use bytes::Bytes;

use super::{Reason, Status};
use crate::{Permit, RecordLevel, Scope};

/// Characters of a warning. The API server cuts its own at as many.
const WARNING_CHARACTERS_MAX: usize = 256;

/// The final answer to an API call.
#[derive(Clone, Debug)]
pub enum ApiVerdict {
    /// The call may go to the target.
    Allow(Arc<ApiAllow>),
    /// It must not.
    Deny(Arc<ApiDeny>),
}

/// Why and how far a call is allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiAllow {
    /// The policy rule that allowed it.
    pub rule: Arc<str>,
    /// The approval that released it, if a person had to.
    pub approval: Option<Arc<str>>,
    /// Told to the client in a header `Warning`; empty: nothing.
    pub warning: Arc<str>,
    /// The ports that a port-forward may open; `None`: any.
    pub ports: Option<Arc<[RangeInclusive<u16>]>>,
    /// What goes up in the place of the body that was sent; `None`: that body.
    pub restored: Option<RestoredBody>,
    /// How much of the answer the recording keeps.
    pub record: RecordLevel,
    /// How far the verdict may be reused.
    pub scope: Scope,
    /// The policy epoch that it was decided in. One of another epoch decides nothing.
    pub policy_epoch: u64,
}

/// A body in which real values stand where the agent wrote back what it was shown in their place. It goes to the
/// API server and nowhere else: it is never recorded, and its `Debug` shows none of it.
#[derive(Clone, PartialEq, Eq)]
pub struct RestoredBody(pub Bytes);

impl fmt::Debug for RestoredBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RestoredBody").finish_non_exhaustive()
    }
}

/// Why a call is denied; all of it is shown to the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiDeny {
    /// The policy rule that denied it, or the name of the limit or default that did.
    pub rule: Arc<str>,
    /// One sentence: what was denied and why.
    pub reason: Arc<str>,
    /// What the client can do next.
    pub hint: Arc<str>,
    /// What the answer is: Forbidden, except where evidence has expired or the gateway is overloaded.
    pub answer: Reason,
    /// How far the verdict may be reused.
    pub scope: Scope,
    /// The policy epoch that it was decided in.
    pub policy_epoch: u64,
}

impl ApiAllow {
    /// The right to forward the call that this verdict answers.
    #[must_use]
    pub fn permit(&self) -> Permit {
        Permit::for_allowed()
    }

    /// Whether a port-forward may open a port.
    #[must_use]
    pub fn allows_port(&self, port: u16) -> bool {
        self.ports.as_ref().is_none_or(|ports| ports.iter().any(|range| range.contains(&port)))
    }

    /// The value of the header `Warning` (RFC 7234, section 5.5), which kubectl and client-go print.
    #[must_use]
    pub fn warning_header(&self) -> Option<String> {
        if self.warning.is_empty() {
            return None;
        }
        let mut value = String::from("299 - \"");
        for character in self.warning.chars().take(WARNING_CHARACTERS_MAX) {
            match character {
                '"' | '\\' => value.extend(['\\', character]),
                ' '..='~' => value.push(character),
                _ => value.push('?'),
            }
        }
        value.push('"');
        Some(value)
    }
}

impl ApiDeny {
    /// The denial as the API server would say it.
    #[must_use]
    pub fn status(&self) -> Status {
        let ApiDeny { rule, reason, hint, .. } = self;
        let separator = if hint.is_empty() { "" } else { "; " };
        let message = format!("Narrows: {reason} (rule {rule}){separator}{hint}");
        let status = Status::new(self.answer, &message).because("Rule", rule).because("Reason", reason);
        if hint.is_empty() { status } else { status.because("Hint", hint) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allow(warning: &str, ports: Option<&[RangeInclusive<u16>]>) -> ApiAllow {
        ApiAllow {
            rule: "r".into(),
            approval: None,
            warning: warning.into(),
            ports: ports.map(Into::into),
            restored: None,
            record: RecordLevel::Full,
            scope: Scope::Once,
            policy_epoch: 1,
        }
    }

    #[test]
    fn a_restored_body_is_not_shown() {
        let restored = Some(RestoredBody(Bytes::from_static(b"hunter2")));
        assert!(!format!("{:?}", ApiAllow { restored, ..allow("", None) }).contains("hunter2"));
    }

    #[test]
    fn a_port_must_be_in_a_range() {
        assert!(allow("", None).allows_port(1));
        let some = allow("", Some(&[80..=80, 8000..=8099]));
        assert_eq!(
            [79, 80, 8000, 8099, 8100].map(|port| some.allows_port(port)),
            [false, true, true, true, false]
        );
        assert!(!allow("", Some(&[])).allows_port(80));
    }

    #[test]
    fn a_warning_stays_inside_its_quotes() {
        assert_eq!(allow("", None).warning_header(), None);
        let odd = allow("a \"b\" \\ \r\nX-Evil: é", None).warning_header();
        assert_eq!(odd.as_deref(), Some("299 - \"a \\\"b\\\" \\\\ ??X-Evil: ?\""));
        assert_eq!(allow(&"x".repeat(999), None).warning_header().map(|value| value.len()), Some(256 + 8));
    }

    #[test]
    fn a_denial_says_what_which_rule_and_what_next() {
        let mut deny = ApiDeny {
            rule: "no-exec".into(),
            reason: "exec is denied".into(),
            hint: "ask for an approval".into(),
            answer: Reason::Forbidden,
            scope: Scope::Once,
            policy_epoch: 1,
        };
        let status = deny.status();
        assert_eq!(status.code(), 403);
        assert_eq!(status.message(), "Narrows: exec is denied (rule no-exec); ask for an approval");
        deny.hint = "".into();
        assert_eq!(deny.status().message(), "Narrows: exec is denied (rule no-exec)");
    }
}
