//! The places of an answer as one automaton: each key and each element is one step of it.
//!
//! Most of an answer is off every way to a place. There the automaton is in its dead state, and nothing is
//! compared any more.

use std::collections::HashMap;

use super::places::{Meaning, Place};
use crate::paths::Step;

/// No place is further in.
pub(super) const DEAD: usize = 0;
/// Before the answer's first byte.
pub(super) const START: usize = 1;

pub(super) struct Plan {
    states: Vec<State>,
}

/// On the way to some places.
#[derive(Debug, Default)]
pub(super) struct State {
    /// Where the keys lead that places name.
    keys: Vec<(Box<[u8]>, usize)>,
    other_key: usize,
    element: usize,
    pub(super) marks: Marks,
    /// Whether an entry of the object here may be left out.
    pub(super) drops: bool,
}

/// What all the places here mean together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "places mean them in any combination")]
pub(super) struct Marks {
    pub(super) object: bool,
    pub(super) object_name: bool,
    /// The first mask that the value is under.
    pub(super) mask: Option<usize>,
    pub(super) base64: bool,
    pub(super) dropped: bool,
    pub(super) message: bool,
    pub(super) columns: bool,
    pub(super) column: bool,
    pub(super) column_format: bool,
    pub(super) column_type: bool,
    pub(super) cell: bool,
}

/// A place, and how many of its steps are behind.
type Reached = (usize, usize);

impl Plan {
    pub(super) fn new(places: &[Place]) -> Plan {
        let mut builder = Builder { places, known: HashMap::new(), waiting: Vec::new() };
        builder.state(Vec::new());
        let start = (0..places.len()).map(|place| (place, 0)).collect();
        if builder.state(start) == DEAD {
            // Without places there is nothing to be on the way to.
            return Plan { states: vec![State::default(), State::default()] };
        }
        let mut states = Vec::new();
        while let Some(reached) = builder.waiting.get(states.len()).cloned() {
            let state = builder.leads(&reached);
            states.push(state);
        }
        for index in 0..states.len() {
            let drops = |state: &State| {
                state
                    .keys
                    .iter()
                    .any(|(_, next)| states.get(*next).is_some_and(|it: &State| it.marks.dropped))
            };
            let drops = states.get(index).is_some_and(drops);
            if let Some(state) = states.get_mut(index) {
                state.drops = drops;
            }
        }
        Plan { states }
    }

    /// A state; the dead one for none.
    pub(super) fn state(&self, state: usize) -> &State {
        const NOWHERE: &State = &State {
            keys: Vec::new(),
            other_key: DEAD,
            element: DEAD,
            marks: Marks {
                object: false,
                object_name: false,
                mask: None,
                base64: false,
                dropped: false,
                message: false,
                columns: false,
                column: false,
                column_format: false,
                column_type: false,
                cell: false,
            },
            drops: false,
        };
        self.states.get(state).unwrap_or(NOWHERE)
    }
}

impl State {
    /// Where a key leads, and which of the named ones it is.
    pub(super) fn key(&self, key: &[u8]) -> (Option<usize>, usize) {
        match self.keys.iter().position(|(name, _)| **name == *key) {
            Some(index) => (Some(index), self.keys.get(index).map_or(DEAD, |(_, next)| *next)),
            None => (None, self.other_key),
        }
    }

    /// Where an element leads.
    pub(super) fn element(&self) -> usize {
        self.element
    }
}

struct Builder<'a> {
    places: &'a [Place],
    known: HashMap<Vec<Reached>, usize>,
    /// In the order of their numbers.
    waiting: Vec<Vec<Reached>>,
}

impl Builder<'_> {
    fn state(&mut self, mut reached: Vec<Reached>) -> usize {
        reached.sort_unstable();
        reached.dedup();
        if let Some(known) = self.known.get(&reached) {
            return *known;
        }
        let number = self.waiting.len();
        self.known.insert(reached.clone(), number);
        self.waiting.push(reached);
        number
    }

    fn leads(&mut self, reached: &[Reached]) -> State {
        let mut marks = Marks::default();
        let mut names: Vec<Box<[u8]>> = Vec::new();
        for (place, steps) in reached {
            let Some((way, meaning)) = self.places.get(*place) else { continue };
            match way.get(*steps) {
                None => marks.add(*meaning),
                Some(Step::Key(name) | Step::Deep(name)) if !names.contains(name) => names.push(name.clone()),
                Some(_) => {}
            }
        }
        let keys = names.into_iter().map(|name| {
            let next = self.steps_from(reached, |step| match step {
                Step::Key(wanted) | Step::Deep(wanted) => *wanted == name,
                Step::AnyKey => true,
                Step::AnyElement => false,
            });
            (name, next)
        });
        let keys: Vec<(Box<[u8]>, Vec<Reached>)> = keys.collect();
        let keys = keys.into_iter().map(|(name, next)| (name, self.state(next))).collect();
        let other_key = self.steps_from(reached, |step| *step == Step::AnyKey);
        let element = self.steps_from(reached, |step| *step == Step::AnyElement);
        State { keys, other_key: self.state(other_key), element: self.state(element), marks, drops: false }
    }

    /// How far the places have come one step further in.
    fn steps_from(&self, reached: &[Reached], takes: impl Fn(&Step) -> bool) -> Vec<Reached> {
        let mut next = Vec::new();
        for (place, steps) in reached {
            let step = self.places.get(*place).and_then(|(way, _)| way.get(*steps));
            if step.is_some_and(&takes) {
                next.push((*place, steps + 1));
            }
            if matches!(step, Some(Step::Deep(_))) {
                next.push((*place, *steps));
            }
        }
        next
    }
}

impl Marks {
    fn add(&mut self, meaning: Meaning) {
        match meaning {
            Meaning::Object => self.object = true,
            Meaning::ObjectName => self.object_name = true,
            Meaning::Masked(mask) => self.mask = Some(self.mask.map_or(mask, |first| first.min(mask))),
            Meaning::Base64 => self.base64 = true,
            Meaning::Dropped => self.dropped = true,
            Meaning::Message => self.message = true,
            Meaning::Columns => self.columns = true,
            Meaning::Column => self.column = true,
            Meaning::ColumnFormat => self.column_format = true,
            Meaning::ColumnType => self.column_type = true,
            Meaning::Cell => self.cell = true,
        }
    }
}
