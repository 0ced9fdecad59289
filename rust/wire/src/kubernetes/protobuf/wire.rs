//! The encoding of protobuf (<https://protobuf.dev/programming-guides/encoding/>): fields, one after the other.

use super::unreadable::Unreadable;

const VARINT: u64 = 0;
const FIXED64: u64 = 1;
const LENGTH_DELIMITED: u64 = 2;

/// What a field holds, as far as its tag says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Payload<'a> {
    /// A number of up to ten bytes.
    Varint(u64),
    /// Eight bytes, the lowest first.
    Fixed64(u64),
    /// Text, bytes, a message or packed numbers.
    Bytes(&'a [u8]),
}

impl Payload<'_> {
    /// Whether it is what Go calls the zero of a type.
    pub(super) fn is_zero(&self) -> bool {
        matches!(self, Payload::Varint(0) | Payload::Fixed64(0) | Payload::Bytes([]))
    }
}

/// The fields of one message, in the order in which they stand.
pub(super) struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    pub(super) fn of(message: &'a [u8]) -> Fields<'a> {
        Fields(message)
    }

    /// The numbers that are packed into one field.
    pub(super) fn packed(self) -> impl Iterator<Item = Result<u64, Unreadable>> {
        let mut rest = self;
        std::iter::from_fn(move || (!rest.0.is_empty()).then(|| rest.varint()))
    }

    fn field(&mut self) -> Result<(u32, Payload<'a>), Unreadable> {
        let tag = self.varint()?;
        let number = u32::try_from(tag >> 3).ok().filter(|number| *number > 0);
        let number = number.ok_or(Unreadable::malformed("a field has no number that can be"))?;
        let payload = match tag & 7 {
            VARINT => Payload::Varint(self.varint()?),
            FIXED64 => Payload::Fixed64(self.fixed64()?),
            LENGTH_DELIMITED => Payload::Bytes(self.bytes()?),
            _ => return Err(Unreadable::malformed("a field is of a wire type that no kind has")),
        };
        Ok((number, payload))
    }

    fn varint(&mut self) -> Result<u64, Unreadable> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.0.split_first().ok_or(Unreadable::malformed("a number breaks off"))?;
            self.0 = rest;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                break;
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Unreadable::malformed("a number is longer than 64 bits"))
    }

    fn fixed64(&mut self) -> Result<u64, Unreadable> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or(Unreadable::malformed("a number breaks off"))?;
        self.0 = rest;
        Ok(u64::from_le_bytes(*bytes))
    }

    fn bytes(&mut self) -> Result<&'a [u8], Unreadable> {
        let length = usize::try_from(self.varint()?).unwrap_or(usize::MAX);
        let breaks_off = Unreadable::malformed("a field is longer than what holds it");
        let (bytes, rest) = self.0.split_at_checked(length).ok_or(breaks_off)?;
        self.0 = rest;
        Ok(bytes)
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u32, Payload<'a>), Unreadable>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_err() {
            self.0 = &[];
        }
        Some(field)
    }
}

/// The payloads of a message that has `N` fields, numbered from 1, each of which comes once at the most.
pub(super) fn numbered<const N: usize>(message: &[u8]) -> Result<[Option<Payload<'_>>; N], Unreadable> {
    let mut payloads = [None; N];
    for field in Fields::of(message) {
        let (number, payload) = field?;
        let at = usize::try_from(number - 1).unwrap_or(usize::MAX);
        let place = payloads.get_mut(at).ok_or_else(|| Unreadable::field(number))?;
        if place.replace(payload).is_some() {
            return Err(Unreadable::malformed("a field that is meant once comes twice"));
        }
    }
    Ok(payloads)
}

/// Text, which is empty where there is none.
pub(super) fn text(payload: Option<Payload<'_>>) -> Result<&str, Unreadable> {
    str::from_utf8(bytes(payload)?).map_err(|_| Unreadable::malformed("a text is not UTF-8"))
}

/// Bytes, of which there are none where there is no field.
pub(super) fn bytes(payload: Option<Payload<'_>>) -> Result<&[u8], Unreadable> {
    match payload {
        None => Ok(&[]),
        Some(Payload::Bytes(bytes)) => Ok(bytes),
        Some(_) => Err(Unreadable::malformed(WRONG_TYPE)),
    }
}

/// A signed number, which is 0 where there is none.
pub(super) fn int64(payload: Option<Payload<'_>>) -> Result<i64, Unreadable> {
    match payload {
        None => Ok(0),
        Some(Payload::Varint(number)) => Ok(number.cast_signed()),
        Some(_) => Err(Unreadable::malformed(WRONG_TYPE)),
    }
}

/// A signed number of 32 bits, which is 0 where there is none. Negative ones are sent with 64.
pub(super) fn int32(payload: Option<Payload<'_>>) -> Result<i32, Unreadable> {
    i32::try_from(int64(payload)?).map_err(|_| Unreadable::malformed("a number is longer than 32 bits"))
}

/// Why a payload is not what its field holds.
pub(super) const WRONG_TYPE: &str = "a field is of another wire type than its number says";
