//! Ranges: of numbers and dates widened to whole buckets and periods, all others emptied.
//!
//! What is widened holds all that the range held, and always has its lower bound and never its upper: whether the
//! bounds themselves belonged to it would tell more of them than a bucket does.

use bytes::{BufMut, BytesMut};

use crate::{ColumnType, Format, Masked, Transform, Types, bucket, date};

/// Flags of the binary form (`utils/rangetypes.h`).
const EMPTY: u8 = 0x01;
const HAS_LOWER: u8 = 0x02;
const HAS_UPPER: u8 = 0x04;
const NO_LOWER: u8 = 0x08;
const NO_UPPER: u8 = 0x10;

/// Which of the starts of buckets or periods around a value is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edge {
    /// The last that is not behind the value.
    Before,
    /// The first that is not before it.
    After,
    /// The first that is behind it.
    Beyond,
}

/// A range as it is written: `None` for a bound that is not there.
struct Bounds<T> {
    lower: Option<T>,
    upper: Option<T>,
    has_upper: bool,
}

/// Appends the masked form of a range whose bounds are of a type.
pub(crate) fn mask_range(
    types: &Types,
    transform: &Transform,
    bound: u32,
    format: Format,
    value: &[u8],
    out: &mut BytesMut,
) -> Masked {
    let bound = types.base(ColumnType { oid: bound, modifier: -1 });
    let start = out.len();
    let widened = match format {
        Format::Text => widen_text(transform, bound, value, out),
        Format::Binary => widen_binary(transform, bound, value, out),
    };
    if widened.is_none() {
        out.truncate(start);
        put_empty(format, out);
    }
    Masked::Value
}

/// Appends the range that holds nothing.
fn put_empty(format: Format, out: &mut BytesMut) {
    match format {
        Format::Text => out.extend_from_slice(b"empty"),
        Format::Binary => out.put_u8(EMPTY),
    }
}

/// Appends the start of a bucket or a period by a bound; `None` for other transforms and types.
fn put_edge(
    transform: &Transform,
    bound: ColumnType,
    format: Format,
    edge: Edge,
    value: &[u8],
    out: &mut BytesMut,
) -> Option<()> {
    match transform {
        Transform::Date(period) => date::cut(*period, edge, bound.oid, format, value, out),
        Transform::Bucket(width) => bucket::cut(*width, edge, bound.oid, format, value, out),
        _ => None,
    }
}

impl<T> Bounds<T> {
    fn upper_edge(&self) -> Edge {
        if self.has_upper { Edge::Beyond } else { Edge::After }
    }
}

fn widen_text(transform: &Transform, bound: ColumnType, value: &[u8], out: &mut BytesMut) -> Option<()> {
    let bounds = read_text(value)?;
    out.put_u8(if bounds.lower.is_some() { b'[' } else { b'(' });
    let mut cut = BytesMut::new();
    if let Some(lower) = &bounds.lower {
        put_edge(transform, bound, Format::Text, Edge::Before, lower, &mut cut)?;
        put_bound(&cut, out);
    }
    out.put_u8(b',');
    if let Some(upper) = &bounds.upper {
        cut.clear();
        put_edge(transform, bound, Format::Text, bounds.upper_edge(), upper, &mut cut)?;
        put_bound(&cut, out);
    }
    out.put_u8(b')');
    Some(())
}

/// `[1,5)`, `("2026-01-01 00:00:00",]`: a bound in quotes where it has blanks.
fn read_text(value: &[u8]) -> Option<Bounds<Vec<u8>>> {
    let (opening, rest) = value.split_first()?;
    let (closing, inside) = rest.split_last()?;
    if !matches!((opening, closing), (b'[' | b'(', b']' | b')')) {
        return None;
    }
    let comma = memchr::memchr(b',', inside)?;
    let (lower, upper) = (inside.get(..comma)?, inside.get(comma + 1..)?);
    Some(Bounds {
        lower: read_bound(lower).ok()?,
        upper: read_bound(upper).ok()?,
        has_upper: *closing == b']',
    })
}

/// A bound, `None` where there is none; an error for what no number and no date is written with.
fn read_bound(text: &[u8]) -> Result<Option<Vec<u8>>, ()> {
    let bare = match text {
        [b'"', bare @ .., b'"'] => bare,
        _ => text,
    };
    let is_plain = bare.iter().all(|byte| byte.is_ascii_alphanumeric() || b" .:+-".contains(byte));
    if is_plain { Ok((!text.is_empty()).then(|| bare.to_vec())) } else { Err(()) }
}

fn put_bound(bound: &[u8], out: &mut BytesMut) {
    let quote: &[u8] = if bound.contains(&b' ') { b"\"" } else { b"" };
    out.extend_from_slice(quote);
    out.extend_from_slice(bound);
    out.extend_from_slice(quote);
}

fn widen_binary(transform: &Transform, bound: ColumnType, value: &[u8], out: &mut BytesMut) -> Option<()> {
    let bounds = read_binary(value)?;
    let flag = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
    out.put_u8(
        flag(bounds.lower.is_some(), HAS_LOWER)
            | flag(bounds.lower.is_none(), NO_LOWER)
            | flag(bounds.upper.is_none(), NO_UPPER),
    );
    for (edge, content) in [(Edge::Before, bounds.lower), (bounds.upper_edge(), bounds.upper)] {
        let Some(content) = content else { continue };
        let start = out.len();
        out.put_i32(-1);
        put_edge(transform, bound, Format::Binary, edge, content, out)?;
        let written = i32::try_from(out.len() - start - 4).ok()?;
        out.get_mut(start..start + 4)?.copy_from_slice(&written.to_be_bytes());
    }
    Some(())
}

/// Flags; then each bound that is there, with its length.
fn read_binary(value: &[u8]) -> Option<Bounds<&[u8]>> {
    let (flags, mut rest) = value.split_first()?;
    if flags & !(HAS_LOWER | HAS_UPPER | NO_LOWER | NO_UPPER) != 0 {
        return None;
    }
    let mut take = |is_missing: bool| {
        if is_missing {
            return Some(None);
        }
        let (length, tail) = rest.split_first_chunk::<4>()?;
        let (content, tail) = tail.split_at_checked(usize::try_from(i32::from_be_bytes(*length)).ok()?)?;
        rest = tail;
        Some(Some(content))
    };
    let (lower, upper) = (take(flags & NO_LOWER != 0)?, take(flags & NO_UPPER != 0)?);
    rest.is_empty().then_some(Bounds { lower, upper, has_upper: flags & HAS_UPPER != 0 })
}
