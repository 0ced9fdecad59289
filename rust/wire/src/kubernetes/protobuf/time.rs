//! Moments, which protobuf counts and JSON writes out (RFC 3339).

use std::fmt::{self, Display};

use super::unreadable::Unreadable;

const DAY_SECONDS: i64 = 86_400;
/// 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z, as `google.protobuf.Timestamp` has it.
const SECONDS: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;

/// A moment of the proleptic Gregorian calendar, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    seconds: i64,
    /// None where the moment is one to the second.
    microseconds: Option<i32>,
}

impl Moment {
    /// A moment to the second. The API server reads no more of one.
    pub(super) fn to_the_second(seconds: i64) -> Result<Moment, Unreadable> {
        let moment = Moment { seconds, microseconds: None };
        SECONDS
            .contains(&seconds)
            .then_some(moment)
            .ok_or(Unreadable::malformed("a time is in no year that can be"))
    }

    /// A moment to the microsecond.
    pub(super) fn to_the_microsecond(seconds: i64, nanoseconds: i32) -> Result<Moment, Unreadable> {
        if !(0..1_000_000_000).contains(&nanoseconds) {
            return Err(Unreadable::malformed("a time has more than a second of nanoseconds"));
        }
        let microseconds = Some(nanoseconds / 1000);
        Ok(Moment { microseconds, ..Moment::to_the_second(seconds)? })
    }

    /// Year, month and day. Days are counted from 1 March of year 0, so that a leap day is the last of its year.
    fn date(self) -> (i64, i64, i64) {
        const FROM_MARCH_0_TO_1970: i64 = 719_468;
        const ERA_DAYS: i64 = 146_097;
        let days = self.seconds.div_euclid(DAY_SECONDS) + FROM_MARCH_0_TO_1970;
        let (era, day) = (days.div_euclid(ERA_DAYS), days.rem_euclid(ERA_DAYS));
        let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let day = day - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        (era * 400 + year + i64::from(month < 3), month, day)
    }
}

impl Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.date();
        let second = self.seconds.rem_euclid(DAY_SECONDS);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        if let Some(microseconds) = self.microseconds {
            write!(f, ".{microseconds:06}")?;
        }
        f.write_str("Z")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_out() {
        let table = [
            (0, "1970-01-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (951_868_800, "2000-03-01T00:00:00Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (1_767_225_599, "2025-12-31T23:59:59Z"),
            (*SECONDS.start(), "0001-01-01T00:00:00Z"),
            (*SECONDS.end(), "9999-12-31T23:59:59Z"),
        ];
        for (seconds, expected) in table {
            assert_eq!(Moment::to_the_second(seconds).unwrap().to_string(), expected);
        }
        let micro = Moment::to_the_microsecond(0, 1_999).unwrap();
        assert_eq!(micro.to_string(), "1970-01-01T00:00:00.000001Z");
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for seconds in [SECONDS.start() - 1, SECONDS.end() + 1, i64::MIN, i64::MAX] {
            assert!(Moment::to_the_second(seconds).is_err(), "{seconds}");
        }
        for nanoseconds in [-1, 1_000_000_000, i32::MIN] {
            assert!(Moment::to_the_microsecond(0, nanoseconds).is_err(), "{nanoseconds}");
        }
    }
}
