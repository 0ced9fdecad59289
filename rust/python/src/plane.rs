//! `Plane`.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use narrows_journal::{KeyRing, SessionId, Settings, Signer};
use narrows_mask::PseudonymKey;
use narrows_relay::{Admission, ClusterAdmission, Notice, PlaneConfig, Refusal, flood};
use narrows_wire::{
    Allow, Deny, Epoch, VerdictId,
    kubernetes::{ApiAllow, ApiDeny, RestoredBody},
};
use pyo3::{exceptions::PyValueError, prelude::*, types::PyMapping};

use crate::{calls::ClusterUpstream, events, recording::Recording, text, upstream::Upstream};

/// The data plane: its threads live from construction to `shutdown`.
#[pyclass(frozen, module = "narrows._core")]
pub(crate) struct Plane {
    plane: narrows_relay::Plane,
    /// Of the masks published last: a verdict names transforms and has no key of its own.
    pseudonym_key: Mutex<Option<PseudonymKey>>,
}

#[pymethods]
impl Plane {
    #[new]
    #[pyo3(signature = (journal, *, workers = 2, queue_max = 65_536, segment_bytes_max = 268_435_456,
        segment_age_max_ms = 60_000, durability = "write", encryption_keys = Vec::new(), signing_key = None,
        origin = None, ask_deadline_ms = 5_000, statement_bytes_max = 1_048_576),
        text_signature = "(journal, *, workers=2, queue_max=65_536, segment_bytes_max=268_435_456, \
        segment_age_max_ms=60_000, durability='write', encryption_keys=(), signing_key=None, origin=None, \
        ask_deadline_ms=5_000, statement_bytes_max=1_048_576)")]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments in Python")]
    #[expect(clippy::needless_pass_by_value, reason = "the signature's default is made anew")]
    fn new(
        py: Python<'_>,
        journal: &str,
        workers: usize,
        queue_max: usize,
        segment_bytes_max: u64,
        segment_age_max_ms: u64,
        durability: &str,
        encryption_keys: Vec<String>,
        signing_key: Option<&str>,
        origin: Option<&str>,
        ask_deadline_ms: u64,
        statement_bytes_max: usize,
    ) -> PyResult<Plane> {
        let keys = (!encryption_keys.is_empty()).then(|| KeyRing::read(&encryption_keys)).transpose()?;
        let signer = signing_key.map(|file| Signer::open(Path::new(file), origin)).transpose()?;
        let settings = Settings {
            segment_bytes_max,
            segment_age_max: Duration::from_millis(segment_age_max_ms),
            durability: text::durability(durability)?,
            signer: signer.map(Arc::new),
            keys,
            ..Settings::default()
        };
        let config = PlaneConfig {
            journal: Path::new(journal),
            workers,
            queue_max,
            settings,
            ask_deadline: Duration::from_millis(ask_deadline_ms),
            statement_bytes_max,
        };
        let plane = py.detach(|| narrows_relay::Plane::start(&config))?;
        Ok(Plane { plane, pseudonym_key: Mutex::default() })
    }

    /// An eventfd that is readable while events wait.
    fn fileno(&self) -> i32 {
        self.plane.fileno()
    }

    /// Takes up to `events_max` events; never blocks. The fd stays readable when more wait.
    fn drain(&self, py: Python<'_>, events_max: usize) -> PyResult<Vec<Py<PyAny>>> {
        self.plane.drain(events_max).into_iter().map(|event| events::to_python(py, event)).collect()
    }

    /// Starts a listener; returns the address it is bound to. `OSError` when it cannot.
    #[pyo3(signature = (address, *, certificate_pem, key_pem, connections_max = 10_000,
        handshake_deadline_ms = 10_000))]
    fn listen_postgres(
        &self,
        py: Python<'_>,
        address: &str,
        certificate_pem: &[u8],
        key_pem: &[u8],
        connections_max: usize,
        handshake_deadline_ms: u64,
    ) -> PyResult<String> {
        let deadline = Duration::from_millis(handshake_deadline_ms);
        let bound = py.detach(|| {
            self.plane.listen_postgres(address, (certificate_pem, key_pem), connections_max, deadline)
        })?;
        Ok(bound.to_string())
    }

    /// Starts a listener for API calls; returns the address it is bound to. `OSError` when it cannot.
    #[pyo3(signature = (address, *, certificate_pem, key_pem, connections_max = 10_000,
        handshake_deadline_ms = 10_000, body_bytes_max = 3_145_728))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments in Python")]
    fn listen_kubernetes(
        &self,
        py: Python<'_>,
        address: &str,
        certificate_pem: &[u8],
        key_pem: &[u8],
        connections_max: usize,
        handshake_deadline_ms: u64,
        body_bytes_max: usize,
    ) -> PyResult<String> {
        let deadline = Duration::from_millis(handshake_deadline_ms);
        let tls = (certificate_pem, key_pem);
        let bound = py.detach(|| {
            self.plane.listen_kubernetes(address, tls, connections_max, deadline, body_bytes_max)
        })?;
        Ok(bound.to_string())
    }

    /// The recording of a session whose bytes another engine moves.
    fn start_recording(&self) -> Recording {
        Recording(self.plane.start_recording())
    }

    /// Opens the session. `document` is JSON and becomes the recording's first frame.
    #[pyo3(signature = (ask, *, upstream, principal, target, mask_set, expires_ms, document))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments in Python")]
    fn admit(
        &self,
        ask: u64,
        upstream: &Upstream,
        principal: String,
        target: String,
        mask_set: u64,
        expires_ms: u64,
        document: String,
    ) -> bool {
        let upstream = Arc::clone(&upstream.0);
        self.plane.admit(ask, Admission { upstream, principal, target, mask_set, expires_ms, document })
    }

    /// Answers an `OpenAsked` with a FATAL error.
    #[pyo3(signature = (ask, *, sqlstate, message, hint = ""))]
    fn refuse(&self, ask: u64, sqlstate: &str, message: String, hint: &str) -> PyResult<bool> {
        Ok(self
            .plane
            .refuse(ask, Refusal { sqlstate: text::sqlstate(sqlstate)?, message, hint: hint.into() }))
    }

    /// Answers a `StatementAsked`. If an epoch has moved past the ones given, the data plane asks again.
    #[pyo3(signature = (ask, *, rule, approval = None, reusable, exposure, columns = None, copy = None,
        effects = Vec::new(), gives = Vec::new(), reads = Vec::new(), ask_at_bind = false, rows_max = None,
        record = "full", policy_epoch, catalogue_epoch),
        text_signature = "($self, ask, *, rule, approval=None, reusable, exposure, columns=None, copy=None, \
        effects=(), gives=(), reads=(), ask_at_bind=False, rows_max=None, record='full', \
        policy_epoch, catalogue_epoch)")]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments in Python")]
    #[expect(clippy::needless_pass_by_value, reason = "the signature's default is made anew")]
    fn allow(
        &self,
        ask: u64,
        rule: &str,
        approval: Option<&str>,
        reusable: bool,
        exposure: &str,
        columns: Option<Vec<text::ColumnFields>>,
        copy: Option<text::CopyFields>,
        effects: Vec<String>,
        gives: Vec<text::NameFields>,
        reads: Vec<text::NameFields>,
        ask_at_bind: bool,
        rows_max: Option<u64>,
        record: &str,
        policy_epoch: u64,
        catalogue_epoch: u64,
    ) -> PyResult<bool> {
        let key = self.pseudonym_key.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let columns = columns.map(|columns| text::columns(&columns, key.as_ref())).transpose()?;
        let allow = Allow {
            id: VerdictId(0),
            rule: rule.into(),
            approval: approval.map(Into::into),
            scope: text::scope(reusable),
            epoch: Epoch { policy: policy_epoch, catalogue: catalogue_epoch },
            exposure: text::exposure(exposure)?,
            columns,
            copy: copy.map(text::copy_format).transpose()?,
            effects: text::effects(&effects)?,
            gives: text::names(gives)?,
            reads: text::names(reads)?,
            ask_at_bind,
            rows_max,
            record: text::record_level(record)?,
        };
        Ok(self.plane.allow(ask, allow))
    }

    /// Answers a `StatementAsked`: the agent is told why and what to do.
    #[pyo3(signature = (ask, *, rule, reason, hint = "", sqlstate = "42501", reusable = false))]
    fn deny(
        &self,
        ask: u64,
        rule: &str,
        reason: &str,
        hint: &str,
        sqlstate: &str,
        reusable: bool,
    ) -> PyResult<bool> {
        let deny = Deny {
            id: VerdictId(0),
            rule: rule.into(),
            reason: reason.into(),
            hint: hint.into(),
            sqlstate: text::sqlstate(sqlstate)?,
            scope: text::scope(reusable),
            epoch: Epoch::default(),
        };
        Ok(self.plane.deny(ask, deny))
    }

    /// Opens the session. `document` is JSON and becomes the recording's first frame.
    #[pyo3(signature = (ask, *, upstream, principal, target, mask_set, expires_ms, document))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments in Python")]
    fn admit_cluster(
        &self,
        ask: u64,
        upstream: &ClusterUpstream,
        principal: String,
        target: String,
        mask_set: u64,
        expires_ms: u64,
        document: String,
    ) -> bool {
        let upstream = Arc::clone(&upstream.0);
        let admission = ClusterAdmission { upstream, principal, target, mask_set, expires_ms, document };
        self.plane.admit_cluster(ask, admission)
    }

    /// Answers a `ClusterOpenAsked` with a Status.
    #[pyo3(signature = (ask, *, code, message, hint = ""))]
    fn refuse_cluster(&self, ask: u64, code: u16, message: &str, hint: &str) -> PyResult<bool> {
        Ok(self.plane.refuse_cluster(ask, text::status(code, message, hint)?))
    }

    /// Answers an `ApiCallAsked`. If policy has moved past the epoch given, the data plane asks again.
    #[pyo3(signature = (ask, *, rule, approval = None, reusable, warning = "", ports = None, restored = None,
        record = "full", policy_epoch))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments in Python")]
    fn allow_call(
        &self,
        ask: u64,
        rule: &str,
        approval: Option<&str>,
        reusable: bool,
        warning: &str,
        ports: Option<Vec<(u16, u16)>>,
        restored: Option<&[u8]>,
        record: &str,
        policy_epoch: u64,
    ) -> PyResult<bool> {
        let allow = ApiAllow {
            rule: rule.into(),
            approval: approval.map(Into::into),
            scope: text::scope(reusable),
            warning: warning.into(),
            ports: ports.map(|ports| ports.into_iter().map(|(first, last)| first..=last).collect()),
            restored: restored.map(|body| RestoredBody(body.to_vec().into())),
            record: text::record_level(record)?,
            policy_epoch,
        };
        Ok(self.plane.allow_call(ask, allow))
    }

    /// Answers an `ApiCallAsked` with a Status.
    #[pyo3(signature = (ask, *, rule, reason, hint = "", code = 403, reusable = false))]
    fn deny_call(
        &self,
        ask: u64,
        rule: &str,
        reason: &str,
        hint: &str,
        code: u16,
        reusable: bool,
    ) -> PyResult<bool> {
        let deny = ApiDeny {
            rule: rule.into(),
            reason: reason.into(),
            hint: hint.into(),
            answer: text::status_reason(code)?,
            scope: text::scope(reusable),
            policy_epoch: self.plane.policy_epoch(),
        };
        Ok(self.plane.deny_call(ask, deny))
    }

    /// Keeps an ask open past its deadline and tells the agent by a notice.
    #[pyo3(signature = (ask, *, until_ms, message, detail = "", hint = ""))]
    fn hold(&self, ask: u64, until_ms: u64, message: String, detail: &str, hint: &str) -> bool {
        self.plane.hold(ask, until_ms, Notice { message, detail: detail.into(), hint: hint.into() })
    }

    /// Adds an event (JSON) to a live session's recording.
    fn record(&self, session: u64, document: String) -> bool {
        self.plane.record(SessionId(session), document)
    }

    fn policy_epoch(&self) -> u64 {
        self.plane.policy_epoch()
    }

    /// Writes down, as JSON, something that the node itself did. Blocks until it is acknowledged.
    fn note(&self, py: Python<'_>, document: &str) -> PyResult<()> {
        Ok(py.detach(|| self.plane.note(document))?)
    }

    /// Drops every cached verdict; returns the new epoch.
    fn move_policy(&self) -> u64 {
        self.plane.move_policy()
    }

    fn catalogue_epoch(&self, target: &str) -> u64 {
        self.plane.catalogue_epoch(target)
    }

    fn move_catalogue(&self, target: &str) -> u64 {
        self.plane.move_catalogue(target)
    }

    /// Publishes a mask set. A relation that is absent counts as masked whole.
    #[pyo3(signature = (mask_set, relations, *, pseudonym_key, detectors = BTreeMap::new(),
        own_detectors = BTreeMap::new(), types = Vec::new()))]
    #[expect(clippy::needless_pass_by_value, reason = "the signature's default is made anew")]
    fn publish_masks(
        &self,
        mask_set: u64,
        relations: &Bound<'_, PyMapping>,
        pseudonym_key: &[u8],
        detectors: text::Wanted,
        own_detectors: text::OwnDetectors,
        types: Vec<text::TypeFields>,
    ) -> PyResult<()> {
        let masks = text::mask_set(relations, &detectors, &own_detectors, types, pseudonym_key)?;
        *self.pseudonym_key.lock().unwrap_or_else(PoisonError::into_inner) = Some(text::key(pseudonym_key)?);
        self.plane.publish_masks(mask_set, masks);
        Ok(())
    }

    /// Publishes the masks of a cluster's objects, a JSON document.
    #[pyo3(signature = (mask_set, masks, *, pseudonym_key))]
    fn publish_object_masks(&self, mask_set: u64, masks: &str, pseudonym_key: &[u8]) -> PyResult<()> {
        let key = text::key(pseudonym_key)?;
        self.plane.publish_object_masks(mask_set, masks, &key).map_err(PyValueError::new_err)
    }

    /// Ends a session at once with a FATAL error, or what its protocol has in its place.
    #[pyo3(signature = (session, *, reason, hint = ""))]
    fn close_session(&self, session: u64, reason: String, hint: &str) -> bool {
        // 57P01, admin_shutdown: the session ended by order, not by anything that it did.
        let refusal = Refusal { sqlstate: *b"57P01", message: reason, hint: hint.into() };
        self.plane.close_session(SessionId(session), refusal)
    }

    /// Runs SQL over a connection of the gateway's own; the answer comes as `QueryAnswered`.
    #[pyo3(signature = (upstream, sql, *, deadline_ms = 10_000))]
    fn query(&self, upstream: &Upstream, sql: String, deadline_ms: u64) -> PyResult<u64> {
        Ok(self.plane.query(Arc::clone(&upstream.0), sql, Duration::from_millis(deadline_ms))?)
    }

    /// Counters by name.
    fn stats(&self) -> HashMap<&'static str, u64> {
        self.plane.stats().into_iter().collect()
    }

    /// Stops listening, ends every session with a FATAL error, joins the threads.
    fn shutdown(&self, py: Python<'_>, deadline_ms: u64) {
        py.detach(|| self.plane.shutdown(Duration::from_millis(deadline_ms)));
    }

    /// For tests of the seam: see the contract.
    #[pyo3(signature = (asks, *, threads = 4, seed = 1))]
    fn flood(&self, py: Python<'_>, asks: u64, threads: u64, seed: u64) -> (u64, u64, u64) {
        let outcome = py.detach(|| flood::run(&self.plane, asks, threads, seed));
        (outcome.answered, outcome.withdrawn, outcome.stray)
    }
}
