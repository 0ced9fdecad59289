//! `PostgresInspector`: the inspector over bytes, so that properties can be tested without sockets.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::BytesMut;
use narrows_journal::SessionId;
use narrows_mask::PseudonymKey;
use narrows_wire::{
    Allow, AskId, Deny, Epoch, Error, Inspector, Limits, Operation, Record, RecordLevel, Scope, Side,
    Verdict, VerdictId,
    postgres::{self, PostgresSession},
};
use pyo3::{
    IntoPyObjectExt,
    exceptions::PyValueError,
    prelude::*,
    types::{PyBytes, PyMapping},
};

use crate::{events::StatementAsked, text};

/// One Postgres session's inspector, driven by hand.
#[pyclass(frozen, module = "narrows._core")]
pub(crate) struct PostgresInspector(Mutex<State>);

struct State {
    inspector: postgres::PostgresInspector,
    downstream: BytesMut,
    upstream: BytesMut,
    epoch: Epoch,
    pseudonym_key: Option<PseudonymKey>,
    last_verdict: u64,
}

/// What follows from what was fed.
#[pyclass(frozen, module = "narrows._core")]
pub(crate) struct Actions {
    upstream: Vec<u8>,
    downstream: Vec<u8>,
    asks: Vec<Py<StatementAsked>>,
    records: Vec<Record>,
    close: Option<String>,
    error: Option<String>,
}

#[pymethods]
impl PostgresInspector {
    #[new]
    #[expect(clippy::needless_pass_by_value, reason = "the signature's default is made anew")]
    #[pyo3(signature = (*, nonce, masks = None, detectors = BTreeMap::new(), pseudonym_key = None, policy_epoch = 1, catalogue_epoch = 1,
        statement_bytes_max = 1_048_576))]
    fn new(
        nonce: String,
        masks: Option<&Bound<'_, PyMapping>>,
        detectors: text::Wanted,
        pseudonym_key: Option<&[u8]>,
        policy_epoch: u64,
        catalogue_epoch: u64,
        statement_bytes_max: usize,
    ) -> PyResult<PostgresInspector> {
        let masks = masks
            .map(|masks| {
                let key = pseudonym_key.unwrap_or(&[0; 32]);
                text::mask_set(masks, &detectors, &BTreeMap::new(), Vec::new(), key)
            })
            .transpose()?;
        let pseudonym_key = pseudonym_key.map(text::key).transpose()?;
        let epoch = Epoch { policy: policy_epoch, catalogue: catalogue_epoch };
        let inspector = postgres::PostgresInspector::new(PostgresSession {
            limits: Arc::new(Limits { statement_bytes_max, ..Limits::default() }),
            nonce,
            masks: masks.map(Arc::new),
            epoch,
        });
        let (downstream, upstream) = (BytesMut::new(), BytesMut::new());
        let last_verdict = 0;
        let state = State { inspector, downstream, upstream, epoch, pseudonym_key, last_verdict };
        Ok(PostgresInspector(Mutex::new(state)))
    }

    /// Adds `data` to what `side` has sent and takes what can be taken.
    fn feed(&self, py: Python<'_>, side: &str, data: &[u8]) -> PyResult<Actions> {
        let side = parse_side(side)?;
        self.act(py, |state, out| {
            let State { inspector, downstream, upstream, .. } = state;
            let input = if side == Side::Downstream { downstream } else { upstream };
            input.extend_from_slice(data);
            inspector.feed(side, input, out)
        })
    }

    /// Resolves an ask with an allow in the current epoch, then takes what it had held.
    #[pyo3(signature = (ask, *, exposure = "clear", columns = None, copy = None, effects = Vec::new(),
        gives = Vec::new(), reads = Vec::new(), ask_at_bind = false, rows_max = None), text_signature = "($self, \
        ask, *, exposure='clear', columns=None, copy=None, effects=(), gives=(), reads=(), ask_at_bind=False, \
        rows_max=None)")]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments in Python")]
    #[expect(clippy::needless_pass_by_value, reason = "the signature's default is made anew")]
    fn allow(
        &self,
        py: Python<'_>,
        ask: u64,
        exposure: &str,
        columns: Option<Vec<text::ColumnFields>>,
        copy: Option<text::CopyFields>,
        effects: Vec<String>,
        gives: Vec<text::NameFields>,
        reads: Vec<text::NameFields>,
        ask_at_bind: bool,
        rows_max: Option<u64>,
    ) -> PyResult<Actions> {
        let (exposure, effects) = (text::exposure(exposure)?, text::effects(&effects)?);
        let key = self.lock().pseudonym_key.clone();
        let columns = columns.map(|columns| text::columns(&columns, key.as_ref())).transpose()?;
        let copy = copy.map(text::copy_format).transpose()?;
        let (gives, reads) = (text::names(gives)?, text::names(reads)?);
        self.resolve(py, ask, |id, epoch| {
            Verdict::Allow(Arc::new(Allow {
                id,
                rule: "allowed".into(),
                approval: None,
                scope: Scope::Statement,
                epoch,
                exposure,
                columns,
                copy,
                effects,
                gives,
                reads,
                ask_at_bind,
                rows_max,
                record: RecordLevel::Full,
            }))
        })
    }

    /// Resolves an ask with a deny, then takes what it had held.
    #[pyo3(signature = (ask, *, reason = "denied", sqlstate = "42501"))]
    fn deny(&self, py: Python<'_>, ask: u64, reason: &str, sqlstate: &str) -> PyResult<Actions> {
        let sqlstate = text::sqlstate(sqlstate)?;
        self.resolve(py, ask, |id, epoch| {
            Verdict::Deny(Arc::new(Deny {
                id,
                rule: "denied".into(),
                reason: reason.into(),
                hint: "".into(),
                sqlstate,
                scope: Scope::Statement,
                epoch,
            }))
        })
    }

    /// Policy, catalogue or both have moved.
    fn set_epoch(&self, policy_epoch: u64, catalogue_epoch: u64) {
        let mut state = self.lock();
        state.epoch = Epoch { policy: policy_epoch, catalogue: catalogue_epoch };
        let epoch = state.epoch;
        state.inspector.set_epoch(epoch);
    }

    /// Whether `side` may be read.
    fn wants_input(&self, side: &str) -> PyResult<bool> {
        Ok(self.lock().inspector.wants_input(parse_side(side)?))
    }

    /// The ask that holds the session, if one does.
    fn held(&self) -> Option<u64> {
        self.lock().inspector.held().map(|AskId(id)| id)
    }

    /// The agent cancelled what it waits for.
    fn cancel_held(&self, py: Python<'_>) -> PyResult<Actions> {
        self.act(py, |state, out| {
            state.inspector.cancel_held(out);
            state.inspector.feed(Side::Downstream, &mut state.downstream, out)
        })
    }

    /// The agent is gone.
    fn hang_up(&self) {
        self.lock().inspector.hang_up();
    }

    /// Bytes of `side` that were fed and have not been taken.
    fn unread(&self, side: &str) -> PyResult<usize> {
        let state = self.lock();
        Ok(if parse_side(side)? == Side::Downstream { state.downstream.len() } else { state.upstream.len() })
    }
}

impl PostgresInspector {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn resolve(
        &self,
        py: Python<'_>,
        ask: u64,
        verdict: impl FnOnce(VerdictId, Epoch) -> Verdict,
    ) -> PyResult<Actions> {
        self.act(py, |state, out| {
            state.last_verdict += 1;
            let verdict = verdict(VerdictId(state.last_verdict), state.epoch);
            state.inspector.resolve(AskId(ask), &verdict, out)?;
            state.inspector.feed(Side::Downstream, &mut state.downstream, out)
        })
    }

    fn act(
        &self,
        py: Python<'_>,
        act: impl FnOnce(&mut State, &mut narrows_wire::Actions) -> Result<(), Error>,
    ) -> PyResult<Actions> {
        let mut state = self.lock();
        let mut out = narrows_wire::Actions::default();
        let error = act(&mut state, &mut out).err();
        let epoch = state.epoch;
        let asks = std::mem::take(&mut out.asks).into_iter().map(|ask| {
            let Operation::Statement(statement) = ask.operation;
            let session = SessionId(0);
            let asked = narrows_relay::event::StatementAsked { ask: ask.id.0, session, statement, epoch };
            Py::new(py, StatementAsked(asked))
        });
        Ok(Actions {
            asks: asks.collect::<PyResult<_>>()?,
            upstream: out.upstream().to_vec(),
            downstream: out.downstream().to_vec(),
            close: out.close.map(|close| close.reason),
            records: out.records,
            error: error.map(|error| error.to_string()),
        })
    }
}

#[pymethods]
impl Actions {
    /// Bytes for the target.
    #[getter]
    fn upstream<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.upstream)
    }

    /// Bytes for the agent.
    #[getter]
    fn downstream<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.downstream)
    }

    /// What is put to policy.
    #[getter]
    fn asks(&self, py: Python<'_>) -> Vec<Py<StatementAsked>> {
        self.asks.iter().map(|ask| ask.clone_ref(py)).collect()
    }

    /// What is recorded of the agent's side: the bytes of its messages, and verdict numbers.
    #[getter]
    fn records(&self, py: Python<'_>) -> PyResult<Vec<Py<PyAny>>> {
        let record = |record: &Record| match record {
            Record::Request(bytes) => PyBytes::new(py, bytes).into_py_any(py),
            Record::Applied(VerdictId(id)) => id.into_py_any(py),
        };
        self.records.iter().map(record).collect()
    }

    /// Why the session must end, if it must.
    #[getter]
    fn close(&self) -> Option<&str> {
        self.close.as_deref()
    }

    /// What a side did that the session cannot survive, if it did.
    #[getter]
    fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }
}

pub(crate) fn parse_side(side: &str) -> PyResult<Side> {
    match side {
        "downstream" => Ok(Side::Downstream),
        "upstream" => Ok(Side::Upstream),
        _ => Err(PyValueError::new_err("side: it is \"downstream\" or \"upstream\"")),
    }
}
