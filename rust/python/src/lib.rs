//! The extension module `narrows._core`: the data plane as the control plane sees it.
//!
//! Thin on purpose. Every class is frozen, so that none needs a borrow flag; whatever can block lets go
//! of the interpreter first. `python/narrows/_core.pyi` is the contract.

use pyo3::prelude::*;

mod detectors;
mod events;
mod inspector;
mod journal;
mod plane;
mod text;
mod upstream;

/// Narrows' data plane.
#[pymodule]
mod _core {
    use super::{Bound, PyAnyMethods, PyModule, PyModuleMethods, PyResult};

    #[pymodule_export]
    use super::detectors::Detectors;
    #[pymodule_export]
    use super::events::{
        AskWithdrawn, CatalogueMoved, JournalFailed, OpenAsked, QueryAnswered, SessionClosed, SessionOpened,
        StatementAsked,
    };
    #[pymodule_export]
    use super::inspector::{Actions, PostgresInspector};
    #[pymodule_export]
    use super::journal::{Frame, read_journal, session_id, session_name, verify_journal};
    #[pymodule_export]
    use super::plane::Plane;
    #[pymodule_export]
    use super::upstream::Upstream;

    /// `Event` is the union of the event classes, as in the contract.
    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        let names = [
            "StatementAsked",
            "AskWithdrawn",
            "SessionOpened",
            "SessionClosed",
            "QueryAnswered",
            "CatalogueMoved",
            "JournalFailed",
        ];
        let mut union = module.getattr("OpenAsked")?;
        for name in names {
            union = union.bitor(module.getattr(name)?)?;
        }
        module.add("Event", union)
    }
}
