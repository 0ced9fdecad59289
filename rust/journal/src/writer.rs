//! The one place that writes: whole frames or nothing, and after a failure nothing ever again.

use std::io;

use crate::chain::Chain;
use crate::limits::BUFFER_BYTES_KEPT;
use crate::recovery::Tail;
use crate::segment::{SegmentFile, SegmentHeader, Segments};
use crate::{Entry, frame};

/// Appends to the last segment and starts a new one when it is full.
#[derive(Debug)]
pub(crate) struct Writer {
    segments: Box<dyn Segments>,
    segment_bytes_max: u64,
    file: Box<dyn SegmentFile>,
    tail: Tail,
    buffer: Vec<u8>,
    failure: Option<(io::ErrorKind, String)>,
}

impl Writer {
    /// Goes on behind `tail` in `file`.
    pub(crate) fn new(
        segments: Box<dyn Segments>,
        segment_bytes_max: u64,
        file: Box<dyn SegmentFile>,
        tail: Tail,
    ) -> Writer {
        Writer { segments, segment_bytes_max, file, tail, buffer: Vec::new(), failure: None }
    }

    /// Appends all entries, in one write, and advances `chain`; or neither.
    pub(crate) fn append(
        &mut self,
        chain: &mut Chain,
        entries: &[Entry<'_>],
        time_us: u64,
    ) -> io::Result<()> {
        if let Some((kind, why)) = &self.failure {
            return Err(io::Error::new(*kind, format!("the journal has stopped: {why}")));
        }
        let result = self.append_frames(chain, entries, time_us);
        if let Err(error) = &result {
            self.failure = Some((error.kind(), error.to_string()));
        }
        result
    }

    fn append_frames(&mut self, chain: &mut Chain, entries: &[Entry<'_>], time_us: u64) -> io::Result<()> {
        let bytes: usize = entries.iter().map(frame::encoded_bytes).sum();
        let full = self.tail.length + bytes as u64 > self.segment_bytes_max;
        if full && !self.tail.is_empty() {
            (self.file, self.tail) = start_segment(self.segments.as_mut(), Some(self.tail))?;
        }
        let place = frame::Place { salt: self.tail.header.salt, offset: self.tail.length };
        let mut advanced = chain.clone();
        self.buffer.clear();
        self.buffer.reserve(bytes);
        for entry in entries {
            frame::encode(entry, time_us, &mut advanced, place, &mut self.buffer);
        }
        self.write()?;
        self.buffer.shrink_to(BUFFER_BYTES_KEPT);
        *chain = advanced;
        Ok(())
    }

    /// Writes the buffer, or leaves the segment as it was.
    fn write(&mut self) -> io::Result<()> {
        if let Err(error) = write_all(self.file.as_mut(), &self.buffer) {
            let Tail { header, length } = self.tail;
            let undone = match self.file.truncate(length) {
                Ok(()) => "undone",
                Err(_) => "the next start undoes it",
            };
            let what = format!("cannot write journal segment {}: {error} ({undone})", header.number);
            return Err(io::Error::new(error.kind(), what));
        }
        self.tail.length += self.buffer.len() as u64;
        Ok(())
    }
}

/// Makes the segment behind `previous`, or the first one, and writes its header.
pub(crate) fn start_segment(
    segments: &mut dyn Segments,
    previous: Option<Tail>,
) -> io::Result<(Box<dyn SegmentFile>, Tail)> {
    let header = previous
        .map_or(SegmentHeader::new(1, 0), |tail| SegmentHeader::new(tail.header.number + 1, tail.length));
    let bytes = header.encode();
    let file = segments.create(header.number).and_then(|mut file| {
        write_all(file.as_mut(), &bytes)?;
        Ok(file)
    });
    let file = file.map_err(|error| {
        io::Error::new(error.kind(), format!("cannot start journal segment {}: {error}", header.number))
    })?;
    Ok((file, Tail { header, length: bytes.len() as u64 }))
}

fn write_all(file: &mut dyn SegmentFile, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match file.write(bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
