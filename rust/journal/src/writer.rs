//! The one place that writes: whole frames or nothing, and after a failure nothing ever again.

use std::io;

use crate::frame::{self, Place};
use crate::recovery::Tail;
use crate::segment::{SegmentFile, SegmentHeader, Segments};

/// Appends to the last segment and starts a new one when it is full.
#[derive(Debug)]
pub(crate) struct Writer {
    segments: Box<dyn Segments>,
    segment_bytes_max: u64,
    file: Box<dyn SegmentFile>,
    tail: Tail,
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
        Writer { segments, segment_bytes_max, file, tail, failure: None }
    }

    /// Appends encoded frames in one write, or nothing.
    pub(crate) fn append(&mut self, frames: &mut [u8]) -> io::Result<()> {
        if let Some((kind, why)) = &self.failure {
            return Err(io::Error::new(*kind, format!("the journal has stopped: {why}")));
        }
        let result = self.append_frames(frames);
        if let Err(error) = &result {
            self.failure = Some((error.kind(), error.to_string()));
        }
        result
    }

    fn append_frames(&mut self, frames: &mut [u8]) -> io::Result<()> {
        let full = self.tail.length + frames.len() as u64 > self.segment_bytes_max;
        if full && !self.tail.is_empty() {
            (self.file, self.tail) = start_segment(self.segments.as_mut(), Some(self.tail))?;
        }
        let Tail { header, length } = self.tail;
        frame::bind(frames, Place { salt: header.salt, offset: length });
        if let Err(error) = write_all(self.file.as_mut(), frames) {
            let undone = match self.file.truncate(length) {
                Ok(()) => "undone",
                Err(_) => "the next start undoes it",
            };
            let what = format!("cannot write journal segment {}: {error} ({undone})", header.number);
            return Err(io::Error::new(error.kind(), what));
        }
        self.tail.length += frames.len() as u64;
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
