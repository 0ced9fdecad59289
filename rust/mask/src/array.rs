//! Arrays: masked element by element, so that what is left has the shape that it had.

use bytes::{BufMut, BytesMut};

use crate::{ColumnType, Format, Masked, Transform, Types};

/// Appends the array with every element masked that is not NULL. NULL as a whole if the value is no array,
/// or if an element has no masked form.
pub(crate) fn mask_elements(
    types: &Types,
    transform: &Transform,
    element: ColumnType,
    format: Format,
    value: &[u8],
    out: &mut BytesMut,
) -> Masked {
    Masked::in_whole(out, |out| match format {
        Format::Text => text(types, transform, element, value, out),
        Format::Binary => binary(types, transform, element, value, out),
    })
}

/// Dimensions, whether there are NULLs, the elements' type; per dimension its length and lower bound; then
/// the elements, each with its length.
fn binary(
    types: &Types,
    transform: &Transform,
    element: ColumnType,
    value: &[u8],
    out: &mut BytesMut,
) -> Option<()> {
    let dimensions = usize::try_from(i32::from_be_bytes(*value.first_chunk()?)).ok()?;
    let (head, mut rest) = value.split_at_checked(dimensions.checked_mul(8)?.checked_add(12)?)?;
    out.extend_from_slice(head);
    while let Some((length, tail)) = rest.split_first_chunk::<4>() {
        let start = out.len();
        out.extend_from_slice(length);
        rest = tail;
        let Ok(length) = usize::try_from(i32::from_be_bytes(*length)) else { continue };
        let (content, tail) = rest.split_at_checked(length)?;
        rest = tail;
        if types.mask(transform, element, Format::Binary, content, out) == Masked::Null {
            return None;
        }
        let masked = i32::try_from(out.len() - start - 4).ok()?;
        out.get_mut(start..start + 4)?.copy_from_slice(&masked.to_be_bytes());
    }
    rest.is_empty().then_some(())
}

/// `{a,"b c",NULL}`, perhaps nested, perhaps with its bounds before it: `[0:1]={a,b}`.
fn text(
    types: &Types,
    transform: &Transform,
    element: ColumnType,
    value: &[u8],
    out: &mut BytesMut,
) -> Option<()> {
    let brace = value.iter().position(|byte| *byte == b'{')?;
    let (bounds, mut rest) = value.split_at_checked(brace)?;
    if !bounds.iter().all(|byte| byte.is_ascii_digit() || b"[]:-=".contains(byte)) {
        return None;
    }
    out.extend_from_slice(bounds);
    let mut masked = BytesMut::new();
    loop {
        rest = match rest {
            [] => return Some(()),
            [delimiter @ (b'{' | b'}' | b','), tail @ ..] => {
                out.put_u8(*delimiter);
                tail
            }
            _ => {
                let (content, tail) = read_element(rest)?;
                match content {
                    None => out.extend_from_slice(b"NULL"),
                    Some(content) => {
                        masked.clear();
                        if types.mask(transform, element, Format::Text, &content, &mut masked) == Masked::Null
                        {
                            return None;
                        }
                        put_quoted(&masked, out);
                    }
                }
                tail
            }
        }
    }
}

/// The content of the first element, `None` for NULL, and what follows it.
fn read_element(text: &[u8]) -> Option<(Option<Vec<u8>>, &[u8])> {
    let Some(mut rest) = text.strip_prefix(b"\"") else {
        let length = text.iter().take_while(|byte| !matches!(byte, b'{' | b'}' | b',')).count();
        let (bare, rest) = text.split_at_checked(length)?;
        return Some(((bare != b"NULL").then(|| bare.to_vec()), rest));
    };
    let mut content = Vec::new();
    loop {
        rest = match rest {
            [b'\\', escaped, tail @ ..] => {
                content.push(*escaped);
                tail
            }
            [b'"', tail @ ..] => return Some((Some(content), tail)),
            [byte, tail @ ..] => {
                content.push(*byte);
                tail
            }
            [] => return None,
        }
    }
}

/// Appends an element in quotes, as any may be written.
pub(crate) fn put_quoted(content: &[u8], out: &mut BytesMut) {
    out.put_u8(b'"');
    for byte in content {
        if matches!(byte, b'"' | b'\\') {
            out.put_u8(b'\\');
        }
        out.put_u8(*byte);
    }
    out.put_u8(b'"');
}
