//! What an answer passes through on its way to the agent.

use bytes::BytesMut;
use narrows_wire::kubernetes::AnswerFormat;

use super::call::Allowed;

/// One answer's masks.
pub(crate) enum Filter {
    /// Nothing is masked.
    Clear,
}

impl Filter {
    /// For an answer of that form.
    ///
    /// # Errors
    /// One sentence: it cannot be masked.
    pub(crate) fn new(allowed: &Allowed<'_>, format: AnswerFormat) -> Result<Filter, String> {
        match (&allowed.session.masks, format) {
            (None, _) | (_, AnswerFormat::Schema) => Ok(Filter::Clear),
            (Some(_), _) => Err("its masks are not known".to_owned()),
        }
    }

    /// Appends what may go on of the next piece. Returns how many values were masked in it.
    ///
    /// # Errors
    /// One sentence: it cannot be masked.
    pub(crate) fn feed(&mut self, piece: &[u8], out: &mut BytesMut) -> Result<u64, String> {
        match self {
            Filter::Clear => {
                out.extend_from_slice(piece);
                Ok(0)
            }
        }
    }

    /// As [`Filter::feed`], of what is left at the end.
    ///
    /// # Errors
    /// The answer ends in the middle.
    pub(crate) fn finish(&mut self, _out: &mut BytesMut) -> Result<u64, String> {
        match self {
            Filter::Clear => Ok(0),
        }
    }
}
