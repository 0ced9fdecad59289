//! Dates cut to the period they lie in.
//!
//! A text is cut as it is written, so in the session's time zone; a binary `timestamptz` is cut in UTC.

use bytes::{BufMut, BytesMut};

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
    let cut = match format {
        Format::Text => cut_text(period, column.oid, value, out),
        Format::Binary => cut_binary(period, column.oid, value, out),
    };
    if cut.is_some() { Masked::Value } else { redact(column, format, value, out) }
}

/// `2026-07-15`, or with ` 12:30:00.5+02` behind it; ` BC` may follow either.
fn cut_text(period: Period, oid: u32, value: &[u8], out: &mut BytesMut) -> Option<()> {
    let (date, rest) =
        value.split_at_checked(value.iter().position(|byte| *byte == b' ').unwrap_or(value.len()))?;
    let mut parts = date.split(|byte| *byte == b'-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let is_iso = year.len() >= 4 && month.len() == 2 && day.len() == 2 && parts.next().is_none();
    let is_dated = matches!(oid, types::DATE | types::TIMESTAMP | types::TIMESTAMPTZ);
    if !is_iso || !is_dated || ![year, month, day].iter().all(|part| part.iter().all(u8::is_ascii_digit)) {
        return None;
    }
    let era: &[u8] = if rest.ends_with(b" BC") { b" BC" } else { b"" };
    let time = rest.strip_suffix(era)?;
    let zone = time.iter().position(|byte| matches!(byte, b'+' | b'-')).and_then(|zone| time.get(zone..));
    if (oid == types::TIMESTAMPTZ) != zone.is_some() {
        return None;
    }
    out.extend_from_slice(year);
    out.put_u8(b'-');
    out.extend_from_slice(if period == Period::Month { month } else { b"01" });
    out.extend_from_slice(b"-01");
    if oid != types::DATE {
        out.extend_from_slice(b" 00:00:00");
    }
    out.extend_from_slice(zone.unwrap_or_default());
    out.extend_from_slice(era);
    Some(())
}

fn cut_binary(period: Period, oid: u32, value: &[u8], out: &mut BytesMut) -> Option<()> {
    match oid {
        types::DATE => {
            let days = i32::from_be_bytes(value.try_into().ok()?);
            let finite = days != i32::MAX && days != i32::MIN;
            let cut = finite.then(|| cut_days(period, days.into()))?;
            out.put_i32(cut.try_into().ok()?);
        }
        types::TIMESTAMP | types::TIMESTAMPTZ => {
            let microseconds = i64::from_be_bytes(value.try_into().ok()?);
            let finite = microseconds != i64::MAX && microseconds != i64::MIN;
            let days = finite.then(|| microseconds.div_euclid(MICROSECONDS_PER_DAY))?;
            out.put_i64(cut_days(period, days).checked_mul(MICROSECONDS_PER_DAY)?);
        }
        _ => return None,
    }
    Some(())
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
