//! Values whose JSON is not that of a message: apimachinery gives each a form of its own.

use serde::de::IgnoredAny;

use super::{
    json::Json,
    time::Moment,
    unreadable::Unreadable,
    wire::{Fields, int32, int64, numbered, text},
};

const TEXT: i64 = 1;

/// `meta/v1.Time`: one that is empty is none.
pub(super) fn time(json: &mut Json, message: &[u8]) -> Result<(), Unreadable> {
    if message.is_empty() {
        json.verbatim("null");
        return Ok(());
    }
    let [seconds, nanoseconds] = numbered::<2>(message)?;
    int32(nanoseconds)?;
    json.verbatim(format_args!("\"{}\"", Moment::to_the_second(int64(seconds)?)?));
    Ok(())
}

/// `meta/v1.MicroTime`.
pub(super) fn micro_time(json: &mut Json, message: &[u8]) -> Result<(), Unreadable> {
    if message.is_empty() {
        json.verbatim("null");
        return Ok(());
    }
    let [seconds, nanoseconds] = numbered::<2>(message)?;
    json.verbatim(format_args!("\"{}\"", Moment::to_the_microsecond(int64(seconds)?, int32(nanoseconds)?)?));
    Ok(())
}

/// `api/resource.Quantity`.
pub(super) fn quantity(json: &mut Json, message: &[u8]) -> Result<(), Unreadable> {
    let [amount] = numbered::<1>(message)?;
    json.text(if amount.is_none() { "0" } else { text(amount)? });
    Ok(())
}

/// `util/intstr.IntOrString`.
pub(super) fn int_or_string(json: &mut Json, message: &[u8]) -> Result<(), Unreadable> {
    let [kind, number, name] = numbered::<3>(message)?;
    let (number, name) = (int32(number)?, text(name)?);
    match int64(kind)? {
        0 => json.verbatim(number),
        TEXT => json.text(name),
        _ => return Err(Unreadable::malformed("a value is neither a number nor a text")),
    }
    Ok(())
}

/// `runtime.RawExtension`, `meta/v1.FieldsV1` and apiextensions' `JSON`: a document of its own, which goes on as it is.
/// Whether a name comes twice in it is for whoever reads the whole body to see.
pub(super) fn document(json: &mut Json, message: &[u8]) -> Result<(), Unreadable> {
    let [raw] = numbered::<1>(message)?;
    let raw = text(raw)?;
    if raw.is_empty() {
        json.verbatim("null");
        return Ok(());
    }
    if serde_json::from_str::<IgnoredAny>(raw).is_err() {
        return Err(Unreadable::unknown("holds an object that is not JSON".to_owned()));
    }
    json.verbatim(raw.trim_matches([' ', '\t', '\r', '\n']));
    Ok(())
}

/// Lists of texts that are messages: `meta/v1.Verbs` and the `ExtraValue`s.
pub(super) fn texts(json: &mut Json, message: &[u8]) -> Result<(), Unreadable> {
    json.open('[');
    for field in Fields::of(message) {
        let (number, payload) = field?;
        if number != 1 {
            return Err(Unreadable::field(number));
        }
        json.separate();
        json.text(text(Some(payload))?);
    }
    json.close(']');
    Ok(())
}
