//! How a journal is kept.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::KeyRing;
use crate::note::Signer;

/// What an acknowledged frame survives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// The end of the process, by `kill -9` too: it was written.
    #[default]
    Write,
    /// A power cut as well: it was synced, along with whatever else was waiting.
    Fsync,
}

/// What somebody has to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Something that was acknowledged cannot be read any more.
    Damaged,
    /// A segment is not there that was to be sealed.
    Missing,
    /// The log does not go on, so that nobody vouches for what is recorded.
    Unsealed,
    /// A process or a machine ended in the middle of a write, of which nothing was acknowledged.
    Torn,
}

impl Trouble {
    /// As counters name it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Trouble::Damaged => "damaged",
            Trouble::Missing => "missing",
            Trouble::Unsealed => "unsealed",
            Trouble::Torn => "torn",
        }
    }
}

/// Told what somebody has to look at, and of which sort it is, in a sentence.
pub type Alarm = Arc<dyn Fn(Trouble, &str) + Send + Sync>;

/// What a journal is opened with.
#[derive(Clone)]
pub struct Settings {
    /// Size in bytes at which a segment is sealed; one append is never split over two.
    pub segment_bytes_max: u64,
    /// Age at which a segment with frames is sealed.
    pub segment_age_max: Duration,
    /// When a frame counts as acknowledged.
    pub durability: Durability,
    /// Signs a checkpoint each time a segment was sealed. None: there is a log and nobody vouches for it.
    pub signer: Option<Arc<Signer>>,
    /// Encrypts sessions that begin. None: they are recorded in plain.
    pub keys: Option<KeyRing>,
    /// Hears of damage and of sealing that fails.
    pub alarm: Alarm,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            segment_bytes_max: 256 * 1024 * 1024,
            segment_age_max: Duration::from_secs(60),
            durability: Durability::Write,
            signer: None,
            keys: None,
            alarm: Arc::new(|_, _| {}),
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("segment_bytes_max", &self.segment_bytes_max)
            .field("segment_age_max", &self.segment_age_max)
            .field("durability", &self.durability)
            .field("signer", &self.signer)
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}
