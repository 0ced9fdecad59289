//! Connections to ports whose streams are those of a SPDY connection (`portforward.k8s.io`): for each connection
//! one for data and one on which the target says why it fails.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use super::forward::{Forward, failure};
use super::multiplex::{Carried, Opening};
use super::output::OutputMasks;
use super::ports::{denied, read_port};
use super::record::StreamRecord;
use super::spdy::Headers;
use crate::kubernetes::{ApiAllow, Status};
use crate::{Error, Side};

/// Characters of a `requestid`, which pairs the two streams; client-go counts from 0.
const REQUEST_ID_BYTES_MAX: usize = 64;

/// The ports that may be reached, and what hides in errors.
#[derive(Debug)]
pub(super) struct SpdyForwards {
    allow: Arc<ApiAllow>,
    masks: Option<OutputMasks>,
    pub(super) masked_values: u64,
}

/// A stream of a connection.
#[derive(Debug)]
pub(super) enum ForwardStream {
    Data(Box<Forward>),
    Error { port: u16 },
}

impl SpdyForwards {
    pub(super) fn new(allow: Arc<ApiAllow>, masks: Option<OutputMasks>) -> SpdyForwards {
        SpdyForwards { allow, masks, masked_values: 0 }
    }
}

impl Carried for SpdyForwards {
    type Stream = ForwardStream;

    fn open(
        &mut self,
        number: u32,
        headers: &Headers,
        records: &mut Vec<StreamRecord>,
    ) -> Result<Opening<ForwardStream>, Error> {
        let malformed = |what| Error::Malformed { side: Side::Downstream, what };
        let port = headers.value("port").and_then(read_port);
        let port = port.ok_or(malformed("a stream of a connection without a port"))?;
        let kind = headers.value("streamtype").unwrap_or_default();
        if !matches!(kind, "data" | "error") {
            return Err(malformed("a stream of a connection without a known type"));
        }
        let mut pass = vec![("streamtype", kind.to_owned()), ("port", port.to_string())];
        if let Some(id) = headers.value("requestid") {
            if id.len() > REQUEST_ID_BYTES_MAX || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                return Err(malformed("a stream of a connection with an odd requestid"));
            }
            pass.push(("requestid", id.to_owned()));
        }
        if let Some(message) = denied(&self.allow, port) {
            // Said on the stream for errors; the other one just ends.
            if kind == "data" {
                records.push(StreamRecord::Refused { port });
                return Ok(Opening::Refuse(String::new()));
            }
            return Ok(Opening::Refuse(message));
        }
        let stream = match kind {
            "data" => ForwardStream::Data(Box::new(Forward::open(number, port, records))),
            _ => ForwardStream::Error { port },
        };
        Ok(Opening::Accept(stream, pass))
    }

    fn pass(
        &mut self,
        from: Side,
        stream: &mut ForwardStream,
        payload: BytesMut,
        records: &mut Vec<StreamRecord>,
    ) -> Bytes {
        match (stream, from) {
            (ForwardStream::Data(forward), _) => {
                forward.pass(from, &payload);
                payload.freeze()
            }
            (ForwardStream::Error { .. }, Side::Downstream) => Bytes::new(),
            (ForwardStream::Error { port }, Side::Upstream) => {
                failure(*port, payload, self.masks.as_ref(), &mut self.masked_values, records)
            }
        }
    }

    fn finish(
        &mut self,
        _from: Side,
        _stream: &mut ForwardStream,
        _records: &mut Vec<StreamRecord>,
    ) -> Bytes {
        Bytes::new()
    }

    fn close(&mut self, stream: ForwardStream, records: &mut Vec<StreamRecord>) {
        if let ForwardStream::Data(forward) = stream {
            forward.close(records);
        }
    }

    fn last_words(stream: &ForwardStream, why: &Status) -> Bytes {
        match stream {
            ForwardStream::Data(_) => Bytes::new(),
            ForwardStream::Error { .. } => Bytes::copy_from_slice(why.message().as_bytes()),
        }
    }
}
