//! Why a stream of requests cannot go on.

/// What was wrong, without the bytes themselves. The connection ends: where the next request begins is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The status code to answer with: 400, 414 or 431.
    pub code: u16,
    /// One clause that names the fault.
    pub what: &'static str,
}

impl Refused {
    /// 400.
    pub(super) const fn malformed(what: &'static str) -> Refused {
        Refused { code: 400, what }
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the request is not plain HTTP/1.1: {}", self.what)
    }
}

impl std::error::Error for Refused {}
