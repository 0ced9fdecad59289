//! `SftpInspector`: the inspector of one SFTP channel, driven by the SSH engine chunk by chunk.

use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::BytesMut;
use narrows_wire::{
    AskId, Error, Inspector, Side,
    ssh::sftp::{self, Action, Allow, Ask, Deny, Digest, SftpLimits, SftpRecord, Transfer, Verdict},
};
use pyo3::{
    prelude::*,
    types::{PyBytes, PyDict},
};

use crate::inspector::parse_side;

type Actions = narrows_wire::Actions<Ask, SftpRecord>;

/// The inspector of one SFTP channel.
#[pyclass(frozen, module = "narrows._core")]
pub(crate) struct SftpInspector(Mutex<State>);

struct State {
    inspector: sftp::SftpInspector,
    downstream: BytesMut,
    upstream: BytesMut,
    policy_epoch: u64,
}

/// An operation on files that waits for its verdict.
#[pyclass(frozen, module = "narrows._core")]
pub(crate) struct TransferAsked(Ask);

/// What follows from what was fed.
#[pyclass(frozen, module = "narrows._core")]
pub(crate) struct SftpActions {
    upstream: Vec<u8>,
    downstream: Vec<u8>,
    asks: Vec<Ask>,
    records: Vec<SftpRecord>,
    close: Option<String>,
}

#[pymethods]
impl SftpInspector {
    #[new]
    #[pyo3(signature = (*, policy_epoch = 1))]
    fn new(policy_epoch: u64) -> SftpInspector {
        let inspector = sftp::SftpInspector::new(SftpLimits::default(), policy_epoch);
        let (downstream, upstream) = (BytesMut::new(), BytesMut::new());
        SftpInspector(Mutex::new(State { inspector, downstream, upstream, policy_epoch }))
    }

    /// Adds `data` to what `side` has sent and takes what can be taken of either side.
    fn feed(&self, py: Python<'_>, side: &str, data: &[u8]) -> PyResult<SftpActions> {
        let side = parse_side(side)?;
        Ok(self.act(py, |state, _| {
            let input = if side == Side::Downstream { &mut state.downstream } else { &mut state.upstream };
            input.extend_from_slice(data);
            Ok(())
        }))
    }

    /// Lets an operation go, by policy as it is now.
    #[pyo3(signature = (ask, *, rule, reusable = false))]
    fn allow(&self, py: Python<'_>, ask: u64, rule: &str, reusable: bool) -> SftpActions {
        self.resolve(py, ask, |policy_epoch| {
            Verdict::Allow(Allow { rule: rule.into(), reusable, policy_epoch })
        })
    }

    /// Refuses an operation, by policy as it is now.
    #[pyo3(signature = (ask, *, rule, reason, hint = "", reusable = false))]
    fn deny(
        &self,
        py: Python<'_>,
        ask: u64,
        rule: &str,
        reason: &str,
        hint: &str,
        reusable: bool,
    ) -> SftpActions {
        self.resolve(py, ask, |policy_epoch| {
            let (rule, reason, hint) = (rule.into(), reason.into(), hint.into());
            Verdict::Deny(Deny { rule, reason, hint, reusable, policy_epoch })
        })
    }

    /// Policy has moved: what is open is judged again, and nothing that was decided stands.
    fn set_policy_epoch(&self, py: Python<'_>, policy_epoch: u64) -> SftpActions {
        self.act(py, |state, out| {
            state.policy_epoch = policy_epoch;
            state.inspector.set_policy_epoch(policy_epoch, out);
            Ok(())
        })
    }

    /// The channel is at its end: nothing is forwarded any more.
    fn hang_up(&self, py: Python<'_>) -> SftpActions {
        self.act(py, |state, out| {
            state.inspector.hang_up(out);
            Ok(())
        })
    }

    /// Whether `side` may be read.
    fn wants_input(&self, side: &str) -> PyResult<bool> {
        Ok(self.lock().inspector.wants_input(parse_side(side)?))
    }
}

impl SftpInspector {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn resolve(&self, py: Python<'_>, ask: u64, verdict: impl FnOnce(u64) -> Verdict + Send) -> SftpActions {
        self.act(py, |state, out| {
            let verdict = verdict(state.policy_epoch);
            state.inspector.resolve(AskId(ask), &verdict, out)
        })
    }

    /// Does something, then takes what either side has sent for as long as there is something to take.
    /// Hashing is the longest of it, so the interpreter is let go.
    fn act(
        &self,
        py: Python<'_>,
        act: impl FnOnce(&mut State, &mut Actions) -> Result<(), Error> + Send,
    ) -> SftpActions {
        let mut out = Actions::default();
        let done = py.detach(|| {
            let mut state = self.lock();
            act(&mut state, &mut out).and_then(|()| state.take(&mut out))
        });
        let error = done.err().map(|error| error.to_string());
        SftpActions {
            upstream: out.upstream().to_vec(),
            downstream: out.downstream().to_vec(),
            asks: out.asks,
            records: out.records,
            close: out.close.map(|close| close.reason).or(error),
        }
    }
}

impl State {
    fn take(&mut self, out: &mut Actions) -> Result<(), Error> {
        loop {
            let before = self.downstream.len() + self.upstream.len();
            self.inspector.feed(Side::Downstream, &mut self.downstream, out)?;
            self.inspector.feed(Side::Upstream, &mut self.upstream, out)?;
            if self.downstream.len() + self.upstream.len() == before {
                return Ok(());
            }
        }
    }
}

#[pymethods]
impl TransferAsked {
    /// To be named in the verdict.
    #[getter]
    fn ask(&self) -> u64 {
        self.0.id.0
    }

    /// What is done: `read`, `write`, `read-write`, `list`, `look`, `set-attributes`, `make-directory`,
    /// `remove`, `remove-directory`, `rename`, `symlink`, `hardlink`.
    #[getter]
    fn action(&self) -> &'static str {
        action(self.0.transfer.action)
    }

    /// Where: absolute, in normal form, through no link.
    #[getter]
    fn path(&self) -> &str {
        &self.0.transfer.path
    }

    /// The other path of a `rename`, `symlink` or `hardlink`.
    #[getter]
    fn other(&self) -> Option<&str> {
        self.0.transfer.other.as_deref()
    }

    /// For a `rename`: whether a directory moves.
    #[getter]
    fn directory(&self) -> bool {
        self.0.transfer.directory
    }

    /// Whether the target has said where the paths lead.
    #[getter]
    fn resolved(&self) -> bool {
        self.0.transfer.resolved
    }
}

#[pymethods]
impl SftpActions {
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
    fn asks(&self) -> Vec<TransferAsked> {
        self.asks.iter().cloned().map(TransferAsked).collect()
    }

    /// Events for the recording, to be written before the bytes.
    #[getter]
    fn records<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyDict>>> {
        self.records.iter().map(|record| document(py, record)).collect()
    }

    /// Why the channel must end, if it must.
    #[getter]
    fn close(&self) -> Option<&str> {
        self.close.as_deref()
    }
}

fn action(action: Action) -> &'static str {
    match action {
        Action::Read => "read",
        Action::Write => "write",
        Action::ReadWrite => "read-write",
        Action::List => "list",
        Action::Look => "look",
        Action::SetAttributes => "set-attributes",
        Action::MakeDirectory => "make-directory",
        Action::Remove => "remove",
        Action::RemoveDirectory => "remove-directory",
        Action::Rename => "rename",
        Action::Symlink => "symlink",
        Action::Hardlink => "hardlink",
    }
}

fn document<'py>(py: Python<'py>, record: &SftpRecord) -> PyResult<Bound<'py, PyDict>> {
    let told = PyDict::new(py);
    match record {
        SftpRecord::Decided { transfer, allowed, rule } => {
            told.set_item("event", "transfer-decided")?;
            put_transfer(&told, transfer)?;
            told.set_item("effect", if *allowed { "allow" } else { "deny" })?;
            told.set_item("rule", &**rule)?;
        }
        SftpRecord::Refused { message } => {
            told.set_item("event", "transfer-refused")?;
            told.set_item("reason", message)?;
        }
        SftpRecord::Answered { transfer, code } => {
            told.set_item("event", "transfer-answered")?;
            put_transfer(&told, transfer)?;
            told.set_item("code", code)?;
        }
        SftpRecord::Closed { path, read, written, complete } => {
            told.set_item("event", "file-closed")?;
            told.set_item("path", &**path)?;
            put_digest(&told, "read", read)?;
            put_digest(&told, "written", written)?;
            told.set_item("complete", complete)?;
        }
    }
    Ok(told)
}

fn put_transfer(told: &Bound<'_, PyDict>, transfer: &Transfer) -> PyResult<()> {
    told.set_item("action", action(transfer.action))?;
    let paths: Vec<&str> = std::iter::once(&*transfer.path).chain(transfer.other.as_deref()).collect();
    told.set_item("paths", paths)
}

fn put_digest(told: &Bound<'_, PyDict>, way: &str, digest: &Digest) -> PyResult<()> {
    told.set_item(format!("{way}_bytes"), digest.bytes)?;
    let py = told.py();
    let hex = digest.sha256.map(|hash| PyBytes::new(py, &hash).call_method0("hex")).transpose()?;
    told.set_item(format!("{way}_sha256"), hex)
}
