//! The object masks that the control plane publishes, and the secrets that were seen under them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use arc_swap::ArcSwapOption;
use narrows_mask::{ObjectMasks, SecretsSeen};

/// One set of object masks, replaced as a whole. Until it is published, no answer is let through.
pub(crate) type PublishedObjectMasks = ArcSwapOption<ObjectMasks>;

/// The sets of this process by their number, and the secrets seen by target.
#[derive(Debug, Default)]
pub(crate) struct ClusterMasks {
    sets: Mutex<HashMap<u64, Arc<PublishedObjectMasks>>>,
    seen: Mutex<HashMap<String, Arc<SecretsSeen>>>,
}

/// What one session's answers are under.
#[derive(Clone, Debug)]
pub(crate) struct SessionMasks {
    published: Arc<PublishedObjectMasks>,
    pub(crate) seen: Arc<SecretsSeen>,
}

impl ClusterMasks {
    /// Replaces a set.
    pub(crate) fn publish(&self, number: u64, masks: ObjectMasks) {
        self.set(number).store(Some(Arc::new(masks)));
    }

    /// What answers on a target are under with the set of that number.
    pub(crate) fn of(&self, number: u64, target: &str) -> SessionMasks {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = Arc::clone(seen.entry(target.to_owned()).or_default());
        SessionMasks { published: self.set(number), seen }
    }

    fn set(&self, number: u64) -> Arc<PublishedObjectMasks> {
        let mut sets = self.sets.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(sets.entry(number).or_default())
    }
}

impl SessionMasks {
    /// The masks as they are now; `None`: they were never published.
    pub(crate) fn current(&self) -> Option<Arc<ObjectMasks>> {
        self.published.load_full()
    }

    /// Whether these are the masks as they are now.
    pub(crate) fn are(&self, masks: &Arc<ObjectMasks>) -> bool {
        self.published.load().as_ref().is_some_and(|current| Arc::ptr_eq(current, masks))
    }
}
