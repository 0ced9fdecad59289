//! The extension module `narrows._core`.
use pyo3::prelude::*;

/// Narrows' data plane, as the control plane sees it.
#[pymodule]
mod _core {}
