//! The containers that the scanner is in, and what it must know of each.

use std::collections::HashSet;
use std::hash::BuildHasher;

use foldhash::fast::RandomState;

use super::plan::{DEAD, State};
use crate::Hints;

/// How many of the keys that places name have a bit of their own.
const NAMED_BITS: usize = 64;

/// An object or an array that has begun.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each says something of its own")]
pub(super) struct Frame {
    pub(super) is_object: bool,
    /// In the plan.
    pub(super) state: usize,
    /// The mask that all of it is under.
    pub(super) mask: Option<usize>,
    /// Whether what is under the mask is base64.
    pub(super) base64: bool,
    /// How long the path to it is.
    pub(super) path: usize,
    /// How much of the path leads to the object that it is in.
    pub(super) object: usize,
    /// Whether the masks that have exceptions leave the object as it is that it is in.
    pub(super) excepted: bool,
    /// How many elements have begun.
    pub(super) elements: usize,
    /// Whether an entry of it has gone on.
    pub(super) shown: bool,
    /// What the key that it is under says of the values in it.
    pub(super) hints: Hints,
    /// What the value of its key `name` says of that of its key `value`.
    pub(super) named: Hints,
    seen: u64,
    seen_others: Option<HashSet<u64>>,
}

impl Frame {
    pub(super) fn new(is_object: bool, state: usize) -> Frame {
        Frame {
            is_object,
            state,
            mask: None,
            base64: false,
            path: 0,
            object: 0,
            excepted: false,
            elements: 0,
            shown: false,
            hints: Hints::default(),
            named: Hints::default(),
            seen: 0,
            seen_others: None,
        }
    }

    /// Whether the way to it matters.
    pub(super) fn is_followed(&self) -> bool {
        self.state != DEAD || self.mask.is_some()
    }

    /// Notes a key; whether it was there before. Keys that lead nowhere may be repeated.
    pub(super) fn repeats(&mut self, state: &State, key: &[u8], hasher: &RandomState) -> bool {
        match state.key(key) {
            (Some(index), _) if index < NAMED_BITS => {
                let bit = 1 << index;
                let seen = self.seen & bit != 0;
                self.seen |= bit;
                seen
            }
            (_, DEAD) => false,
            _ => !self.seen_others.get_or_insert_default().insert(hasher.hash_one(key)),
        }
    }
}
