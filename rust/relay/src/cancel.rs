//! Which session a `CancelRequest` means.
//!
//! The agent is told the target's own process id, since libraries compare it with the one in
//! `NotificationResponse`, and a secret of ours. A key dies with its session.

use std::{
    collections::HashMap,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::oneshot;

use crate::{asks::Mailbox, command::Command, random};

/// The secrets of the live sessions, kept as keyed hashes, whose comparison takes constant time.
#[derive(Debug)]
pub(crate) struct CancelKeys {
    secret: [u8; blake3::KEY_LEN],
    keys: Mutex<HashMap<i32, Vec<CancelKey>>>,
}

#[derive(Debug)]
struct CancelKey {
    hash: blake3::Hash,
    mailbox: Mailbox,
}

/// Keeps a key valid for as long as it lives.
#[derive(Debug)]
pub(crate) struct CancelGuard {
    keys: Arc<CancelKeys>,
    process_id: i32,
    hash: blake3::Hash,
}

impl CancelKeys {
    pub(crate) fn new() -> io::Result<CancelKeys> {
        Ok(CancelKeys { secret: random::bytes()?, keys: Mutex::default() })
    }

    /// Mints a secret for a session: 32 bytes from protocol 3.2 on, four before it.
    pub(crate) fn mint(
        self: &Arc<CancelKeys>,
        process_id: i32,
        protocol_minor: u16,
        mailbox: Mailbox,
    ) -> io::Result<(Vec<u8>, CancelGuard)> {
        let secret = if protocol_minor >= 2 {
            random::bytes::<32>()?.to_vec()
        } else {
            random::bytes::<4>()?.to_vec()
        };
        let hash = blake3::keyed_hash(&self.secret, &secret);
        self.lock().entry(process_id).or_default().push(CancelKey { hash, mailbox });
        Ok((secret, CancelGuard { keys: Arc::clone(self), process_id, hash }))
    }

    /// Tells the session, if there is one with that key. The receiver ends when the session has passed
    /// the cancel on.
    pub(crate) fn cancel(&self, process_id: i32, secret: &[u8]) -> Option<oneshot::Receiver<()>> {
        let hash = blake3::keyed_hash(&self.secret, secret);
        let keys = self.lock();
        let key = keys.get(&process_id)?.iter().find(|key| key.hash == hash)?;
        let (done, receiver) = oneshot::channel();
        key.mailbox.send(Command::Cancel(done)).ok()?;
        Some(receiver)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<i32, Vec<CancelKey>>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for CancelGuard {
    fn drop(&mut self) {
        let mut keys = self.keys.lock();
        let Some(of_process) = keys.get_mut(&self.process_id) else { return };
        of_process.retain(|key| key.hash != self.hash);
        if of_process.is_empty() {
            keys.remove(&self.process_id);
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;

    #[test]
    fn a_key_works_while_its_session_lives_and_only_with_its_secret() {
        let keys = Arc::new(CancelKeys::new().unwrap());
        let (mailbox, mut inbox) = mpsc::unbounded_channel();
        let (secret, guard) = keys.mint(42, 0, mailbox).unwrap();
        assert_eq!(secret.len(), 4);
        assert!(keys.cancel(42, &[0; 32]).is_none());
        assert!(keys.cancel(41, &secret).is_none());
        assert!(inbox.try_recv().is_err());
        assert!(keys.cancel(42, &secret).is_some());
        assert!(matches!(inbox.try_recv(), Ok(Command::Cancel(_))));
        drop(guard);
        assert!(keys.cancel(42, &secret).is_none());
        assert!(keys.lock().is_empty());
    }

    #[test]
    fn two_targets_may_use_the_same_process_id() {
        let keys = Arc::new(CancelKeys::new().unwrap());
        let (first, mut first_inbox) = mpsc::unbounded_channel();
        let (second, mut second_inbox) = mpsc::unbounded_channel();
        let (_, first_guard) = keys.mint(42, 2, first).unwrap();
        let (secret, _second_guard) = keys.mint(42, 2, second).unwrap();
        assert_eq!(secret.len(), 32);
        drop(first_guard);
        assert!(keys.cancel(42, &secret).is_some());
        assert!(first_inbox.try_recv().is_err());
        assert!(second_inbox.try_recv().is_ok());
    }
}
