//! What the target reports: errors, notices, notifications and parameters.
//!
//! In a session with masks each of them is a way out for a value, so each is rebuilt or dropped.

use bytes::BufMut;

use super::copy::CopyIn;
use super::deny::Denial;
use super::expect::{Expected, Resumption};
use super::fields::Fields;
use super::frame::{put, put_string};
use super::inspector::PostgresInspector;
use super::message::Reader;
use super::row_limit::Counted;
use super::upstream::{pass, unexpected};
use crate::{Actions, Effects, Error, Side};

impl PostgresInspector {
    /// An ErrorResponse: tells it, then works out where the target goes on.
    pub(super) fn take_error(&mut self, frame: &[u8], body: &[u8], out: &mut Actions) -> Result<(), Error> {
        let error = Fields::read(body)?;
        self.uncounted.clear();
        let exceeded = self.tell_exceeded(&error, out);
        match self.replies.front() {
            _ if exceeded => {}
            Some(Expected::Denied { denial, .. }) if self.poison.provoked(&error) => denial.put(out.reply()),
            _ if self.copy_refusal().is_some() && self.poison.provoked(&error) => {
                if let Some(denial) = self.copy_refusal() {
                    denial.put(out.reply());
                }
            }
            _ if !error.is_fatal() && self.copy_stream.tell_refusal(out.reply()) => {}
            _ if self.masks.is_some() => error.rebuild(b'E', self.shift_of_text(), out.reply()),
            _ => match self.shift_of_text() {
                0 => pass(frame, out),
                shift => error.put_moved(b'E', shift, out.reply()),
            },
        }
        if error.is_fatal() {
            let sqlstate = String::from_utf8_lossy(error.find(b'C').unwrap_or_default());
            self.end(&format!("the target ended the session with SQLSTATE {sqlstate}"), out);
            return Ok(());
        }
        if self.replies.front().is_none() {
            return Err(unexpected("no ErrorResponse", b'E'));
        }
        self.take_failure();
        Ok(())
    }

    /// Says that a statement touched too many rows, if that is what the error is about.
    fn tell_exceeded(&mut self, error: &Fields<'_>, out: &mut Actions) -> bool {
        let Some(
            Expected::Counting { allow, .. }
            | Expected::QueryEnd { counted: Some(Counted { allow, .. }), .. },
        ) = self.replies.front()
        else {
            return false;
        };
        let Some(touched) = self.row_limit.exceeded(error) else { return false };
        Denial::of_rows(touched, allow.rows_max.unwrap_or_default(), &allow.rule).put(out.reply());
        self.counters.denials += 1;
        true
    }

    /// How many characters stand before the agent's own in the Query that is being answered.
    fn shift_of_text(&self) -> usize {
        match self.replies.front() {
            Some(Expected::QueryEnd { counted: Some(_), .. }) => self.row_limit.shift(),
            _ => 0,
        }
    }

    fn take_failure(&mut self) {
        self.end_result();
        self.copy_guard = None;
        if self.unsettled.contains(Effects::SETTINGS) {
            self.stamp.settings += 1;
        }
        let (statements, portals) = (&mut self.statements, &mut self.portals);
        let resumption = self.replies.fail(|expected| match expected {
            Expected::ParseComplete { statement } | Expected::CloseStatement { statement } => {
                statements.undo(&statement);
            }
            Expected::BindComplete { portal, .. } | Expected::ClosePortal { portal } => portals.undo(&portal),
            _ => {}
        });
        self.copy_in = match (resumption, self.copy_in) {
            (Resumption::Immediate, CopyIn::ExpectData { by_query }) => CopyIn::ExpectStart { by_query },
            (Resumption::Immediate, copy_in) => copy_in,
            (_, copy_in) if self.replies.may_copy_in() => copy_in,
            _ => CopyIn::Closed,
        };
        if resumption == Resumption::SyncToCome {
            self.discards = true;
            self.span.discard();
        }
    }

    /// A NoticeResponse answers nothing.
    pub(super) fn take_notice(&mut self, frame: &[u8], body: &[u8], out: &mut Actions) -> Result<(), Error> {
        if self.masks.is_some() {
            Fields::read(body)?.rebuild(b'N', self.shift_of_text(), out.reply());
        } else {
            pass(frame, out);
        }
        Ok(())
    }

    /// A NotificationResponse: who and on which channel, with masks without the payload.
    pub(super) fn take_notification(
        &mut self,
        frame: &[u8],
        body: &[u8],
        out: &mut Actions,
    ) -> Result<(), Error> {
        if self.masks.is_none() {
            pass(frame, out);
            return Ok(());
        }
        let mut reader = Reader::new(Side::Upstream, body);
        let (process_id, channel) = (reader.i32()?, reader.string()?);
        put(out.reply(), b'A', |out| {
            out.put_i32(process_id);
            put_string(out, channel);
            put_string(out, b"");
        });
        Ok(())
    }

    /// A ParameterStatus. Two settings change what bytes mean as SQL; without them nothing can be judged.
    pub(super) fn take_parameter(
        &mut self,
        frame: &[u8],
        body: &[u8],
        out: &mut Actions,
    ) -> Result<(), Error> {
        let mut reader = Reader::new(Side::Upstream, body);
        let (name, value) = (reader.string()?, reader.string()?);
        reader.end()?;
        let refused = match name {
            b"client_encoding" if !value.eq_ignore_ascii_case(b"UTF8") => {
                Some("client_encoding other than UTF8")
            }
            b"standard_conforming_strings" if value != b"on" => Some("standard_conforming_strings = off"),
            _ => None,
        };
        if let Some(feature) = refused {
            return Err(Error::Unsupported { side: Side::Downstream, feature });
        }
        if self.masks.is_none() || is_tellable(name, value) {
            pass(frame, out);
        }
        Ok(())
    }
}

/// Whether a parameter is one that holds no text of anybody's choice.
fn is_tellable(name: &[u8], value: &[u8]) -> bool {
    match name {
        b"client_encoding"
        | b"DateStyle"
        | b"default_transaction_read_only"
        | b"in_hot_standby"
        | b"integer_datetimes"
        | b"IntervalStyle"
        | b"is_superuser"
        | b"server_encoding"
        | b"server_version"
        | b"standard_conforming_strings" => true,
        // A zone of the POSIX form may have any name and digits; one of the tz database has few.
        b"TimeZone" => {
            let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
            let plain = value.iter().all(|byte| byte.is_ascii_alphanumeric() || b"/_+-".contains(byte));
            plain && digits <= 2 && value.len() <= 40
        }
        _ => false,
    }
}
