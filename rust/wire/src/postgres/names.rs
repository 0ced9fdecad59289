//! Names of prepared statements and portals: what they stand for now, and what they will stand for.
//!
//! A Parse or Bind that is under way may fail, and then the name keeps what it stood for before. So a
//! name has two readings. The downstream side reads the *latest*: what the name stands for if everything
//! sent so far succeeds, for if it does not, the target skips what was sent after it as well. The
//! upstream side reads the *confirmed*: what the target has acknowledged. Replies come in the order of
//! the messages, so the oldest change is always the one that is confirmed or undone.

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;

/// What a name can stand for.
pub(super) trait Entry {
    /// Bytes that it keeps alive.
    fn bytes(&self) -> usize;
}

/// One name space. The empty name has a place of its own: it is the one used most.
#[derive(Debug)]
pub(super) struct Names<T> {
    unnamed: Place<T>,
    named: HashMap<Bytes, Place<T>>,
    bytes: usize,
}

#[derive(Debug)]
struct Place<T> {
    confirmed: Option<T>,
    /// Changes under way, oldest first; `None` for a Close.
    staged: VecDeque<Option<T>>,
}

impl<T> Default for Place<T> {
    fn default() -> Place<T> {
        Place { confirmed: None, staged: VecDeque::new() }
    }
}

impl<T: Entry> Names<T> {
    /// A name space in which nothing is named.
    pub(super) fn new() -> Names<T> {
        Names { unnamed: Place::default(), named: HashMap::new(), bytes: 0 }
    }

    /// How many names, apart from the empty one, stand for something or are about to.
    pub(super) fn len(&self) -> usize {
        self.named.len()
    }

    /// Bytes that all of them keep alive.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// What `name` stands for once everything sent so far has succeeded.
    pub(super) fn latest(&self, name: &[u8]) -> Option<&T> {
        let place = self.place(name)?;
        place.staged.back().map_or(place.confirmed.as_ref(), Option::as_ref)
    }

    /// As [`Names::latest`], to be changed in place.
    pub(super) fn latest_mut(&mut self, name: &[u8]) -> Option<&mut T> {
        let place = self.place_mut(name)?;
        place.staged.back_mut().map_or(place.confirmed.as_mut(), Option::as_mut)
    }

    /// What the target has acknowledged `name` to stand for.
    pub(super) fn confirmed(&self, name: &[u8]) -> Option<&T> {
        self.place(name)?.confirmed.as_ref()
    }

    /// As [`Names::confirmed`], to be changed in place.
    pub(super) fn confirmed_mut(&mut self, name: &[u8]) -> Option<&mut T> {
        self.place_mut(name)?.confirmed.as_mut()
    }

    /// A message that gives `name` a meaning, or with `None` takes it away, is on its way.
    pub(super) fn stage(&mut self, name: &Bytes, meaning: Option<T>) {
        self.bytes += weight(name, meaning.as_ref());
        let place =
            if name.is_empty() { &mut self.unnamed } else { self.named.entry(name.clone()).or_default() };
        place.staged.push_back(meaning);
    }

    /// The target has acknowledged the oldest change of `name`.
    pub(super) fn confirm(&mut self, name: &[u8]) {
        let Some(place) = self.place_mut(name) else { return };
        let Some(meaning) = place.staged.pop_front() else { return };
        let replaced = std::mem::replace(&mut place.confirmed, meaning);
        self.settle(name, replaced.as_ref());
    }

    /// The oldest change of `name` has not happened.
    pub(super) fn undo(&mut self, name: &[u8]) {
        let Some(place) = self.place_mut(name) else { return };
        let undone = place.staged.pop_front().flatten();
        self.settle(name, undone.as_ref());
    }

    /// The target has dropped everything that it had acknowledged.
    pub(super) fn drop_confirmed(&mut self) {
        let mut freed = weight(b"", self.unnamed.confirmed.take().as_ref());
        self.named.retain(|name, place| {
            freed += weight(name, place.confirmed.take().as_ref());
            !place.staged.is_empty()
        });
        self.bytes -= freed;
    }

    /// Accounts for what a name no longer stands for, and forgets the name if nothing is left of it.
    fn settle(&mut self, name: &[u8], gone: Option<&T>) {
        self.bytes -= weight(name, gone);
        if name.is_empty() {
            return;
        }
        if self.named.get(name).is_some_and(|place| place.confirmed.is_none() && place.staged.is_empty()) {
            self.named.remove(name);
        }
    }

    fn place(&self, name: &[u8]) -> Option<&Place<T>> {
        if name.is_empty() { Some(&self.unnamed) } else { self.named.get(name) }
    }

    fn place_mut(&mut self, name: &[u8]) -> Option<&mut Place<T>> {
        if name.is_empty() { Some(&mut self.unnamed) } else { self.named.get_mut(name) }
    }
}

fn weight<T: Entry>(name: &[u8], entry: Option<&T>) -> usize {
    entry.map_or(0, |entry| name.len() + entry.bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Entry for u32 {
        fn bytes(&self) -> usize {
            1
        }
    }

    #[test]
    fn a_failed_change_leaves_the_name_as_it_was() {
        let (mut names, name) = (Names::new(), Bytes::from_static(b"s"));
        names.stage(&name, Some(1));
        names.confirm(&name);
        names.stage(&name, Some(2));
        assert_eq!((names.latest(&name), names.confirmed(&name)), (Some(&2), Some(&1)));
        names.undo(&name);
        assert_eq!((names.latest(&name), names.confirmed(&name)), (Some(&1), Some(&1)));
    }

    #[test]
    fn a_closed_name_is_forgotten_only_when_the_target_says_so() {
        let (mut names, name) = (Names::new(), Bytes::from_static(b"s"));
        names.stage(&name, Some(1));
        names.stage(&name, None);
        names.stage(&name, Some(3));
        names.confirm(&name);
        names.confirm(&name);
        assert_eq!((names.latest(&name), names.confirmed(&name), names.len()), (Some(&3), None, 1));
        names.undo(&name);
        assert_eq!((names.latest(&name), names.len(), names.bytes()), (None, 0, 0));
    }
}
