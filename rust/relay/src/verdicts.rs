//! Verdicts that may be reused, so that a statement seen before is decided without leaving Rust.
//!
//! The key is a keyed hash over everything that the verdict depends on, never a normalised form of the
//! text: two texts that differ in a byte are two statements.

use std::{
    io,
    sync::atomic::{AtomicU64, Ordering},
};

use narrows_journal::SessionId;
use narrows_wire::{Allow, Deny, Epoch, OutputColumn, Phase, Scope, Statement, Verdict};
use quick_cache::{Weighter, sync::Cache};

use crate::{
    bounds::{VERDICT_BYTES, VERDICT_BYTES_MAX, VERDICTS_EXPECTED},
    random,
};

/// A bounded cache, shared by all sessions.
#[derive(Debug)]
pub(crate) struct VerdictCache {
    verdicts: Cache<Key, Verdict, Bytes>,
    secret: [u8; blake3::KEY_LEN],
    hits: AtomicU64,
    misses: AtomicU64,
}

/// Weighs verdicts: an agent can make up any number of statements with as many columns as a table can have.
#[derive(Clone, Copy, Debug)]
struct Bytes;

impl Weighter<Key, Verdict> for Bytes {
    fn weight(&self, _: &Key, verdict: &Verdict) -> u64 {
        let columns = match verdict {
            Verdict::Allow(allow) => allow.columns.as_deref().unwrap_or_default(),
            Verdict::Deny(_) => &[],
        };
        (VERDICT_BYTES + size_of_val::<[OutputColumn]>(columns)) as u64
    }
}

/// Under which a verdict is kept.
pub(crate) type Key = [u8; blake3::OUT_LEN];

/// Who asks, and where: the part of the key that stays the same for a session.
#[derive(Debug)]
pub(crate) struct Scene {
    hasher: blake3::Hasher,
    session: SessionId,
}

impl VerdictCache {
    /// An empty cache with a key of its own, which an agent cannot know and so cannot collide.
    pub(crate) fn new() -> io::Result<VerdictCache> {
        Ok(VerdictCache {
            verdicts: Cache::with_weighter(VERDICTS_EXPECTED, VERDICT_BYTES_MAX, Bytes),
            secret: random::bytes()?,
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
        })
    }

    /// The scene of one session.
    pub(crate) fn scene(
        &self,
        session: SessionId,
        principal: &str,
        target: &str,
        database: &str,
        mask_set: u64,
    ) -> Scene {
        let mut hasher = blake3::Hasher::new_keyed(&self.secret);
        for field in [principal, target, database] {
            hash_field(&mut hasher, field.as_bytes());
        }
        hasher.update(&mask_set.to_le_bytes());
        Scene { hasher, session }
    }

    /// A verdict for that key, made in exactly that epoch.
    pub(crate) fn find(&self, key: &Key, epoch: Epoch) -> Option<Verdict> {
        let found = self.verdicts.get(key).filter(|verdict| scope_and_epoch(verdict).1 == epoch);
        let counter = if found.is_some() { &self.hits } else { &self.misses };
        counter.fetch_add(1, Ordering::Relaxed);
        found
    }

    /// Keeps a verdict if it may be reused and was made in the epoch that the key is for.
    pub(crate) fn keep(&self, key: Key, epoch: Epoch, verdict: &Verdict) {
        if scope_and_epoch(verdict) == (Scope::Statement, epoch) {
            self.verdicts.insert(key, verdict.clone());
        }
    }

    /// Hits and misses so far.
    pub(crate) fn counts(&self) -> (u64, u64) {
        (self.hits.load(Ordering::Relaxed), self.misses.load(Ordering::Relaxed))
    }

    /// Verdicts kept.
    pub(crate) fn len(&self) -> usize {
        self.verdicts.len()
    }
}

impl Scene {
    /// The key of a statement, or `None` when its verdict is never reused: parameters and overtaken
    /// decisions are judged one by one.
    pub(crate) fn key(&self, statement: &Statement, epoch: Epoch) -> Option<Key> {
        let phase = match statement.phase {
            Phase::Query => 0u8,
            Phase::Parse => 1,
            Phase::Bind | Phase::Execute => return None,
        };
        let mut hasher = self.hasher.clone();
        hasher.update(&[phase]);
        hasher.update(&epoch.policy.to_le_bytes());
        hasher.update(&epoch.catalogue.to_le_bytes());
        hasher.update(&statement.settings_epoch.to_le_bytes());
        if statement.settings_epoch != 0 {
            // What the session has changed is known to it alone.
            hasher.update(&self.session.0.to_le_bytes());
        }
        hasher.update(&(statement.parameter_types.len() as u64).to_le_bytes());
        for oid in statement.parameter_types.iter() {
            hasher.update(&oid.to_le_bytes());
        }
        hash_field(&mut hasher, statement.text.as_bytes());
        Some(*hasher.finalize().as_bytes())
    }
}

pub(crate) fn hash_field(hasher: &mut blake3::Hasher, field: &[u8]) {
    hasher.update(&(field.len() as u64).to_le_bytes());
    hasher.update(field);
}

fn scope_and_epoch(verdict: &Verdict) -> (Scope, Epoch) {
    match verdict {
        Verdict::Allow(allow) => {
            let Allow { scope, epoch, .. } = **allow;
            (scope, epoch)
        }
        Verdict::Deny(deny) => {
            let Deny { scope, epoch, .. } = **deny;
            (scope, epoch)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use narrows_wire::{Effects, Exposure, RecordLevel, TransactionStatus, VerdictId};

    use super::*;

    const EPOCH: Epoch = Epoch { policy: 1, catalogue: 1 };

    fn statement(text: &str, types: &[u32]) -> Statement {
        Statement {
            phase: Phase::Parse,
            text: text.into(),
            parameter_types: types.into(),
            parameters: None,
            transaction: TransactionStatus::Idle,
            settings_epoch: 0,
        }
    }

    fn allow(scope: Scope, epoch: Epoch) -> Verdict {
        Verdict::Allow(Arc::new(Allow {
            id: VerdictId(1),
            rule: "r".into(),
            approval: None,
            scope,
            epoch,
            exposure: Exposure::Clear,
            columns: None,
            copy: None,
            effects: Effects::default(),
            gives: [].into(),
            reads: [].into(),
            ask_at_bind: false,
            rows_max: None,
            record: RecordLevel::Full,
        }))
    }

    fn scene(cache: &VerdictCache, session: u64, principal: &str) -> Scene {
        cache.scene(SessionId(session), principal, "orders-db", "orders", 1)
    }

    #[test]
    fn a_key_covers_everything_that_a_verdict_depends_on() {
        let cache = VerdictCache::new().unwrap();
        let ours = scene(&cache, 1, "p");
        let key = |scene: &Scene, statement: &Statement, epoch| scene.key(statement, epoch).unwrap();
        let base = statement("select 1", &[]);
        let mut seen = vec![key(&ours, &base, EPOCH)];
        let query = Statement { phase: Phase::Query, ..base.clone() };
        let moved = Statement { settings_epoch: 1, ..base.clone() };
        seen.push(key(&scene(&cache, 1, "q"), &base, EPOCH));
        seen.push(key(&cache.scene(SessionId(1), "p", "other-db", "orders", 1), &base, EPOCH));
        seen.push(key(&cache.scene(SessionId(1), "p", "orders-db", "other", 1), &base, EPOCH));
        seen.push(key(&cache.scene(SessionId(1), "p", "orders-db", "orders", 2), &base, EPOCH));
        seen.push(key(&ours, &statement("select  1", &[]), EPOCH));
        seen.push(key(&ours, &statement("select 1", &[23]), EPOCH));
        seen.push(key(&ours, &query, EPOCH));
        seen.push(key(&ours, &moved, EPOCH));
        seen.push(key(&scene(&cache, 2, "p"), &moved, EPOCH));
        seen.push(key(&ours, &base, Epoch { policy: 2, ..EPOCH }));
        seen.push(key(&ours, &base, Epoch { catalogue: 2, ..EPOCH }));
        let count = seen.len();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), count);
    }

    #[test]
    fn an_unchanged_session_shares_the_verdicts_of_its_principal() {
        let cache = VerdictCache::new().unwrap();
        let base = statement("select 1", &[]);
        assert_eq!(scene(&cache, 1, "p").key(&base, EPOCH), scene(&cache, 2, "p").key(&base, EPOCH));
    }

    #[test]
    fn fields_cannot_run_into_each_other() {
        let cache = VerdictCache::new().unwrap();
        let base = statement("select 1", &[]);
        let a = cache.scene(SessionId(1), "ab", "c", "d", 0).key(&base, EPOCH);
        let b = cache.scene(SessionId(1), "a", "bc", "d", 0).key(&base, EPOCH);
        assert_ne!(a, b);
    }

    #[test]
    fn parameters_are_judged_one_by_one() {
        let cache = VerdictCache::new().unwrap();
        let bind = Statement { phase: Phase::Bind, ..statement("select 1", &[]) };
        assert_eq!(scene(&cache, 1, "p").key(&bind, EPOCH), None);
    }

    #[test]
    fn wide_verdicts_take_the_place_of_many() {
        let cache = VerdictCache::new().unwrap();
        for number in 0..2_000_u64 {
            let mut key = [0; blake3::OUT_LEN];
            key[..8].copy_from_slice(&number.to_le_bytes());
            let Verdict::Allow(narrow) = allow(Scope::Statement, EPOCH) else { unreachable!() };
            let columns = Some(vec![OutputColumn::clear(); 1_600].into());
            cache.keep(key, EPOCH, &Verdict::Allow(Arc::new(Allow { columns, ..(*narrow).clone() })));
        }
        let wide_bytes = 1_600 * size_of::<OutputColumn>() as u64;
        assert!((100..VERDICT_BYTES_MAX / wide_bytes + 1).contains(&(cache.len() as u64)), "{}", cache.len());
    }

    #[test]
    fn keeps_only_what_may_be_reused_and_is_of_this_epoch() {
        let cache = VerdictCache::new().unwrap();
        let key = [7; blake3::OUT_LEN];
        cache.keep(key, EPOCH, &allow(Scope::Once, EPOCH));
        assert!(cache.find(&key, EPOCH).is_none());
        cache.keep(key, EPOCH, &allow(Scope::Statement, Epoch { policy: 0, ..EPOCH }));
        assert!(cache.find(&key, EPOCH).is_none());
        cache.keep(key, EPOCH, &allow(Scope::Statement, EPOCH));
        assert!(cache.find(&key, EPOCH).is_some());
        assert!(cache.find(&key, Epoch { policy: 2, ..EPOCH }).is_none());
        assert_eq!(cache.counts(), (1, 3));
    }
}
