//! A process whose streams are those of a SPDY connection, told apart by the header `streamtype`.

use std::collections::BTreeSet;

use bytes::{Bytes, BytesMut};

use super::multiplex::{Carried, Opening};
use super::process::Process;
use super::record::{ProcessStream, StreamRecord};
use super::spdy::Headers;
use crate::kubernetes::Status;
use crate::{Error, Side};

/// A process, and which of its streams have been opened.
#[derive(Debug)]
pub(super) struct SpdyProcess {
    pub(super) process: Process,
    opened: BTreeSet<ProcessStream>,
}

impl SpdyProcess {
    pub(super) fn new(process: Process) -> SpdyProcess {
        SpdyProcess { process, opened: BTreeSet::new() }
    }
}

impl Carried for SpdyProcess {
    type Stream = ProcessStream;

    fn open(
        &mut self,
        _number: u32,
        headers: &Headers,
        _records: &mut Vec<StreamRecord>,
    ) -> Result<Opening<ProcessStream>, Error> {
        let malformed = |what| Error::Malformed { side: Side::Downstream, what };
        let stream = headers.value("streamtype").and_then(ProcessStream::of_type);
        let stream = stream.ok_or(malformed("a stream of a process without a known type"))?;
        if !self.opened.insert(stream) {
            return Err(malformed("a second stream of the same type"));
        }
        Ok(Opening::Accept(stream, vec![("streamtype", stream.name().to_owned())]))
    }

    fn pass(
        &mut self,
        from: Side,
        stream: &mut ProcessStream,
        payload: BytesMut,
        records: &mut Vec<StreamRecord>,
    ) -> Bytes {
        self.process.pass(from, *stream, payload, records)
    }

    fn finish(&mut self, from: Side, stream: &mut ProcessStream, records: &mut Vec<StreamRecord>) -> Bytes {
        match from {
            Side::Downstream => Bytes::new(),
            Side::Upstream => self.process.finish(*stream, records),
        }
    }

    fn close(&mut self, _stream: ProcessStream, _records: &mut Vec<StreamRecord>) {}

    fn last_words(stream: &ProcessStream, why: &Status) -> Bytes {
        match stream {
            ProcessStream::Error => why.to_json(),
            _ => Bytes::new(),
        }
    }
}
