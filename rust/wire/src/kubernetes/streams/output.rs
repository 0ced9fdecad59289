//! What a process writes, masked.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use narrows_mask::{ObjectMasks, SecretsSeen, Stream};

/// What is looked for in the output of a process: the detectors of a cluster's masks, and the secrets that have been
/// seen of it.
#[derive(Clone)]
pub struct OutputMasks {
    /// The masks of this principal on this cluster.
    pub masks: Arc<ObjectMasks>,
    /// The secrets of this cluster.
    pub seen: Arc<SecretsSeen>,
    /// Whether the output is a terminal's: finds are seen through its control sequences.
    pub terminal: bool,
}

impl OutputMasks {
    fn stream(&self) -> Stream {
        self.masks.stream(&self.seen, self.terminal)
    }

    /// Masks a text that comes in one piece.
    pub(super) fn whole(&self, text: &[u8], masked_values: &mut u64) -> Bytes {
        let (mut stream, mut out) = (self.stream(), BytesMut::new());
        stream.feed(text, &mut out);
        stream.finish(&mut out);
        *masked_values += finds(&stream);
        out.freeze()
    }
}

impl std::fmt::Debug for OutputMasks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OutputMasks").field("terminal", &self.terminal).finish_non_exhaustive()
    }
}

/// One stream of output.
#[derive(Debug)]
pub(super) struct Output {
    masks: Option<OutputMasks>,
    /// From its first bytes on.
    stream: Option<Stream>,
}

impl Output {
    pub(super) fn new(masks: Option<OutputMasks>) -> Output {
        Output { masks, stream: None }
    }

    /// Takes the next piece; what of it, and of what was kept back, may go on.
    pub(super) fn feed(&mut self, piece: BytesMut) -> Bytes {
        let Some(masks) = &self.masks else { return piece.freeze() };
        let mut out = BytesMut::with_capacity(piece.len());
        self.stream.get_or_insert_with(|| masks.stream()).feed(&piece, &mut out);
        out.freeze()
    }

    /// No more follows, or nothing that could belong to what was kept back, which goes on.
    pub(super) fn finish(&mut self, masked_values: &mut u64) -> Bytes {
        let Some(mut stream) = self.stream.take() else { return Bytes::new() };
        let mut out = BytesMut::new();
        stream.finish(&mut out);
        *masked_values += finds(&stream);
        out.freeze()
    }

    /// Values masked since it was finished last.
    pub(super) fn masked_values(&self) -> u64 {
        self.stream.as_ref().map_or(0, finds)
    }
}

fn finds(stream: &Stream) -> u64 {
    stream.masked().values().sum()
}
