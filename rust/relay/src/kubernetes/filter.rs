//! What an answer passes through on its way to the agent.

use std::sync::Arc;

use bytes::BytesMut;
use narrows_mask::{Answer, ObjectMasks, ObjectScanner, Stream};
use narrows_wire::kubernetes::{AnswerFormat, ApiCall, Verb};

use super::masks::SessionMasks;

/// One answer's masks.
pub(crate) enum Filter {
    /// Nothing is masked.
    Clear,
    /// JSON documents.
    Objects(Box<ObjectScanner>, Under),
    /// Text without structure.
    Text(Box<Stream>, Under),
}

/// The masks that it was begun under.
pub(crate) struct Under {
    session: SessionMasks,
    masks: Arc<ObjectMasks>,
    /// Values masked that were told already.
    told: u64,
}

impl Filter {
    /// For an answer of that form to a call; without masks nothing is masked.
    ///
    /// # Errors
    /// One sentence: the masks are not known.
    pub(crate) fn new(
        masks: Option<&SessionMasks>,
        call: &ApiCall,
        format: AnswerFormat,
    ) -> Result<Filter, String> {
        let Some(session) = masks.filter(|_| format != AnswerFormat::Schema) else {
            return Ok(Filter::Clear);
        };
        let masks = session.current().ok_or("its masks have not been published")?;
        let under = Under { session: session.clone(), masks: Arc::clone(&masks), told: 0 };
        Ok(if format == AnswerFormat::Text {
            Filter::Text(Box::new(masks.stream(&session.seen, false)), under)
        } else {
            let scanner = ObjectScanner::new(masks, Arc::clone(&session.seen), answer_to(call));
            Filter::Objects(Box::new(scanner), under)
        })
    }

    /// Appends what may go on of the next piece. Returns how many values were masked since it was last said.
    ///
    /// # Errors
    /// One sentence: it cannot be masked.
    pub(crate) fn feed(&mut self, piece: &[u8], out: &mut BytesMut) -> Result<u64, String> {
        match self {
            Filter::Clear => out.extend_from_slice(piece),
            Filter::Objects(scanner, _) => scanner.feed(piece, out).map_err(|refused| refused.to_string())?,
            Filter::Text(stream, _) => stream.feed(piece, out),
        }
        Ok(self.masked())
    }

    /// As [`Filter::feed`], of what is left at the end.
    ///
    /// # Errors
    /// The answer ends in the middle.
    pub(crate) fn finish(&mut self, out: &mut BytesMut) -> Result<u64, String> {
        match self {
            Filter::Clear => {}
            Filter::Objects(scanner, _) => scanner.finish(out).map_err(|refused| refused.to_string())?,
            Filter::Text(stream, _) => stream.finish(out),
        }
        Ok(self.masked())
    }

    /// Whether the masks are others now than when the answer began.
    pub(crate) fn is_overtaken(&self) -> bool {
        match self {
            Filter::Clear => false,
            Filter::Objects(_, under) | Filter::Text(_, under) => !under.session.are(&under.masks),
        }
    }

    fn masked(&mut self) -> u64 {
        let (masked, under) = match self {
            Filter::Clear => return 0,
            Filter::Objects(scanner, under) => (scanner.masked().values().sum::<u64>(), under),
            Filter::Text(stream, under) => (stream.masked().values().sum(), under),
        };
        masked - std::mem::replace(&mut under.told, masked)
    }
}

fn answer_to(call: &ApiCall) -> Answer {
    Answer {
        group: call.group.clone(),
        resource: call.resource.clone(),
        subresource: call.subresource.clone(),
        namespace: call.namespace.clone(),
        name: call.name.clone(),
        watch: call.verb == Verb::Watch,
    }
}
