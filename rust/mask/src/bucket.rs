//! Numbers cut to a multiple: enough to count and compare by, and no single value.

use bytes::{BufMut, BytesMut};

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
    let cut = match format {
        Format::Text => cut_text(width, column.oid, value, out),
        Format::Binary => cut_binary(width, column.oid, value, out),
    };
    if cut.is_some() { Masked::Value } else { redact(column, format, value, out) }
}

fn cut_text(width: u32, oid: u32, value: &[u8], out: &mut BytesMut) -> Option<()> {
    let text = std::str::from_utf8(value).ok()?;
    let cut = match oid {
        types::INT2 | types::INT4 | types::INT8 | types::OID | types::NUMERIC => {
            multiple(width, floor_of(text)?)
        }
        // Only floats are written with an exponent; what they lose beyond 2^53 they had lost before.
        types::FLOAT4 | types::FLOAT8 => {
            out.extend_from_slice(cut_float(width, text.parse().ok()?)?.to_string().as_bytes());
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

/// The greatest integer that is not above a decimal number.
fn floor_of(text: &str) -> Option<i128> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let number: i128 = whole.parse().ok()?;
    let below = text.starts_with('-') && fraction.bytes().any(|digit| digit != b'0');
    Some(number - i128::from(below))
}

fn cut_binary(width: u32, oid: u32, value: &[u8], out: &mut BytesMut) -> Option<()> {
    match oid {
        types::INT2 => {
            let cut = multiple(width, i16::from_be_bytes(value.try_into().ok()?).into());
            out.put_i16(cut.try_into().ok()?);
        }
        types::INT4 => {
            let cut = multiple(width, i32::from_be_bytes(value.try_into().ok()?).into());
            out.put_i32(cut.try_into().ok()?);
        }
        types::INT8 => {
            let cut = multiple(width, i64::from_be_bytes(value.try_into().ok()?).into());
            out.put_i64(cut.try_into().ok()?);
        }
        types::OID => {
            let cut = multiple(width, u32::from_be_bytes(value.try_into().ok()?).into());
            out.put_u32(cut.try_into().ok()?);
        }
        types::NUMERIC => numeric::put(multiple(width, numeric::floor(value)?), out),
        types::FLOAT4 => {
            let cut = cut_float(width, f32::from_be_bytes(value.try_into().ok()?).into())?;
            #[expect(clippy::cast_possible_truncation, reason = "a multiple near a float is a float")]
            out.put_f32(cut as f32);
        }
        types::FLOAT8 => out.put_f64(cut_float(width, f64::from_be_bytes(value.try_into().ok()?))?),
        _ => return None,
    }
    Some(())
}

fn multiple(width: u32, number: i128) -> i128 {
    number - number.rem_euclid(width.into())
}

fn cut_float(width: u32, number: f64) -> Option<f64> {
    number.is_finite().then(|| (number / f64::from(width)).floor() * f64::from(width))
}
