//! What the control plane can do about API calls.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use narrows_mask::{ObjectMasks, PseudonymKey};
use narrows_wire::{
    VerdictId,
    kubernetes::{ApiAllow, ApiDeny, ApiVerdict, Status},
};

use super::{CallVerdict, ClusterAdmission, connection};
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
    pub fn refuse_cluster(&self, ask: u64, status: Status) -> bool {
        self.shared().asks.answer_cluster(ask, Err(status))
    }

    /// Answers an ask for an API call.
    #[must_use]
    pub fn allow_call(&self, ask: u64, allow: ApiAllow) -> bool {
        self.answer_call(ask, ApiVerdict::Allow(Arc::new(allow)))
    }

    /// Answers an ask for an API call.
    #[must_use]
    pub fn deny_call(&self, ask: u64, deny: ApiDeny) -> bool {
        self.answer_call(ask, ApiVerdict::Deny(Arc::new(deny)))
    }

    fn answer_call(&self, ask: u64, verdict: ApiVerdict) -> bool {
        let id = VerdictId(self.shared().next_verdict());
        self.shared().asks.answer_call(ask, CallVerdict { id, verdict })
    }

    /// Replaces a set of object masks. What is being answered under the one before goes no further.
    ///
    /// # Errors
    /// One sentence on what is wrong with the document.
    pub fn publish_object_masks(&self, mask_set: u64, masks: &str, key: &PseudonymKey) -> Result<(), String> {
        let masks = ObjectMasks::compile(masks, key).map_err(|error| error.to_string())?;
        self.shared().cluster_masks.publish(mask_set, masks);
        Ok(())
    }
}
