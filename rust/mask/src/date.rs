//! Dates cut to the period they lie in.
//!
//! A text is cut as it is written, so in the session's time zone; a binary `timestamptz` is cut in UTC.

use bytes::{BufMut, BytesMut};

use crate::range::Edge;
use crate::{ColumnType, Format, Masked, Period, redact, types};

const MICROSECONDS_PER_DAY: i64 = 86_400_000_000;
/// Days from 0000-03-01 to 2000-01-01, from which binary dates count.
const EPOCH_DAYS: i64 = 730_425;
/// 400 years, after which the Gregorian calendar repeats.
const ERA_DAYS: i64 = 146_097;

/// Appends the start of the period; redacts other types, infinity, and styles other than ISO.
pub(crate) fn truncate(
    period: Period,
    column: ColumnType,
    format: Format,
    value: &[u8],
    out: &mut BytesMut,
) -> Masked {
    match cut(period, Edge::Before, column.oid, format, value, out) {
        Some(()) => Masked::Value,
        None => redact(column, format, value, out),
    }
}

/// Appends the start of a period by the value; appends nothing for other types, infinity, and styles other than ISO.
pub(crate) fn cut(
    period: Period,
    edge: Edge,
    oid: u32,
    format: Format,
    value: &[u8],
    out: &mut BytesMut,
) -> Option<()> {
    match format {
        Format::Text => Written::read(oid, value)?.cut(period, edge)?.put(oid, out),
        Format::Binary => cut_binary(period, edge, oid, value, out)?,
    }
    Some(())
}

/// A date in ISO's style: `2026-07-15`, or with ` 12:30:00.5+02` behind it; ` BC` may follow either.
struct Written<'a> {
    year: u32,
    /// How many digits it is written with, at least.
    year_digits: usize,
    month: u32,
    day: u32,
    is_midnight: bool,
    zone: &'a [u8],
    era: &'a [u8],
}

impl<'a> Written<'a> {
    fn read(oid: u32, value: &'a [u8]) -> Option<Written<'a>> {
        let (date, rest) =
            value.split_at_checked(value.iter().position(|byte| *byte == b' ').unwrap_or(value.len()))?;
        let mut parts = date.split(|byte| *byte == b'-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        let is_iso = year.len() >= 4 && month.len() == 2 && day.len() == 2 && parts.next().is_none();
        let is_dated = matches!(oid, types::DATE | types::TIMESTAMP | types::TIMESTAMPTZ);
        if !is_iso || !is_dated {
            return None;
        }
        let era: &[u8] = if rest.ends_with(b" BC") { b" BC" } else { b"" };
        let time = rest.strip_suffix(era)?;
        let zone = time.iter().position(|byte| matches!(byte, b'+' | b'-'));
        if (oid == types::TIMESTAMPTZ) != zone.is_some() {
            return None;
        }
        let (clock, zone) = time.split_at_checked(zone.unwrap_or(time.len()))?;
        Some(Written {
            year: number(year)?,
            year_digits: year.len(),
            month: number(month)?,
            day: number(day)?,
            is_midnight: clock.iter().all(|byte| matches!(byte, b'0' | b':' | b'.' | b' ')),
            zone,
            era,
        })
    }

    /// The start of a period by it. Before Christ years count down, which is left.
    fn cut(self, period: Period, edge: Edge) -> Option<Written<'a>> {
        let starts = self.day == 1 && self.is_midnight && (period == Period::Month || self.month == 1);
        let month = if period == Period::Month { self.month } else { 1 };
        if edge == Edge::Before || (edge == Edge::After && starts) {
            return Some(Written { month, ..self });
        }
        if !self.era.is_empty() {
            return None;
        }
        if period == Period::Month && month < 12 {
            return Some(Written { month: month + 1, ..self });
        }
        Some(Written { year: self.year.checked_add(1)?, month: 1, ..self })
    }

    /// Appends the first day of its month.
    fn put(&self, oid: u32, out: &mut BytesMut) {
        let (year, digits, month) = (self.year, self.year_digits, self.month);
        out.extend_from_slice(format!("{year:0digits$}-{month:02}-01").as_bytes());
        if oid != types::DATE {
            out.extend_from_slice(b" 00:00:00");
        }
        out.extend_from_slice(self.zone);
        out.extend_from_slice(self.era);
    }
}

/// A number of digits alone.
fn number(digits: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(digits).ok().filter(|text| text.bytes().all(|it| it.is_ascii_digit()))?;
    text.parse().ok()
}

fn cut_binary(period: Period, edge: Edge, oid: u32, value: &[u8], out: &mut BytesMut) -> Option<()> {
    match oid {
        types::DATE => {
            let days = i32::from_be_bytes(value.try_into().ok()?);
            let finite = days != i32::MAX && days != i32::MIN;
            let start = finite.then(|| start_by(period, edge, days.into(), true))?;
            out.put_i32(start.try_into().ok()?);
        }
        types::TIMESTAMP | types::TIMESTAMPTZ => {
            let microseconds = i64::from_be_bytes(value.try_into().ok()?);
            let finite = microseconds != i64::MAX && microseconds != i64::MIN;
            let days = finite.then(|| microseconds.div_euclid(MICROSECONDS_PER_DAY))?;
            let is_midnight = microseconds.rem_euclid(MICROSECONDS_PER_DAY) == 0;
            out.put_i64(start_by(period, edge, days, is_midnight).checked_mul(MICROSECONDS_PER_DAY)?);
        }
        _ => return None,
    }
    Some(())
}

/// The start of a period by a day, both counted from 2000-01-01.
fn start_by(period: Period, edge: Edge, day: i64, is_midnight: bool) -> i64 {
    let before = cut_days(period, day);
    let starts = before == day && is_midnight;
    if edge == Edge::Before || (edge == Edge::After && starts) {
        return before;
    }
    // So many days on from its start lies the next period, and no other.
    cut_days(period, before + if period == Period::Year { 366 } else { 31 })
}

/// The first day of the period of a day, both counted from 2000-01-01. Years count from March here, so
/// that the leap day is their last.
fn cut_days(period: Period, days: i64) -> i64 {
    let day = days + EPOCH_DAYS;
    let (era, day_of_era) = (day.div_euclid(ERA_DAYS), day.rem_euclid(ERA_DAYS));
    let year = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let start_of_year = |year: i64| 365 * year + year / 4 - year / 100;
    let day_of_year = day_of_era - start_of_year(year);
    let month = (5 * day_of_year + 2) / 153;
    let start_of_month = |month: i64| (153 * month + 2) / 5;
    let cut = match (period, month) {
        (Period::Month, _) => start_of_year(year) + start_of_month(month),
        // January is the tenth month after March.
        (Period::Year, 10..) => start_of_year(year) + start_of_month(10),
        (Period::Year, _) => {
            let (era, year) = if year == 0 { (era - 1, 399) } else { (era, year - 1) };
            return era * ERA_DAYS + start_of_year(year) + start_of_month(10) - EPOCH_DAYS;
        }
    };
    era * ERA_DAYS + cut - EPOCH_DAYS
}
