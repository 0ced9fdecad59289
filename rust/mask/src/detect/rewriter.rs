//! Text being copied with some parts replaced. Nothing is written until the first part is.

use std::ops::Range;

use bytes::BytesMut;

pub(super) struct Rewriter<'a> {
    source: &'a [u8],
    out: &'a mut BytesMut,
    copied: usize,
    replaced: u64,
}

impl<'a> Rewriter<'a> {
    pub(super) fn new(source: &'a [u8], out: &'a mut BytesMut) -> Rewriter<'a> {
        Rewriter { source, out, copied: 0, replaced: 0 }
    }

    /// Replaces a part, which lies behind those before it, by what `put` appends.
    pub(super) fn replace(&mut self, span: Range<usize>, put: impl FnOnce(&[u8], &mut BytesMut)) {
        self.out.extend_from_slice(self.source.get(self.copied..span.start).unwrap_or_default());
        self.copied = span.end;
        self.replaced += 1;
        put(self.source.get(span).unwrap_or_default(), self.out);
    }

    /// Copies the rest, if anything was replaced; says how many parts were.
    pub(super) fn finish(self) -> u64 {
        if self.replaced > 0 {
            self.out.extend_from_slice(self.source.get(self.copied..).unwrap_or_default());
        }
        self.replaced
    }
}
