//! What the control plane publishes and every session reads before each message: the policy epoch,
//! each target's catalogue epoch, and the mask sets.

use std::{
    collections::HashMap,
    pin::pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use arc_swap::ArcSwap;
use narrows_mask::MaskSet;
use tokio::sync::Notify;

/// The published state of this process.
#[derive(Debug)]
pub(crate) struct Epochs {
    policy: AtomicU64,
    policy_moved: Notify,
    targets: Mutex<HashMap<String, Arc<Target>>>,
    masks: Mutex<HashMap<u64, Arc<PublishedMasks>>>,
}

/// One target's catalogue epoch.
#[derive(Debug)]
pub struct Target {
    /// Its name.
    pub name: Arc<str>,
    catalogue: AtomicU64,
    announced: AtomicBool,
}

/// One mask set, replaced as a whole. Until it is published it knows no relation, so that everything
/// with an origin is masked.
pub(crate) type PublishedMasks = ArcSwap<MaskSet>;

impl Epochs {
    pub(crate) fn new() -> Epochs {
        Epochs {
            policy: AtomicU64::new(1),
            policy_moved: Notify::new(),
            targets: Mutex::default(),
            masks: Mutex::default(),
        }
    }

    /// The policy epoch.
    pub(crate) fn policy(&self) -> u64 {
        self.policy.load(Ordering::Acquire)
    }

    /// Voids every verdict; returns the new epoch.
    pub(crate) fn move_policy(&self) -> u64 {
        let epoch = self.policy.fetch_add(1, Ordering::AcqRel) + 1;
        self.policy_moved.notify_waiters();
        epoch
    }

    /// Waits until the policy epoch is another one, for who has no message to look at it before.
    pub(crate) async fn policy_moved_from(&self, epoch: u64) {
        let mut moved = pin!(self.policy_moved.notified());
        // From here on no move is missed.
        moved.as_mut().enable();
        if self.policy() == epoch {
            moved.await;
        }
    }

    /// The target of that name, known from its first mention on.
    pub(crate) fn target(&self, name: &str) -> Arc<Target> {
        let mut targets = self.targets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(target) = targets.get(name) {
            return Arc::clone(target);
        }
        let target = Arc::new(Target {
            name: name.into(),
            catalogue: AtomicU64::new(1),
            announced: AtomicBool::new(false),
        });
        targets.insert(name.to_owned(), Arc::clone(&target));
        target
    }

    /// The mask set of that number.
    pub(crate) fn masks(&self, number: u64) -> Arc<PublishedMasks> {
        let mut masks = self.masks.lock().unwrap_or_else(PoisonError::into_inner);
        let published =
            masks.entry(number).or_insert_with(|| Arc::new(ArcSwap::from_pointee(MaskSet::default())));
        Arc::clone(published)
    }
}

impl Target {
    /// The catalogue epoch.
    #[must_use]
    pub fn catalogue(&self) -> u64 {
        self.catalogue.load(Ordering::Acquire)
    }

    /// Voids every verdict about this target; returns the new epoch.
    pub(crate) fn move_catalogue(&self) -> u64 {
        self.catalogue.fetch_add(1, Ordering::AcqRel) + 1
    }

    /// Whether a move has to be announced: false when an announcement is waiting already.
    pub(crate) fn claim_announcement(&self) -> bool {
        !self.announced.swap(true, Ordering::AcqRel)
    }

    /// The announcement has been read; later moves need another. To be called before the epoch is read.
    pub fn announcement_read(&self) {
        self.announced.store(false, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_move_is_announced_once_until_it_is_read() {
        let target = Epochs::new().target("orders-db");
        assert_eq!(target.move_catalogue(), 2);
        assert!(target.claim_announcement());
        assert!(!target.claim_announcement());
        target.announcement_read();
        assert!(target.claim_announcement());
    }

    #[test]
    fn an_unpublished_mask_set_knows_no_relation() {
        let masks = Epochs::new().masks(7);
        let set = masks.load_full();
        assert!(matches!(set.origin(16_384, 1), narrows_mask::Origin::Unknown));
    }

    #[test]
    fn names_are_shared() {
        let epochs = Epochs::new();
        epochs.target("a").move_catalogue();
        assert_eq!(epochs.target("a").catalogue(), 2);
        assert_eq!(epochs.target("b").catalogue(), 1);
    }
}
