//! Messages, field by field, written as JSON.

use std::collections::HashSet;

use bytes::Bytes;

use super::{
    json::Json,
    schema::{Arity, Field, Message, Value},
    unreadable::Unreadable,
    values,
    wire::{Fields, Payload, WRONG_TYPE, bytes, int32, int64, numbered, text},
};

/// How deep messages may be nested, as deep as policy reads JSON.
const NESTING_MAX: usize = 100;
/// How many fields a body may have in all, as many as policy reads values.
const FIELDS_MAX: usize = 200_000;

/// Writes one document.
#[derive(Debug)]
pub(super) struct Decoder {
    json: Json,
    json_bytes_max: usize,
    fields_left: usize,
    nesting_left: usize,
}

type Found<'a> = (&'static Field, Payload<'a>);

impl Decoder {
    pub(super) fn new(json_bytes_max: usize) -> Decoder {
        Decoder { json: Json::default(), json_bytes_max, fields_left: FIELDS_MAX, nesting_left: NESTING_MAX }
    }

    pub(super) fn into_json(self) -> Bytes {
        Bytes::from(self.json.into_bytes())
    }

    /// Writes an object of a kind. What kind it is stands in the envelope alone.
    pub(super) fn document(
        &mut self,
        api_version: &str,
        kind: &str,
        message: &'static Message,
        object: &[u8],
    ) -> Result<(), Unreadable> {
        self.json.open('{');
        for (name, value) in [("apiVersion", api_version), ("kind", kind)] {
            self.json.name(name);
            self.json.text(value);
        }
        self.members(message, object)?;
        self.json.close('}');
        self.check_length()
    }

    fn members(&mut self, message: &'static Message, bytes: &[u8]) -> Result<(), Unreadable> {
        let too_deep = || Unreadable::too_much(format!("is nested deeper than {NESTING_MAX}"));
        self.nesting_left = self.nesting_left.checked_sub(1).ok_or_else(too_deep)?;
        for group in self.fields(message, bytes)?.chunk_by(|one, next| one.0.0 == next.0.0) {
            let Some((Field(_, name, arity, value), first)) = group.first() else { continue };
            if *arity == Arity::Sparse && first.is_zero() {
                continue;
            }
            if !name.is_empty() {
                self.json.name(name);
            }
            self.contents(*arity, value, group).map_err(|unreadable| unreadable.inside(name))?;
        }
        self.nesting_left += 1;
        Ok(())
    }

    /// The fields of a message, those of one number together and in the order in which they came.
    fn fields<'a>(&mut self, message: &Message, bytes: &'a [u8]) -> Result<Vec<Found<'a>>, Unreadable> {
        let mut found = Vec::new();
        for field in Fields::of(bytes) {
            let (number, payload) = field?;
            self.count()?;
            found.push((message.field(number).ok_or_else(|| Unreadable::field(number))?, payload));
        }
        found.sort_by_key(|(Field(number, ..), _)| *number);
        Ok(found)
    }

    /// All that came of one field.
    fn contents(
        &mut self,
        arity: Arity,
        value: &'static Value,
        group: &[Found<'_>],
    ) -> Result<(), Unreadable> {
        match (arity, group) {
            (Arity::Many, _) => self.list(value, group),
            (Arity::Map, _) => self.map(value, group),
            (_, [(_, payload)]) => self.value(value, *payload),
            _ => Err(Unreadable::malformed("a field that is meant once comes twice")),
        }
    }

    fn list(&mut self, value: &'static Value, group: &[Found<'_>]) -> Result<(), Unreadable> {
        self.json.open('[');
        for (_, payload) in group {
            if let (Value::Bool | Value::Int32 | Value::Int64, Payload::Bytes(packed)) = (value, payload) {
                self.packed(value, packed)?;
                continue;
            }
            self.json.separate();
            self.value(value, *payload)?;
        }
        self.json.close(']');
        Ok(())
    }

    /// Numbers in one field; every reader of protobuf takes them for as many fields.
    fn packed(&mut self, value: &'static Value, packed: &[u8]) -> Result<(), Unreadable> {
        for number in Fields::of(packed).packed() {
            self.count()?;
            self.json.separate();
            self.value(value, Payload::Varint(number?))?;
        }
        Ok(())
    }

    fn map(&mut self, value: &'static Value, group: &[Found<'_>]) -> Result<(), Unreadable> {
        let mut names = HashSet::new();
        self.json.open('{');
        for (_, entry) in group {
            let [name, held] = numbered::<2>(bytes(Some(*entry))?)?;
            let (Some(_), Some(held)) = (name, held) else {
                return Err(Unreadable::malformed(
                    "a map has a name without a value, or a value without a name",
                ));
            };
            let name = text(name)?;
            if !names.insert(name) {
                return Err(Unreadable::malformed("a map has a name twice"));
            }
            self.json.name(name);
            self.value(value, held)?;
        }
        self.json.close('}');
        Ok(())
    }

    fn value(&mut self, value: &'static Value, payload: Payload<'_>) -> Result<(), Unreadable> {
        let payload = Some(payload);
        let json = &mut self.json;
        match value {
            Value::Bool => match int64(payload)? {
                0 => json.verbatim(false),
                1 => json.verbatim(true),
                _ => return Err(Unreadable::malformed("a truth is neither 0 nor 1")),
            },
            Value::Int32 => json.verbatim(int32(payload)?),
            Value::Int64 => json.verbatim(int64(payload)?),
            Value::Double => json.verbatim(double(payload)?),
            Value::Text => json.text(text(payload)?),
            Value::Bytes => json.base64(bytes(payload)?),
            Value::Texts => values::texts(json, bytes(payload)?)?,
            Value::Time => values::time(json, bytes(payload)?)?,
            Value::MicroTime => values::micro_time(json, bytes(payload)?)?,
            Value::Quantity => values::quantity(json, bytes(payload)?)?,
            Value::IntOrString => values::int_or_string(json, bytes(payload)?)?,
            Value::Json => values::document(json, bytes(payload)?)?,
            Value::Nested(message) => {
                json.open('{');
                self.members(message, bytes(payload)?)?;
                self.json.close('}');
            }
            Value::Inlined(message) => self.members(message, bytes(payload)?)?,
            Value::Alternatives(message) => self.alternative(message, bytes(payload)?)?,
        }
        self.check_length()
    }

    fn alternative(&mut self, message: &'static Message, bytes: &[u8]) -> Result<(), Unreadable> {
        let fields = self.fields(message, bytes)?;
        let Some(chosen) = fields.chunk_by(|one, next| one.0.0 == next.0.0).next_back() else {
            self.json.verbatim("null");
            return Ok(());
        };
        let Some((Field(_, _, arity, value), _)) = chosen.first() else { return Ok(()) };
        self.contents(*arity, value, chosen)
    }

    fn count(&mut self) -> Result<(), Unreadable> {
        let too_many = || Unreadable::too_much(format!("has more than {FIELDS_MAX} fields"));
        self.fields_left = self.fields_left.checked_sub(1).ok_or_else(too_many)?;
        Ok(())
    }

    fn check_length(&self) -> Result<(), Unreadable> {
        let bytes_max = self.json_bytes_max;
        let too_long =
            || Unreadable::too_much(format!("is longer than body_bytes_max = {bytes_max} as JSON"));
        (self.json.len() <= bytes_max).then_some(()).ok_or_else(too_long)
    }
}

fn double(payload: Option<Payload<'_>>) -> Result<f64, Unreadable> {
    let Some(Payload::Fixed64(bits)) = payload else { return Err(Unreadable::malformed(WRONG_TYPE)) };
    let number = f64::from_bits(bits);
    number.is_finite().then_some(number).ok_or(Unreadable::malformed("a number is none that JSON has"))
}
