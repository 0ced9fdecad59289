//! Secrets that have passed under a mask, to be found wherever else they come out.

use std::collections::{HashSet, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::KnownValues;
use crate::detect::VALUE_BYTES_MIN;

/// How many values are kept; the oldest go first.
const VALUES_MAX: usize = 512;
/// How many bytes all of them may have. Each is looked for in some ten forms.
const BYTES_MAX: usize = 64 * 1024;
/// A longer value is not kept: an archive or a bundle, which nobody repeats whole.
const VALUE_BYTES_MAX: usize = 8 * 1024;

/// The secrets of one target that the gateway has seen. Sessions share it; those that scan hold a snapshot.
#[derive(Default)]
pub struct SecretsSeen {
    kept: Mutex<Kept>,
    /// How often something was added.
    version: AtomicU64,
    compiled: Mutex<(u64, Arc<KnownValues>)>,
}

#[derive(Default)]
struct Kept {
    values: HashSet<Arc<[u8]>>,
    oldest_first: VecDeque<Arc<[u8]>>,
    bytes: usize,
}

impl SecretsSeen {
    /// Keeps a value, unless it is shorter than six bytes or longer than 8 KiB.
    pub fn remember(&self, value: &[u8]) {
        if !(VALUE_BYTES_MIN..=VALUE_BYTES_MAX).contains(&value.len()) {
            return;
        }
        if lock(&self.kept).add(value) {
            self.version.fetch_add(1, Ordering::Release);
        }
    }

    /// What is kept now, compiled to be looked for. Compiles only when something was added since.
    #[must_use]
    pub fn known(&self) -> Arc<KnownValues> {
        let version = self.version.load(Ordering::Acquire);
        let mut compiled = lock(&self.compiled);
        if compiled.0 != version {
            let values: Vec<Arc<[u8]>> = lock(&self.kept).oldest_first.iter().cloned().collect();
            // Bounded as they are, they fit in one automaton.
            if let Ok(known) = KnownValues::new(values.iter().map(|value| &**value)) {
                *compiled = (version, Arc::new(known));
            }
        }
        Arc::clone(&compiled.1)
    }
}

impl Kept {
    /// Whether it was new.
    fn add(&mut self, value: &[u8]) -> bool {
        if self.values.contains(value) {
            return false;
        }
        let value: Arc<[u8]> = value.into();
        self.bytes += value.len();
        self.values.insert(Arc::clone(&value));
        self.oldest_first.push_back(value);
        while self.values.len() > VALUES_MAX || self.bytes > BYTES_MAX {
            let Some(oldest) = self.oldest_first.pop_front() else { break };
            self.bytes -= oldest.len();
            self.values.remove(&oldest);
        }
        true
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl std::fmt::Debug for SecretsSeen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecretsSeen").finish_non_exhaustive()
    }
}
