//! `StreamMasks`: detectors in the streams of a session, for protocols whose stack is Python's; each direction of
//! each stream has a `StreamMasker`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::BytesMut;
use narrows_mask::{Detectors, KnownValues, Stream};
use pyo3::{exceptions::PyValueError, prelude::*, types::PyBytes};

use crate::text;

/// Sets of compiled detectors that are kept: sessions under the same masks share one.
const COMPILED_MAX: usize = 32;

/// What is looked for in every stream of one session. Known values take milliseconds to compile.
#[pyclass(frozen, module = "narrows._core")]
pub(crate) struct StreamMasks {
    detectors: Arc<Detectors>,
    known: Arc<KnownValues>,
}

#[pymethods]
impl StreamMasks {
    #[new]
    #[expect(clippy::needless_pass_by_value, reason = "as the arguments come")]
    fn new(detectors: text::Wanted, exact_values: Vec<Vec<u8>>, key: &[u8]) -> PyResult<StreamMasks> {
        let known = KnownValues::new(exact_values.iter().map(Vec::as_slice));
        let known =
            known.map_err(|_| PyValueError::new_err("exact_values: they are too many or too long"))?;
        Ok(StreamMasks { detectors: compiled(detectors, key)?, known: Arc::new(known) })
    }

    /// What masks one stream.
    #[pyo3(signature = (*, ansi = false))]
    fn open(&self, ansi: bool) -> StreamMasker {
        let stream = Stream::new(Arc::clone(&self.detectors), Arc::clone(&self.known), ansi);
        StreamMasker(Mutex::new(stream))
    }
}

/// One direction of one stream of text, masked as it passes.
#[pyclass(frozen, module = "narrows._core")]
pub(crate) struct StreamMasker(Mutex<Stream>);

#[pymethods]
impl StreamMasker {
    /// Takes the next piece; what may go on.
    fn feed<'py>(&self, py: Python<'py>, data: &[u8]) -> Bound<'py, PyBytes> {
        let out = py.detach(|| {
            let mut out = BytesMut::with_capacity(data.len());
            self.lock().feed(data, &mut out);
            out
        });
        PyBytes::new(py, &out)
    }

    /// The stream has ended; the rest of it.
    fn finish<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        let mut out = BytesMut::new();
        self.lock().finish(&mut out);
        PyBytes::new(py, &out)
    }

    /// How many bytes are held back.
    fn held(&self) -> usize {
        self.lock().held()
    }

    /// How many finds have been masked, by what they were.
    fn masked(&self) -> HashMap<&'static str, u64> {
        self.lock().masked().iter().map(|(name, count)| (*name, *count)).collect()
    }
}

impl StreamMasker {
    fn lock(&self) -> MutexGuard<'_, Stream> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type Wanted = (text::Wanted, Vec<u8>);

/// Compiling takes milliseconds, and most sessions look for the same.
fn compiled(detectors: text::Wanted, key: &[u8]) -> PyResult<Arc<Detectors>> {
    static COMPILED: Mutex<Vec<(Wanted, Arc<Detectors>)>> = Mutex::new(Vec::new());
    let wanted = (detectors, key.to_vec());
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, known)) = compiled.iter().find(|(one, _)| *one == wanted) {
        return Ok(Arc::clone(known));
    }
    let made = Arc::new(text::detectors(&wanted.0, &text::key(key)?)?);
    if compiled.len() >= COMPILED_MAX {
        compiled.remove(0);
    }
    compiled.push((wanted, Arc::clone(&made)));
    Ok(made)
}
