//! What the inspector itself answers: STATUS, and NAME for where a path leads
//! (draft-ietf-secsh-filexfer-02, section 7).

use bytes::{BufMut, BytesMut};

use super::fields::put_string;
use super::frame;
use super::message::{NAME, STATUS};

/// SSH_FX_OK.
pub(super) const OK: u32 = 0;
/// SSH_FX_NO_SUCH_FILE.
pub(super) const NO_SUCH_FILE: u32 = 2;
/// SSH_FX_PERMISSION_DENIED.
pub(super) const PERMISSION_DENIED: u32 = 3;
/// SSH_FX_FAILURE.
pub(super) const FAILURE: u32 = 4;
/// SSH_FX_BAD_MESSAGE.
pub(super) const BAD_MESSAGE: u32 = 5;
/// SSH_FX_OP_UNSUPPORTED.
pub(super) const OP_UNSUPPORTED: u32 = 8;

/// An answer that is no success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// One of the codes above.
    pub(super) code: u32,
    /// What is shown to the agent.
    pub(super) message: String,
}

impl Refusal {
    /// The request cannot be read.
    pub(super) fn bad_message(what: &str) -> Refusal {
        Refusal { code: BAD_MESSAGE, message: format!("Narrows: {what}") }
    }

    /// Narrows knows no such request.
    pub(super) fn unsupported(name: &str) -> Refusal {
        Refusal { code: OP_UNSUPPORTED, message: format!("Narrows does not pass {name}") }
    }

    /// The request asks for more than there may be, or for what is not there.
    pub(super) fn failure(what: &str) -> Refusal {
        Refusal { code: FAILURE, message: format!("Narrows: {what}") }
    }

    /// Appends the answer to request `id`.
    pub(super) fn put(&self, id: u32, out: &mut BytesMut) {
        frame::put(out, STATUS, |out| {
            out.put_u32(id);
            out.put_u32(self.code);
            put_string(out, self.message.as_bytes());
            put_string(out, b"en");
        });
    }
}

/// Appends a NAME of one path without attributes, as a server answers REALPATH.
pub(super) fn put_name(id: u32, path: &str, out: &mut BytesMut) {
    frame::put(out, NAME, |out| {
        out.put_u32(id);
        out.put_u32(1);
        put_string(out, path.as_bytes());
        put_string(out, path.as_bytes());
        out.put_u32(0);
    });
}
