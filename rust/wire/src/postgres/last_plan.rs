//! The plan made last: whoever runs a statement again is sent the same description again.

use std::sync::Arc;

use super::lineage::Lineage;
use super::plan::Plan;

/// A longer description is read anew each time.
const DESCRIPTION_BYTES_MAX: usize = 1 << 10;

/// One plan, with what it was made from besides the session's masks.
#[derive(Debug, Default)]
pub(super) struct LastPlan(Option<Made>);

#[derive(Debug)]
struct Made {
    description: Box<[u8]>,
    is_clear: bool,
    plan: Arc<Plan>,
}

impl LastPlan {
    /// The plan for the description, if it is the one that was kept.
    pub(super) fn find(&self, description: &[u8], lineage: &Lineage) -> Option<Arc<Plan>> {
        let made = self.0.as_ref()?;
        let fits = says_clear(lineage) == Some(made.is_clear) && *made.description == *description;
        fits.then(|| Arc::clone(&made.plan))
    }

    /// Keeps a plan in place of the one before. What lineage says column by column belongs to one statement,
    /// so that such a plan is not kept.
    pub(super) fn keep(&mut self, description: &[u8], lineage: &Lineage, plan: &Arc<Plan>) {
        let Some(is_clear) = says_clear(lineage) else { return };
        if description.len() <= DESCRIPTION_BYTES_MAX {
            self.0 = Some(Made { description: description.into(), is_clear, plan: Arc::clone(plan) });
        }
    }

    /// Other masks make other plans.
    pub(super) fn forget(&mut self) {
        self.0 = None;
    }

    /// Bytes that it keeps.
    pub(super) fn bytes(&self) -> usize {
        self.0.as_ref().map_or(0, |made| made.description.len())
    }
}

fn says_clear(lineage: &Lineage) -> Option<bool> {
    match lineage {
        Lineage::Clear => Some(true),
        Lineage::Tainted => Some(false),
        Lineage::Columns(_) => None,
    }
}
