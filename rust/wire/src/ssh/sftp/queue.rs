//! Requests that name paths, in the order in which they came, from their coming to their answers.
//!
//! Those that only look go side by side. One that changes something has its turn when everything before it
//! is answered, and what comes behind it has its turn when it is answered: where a path leads is asked when
//! nothing of this session can change it any more.

use std::collections::BTreeMap;

use super::fields::Fields;
use super::kind::Kind;
use super::path::{self, join};
use super::request::Named;
use super::status::{self, Refusal};
use super::transfer::{Action, Transfer};
use super::verdict::Allow;
use crate::AskId;

/// The place of a request in the order of their coming.
pub(super) type Serial = u64;

/// A request that waits.
#[derive(Debug)]
pub(super) struct Held {
    /// The id that the agent gave it.
    pub(super) id: u32,
    pub(super) request: Named,
    pub(super) stage: Stage,
    /// Where its path leads.
    pub(super) path: Place,
    /// Where the other one leads.
    pub(super) other: Place,
    /// What it moves is a directory.
    pub(super) directory: bool,
    /// The target's error where a path leads nowhere: the body of a STATUS after its id.
    pub(super) failure: Option<Vec<u8>>,
    /// Answers that the inspector itself still needs.
    pub(super) probes: usize,
}

/// What a request waits for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Its turn.
    ExpectTurn,
    /// The places to which its paths lead.
    ExpectPlaces,
    /// Policy.
    ExpectVerdict(AskId, Transfer),
    /// The target.
    ExpectAnswer(Transfer, Allow),
}

/// Where a path leads.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The target has said: this path, which goes through no link.
    At(String),
    /// It is not known; the text of the path, in normal form.
    Unresolved(String),
}

impl Place {
    /// As it is put to policy.
    pub(super) fn text(&self) -> &str {
        match self {
            Place::At(path) | Place::Unresolved(path) => path,
        }
    }

    fn is_resolved(&self) -> bool {
        matches!(self, Place::At(_))
    }
}

impl Held {
    /// What policy is asked.
    pub(super) fn transfer(&self) -> Transfer {
        let kind = self.request.kind;
        let other = match kind {
            Kind::Symlink => self.request.other.as_deref().map(|target| pointed_at(self.path.text(), target)),
            Kind::Rename | Kind::PosixRename | Kind::Hardlink => Some(self.other.text().to_owned()),
            _ => None,
        };
        let both = matches!(kind.action(), Action::Rename | Action::Hardlink);
        Transfer {
            action: kind.action(),
            path: self.path.text().into(),
            other: other.map(Into::into),
            directory: self.directory,
            resolved: self.path.is_resolved() && (!both || self.other.is_resolved()),
        }
    }

    /// The other path as it goes up: of a symbolic link the text that the agent wrote, since it is data.
    pub(super) fn other_text(&self) -> Option<&str> {
        let written = self.request.other.as_deref()?;
        Some(if self.request.kind == Kind::Symlink { written } else { self.other.text() })
    }

    /// What the agent is told where a path leads nowhere.
    pub(super) fn unresolved(&self) -> Refusal {
        let told = self.failure.as_deref().and_then(|status| {
            let mut fields = Fields::of(status);
            let (code, message) = (fields.u32()?, fields.string().unwrap_or_default());
            (code != status::OK).then(|| Refusal { code, message: String::from_utf8_lossy(message).into() })
        });
        told.unwrap_or_else(|| Refusal::failure("the target does not say where the path leads"))
    }
}

/// Where a symbolic link at `link` with this text would point, as text.
fn pointed_at(link: &str, target: &str) -> String {
    let parent = link.rsplit_once('/').map_or("/", |(parent, _)| parent);
    path::lexical(&if target.starts_with('/') { target.to_owned() } else { join(parent, target) })
}

/// The requests that wait, in order.
#[derive(Debug, Default)]
pub(super) struct Queue {
    held: BTreeMap<Serial, Held>,
    last: Serial,
}

impl Queue {
    /// How many wait.
    pub(super) fn len(&self) -> usize {
        self.held.len()
    }

    /// A request has come.
    pub(super) fn push(&mut self, id: u32, request: Named) {
        self.last += 1;
        let nowhere = || Place::Unresolved(String::new());
        let held = Held {
            id,
            request,
            stage: Stage::ExpectTurn,
            path: nowhere(),
            other: nowhere(),
            directory: false,
            failure: None,
            probes: 0,
        };
        self.held.insert(self.last, held);
    }

    /// The first request whose turn has come.
    pub(super) fn next_turn(&self) -> Option<Serial> {
        for (place, (serial, held)) in self.held.iter().enumerate() {
            let changes = held.request.kind.changes();
            if held.stage == Stage::ExpectTurn && (!changes || place == 0) {
                return Some(*serial);
            }
            if changes {
                return None;
            }
        }
        None
    }

    pub(super) fn find_mut(&mut self, serial: Serial) -> Option<&mut Held> {
        self.held.get_mut(&serial)
    }

    /// The request that an ask is about.
    pub(super) fn asked(&self, ask: AskId) -> Option<Serial> {
        let is_asked = |held: &Held| matches!(&held.stage, Stage::ExpectVerdict(id, _) if *id == ask);
        self.held.iter().find(|(_, held)| is_asked(held)).map(|(serial, _)| *serial)
    }

    /// A request is answered, or about to be.
    pub(super) fn take(&mut self, serial: Serial) -> Option<Held> {
        self.held.remove(&serial)
    }

    pub(super) fn clear(&mut self) {
        self.held.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_points_from_where_it_is() {
        assert_eq!(pointed_at("/srv/a/link", "../b"), "/srv/b");
        assert_eq!(pointed_at("/link", "x"), "/x");
        assert_eq!(pointed_at("/srv/a/link", "/etc/../etc/passwd"), "/etc/passwd");
    }
}
