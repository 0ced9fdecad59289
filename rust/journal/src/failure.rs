//! Why the journal has stopped; told to everybody who writes from then on.

use std::io;

/// An error to be repeated.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    kind: io::ErrorKind,
    why: String,
}

impl Failure {
    pub(crate) fn error(&self) -> io::Error {
        io::Error::new(self.kind, format!("the journal has stopped: {}", self.why))
    }
}

impl From<&io::Error> for Failure {
    fn from(error: &io::Error) -> Failure {
        Failure { kind: error.kind(), why: error.to_string() }
    }
}
