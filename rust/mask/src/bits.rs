//! Bit strings: a `bit(n)` must keep its n bits, whatever they are.

use bytes::{BufMut, BytesMut};

use crate::{ColumnType, Format, types};

/// The server's own limit for the n of `bit(n)`.
const BITS_MAX: u32 = 83_886_080;

/// Appends n zero bits for `bit(n)` and no bits for `bit varying`, in which both formats are valid.
pub(crate) fn redact(column: ColumnType, format: Format, out: &mut BytesMut) {
    let bits = if column.oid == types::BIT { declared_bits(column.modifier) } else { 0 };
    match format {
        Format::Text => out.put_bytes(b'0', bits as usize),
        Format::Binary => {
            out.put_u32(bits);
            out.put_bytes(0, bits.div_ceil(8) as usize);
        }
    }
}

/// The n of `bit(n)`, which is its modifier as it stands; `bit` alone means one.
fn declared_bits(modifier: i32) -> u32 {
    u32::try_from(modifier).map_or(1, |bits| bits.min(BITS_MAX))
}
