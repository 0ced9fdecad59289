//! What the control plane can do about API calls.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use narrows_mask::PseudonymKey;
use narrows_wire::VerdictId;

use super::{
    CallAllow, CallDeny, CallRuling, ClusterAdmission, StatusRefusal, connection, masks::ObjectMasks,
};
use crate::{
    plane::{Plane, invalid},
    tls::{self, TlsAcceptor},
};

impl Plane {
    /// Starts a listener for API calls and returns the address that it is bound to.
    ///
    /// # Errors
    /// When the address or the PEM text is wrong, the address is taken, or the plane is shut down.
    pub fn listen_kubernetes(
        &self,
        address: &str,
        (certificate_pem, key_pem): (&[u8], &[u8]),
        connections_max: usize,
        handshake_deadline: Duration,
        body_bytes_max: usize,
    ) -> io::Result<SocketAddr> {
        let tls = TlsAcceptor::from_pem(certificate_pem, key_pem, tls::HTTP).map_err(invalid)?;
        let serve = move |accepted| connection::serve(accepted, body_bytes_max);
        self.listen(address, tls, connections_max, handshake_deadline, serve)
    }

    /// Answers a bearer token that wants a session: it is opened.
    #[must_use]
    pub fn admit_cluster(&self, ask: u64, admission: ClusterAdmission) -> bool {
        self.shared().asks.answer_cluster(ask, Ok(Box::new(admission)))
    }

    /// Answers a bearer token that wants a session with a Status.
    #[must_use]
    pub fn refuse_cluster(&self, ask: u64, refusal: StatusRefusal) -> bool {
        self.shared().asks.answer_cluster(ask, Err(refusal))
    }

    /// Answers an ask for an API call. The verdict's id is filled in here.
    #[must_use]
    pub fn allow_call(&self, ask: u64, allow: CallAllow) -> bool {
        let id = VerdictId(self.shared().next_verdict());
        self.shared().asks.answer_call(ask, CallRuling::Allow(Arc::new(CallAllow { id, ..allow })))
    }

    /// Answers an ask for an API call. The verdict's id is filled in here.
    #[must_use]
    pub fn deny_call(&self, ask: u64, deny: CallDeny) -> bool {
        let id = VerdictId(self.shared().next_verdict());
        self.shared().asks.answer_call(ask, CallRuling::Deny(Arc::new(CallDeny { id, ..deny })))
    }

    /// Replaces a set of object masks. What is being answered under the one before goes no further.
    ///
    /// # Errors
    /// One sentence on what is wrong with the document.
    pub fn publish_object_masks(&self, mask_set: u64, masks: &str, key: &PseudonymKey) -> Result<(), String> {
        let masks = ObjectMasks::compile(masks, key)?;
        self.shared().epochs.object_masks(mask_set).store(Some(Arc::new(masks)));
        Ok(())
    }
}
