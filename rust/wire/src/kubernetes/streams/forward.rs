//! A connection to a port of a pod. What passes is some other protocol's, which nothing here reads: it is neither
//! masked nor written down. How much there was is, with a hash of each direction.

use bytes::{Bytes, BytesMut};

use super::output::OutputMasks;
use super::pair::Pair;
use super::record::{Flow, StreamRecord};
use crate::Side;

/// One connection.
#[derive(Debug)]
pub(super) struct Forward {
    number: u32,
    port: u16,
    /// What came from each side.
    flows: Pair<Flow>,
}

impl Forward {
    /// A connection that is opened under a number.
    pub(super) fn open(number: u32, port: u16, records: &mut Vec<StreamRecord>) -> Forward {
        records.push(StreamRecord::Opened { connection: number, port });
        Forward { number, port, flows: Pair::default() }
    }

    /// Data goes through.
    pub(super) fn pass(&mut self, from: Side, data: &[u8]) {
        self.flows.at(from).take(data);
    }

    /// The connection has ended.
    pub(super) fn close(self, records: &mut Vec<StreamRecord>) {
        records.push(StreamRecord::Closed {
            connection: self.number,
            port: self.port,
            to_target: self.flows.downstream.passed(),
            to_agent: self.flows.upstream.passed(),
        });
    }
}

/// What the target says of a connection that fails, masked and recorded.
pub(super) fn failure(
    port: u16,
    text: BytesMut,
    masks: Option<&OutputMasks>,
    masked_values: &mut u64,
    records: &mut Vec<StreamRecord>,
) -> Bytes {
    let message = match masks {
        Some(masks) => masks.whole(&text, masked_values),
        None => text.freeze(),
    };
    if !message.is_empty() {
        records.push(StreamRecord::Failed { port, message: message.clone() });
    }
    message
}
