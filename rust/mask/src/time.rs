//! The style in which a session writes dates and intervals.
//!
//! `DateStyle` and `IntervalStyle` shape the text form, and a driver reads what its session asked for.
//! The style shows in the punctuation of the value to be masked, so no session state is needed here:
//! an answer depends on which separators the value has, never on its digits. The first of January
//! reads the same with the day or the month first.

use crate::types;

/// The constant of a date or time type in the style of `value`; `None` if the usual one will do.
pub(crate) fn styled(oid: u32, value: &[u8]) -> Option<&'static [u8]> {
    let style = Style::of(oid, value)?;
    Some(match (oid, style) {
        (types::DATE, Style::Slashed) => b"01/01/2000",
        (types::DATE, Style::Dotted) => b"01.01.2000",
        (types::DATE, Style::Dashed) => b"01-01-2000",
        (types::TIMESTAMP, Style::Slashed) => b"01/01/2000 00:00:00",
        (types::TIMESTAMP, Style::Dotted) => b"01.01.2000 00:00:00",
        (types::TIMESTAMP, Style::Worded) => b"Sat Jan 01 00:00:00 2000",
        (types::TIMESTAMP, Style::WordedDayFirst) => b"Sat 01 Jan 00:00:00 2000",
        (types::TIMESTAMPTZ, Style::Slashed) => b"01/01/2000 00:00:00 UTC",
        (types::TIMESTAMPTZ, Style::Dotted) => b"01.01.2000 00:00:00 UTC",
        (types::TIMESTAMPTZ, Style::Worded) => b"Sat Jan 01 00:00:00 2000 UTC",
        (types::TIMESTAMPTZ, Style::WordedDayFirst) => b"Sat 01 Jan 00:00:00 2000 UTC",
        (types::INTERVAL, Style::Iso8601) => b"PT0S",
        (types::INTERVAL, Style::Verbose) => b"@ 0",
        _ => return None,
    })
}

/// How a value is written, where that is not `DateStyle = ISO` with `IntervalStyle = postgres`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    /// `DateStyle = SQL`: `12/17/1997`.
    Slashed,
    /// `DateStyle = German`: `17.12.1997`.
    Dotted,
    /// `DateStyle = Postgres`, dates: `12-17-1997`.
    Dashed,
    /// `DateStyle = Postgres`, timestamps: `Wed Dec 17 07:37:16 1997`.
    Worded,
    /// `DateStyle = Postgres, DMY`, timestamps: `Wed 17 Dec 07:37:16 1997`.
    WordedDayFirst,
    /// `IntervalStyle = iso_8601`: `P1DT2H`.
    Iso8601,
    /// `IntervalStyle = postgres_verbose`: `@ 1 day 2 hours`.
    Verbose,
}

impl Style {
    fn of(oid: u32, value: &[u8]) -> Option<Style> {
        match (oid, value) {
            (types::INTERVAL, [b'P', ..]) => Some(Style::Iso8601),
            (types::INTERVAL, [b'@', ..]) => Some(Style::Verbose),
            (types::DATE | types::TIMESTAMP | types::TIMESTAMPTZ, [_, _, b'/', ..]) => Some(Style::Slashed),
            (types::DATE | types::TIMESTAMP | types::TIMESTAMPTZ, [_, _, b'.', ..]) => Some(Style::Dotted),
            (types::DATE, [_, _, b'-', ..]) => Some(Style::Dashed),
            // A weekday comes first; `infinity` has no space in that place.
            (types::TIMESTAMP | types::TIMESTAMPTZ, [_, _, _, b' ', next, ..]) => {
                Some(if next.is_ascii_digit() { Style::WordedDayFirst } else { Style::Worded })
            }
            _ => None,
        }
    }
}
