//! kubectl asks for a stream twice: over a WebSocket, and when that is answered by anything but 101, over SPDY.
//! The second request is no new question.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use narrows_wire::kubernetes::{ApiCall, Upgrade};

use super::{session::Session, verdict::CallVerdict};
use crate::{
    bounds::{SECOND_REQUEST_WITHIN, SECOND_REQUESTS_MAX},
    verdicts::Key,
};

/// Verdicts that the second request of the same client may use, once.
#[derive(Debug, Default)]
pub(crate) struct SecondRequests(Mutex<HashMap<Key, Folded>>);

#[derive(Debug)]
struct Folded {
    verdict: CallVerdict,
    until: Instant,
}

impl SecondRequests {
    fn put(&self, key: Key, verdict: CallVerdict) {
        let now = Instant::now();
        let mut folded = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if folded.len() >= SECOND_REQUESTS_MAX {
            folded.retain(|_, folded| folded.until > now);
        }
        // One too many is asked about again, which does no harm.
        if folded.len() < SECOND_REQUESTS_MAX {
            folded.insert(key, Folded { verdict, until: now + SECOND_REQUEST_WITHIN });
        }
    }

    fn take(&self, key: &Key, policy_epoch: u64) -> Option<CallVerdict> {
        let folded = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(key)?;
        (folded.until > Instant::now() && folded.verdict.is_good_in(policy_epoch)).then_some(folded.verdict)
    }
}

/// The verdict on the first request, where this is the second.
pub(crate) fn verdict(session: &Session, call: &Arc<ApiCall>) -> Option<CallVerdict> {
    if call.upgrade != Some(Upgrade::Spdy) {
        return None;
    }
    let shared = &session.ledger.shared;
    shared.second_requests.take(&session.scene.stream_key(call), shared.epochs.policy())
}

/// A stream was asked for over a WebSocket and did not come about: the verdict is good for the second request.
pub(crate) fn keep(session: &Session, call: &ApiCall, verdict: &CallVerdict) {
    if call.upgrade == Some(Upgrade::WebSocket) {
        session.ledger.shared.second_requests.put(session.scene.stream_key(call), verdict.clone());
    }
}
