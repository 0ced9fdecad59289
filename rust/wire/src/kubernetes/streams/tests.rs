//! Whole conversations, with both peers played.

mod hostile;
mod peers;
mod ports;
mod process;
mod properties;

use std::ops::RangeInclusive;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use narrows_mask::{ObjectMasks, PseudonymKey, SecretsSeen};

use super::*;
use crate::kubernetes::{ApiAllow, Status};
use crate::{Error, Scope, Side};

/// A session, and what has come out of it.
struct Session {
    inspector: StreamInspector,
    out: StreamActions,
    input: [BytesMut; 2],
}

impl Session {
    fn new(protocol: StreamProtocol, masks: Option<OutputMasks>, ports: &[u16]) -> Session {
        let mut out = StreamActions::default();
        let allow = allowing(Some(&[80..=80, 8000..=8099]));
        let terms = StreamTerms { protocol, allow, masks, ports: ports.to_vec(), seed: 7 };
        let inspector = StreamInspector::new(terms, &mut out);
        Session { inspector, out, input: Default::default() }
    }

    /// Feeds bytes in pieces whose lengths `cuts` gives, and then all that is left.
    fn feed(&mut self, from: Side, bytes: &[u8], cuts: &[usize]) -> Result<(), Error> {
        let (mut rest, mut cuts) = (bytes, cuts.iter());
        loop {
            let length = cuts.next().copied().unwrap_or(usize::MAX).min(rest.len());
            let (piece, behind) = rest.split_at(length);
            rest = behind;
            let input = &mut self.input[usize::from(from == Side::Upstream)];
            input.extend_from_slice(piece);
            self.inspector.feed(from, input, &mut self.out)?;
            if rest.is_empty() {
                return Ok(());
            }
        }
    }

    /// All that has been recorded of one stream of a process.
    fn recorded(&self, wanted: ProcessStream) -> Vec<u8> {
        let bytes = self.out.records.iter().filter_map(|record| match record {
            StreamRecord::Input { stream, bytes } | StreamRecord::Output { stream, bytes } => {
                (*stream == wanted).then_some(&bytes[..])
            }
            _ => None,
        });
        bytes.collect::<Vec<_>>().concat()
    }
}

fn allowing(ports: Option<&[RangeInclusive<u16>]>) -> Arc<ApiAllow> {
    Arc::new(ApiAllow {
        rule: "web".into(),
        approval: None,
        warning: "".into(),
        ports: ports.map(Into::into),
        restored: None,
        record: crate::RecordLevel::Full,
        scope: Scope::Once,
        policy_epoch: 0,
    })
}

/// Looks for card numbers and for one secret that has been seen.
fn masks() -> OutputMasks {
    let document = r#"{"detectors": {"pan": "redact"}}"#;
    let masks = ObjectMasks::compile(document, &PseudonymKey([7; 32])).unwrap();
    let seen = SecretsSeen::default();
    seen.remember(b"hunter2-secret");
    OutputMasks { masks: Arc::new(masks), seen: Arc::new(seen), terminal: false }
}

fn expired() -> Status {
    Status::unauthorized("Narrows: token expired")
}
