//! Numbers cut to a multiple: enough to count and compare by, and no single value.

use bytes::{BufMut, BytesMut};

use crate::range::Edge;
use crate::{ColumnType, Format, Masked, numeric, redact, types};

/// Appends the greatest multiple of `width` that is not above the value; redacts other types, and what has
/// no such multiple in its type.
pub(crate) fn floor(
    width: u32,
    column: ColumnType,
    format: Format,
    value: &[u8],
    out: &mut BytesMut,
) -> Masked {
    match cut(width, Edge::Before, column.oid, format, value, out) {
        Some(()) => Masked::Value,
        None => redact(column, format, value, out),
    }
}

/// Appends a multiple of `width` by the value; appends nothing for other types, and where the type does not hold it.
pub(crate) fn cut(
    width: u32,
    edge: Edge,
    oid: u32,
    format: Format,
    value: &[u8],
    out: &mut BytesMut,
) -> Option<()> {
    match format {
        Format::Text => cut_text(width, edge, oid, value, out),
        Format::Binary => cut_binary(width, edge, oid, value, out),
    }
}

fn cut_text(width: u32, edge: Edge, oid: u32, value: &[u8], out: &mut BytesMut) -> Option<()> {
    let text = std::str::from_utf8(value).ok()?;
    let cut = match oid {
        types::INT2 | types::INT4 | types::INT8 | types::OID | types::NUMERIC => {
            multiple(width, edge, parts(text)?)
        }
        // Only floats are written with an exponent; what they lose beyond 2^53 they had lost before.
        types::FLOAT4 | types::FLOAT8 => {
            out.extend_from_slice(cut_float(width, edge, text.parse().ok()?)?.to_string().as_bytes());
            return Some(());
        }
        _ => return None,
    };
    let fits = match oid {
        types::INT2 => i16::try_from(cut).is_ok(),
        types::INT4 => i32::try_from(cut).is_ok(),
        types::INT8 => i64::try_from(cut).is_ok(),
        types::OID => u32::try_from(cut).is_ok(),
        _ => true,
    };
    fits.then(|| out.extend_from_slice(cut.to_string().as_bytes()))
}

/// The greatest integer that is not above a decimal number, and whether the number is more than that.
fn parts(text: &str) -> Option<(i128, bool)> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let number: i128 = whole.parse().ok()?;
    let has_fraction = fraction.bytes().any(|digit| digit != b'0');
    let below = text.starts_with('-') && has_fraction;
    Some((number - i128::from(below), has_fraction))
}

fn cut_binary(width: u32, edge: Edge, oid: u32, value: &[u8], out: &mut BytesMut) -> Option<()> {
    let whole = |number: i128| multiple(width, edge, (number, false));
    match oid {
        types::INT2 => {
            out.put_i16(whole(i16::from_be_bytes(value.try_into().ok()?).into()).try_into().ok()?);
        }
        types::INT4 => {
            out.put_i32(whole(i32::from_be_bytes(value.try_into().ok()?).into()).try_into().ok()?);
        }
        types::INT8 => {
            out.put_i64(whole(i64::from_be_bytes(value.try_into().ok()?).into()).try_into().ok()?);
        }
        types::OID => {
            out.put_u32(whole(u32::from_be_bytes(value.try_into().ok()?).into()).try_into().ok()?);
        }
        types::NUMERIC => numeric::put(multiple(width, edge, numeric::parts(value)?), out),
        types::FLOAT4 => {
            let cut = cut_float(width, edge, f32::from_be_bytes(value.try_into().ok()?).into())?;
            #[expect(clippy::cast_possible_truncation, reason = "a multiple near a float is a float")]
            out.put_f32(cut as f32);
        }
        types::FLOAT8 => out.put_f64(cut_float(width, edge, f64::from_be_bytes(value.try_into().ok()?))?),
        _ => return None,
    }
    Some(())
}

/// The multiple by a number, which is given as its floor and whether it is more than that.
fn multiple(width: u32, edge: Edge, (floor, has_fraction): (i128, bool)) -> i128 {
    let width = i128::from(width);
    let before = floor - floor.rem_euclid(width);
    let is_multiple = before == floor && !has_fraction;
    if edge == Edge::Before || (edge == Edge::After && is_multiple) { before } else { before + width }
}

fn cut_float(width: u32, edge: Edge, number: f64) -> Option<f64> {
    let quotient = number.is_finite().then(|| number / f64::from(width))?;
    let multiple = match edge {
        Edge::Before => quotient.floor(),
        Edge::After => quotient.ceil(),
        Edge::Beyond => quotient.floor() + 1.0,
    };
    Some(multiple * f64::from(width))
}
