//! One harmless value of each built-in type, in both formats: what redaction puts in a value's place.
//!
//! A driver decodes it as it would any other value of the type. Text that a session setting shapes
//! (`DateStyle`, `IntervalStyle`) is in `time`; types with a length are in `text` and `bits`.

use crate::{Format, types};

/// A value of some type in its two wire formats.
#[derive(Clone, Copy)]
pub(crate) struct Constant {
    text: &'static [u8],
    binary: &'static [u8],
}

/// A count of no ranges.
pub(crate) const MULTIRANGE: Constant = of(b"{}", zeroes::<4>());

const ZEROES: [u8; 16] = [0; 16];

/// The constant of the type; `None` where none can be made without knowing more than the OID.
pub(crate) const fn constant(oid: u32) -> Option<Constant> {
    Some(match oid {
        types::BOOL => of(b"f", zeroes::<1>()),
        types::INT2 => of(b"0", zeroes::<2>()),
        types::INT4 | types::OID | types::FLOAT4 => of(b"0", zeroes::<4>()),
        // As `numeric`: no digits, weight 0, positive, scale 0.
        types::INT8 | types::FLOAT8 | types::NUMERIC => of(b"0", zeroes::<8>()),
        // Only the driver reads it, and those that parse money expect a currency sign.
        types::MONEY => of(b"$0.00", zeroes::<8>()),
        // Binary dates and times count from 2000-01-01.
        types::DATE => of(b"2000-01-01", zeroes::<4>()),
        types::TIMESTAMP => of(b"2000-01-01 00:00:00", zeroes::<8>()),
        types::TIMESTAMPTZ => of(b"2000-01-01 00:00:00+00", zeroes::<8>()),
        types::TIME => of(b"00:00:00", zeroes::<8>()),
        types::TIMETZ => of(b"00:00:00+00", zeroes::<12>()),
        types::INTERVAL => of(b"00:00:00", zeroes::<16>()),
        types::UUID => of(b"00000000-0000-0000-0000-000000000000", zeroes::<16>()),
        types::BYTEA => of(b"\\x", b""),
        types::JSON => of(br#""[redacted]""#, br#""[redacted]""#),
        types::JSONB => of(br#""[redacted]""#, b"\x01\"[redacted]\""),
        types::XML => of(b"<redacted/>", b"<redacted/>"),
        // Family 2 (IPv4), prefix length, is it a cidr, address length, address.
        types::INET => of(b"0.0.0.0", b"\x02\x20\x00\x04\x00\x00\x00\x00"),
        types::CIDR => of(b"0.0.0.0/32", b"\x02\x20\x01\x04\x00\x00\x00\x00"),
        types::MACADDR => of(b"00:00:00:00:00:00", zeroes::<6>()),
        types::MACADDR8 => of(b"00:00:00:00:00:00:00:00", zeroes::<8>()),
        _ if types::is_multirange(oid) => MULTIRANGE,
        _ => return None,
    })
}

impl Constant {
    /// The value in a format.
    pub(crate) const fn written(self, format: Format) -> &'static [u8] {
        match format {
            Format::Text => self.text,
            Format::Binary => self.binary,
        }
    }
}

const fn of(text: &'static [u8], binary: &'static [u8]) -> Constant {
    Constant { text, binary }
}

const fn zeroes<const WIDTH: usize>() -> &'static [u8] {
    ZEROES.split_at(WIDTH).0
}
