//! Verdicts on calls that may be reused, and the keys under which everything of a call is known.

use std::{
    io,
    sync::atomic::{AtomicU64, Ordering},
};

use narrows_wire::kubernetes::{ApiCall, ApiVerdict, Token};
use quick_cache::{Weighter, sync::Cache};

use super::verdict::CallVerdict;
use crate::{
    bounds::{VERDICT_BYTES, VERDICT_BYTES_MAX, VERDICTS_EXPECTED},
    random,
    verdicts::{Key, hash_field},
};

/// A bounded cache, shared by all sessions.
#[derive(Debug)]
pub(crate) struct CallVerdicts {
    kept: Cache<Key, CallVerdict, Bytes>,
    secret: [u8; blake3::KEY_LEN],
    hits: AtomicU64,
    misses: AtomicU64,
}

/// Weighs verdicts by their texts.
#[derive(Clone, Copy, Debug)]
struct Bytes;

impl Weighter<Key, CallVerdict> for Bytes {
    fn weight(&self, _: &Key, kept: &CallVerdict) -> u64 {
        let texts = match &kept.verdict {
            ApiVerdict::Allow(allow) => allow.rule.len() + allow.warning.len(),
            ApiVerdict::Deny(deny) => deny.rule.len() + deny.reason.len() + deny.hint.len(),
        };
        (VERDICT_BYTES + texts) as u64
    }
}

/// Who calls, and where: the part of a key that stays the same for a session.
#[derive(Debug)]
pub(crate) struct CallScene(blake3::Hasher);

impl CallVerdicts {
    /// An empty cache with a key of its own, which an agent cannot know and so cannot collide.
    pub(crate) fn new() -> io::Result<CallVerdicts> {
        Ok(CallVerdicts {
            kept: Cache::with_weighter(VERDICTS_EXPECTED, VERDICT_BYTES_MAX, Bytes),
            secret: random::bytes()?,
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
        })
    }

    /// The scene of one session.
    pub(crate) fn scene(&self, principal: &str, target: &str, mask_set: u64) -> CallScene {
        let mut hasher = blake3::Hasher::new_keyed(&self.secret);
        for field in [principal, target] {
            hash_field(&mut hasher, field.as_bytes());
        }
        hasher.update(&mask_set.to_le_bytes());
        CallScene(hasher)
    }

    /// By what a token is known again. Comparing two takes the same time wherever they differ.
    pub(crate) fn fingerprint(&self, token: &Token) -> blake3::Hash {
        blake3::keyed_hash(&self.secret, token.as_bytes())
    }

    /// A verdict on that call that may be reused.
    pub(crate) fn find(&self, key: &Key) -> Option<CallVerdict> {
        let found = self.kept.get(key);
        let counter = if found.is_some() { &self.hits } else { &self.misses };
        counter.fetch_add(1, Ordering::Relaxed);
        found
    }

    /// Keeps a verdict if it may be reused.
    pub(crate) fn keep(&self, key: Key, verdict: &CallVerdict) {
        if verdict.is_reusable() {
            self.kept.insert(key, verdict.clone());
        }
    }

    /// Hits and misses so far.
    pub(crate) fn counts(&self) -> (u64, u64) {
        (self.hits.load(Ordering::Relaxed), self.misses.load(Ordering::Relaxed))
    }

    /// Verdicts kept.
    pub(crate) fn len(&self) -> usize {
        self.kept.len()
    }
}

impl CallScene {
    /// The key of a call in a policy epoch: everything on which its verdict depends.
    pub(crate) fn key(&self, call: &ApiCall, policy_epoch: u64) -> Key {
        let mut hasher = self.0.clone();
        hasher.update(&policy_epoch.to_le_bytes());
        let upgrade = call.upgrade.map_or("", narrows_wire::kubernetes::Upgrade::as_str);
        for field in [call.method.as_str(), upgrade, &call.path, &call.content_type] {
            hash_field(&mut hasher, field.as_bytes());
        }
        hash_field(&mut hasher, &call.body);
        *hasher.finalize().as_bytes()
    }

    /// The key of a stream, whichever way it is asked for.
    pub(crate) fn stream_key(&self, call: &ApiCall) -> Key {
        let mut hasher = self.0.clone();
        hash_field(&mut hasher, call.path.as_bytes());
        *hasher.finalize().as_bytes()
    }
}
