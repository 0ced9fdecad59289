//! COPY TO STDOUT where columns are masked.
//!
//! Theory of operation. COPY data has no description: how it is written and what its columns are, the verdict
//! has to say. The data is a stream that CopyData messages may cut anywhere, so records (lines or tuples) are
//! put together and given out one to a message, as the target itself does; drivers rely on it.
//!
//! Data that is not what the verdict says may be cut at other places than it seems, so nothing more of it
//! passes. The target knows of no error and goes on, so the rest is dropped and the end of the copy is told as
//! an error, in its place. An error of the target in the meantime (a time limit, the agent's own cancel) is
//! told as the same denial, and everything that follows from an error follows. Where the copy completes, the
//! statement has run: that is told as an error all the same, which is true of a statement that only reads, and
//! policy describes the data of no other. It is done where the agent expects what the target will do next: at
//! the end of a simple Query, or of an Execute with nothing but a Sync behind it. Elsewhere the agent would
//! take the replies to later messages for those after the Sync, and the session ends.

use std::fmt;
use std::sync::Arc;

use bytes::BytesMut;
use narrows_mask::{Format, MaskSet};

use super::copy_binary::BinaryRecords;
use super::copy_csv::Quoted;
use super::copy_delimited::DelimitedRecords;
use super::copy_text::Backslashed;
use super::deny::Denial;
use super::expect::{Expected, Resumption};
use super::frame::put;
use super::inspector::PostgresInspector;
use super::message::Reader;
use super::plan::Treatment;
use super::upstream::{pass, unexpected};
use crate::{Actions, Allow, CopyFormat, Effects, Error, Exposure, OutputColumn, Side};

/// How the COPY data of a statement may pass.
#[derive(Clone, Debug)]
pub(super) enum CopyOut {
    /// Not at all: the session ends.
    Refuse,
    /// As it is.
    Pass,
    /// Masked by what the verdict says of its format and its columns; where it speaks of no columns, none of
    /// them derives from anything masked, and detectors look into each.
    Mask(Option<Arc<[OutputColumn]>>, CopyFormat),
}

/// What is done to the COPY data that comes.
#[derive(Debug, Default)]
pub(super) enum CopyStream {
    /// None may come.
    #[default]
    Closed,
    /// It passes as it is.
    Pass,
    /// It is rewritten.
    Mask(Box<MaskedCopy>),
    /// It is dropped; this is told at its end.
    Refused(Box<Denial>),
}

/// The data is not what the verdict says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Contradiction;

/// One of COPY's formats: where a record ends, and what it becomes.
pub(super) trait Records: fmt::Debug + Send {
    /// Where the record at the front of `data` ends; `None` while it does not. Until one has been found,
    /// `data` is the same and more.
    fn end(&mut self, data: &[u8]) -> Result<Option<usize>, Contradiction>;

    /// Appends what `record` becomes and says how many values were masked.
    fn put(&mut self, record: &[u8], columns: &[Treatment], out: &mut BytesMut)
    -> Result<u64, Contradiction>;

    /// Hands on every value of a record that is not NULL, with the place of its column.
    fn values(&mut self, record: &[u8], each: &mut dyn FnMut(usize, &[u8])) -> Result<(), Contradiction>;

    /// Whether the data may end after the last record.
    fn may_end(&self) -> bool;
}

/// A copy that is being rewritten.
#[derive(Debug)]
pub(super) struct MaskedCopy {
    columns: Vec<Treatment>,
    records: Box<dyn Records>,
    /// The front of a record whose rest has not come yet.
    held: BytesMut,
}

impl CopyFormat {
    /// How its values are written.
    pub(super) fn of_values(&self) -> Format {
        match self {
            CopyFormat::Text { .. } | CopyFormat::Csv { .. } => Format::Text,
            CopyFormat::Binary => Format::Binary,
        }
    }

    /// What takes its data apart.
    pub(super) fn records(&self) -> Box<dyn Records> {
        match self {
            CopyFormat::Text { delimiter, null, header } => {
                Box::new(DelimitedRecords::new(Backslashed::default(), *delimiter, null.clone(), *header))
            }
            CopyFormat::Csv { delimiter, null, header, quote, escape, force_quote } => {
                let quoted = Quoted::new(*quote, *escape, *force_quote);
                Box::new(DelimitedRecords::new(quoted, *delimiter, null.clone(), *header))
            }
            CopyFormat::Binary => Box::new(BinaryRecords::default()),
        }
    }
}

impl CopyOut {
    /// The result of which the verdict speaks is complete.
    pub(super) fn end_result(&mut self) {
        if matches!(self, CopyOut::Mask(..)) {
            *self = CopyOut::Refuse;
        }
    }
}

impl CopyStream {
    /// Bytes that it keeps.
    pub(super) fn kept_bytes(&self) -> usize {
        match self {
            CopyStream::Mask(copy) => copy.held.len(),
            _ => 0,
        }
    }

    /// Appends the denial of a copy that was refused; whether this is one.
    pub(super) fn tell_refusal(&self, out: &mut BytesMut) -> bool {
        let CopyStream::Refused(denial) = self else { return false };
        denial.put(out);
        true
    }
}

impl MaskedCopy {
    /// Starts on a copy that was announced by a CopyOutResponse with that `body`; `None` when that has
    /// another number of columns, or another format, than the verdict.
    fn start(
        columns: Option<&[OutputColumn]>,
        format: &CopyFormat,
        body: &[u8],
        masks: &MaskSet,
    ) -> Result<Option<MaskedCopy>, Error> {
        let mut reader = Reader::new(Side::Upstream, body);
        let (code, count) = (reader.u8()?, reader.count()?);
        let codes = (0..count).map(|_| reader.i16()).collect::<Result<Vec<i16>, Error>>()?;
        reader.end()?;
        let value_format = format.of_values();
        let expected = i16::from(value_format == Format::Binary);
        let fits = i16::from(code) == expected && codes.iter().all(|code| *code == expected);
        let columns = columns.map_or_else(|| vec![OutputColumn::clear(); count], <[OutputColumn]>::to_vec);
        if !fits || count != columns.len() {
            return Ok(None);
        }
        let records = format.records();
        let columns =
            columns.iter().map(|column| Treatment::of_output(column, value_format, masks)).collect();
        Ok(Some(MaskedCopy { columns, records, held: BytesMut::new() }))
    }

    /// Takes the data of one message, appends every record that is complete now, and says how many values
    /// were masked.
    fn take(&mut self, data: &[u8], out: &mut BytesMut) -> Result<u64, Contradiction> {
        if self.held.is_empty() {
            let (masked, rest) = self.put_records(data, out)?;
            self.held.extend_from_slice(rest);
            return Ok(masked);
        }
        let mut held = std::mem::take(&mut self.held);
        held.extend_from_slice(data);
        let (masked, rest) = self.put_records(&held, out)?;
        let taken = held.len() - rest.len();
        self.held = held.split_off(taken);
        Ok(masked)
    }

    fn put_records<'a>(
        &mut self,
        mut data: &'a [u8],
        out: &mut BytesMut,
    ) -> Result<(u64, &'a [u8]), Contradiction> {
        let mut masked = 0;
        while let Some(end) = self.records.end(data)? {
            let (record, rest) = data.split_at_checked(end).ok_or(Contradiction)?;
            data = rest;
            let start = out.len();
            let mut put_record = Ok(0);
            put(out, b'd', |out| put_record = self.records.put(record, &self.columns, out));
            if put_record.is_err() {
                out.truncate(start);
            }
            masked += put_record?;
        }
        Ok((masked, data))
    }
}

impl PostgresInspector {
    /// How the COPY data of a statement may pass. `doubtful` says that it is reached through a name that SQL
    /// may have given anew.
    pub(super) fn copy_out(&self, allow: &Allow, doubtful: bool) -> CopyOut {
        if !allow.effects.contains(Effects::COPY_OUT) {
            return CopyOut::Refuse;
        }
        let Some(masks) = &self.masks else { return CopyOut::Pass };
        match (allow.exposure, &allow.columns, &allow.copy) {
            _ if doubtful => CopyOut::Refuse,
            (Exposure::Clear, ..) if !masks.detects() => CopyOut::Pass,
            (Exposure::Clear, columns, Some(format)) => CopyOut::Mask(columns.clone(), format.clone()),
            (Exposure::Tainted, Some(columns), Some(format)) => {
                CopyOut::Mask(Some(Arc::clone(columns)), format.clone())
            }
            (Exposure::Clear | Exposure::Tainted | Exposure::Inherit, ..) => CopyOut::Refuse,
        }
    }

    /// A CopyOutResponse.
    pub(super) fn start_copy_out(
        &mut self,
        frame: &[u8],
        body: &[u8],
        out: &mut Actions,
    ) -> Result<(), Error> {
        let started = match self.replies.front().map(Expected::copy_out) {
            Some(CopyOut::Pass) => Some(CopyStream::Pass),
            Some(CopyOut::Mask(columns, format)) => {
                let masks = self.masks.clone().unwrap_or_default();
                MaskedCopy::start(columns.as_deref(), format, body, &masks)?
                    .map(|copy| CopyStream::Mask(Box::new(copy)))
            }
            Some(CopyOut::Refuse) | None => return Err(unexpected("a reply to what was sent", b'H')),
        };
        match started {
            Some(stream) => {
                self.copy_stream = stream;
                pass(frame, out);
            }
            None => self.refuse_copy(),
        }
        Ok(())
    }

    /// A CopyData that does not simply pass.
    pub(super) fn take_copy_data(&mut self, data: &[u8], out: &mut Actions) -> Result<(), Error> {
        match &mut self.copy_stream {
            CopyStream::Mask(copy) => match copy.take(data, out.reply()) {
                Ok(masked) => self.counters.masked_values += masked,
                Err(Contradiction) => self.refuse_copy(),
            },
            CopyStream::Refused(_) => {}
            CopyStream::Closed | CopyStream::Pass => {
                return Err(unexpected("a reply to what was sent", b'd'));
            }
        }
        if self.copy_stream.kept_bytes() > self.limits.reply_bytes_max {
            return Err(Error::LimitExceeded { side: Side::Upstream, limit: "reply_bytes_max" });
        }
        Ok(())
    }

    /// A CopyDone.
    pub(super) fn take_copy_done(&mut self, frame: &[u8], out: &mut Actions) -> Result<(), Error> {
        match &self.copy_stream {
            CopyStream::Refused(_) => return Ok(()),
            CopyStream::Mask(copy) if !copy.held.is_empty() || !copy.records.may_end() => {
                self.refuse_copy();
                return Ok(());
            }
            CopyStream::Mask(_) | CopyStream::Pass => {}
            CopyStream::Closed => return Err(unexpected("a reply to what was sent", b'c')),
        }
        self.copy_stream = CopyStream::Closed;
        pass(frame, out);
        Ok(())
    }

    /// Nothing more of the copy passes. The verdict must have been made from a catalogue that is out of date.
    fn refuse_copy(&mut self) {
        self.counters.denials += 1;
        self.findings.contradiction = true;
        self.copy_stream = CopyStream::Refused(Box::new(Denial::of_copy()));
    }

    /// A CommandComplete after a copy that was refused: the denial is told in its place.
    pub(super) fn end_refused_copy(&mut self, out: &mut Actions) {
        let CopyStream::Refused(denial) = std::mem::take(&mut self.copy_stream) else { return };
        let Some(resumption) = self.replies.resumption_of_told_error() else {
            denial.put_fatal(out.reply());
            return self.end("a copy had other columns than its statement was judged by", out);
        };
        denial.put(out.reply());
        match resumption {
            Resumption::Immediate => self.end_query_result(),
            Resumption::SyncSent => {
                self.answered();
            }
            Resumption::SyncToCome => {
                self.answered();
                self.discards = true;
            }
        }
    }
}
