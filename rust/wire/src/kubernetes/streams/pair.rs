//! One of something for each side.

use crate::Side;

/// What belongs to the agent's side, and what to the target's.
#[derive(Debug, Default)]
pub(super) struct Pair<T> {
    pub(super) downstream: T,
    pub(super) upstream: T,
}

impl<T> Pair<T> {
    /// That of a side.
    pub(super) fn at(&mut self, side: Side) -> &mut T {
        match side {
            Side::Downstream => &mut self.downstream,
            Side::Upstream => &mut self.upstream,
        }
    }
}

/// The side to which leads what comes from `side`.
pub(super) fn opposite(side: Side) -> Side {
    match side {
        Side::Downstream => Side::Upstream,
        Side::Upstream => Side::Downstream,
    }
}
