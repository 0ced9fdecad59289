//! A process in a container, its streams, and which way each goes: the same over WebSocket and SPDY.

use bytes::{Bytes, BytesMut};

use super::output::{Output, OutputMasks};
use super::record::{ProcessStream, StreamRecord};
use crate::Side;

/// What is kept of a process while its streams pass.
#[derive(Debug)]
pub(super) struct Process {
    masks: Option<OutputMasks>,
    stdout: Output,
    stderr: Output,
    /// By streams that have been finished.
    masked_values: u64,
}

impl Process {
    pub(super) fn new(masks: Option<OutputMasks>) -> Process {
        let output = || Output::new(masks.clone());
        Process { stdout: output(), stderr: output(), masked_values: 0, masks }
    }

    /// How many values have been masked.
    pub(super) fn masked_values(&self) -> u64 {
        self.masked_values + self.stdout.masked_values() + self.stderr.masked_values()
    }

    /// Takes what comes from a side on a stream: what of it goes on to the other side, recorded. Nothing goes on
    /// that comes from the end where the stream leads.
    pub(super) fn pass(
        &mut self,
        from: Side,
        stream: ProcessStream,
        payload: BytesMut,
        records: &mut Vec<StreamRecord>,
    ) -> Bytes {
        if stream.is_input() != (from == Side::Downstream) {
            return Bytes::new();
        }
        let bytes = match (stream, &self.masks) {
            (ProcessStream::Stdout, _) => self.stdout.feed(payload),
            (ProcessStream::Stderr, _) => self.stderr.feed(payload),
            (ProcessStream::Error, Some(masks)) => masks.whole(&payload, &mut self.masked_values),
            _ => payload.freeze(),
        };
        record(stream, &bytes, records);
        bytes
    }

    /// A stream ends: what was kept back of it, recorded.
    pub(super) fn finish(&mut self, stream: ProcessStream, records: &mut Vec<StreamRecord>) -> Bytes {
        let bytes = match stream {
            ProcessStream::Stdout => self.stdout.finish(&mut self.masked_values),
            ProcessStream::Stderr => self.stderr.finish(&mut self.masked_values),
            _ => Bytes::new(),
        };
        record(stream, &bytes, records);
        bytes
    }
}

fn record(stream: ProcessStream, bytes: &Bytes, records: &mut Vec<StreamRecord>) {
    if bytes.is_empty() {
        return;
    }
    let bytes = bytes.clone();
    records.push(if stream.is_input() {
        StreamRecord::Input { stream, bytes }
    } else {
        StreamRecord::Output { stream, bytes }
    });
}
