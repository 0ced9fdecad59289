//! What FETCH and EXECUTE show: cursors and prepared statements, by the names that SQL gave them.
//!
//! A verdict on FETCH knows the cursor's name and no more, so what the verdict on its DECLARE said is kept
//! here. It counts once the target has given the name: the target refuses one that is taken, whoever gave
//! it, so that from then on nothing else has it. Whatever is not known to be so is tainted.

use std::collections::HashMap;

use super::keeping::Keeping;
use super::lineage::Lineage;
use super::statement::Stamp;
use crate::{NameSpace, SqlName};

/// The names that SQL has given in one session.
#[derive(Debug, Default)]
pub(super) struct SqlNames {
    statements: HashMap<Box<[u8]>, Meaning>,
    portals: HashMap<Box<[u8]>, Meaning>,
    bytes: usize,
    /// SQL has given names that are not kept here: any name may stand for anything.
    unseen: bool,
}

/// What one name stands for.
#[derive(Debug, Default)]
struct Meaning {
    /// What the target has confirmed; `None` while it may be anything.
    shows: Option<Shown>,
    /// How often the name was given, by SQL or the protocol.
    gifts: u64,
}

/// What a name shows, as the verdict said that let it be given.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    /// What is known of its columns.
    pub(super) lineage: Lineage,
    /// What that was decided under.
    pub(super) stamp: Stamp,
    /// How much the recording keeps of it.
    pub(super) keeping: Keeping,
}

/// A name on its way to being given, by a statement that gives no other.
#[derive(Debug)]
pub(super) struct Gift {
    name: SqlName,
    shows: Shown,
    number: u64,
}

impl SqlNames {
    /// A statement is being forwarded that gives `names` (none: nobody knows which) to what `shows` says.
    /// The result is for [`SqlNames::confirm`].
    pub(super) fn give(&mut self, names: &[SqlName], shows: Shown, bytes_max: usize) -> Option<Gift> {
        self.unseen |= names.is_empty();
        for name in names {
            self.keep(name, bytes_max);
            self.give_by_protocol(name.space, &name.name);
        }
        let [name] = names else { return None };
        let number = self.space(name.space).get(&name.name)?.gifts;
        Some(Gift { name: name.clone(), shows, number })
    }

    /// Parse or Bind gives a name.
    pub(super) fn give_by_protocol(&mut self, space: NameSpace, name: &[u8]) {
        if let Some(meaning) = self.space_mut(space).get_mut(name) {
            meaning.shows = None;
            meaning.gifts += 1;
        }
    }

    /// The target has given the name. If it was given once more since, that is yet to be seen.
    pub(super) fn confirm(&mut self, gift: Gift) {
        let meaning = self.space_mut(gift.name.space).get_mut(&gift.name.name);
        if let Some(meaning) = meaning.filter(|meaning| meaning.gifts == gift.number) {
            meaning.shows = Some(gift.shows);
        }
    }

    /// What a statement may show that reads `names`; none: nobody knows which.
    pub(super) fn lineage(&self, names: &[SqlName], now: Stamp) -> Lineage {
        match names {
            [name] => self.meaning(name, now),
            [_, ..] if names.iter().all(|name| matches!(self.meaning(name, now), Lineage::Clear)) => {
                Lineage::Clear
            }
            _ => Lineage::Tainted,
        }
    }

    /// How much the recording keeps of what a statement shows that reads `names`; `None` where it is not known
    /// of which statement that is.
    pub(super) fn keeping(&self, names: &[SqlName]) -> Option<Keeping> {
        let [name] = names else { return None };
        let meaning = self.space(name.space).get(&name.name).filter(|_| !self.unseen)?;
        meaning.shows.as_ref().map(|shows| shows.keeping)
    }

    /// Whether SQL may have given a name that the protocol gave too.
    pub(super) fn doubts(&self, space: NameSpace, name: &[u8]) -> bool {
        self.unseen || self.space(space).contains_key(name)
    }

    /// Bytes that the names keep.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    fn meaning(&self, name: &SqlName, now: Stamp) -> Lineage {
        let meaning = self.space(name.space).get(&name.name).filter(|_| !self.unseen);
        match meaning.and_then(|meaning| meaning.shows.as_ref()) {
            Some(shows) if shows.stamp == now => shows.lineage.clone(),
            _ => Lineage::Tainted,
        }
    }

    fn keep(&mut self, name: &SqlName, bytes_max: usize) {
        if self.space(name.space).contains_key(&name.name) {
            return;
        }
        let bytes = size_of::<(Box<[u8]>, Meaning)>() + name.name.len();
        if self.bytes + bytes > bytes_max {
            self.unseen = true;
            return;
        }
        self.bytes += bytes;
        self.space_mut(name.space).insert(name.name.clone(), Meaning::default());
    }

    fn space(&self, space: NameSpace) -> &HashMap<Box<[u8]>, Meaning> {
        match space {
            NameSpace::Statements => &self.statements,
            NameSpace::Portals => &self.portals,
        }
    }

    fn space_mut(&mut self, space: NameSpace) -> &mut HashMap<Box<[u8]>, Meaning> {
        match space {
            NameSpace::Statements => &mut self.statements,
            NameSpace::Portals => &mut self.portals,
        }
    }
}
