//! Composites: masked field by field, so that what is left is a row of the same type.
//!
//! `PostgreSQL` writes `(1,"b ""c""",)`: a field that is not there is NULL, and one in quotes has its quotes and
//! backslashes doubled (`PostgreSQL` documentation, "Composite Type Input and Output Syntax").

use bytes::{BufMut, BytesMut};

use crate::user_types::Field;
use crate::{ColumnType, Format, Masked, Transform, Types};

/// Appends the composite with every field masked for which there is a transform, and the others as they are. NULL
/// as a whole if the value has other fields than its type.
pub(crate) fn mask_fields<'t>(
    types: &Types,
    fields: &[Field],
    transform: impl Fn(&Field) -> Option<&'t Transform>,
    format: Format,
    value: &[u8],
    out: &mut BytesMut,
) -> Masked {
    Masked::in_whole(out, |out| match format {
        Format::Text => text(types, fields, transform, value, out),
        Format::Binary => binary(types, fields, transform, value, out),
    })
}

/// A count; per field its type, its length and its value. The type that stands there is what the client decodes
/// by; of the one that the catalogue knew only the modifier is more.
fn binary<'t>(
    types: &Types,
    fields: &[Field],
    transform: impl Fn(&Field) -> Option<&'t Transform>,
    value: &[u8],
    out: &mut BytesMut,
) -> Option<()> {
    let (count, mut rest) = value.split_first_chunk::<4>()?;
    if usize::try_from(i32::from_be_bytes(*count)).ok()? != fields.len() {
        return None;
    }
    out.extend_from_slice(count);
    for field in fields {
        let (oid, tail) = rest.split_first_chunk::<4>()?;
        let (length, tail) = tail.split_first_chunk::<4>()?;
        out.extend_from_slice(oid);
        let start = out.len();
        out.put_i32(-1);
        rest = tail;
        let Ok(length) = usize::try_from(i32::from_be_bytes(*length)) else { continue };
        let (content, tail) = rest.split_at_checked(length)?;
        rest = tail;
        let column = sent_as(types, field.column, u32::from_be_bytes(*oid));
        match transform(field) {
            None => out.extend_from_slice(content),
            Some(transform) => match types.mask(transform, column, Format::Binary, content, out) {
                Masked::Value => {}
                Masked::Null => continue,
            },
        }
        let written = i32::try_from(out.len() - start - 4).ok()?;
        out.get_mut(start..start + 4)?.copy_from_slice(&written.to_be_bytes());
    }
    rest.is_empty().then_some(())
}

/// The type of a field of which the value itself says `oid`.
fn sent_as(types: &Types, known: ColumnType, oid: u32) -> ColumnType {
    let sent = types.base(ColumnType { oid, modifier: known.modifier });
    let known = types.base(known);
    if sent.oid == known.oid { known } else { ColumnType { modifier: -1, ..sent } }
}

fn text<'t>(
    types: &Types,
    fields: &[Field],
    transform: impl Fn(&Field) -> Option<&'t Transform>,
    value: &[u8],
    out: &mut BytesMut,
) -> Option<()> {
    let mut rest = value.strip_prefix(b"(")?.strip_suffix(b")")?;
    let (mut content, mut masked) = (Vec::new(), BytesMut::new());
    out.put_u8(b'(');
    for (index, field) in fields.iter().enumerate() {
        if index > 0 {
            rest = rest.strip_prefix(b",")?;
            out.put_u8(b',');
        }
        content.clear();
        let (is_null, tail) = read_field(rest, &mut content)?;
        rest = tail;
        if is_null {
            continue;
        }
        let Some(transform) = transform(field) else {
            put_quoted(&content, out);
            continue;
        };
        masked.clear();
        if types.mask(transform, field.column, Format::Text, &content, &mut masked) == Masked::Value {
            put_quoted(&masked, out);
        }
    }
    out.put_u8(b')');
    rest.is_empty().then_some(())
}

/// Reads the first field into `content`; whether it is NULL, and what follows it.
fn read_field<'a>(text: &'a [u8], content: &mut Vec<u8>) -> Option<(bool, &'a [u8])> {
    let Some(mut rest) = text.strip_prefix(b"\"") else {
        let length = memchr::memchr(b',', text).unwrap_or(text.len());
        let (bare, rest) = text.split_at_checked(length)?;
        content.extend_from_slice(bare);
        return Some((bare.is_empty(), rest));
    };
    loop {
        rest = match rest {
            [b'\\', escaped, tail @ ..] | [b'"', escaped @ b'"', tail @ ..] => {
                content.push(*escaped);
                tail
            }
            [b'"', tail @ ..] => return Some((false, tail)),
            [byte, tail @ ..] => {
                content.push(*byte);
                tail
            }
            [] => return None,
        }
    }
}

/// Appends a field in quotes, as any may be written.
fn put_quoted(content: &[u8], out: &mut BytesMut) {
    out.put_u8(b'"');
    for byte in content {
        if matches!(byte, b'"' | b'\\') {
            out.put_u8(*byte);
        }
        out.put_u8(*byte);
    }
    out.put_u8(b'"');
}
