//! A line of a stream: its text, and what stands in it that is no text.

use std::ops::Range;

use bytes::{Buf, BytesMut};

/// Text, and the terminal's sequences in it.
#[derive(Debug, Default)]
pub(super) struct Line {
    pub(super) text: BytesMut,
    /// Sequences, each with the length of the text before it.
    sequences: Vec<(usize, Vec<u8>)>,
    sequence_bytes: usize,
}

impl Line {
    /// Appends a sequence.
    pub(super) fn push_sequence(&mut self, sequence: Vec<u8>) {
        self.sequence_bytes += sequence.len();
        self.sequences.push((self.text.len(), sequence));
    }

    /// Bytes of sequences that have not been put out.
    pub(super) fn sequence_bytes(&self) -> usize {
        self.sequence_bytes
    }

    /// Appends a part of the text with the sequences in it and those right behind it.
    pub(super) fn put(&mut self, span: Range<usize>, out: &mut BytesMut) {
        let mut start = span.start;
        for (at, sequence) in self.take_sequences(span.end) {
            out.extend_from_slice(self.text.get(start..at).unwrap_or_default());
            out.extend_from_slice(&sequence);
            start = start.max(at);
        }
        out.extend_from_slice(self.text.get(start..span.end).unwrap_or_default());
    }

    /// Appends the sequences before an offset, and not the text.
    pub(super) fn put_sequences(&mut self, end: usize, out: &mut BytesMut) {
        for (_, sequence) in self.take_sequences(end) {
            out.extend_from_slice(&sequence);
        }
    }

    /// Forgets the text before an offset, of which no sequence is left.
    pub(super) fn drop_front(&mut self, end: usize) {
        self.text.advance(end.min(self.text.len()));
        for (at, _) in &mut self.sequences {
            *at = at.saturating_sub(end);
        }
    }

    fn take_sequences(&mut self, end: usize) -> Vec<(usize, Vec<u8>)> {
        if self.sequences.is_empty() {
            return Vec::new();
        }
        let count = self.sequences.iter().take_while(|(at, _)| *at <= end).count();
        let taken: Vec<_> = self.sequences.drain(..count).collect();
        self.sequence_bytes -= taken.iter().map(|(_, sequence)| sequence.len()).sum::<usize>();
        taken
    }
}
