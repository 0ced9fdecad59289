//! Masks of objects for the control plane: it tests them, and knows their placeholders when they come back.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::BytesMut;
use narrows_mask::{Answer, ObjectMasks, SecretsSeen};
use pyo3::{exceptions::PyValueError, prelude::*, types::PyBytes};

use crate::text;

/// One answer of an API server, masked as it passes.
#[pyclass(frozen, module = "narrows._core")]
pub(crate) struct ObjectScanner(Mutex<narrows_mask::ObjectScanner>);

#[pymethods]
impl ObjectScanner {
    #[new]
    #[pyo3(signature = (masks, *, key, group = "", resource = "", subresource = "", namespace = "", name = "", watch = false))]
    #[expect(clippy::too_many_arguments, reason = "they are one answer's, by keyword")]
    fn new(
        masks: &str,
        key: &[u8],
        group: &str,
        resource: &str,
        subresource: &str,
        namespace: &str,
        name: &str,
        watch: bool,
    ) -> PyResult<ObjectScanner> {
        let masks = ObjectMasks::compile(masks, &text::key(key)?);
        let masks = masks.map_err(|error| PyValueError::new_err(error.to_string()))?;
        let answer = Answer {
            group: group.to_owned(),
            resource: resource.to_owned(),
            subresource: subresource.to_owned(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            watch,
        };
        let seen = Arc::<SecretsSeen>::default();
        Ok(ObjectScanner(Mutex::new(narrows_mask::ObjectScanner::new(Arc::new(masks), seen, answer))))
    }

    /// Takes the next piece; what may go on.
    fn feed<'py>(&self, py: Python<'py>, data: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
        let mut out = BytesMut::with_capacity(data.len());
        let fed = py.detach(|| self.lock().feed(data, &mut out));
        fed.map_err(|refused| PyValueError::new_err(refused.to_string()))?;
        Ok(PyBytes::new(py, &out))
    }

    /// The answer has ended; the rest of it.
    fn finish<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let mut out = BytesMut::new();
        let finished = self.lock().finish(&mut out);
        finished.map_err(|refused| PyValueError::new_err(refused.to_string()))?;
        Ok(PyBytes::new(py, &out))
    }

    /// How many values have been masked, by what they were.
    fn masked(&self) -> BTreeMap<String, u64> {
        self.lock().masked().clone()
    }
}

impl ObjectScanner {
    fn lock(&self) -> MutexGuard<'_, narrows_mask::ObjectScanner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
