//! Detectors for the control plane: it samples databases with them, and never masks.

use narrows_mask::{Detector, Detectors as Compiled, Hints, Transform};
use pyo3::{exceptions::PyValueError, prelude::*};

/// Some detectors, to find with.
#[pyclass(frozen)]
pub(crate) struct Detectors(Compiled);

#[pymethods]
impl Detectors {
    #[new]
    #[expect(clippy::needless_pass_by_value, reason = "a list becomes nothing else")]
    fn new(names: Vec<String>) -> PyResult<Detectors> {
        let mut wanted = Vec::with_capacity(names.len());
        for name in &names {
            let detector = Detector::named(name);
            let unknown = || PyValueError::new_err(format!("detectors: {name:?} is no detector"));
            wanted.push((detector.ok_or_else(unknown)?, Transform::Redact));
        }
        let compiled = Compiled::new(wanted).map_err(|error| PyValueError::new_err(error.to_string()))?;
        Ok(Detectors(compiled))
    }

    /// Detector, start and end in bytes of UTF-8 of everything found, in order and without overlaps.
    #[pyo3(signature = (text, *, column = ""))]
    fn find(&self, text: &str, column: &str) -> Vec<(&'static str, usize, usize)> {
        let found = self.0.find(text.as_bytes(), Hints::of_name(column.as_bytes()));
        found.into_iter().map(|it| (it.detector.name(), it.span.start, it.span.end)).collect()
    }
}
