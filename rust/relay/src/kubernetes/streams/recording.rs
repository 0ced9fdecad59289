//! How a stream is written down.
//!
//! Behind the event `stream`, frames of kind `request` and `reply` begin with the stream of the process that they
//! are of (1 byte, numbered as the channels of `v4.channel.k8s.io`). Connections to ports are events.

use bytes::{BufMut, BytesMut};
use narrows_wire::kubernetes::streams::{Passed, ProcessStream, StreamRecord};
use serde_json::{Value, json};

use crate::kubernetes::ledger::Ledger;

/// Adds what is recorded, and that `masked` values were masked in it. What follows on the same stream is one frame.
///
/// What is typed on a terminal is left out, for passwords are: the terminal echoes the rest, and that is recorded.
pub(super) fn add(ledger: &Ledger, records: &mut Vec<StreamRecord>, masked: u64, terminal: bool) {
    let mut frame = Frame { stream: ProcessStream::Error, bytes: BytesMut::new(), masked };
    for record in records.drain(..) {
        match record {
            StreamRecord::Input { stream: ProcessStream::Stdin, .. } if terminal => {}
            StreamRecord::Input { stream, bytes } | StreamRecord::Output { stream, bytes } => {
                frame.append(ledger, stream, &bytes);
            }
            event => {
                frame.add(ledger);
                ledger.event(&describe(&event));
            }
        }
    }
    frame.add(ledger);
}

/// What has passed on one stream and is not added yet.
struct Frame {
    stream: ProcessStream,
    bytes: BytesMut,
    masked: u64,
}

impl Frame {
    fn append(&mut self, ledger: &Ledger, stream: ProcessStream, bytes: &[u8]) {
        if stream != self.stream {
            self.add(ledger);
        }
        if self.bytes.is_empty() {
            self.stream = stream;
            self.bytes.reserve(bytes.len() + 1);
            self.bytes.put_u8(stream as u8);
        }
        self.bytes.put_slice(bytes);
    }

    fn add(&mut self, ledger: &Ledger) {
        let bytes = std::mem::take(&mut self.bytes);
        let is_empty = bytes.is_empty();
        if self.stream.is_input() && !is_empty {
            ledger.request(bytes);
        } else if !is_empty || self.masked > 0 {
            ledger.reply(&bytes, std::mem::take(&mut self.masked));
        }
    }
}

fn describe(record: &StreamRecord) -> Value {
    match record {
        StreamRecord::Opened { connection, port } => {
            json!({ "event": "forward-opened", "connection": connection, "port": port })
        }
        StreamRecord::Refused { port } => json!({ "event": "forward-refused", "port": port }),
        StreamRecord::Failed { port, message } => {
            json!({ "event": "forward-failed", "port": port, "message": String::from_utf8_lossy(message) })
        }
        StreamRecord::Closed { connection, port, to_target, to_agent } => json!({
            "event": "forward-ended", "connection": connection, "port": port,
            "to_target": describe_passed(to_target), "to_agent": describe_passed(to_agent),
        }),
        // Frames, not events.
        StreamRecord::Input { .. } | StreamRecord::Output { .. } => Value::Null,
    }
}

fn describe_passed(passed: &Passed) -> Value {
    let hex = passed.sha256.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    json!({ "bytes": passed.bytes, "sha256": hex })
}
