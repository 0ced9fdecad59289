//! The extension module `narrows._core`: the data plane as the control plane sees it.
//!
//! Thin on purpose. Every class is frozen, so that none needs a borrow flag; whatever can block lets go
//! of the interpreter first. `python/narrows/_core.pyi` is the contract.

use pyo3::prelude::*;

mod calls;
mod detectors;
mod events;
mod evidence;
mod inspector;
mod journal;
mod kubernetes;
mod objects;
mod plane;
mod recording;
mod sftp;
mod shell;
mod stream;
mod text;
mod upstream;

/// Narrows' data plane.
#[pymodule]
mod _core {
    use super::{Bound, PyAnyMethods, PyModule, PyModuleMethods, PyResult};

    #[pymodule_export]
    use super::calls::{ApiCallAsked, ClusterOpenAsked, ClusterUpstream};
    #[pymodule_export]
    use super::detectors::Detectors;
    #[pymodule_export]
    use super::events::{
        AskWithdrawn, CatalogueMoved, JournalAlarmed, JournalFailed, OpenAsked, QueryAnswered, SessionClosed,
        SessionOpened, StatementAsked,
    };
    #[pymodule_export]
    use super::evidence::{
        BundleFrames, content_key, erase_session, journal_public_key, verify_bundle, verify_journal,
        write_bundle,
    };
    #[pymodule_export]
    use super::inspector::{Actions, PostgresInspector};
    #[pymodule_export]
    use super::journal::{Frame, read_frames, read_journal, session_id, session_name};
    #[pymodule_export]
    use super::kubernetes::{ApiCallRead, read_api_call};
    #[pymodule_export]
    use super::objects::{ObjectScanner, has_placeholder};
    #[pymodule_export]
    use super::plane::Plane;
    #[pymodule_export]
    use super::recording::Recording;
    #[pymodule_export]
    use super::sftp::{SftpActions, SftpInspector, TransferAsked};
    #[pymodule_export]
    use super::shell::{ParsedCommand, SimpleCommand, parse_command};
    #[pymodule_export]
    use super::stream::{StreamMasker, StreamMasks};
    #[pymodule_export]
    use super::upstream::Upstream;

    /// `Event` is the union of the event classes, as in the contract.
    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        let names = [
            "StatementAsked",
            "ClusterOpenAsked",
            "ApiCallAsked",
            "AskWithdrawn",
            "SessionOpened",
            "SessionClosed",
            "QueryAnswered",
            "CatalogueMoved",
            "JournalAlarmed",
            "JournalFailed",
        ];
        let mut union = module.getattr("OpenAsked")?;
        for name in names {
            union = union.bitor(module.getattr(name)?)?;
        }
        module.add("Event", union)
    }
}
