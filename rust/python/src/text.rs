//! Between the contract's words and the types behind them.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use narrows_journal::Durability;
use narrows_mask::{
    ColumnType, Detector, Detectors, Field, Hints, MaskSet, PseudonymKey, RelationMasks, Transform, Types,
    UserType,
};
use narrows_wire::{
    ClearColumn, CopyFormat, Effects, Exposure, NameSpace, OutputColumn, Phase, RecordLevel, Scope, SqlName,
    TransactionStatus,
    kubernetes::{Reason, Status},
};
use pyo3::{exceptions::PyValueError, prelude::*, types::PyMapping};

/// What a code of HTTP says, of those that refuse.
pub(crate) fn status_reason(code: u16) -> PyResult<Reason> {
    Reason::of_code(code).ok_or_else(|| PyValueError::new_err(format!("code: {code} is none that refuses")))
}

/// The refusal with that code.
pub(crate) fn status(code: u16, message: &str, hint: &str) -> PyResult<Status> {
    let reason = status_reason(code)?;
    if hint.is_empty() {
        return Ok(Status::new(reason, &format!("Narrows: {message}")));
    }
    Ok(Status::new(reason, &format!("Narrows: {message}; {hint}")).because("Hint", hint))
}

/// Five letters and digits.
pub(crate) fn sqlstate(text: &str) -> PyResult<[u8; 5]> {
    let wrong =
        || PyValueError::new_err(format!("sqlstate: {text:?} is not five capital letters and digits"));
    let state: [u8; 5] = text.as_bytes().try_into().map_err(|_| wrong())?;
    let legal = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    if state.iter().all(legal) { Ok(state) } else { Err(wrong()) }
}

pub(crate) fn exposure(text: &str) -> PyResult<Exposure> {
    match text {
        "clear" => Ok(Exposure::Clear),
        "tainted" => Ok(Exposure::Tainted),
        "inherit" => Ok(Exposure::Inherit),
        _ => Err(PyValueError::new_err(format!("exposure: {text:?} is none"))),
    }
}

pub(crate) fn record_level(text: &str) -> PyResult<RecordLevel> {
    let levels = [RecordLevel::Full, RecordLevel::NoneOfTheRows, RecordLevel::Statements];
    let found = levels.into_iter().find(|level| level.name() == text);
    found.ok_or_else(|| PyValueError::new_err(format!("record: {text:?} is none")))
}

pub(crate) fn durability(text: &str) -> PyResult<Durability> {
    match text {
        "write" => Ok(Durability::Write),
        "fsync" => Ok(Durability::Fsync),
        _ => Err(PyValueError::new_err(format!("durability: {text:?} is none"))),
    }
}

pub(crate) fn effects(texts: &[String]) -> PyResult<Effects> {
    texts.iter().try_fold(Effects::default(), |effects, text| {
        let effect = match text.as_str() {
            "copy-in" => Effects::COPY_IN,
            "copy-out" => Effects::COPY_OUT,
            "settings" => Effects::SETTINGS,
            "catalogue" => Effects::CATALOGUE,
            "names" => Effects::NAMES,
            _ => return Err(PyValueError::new_err(format!("effects: {text:?} is none"))),
        };
        Ok(effects | effect)
    })
}

/// `statements` or `portals`, and a name in that space.
pub(crate) type NameFields = (String, String);

pub(crate) fn names(fields: Vec<NameFields>) -> PyResult<Arc<[SqlName]>> {
    let name = |(space, name): NameFields| {
        let space = match space.as_str() {
            "statements" => NameSpace::Statements,
            "portals" => NameSpace::Portals,
            _ => return Err(PyValueError::new_err(format!("names: {space:?} is no space of names"))),
        };
        Ok(SqlName { space, name: name.into_bytes().into() })
    };
    fields.into_iter().map(name).collect()
}

pub(crate) fn scope(reusable: bool) -> Scope {
    if reusable { Scope::Statement } else { Scope::Once }
}

pub(crate) fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Query => "query",
        Phase::Parse => "parse",
        Phase::Bind => "bind",
        Phase::Execute => "execute",
    }
}

pub(crate) fn transaction(status: TransactionStatus) -> &'static str {
    match status {
        TransactionStatus::Idle => "idle",
        TransactionStatus::Open => "open",
        TransactionStatus::Failed => "failed",
    }
}

/// Exposure, transform, type OID, type modifier, relation OID, attribute number and name of one output column.
pub(crate) type ColumnFields = (String, String, u32, i32, u32, i16, String);

/// Format, delimiter, null, quote, escape, header and `force_quote` of a COPY.
pub(crate) type CopyFields = (String, String, String, String, String, bool, bool);

pub(crate) fn columns(fields: &[ColumnFields], key: Option<&PseudonymKey>) -> PyResult<Arc<[OutputColumn]>> {
    fields.iter().map(|fields| column(fields, key)).collect()
}

fn column(
    (exposure, with, oid, modifier, relation, attribute, name): &ColumnFields,
    key: Option<&PseudonymKey>,
) -> PyResult<OutputColumn> {
    let column = ColumnType { oid: *oid, modifier: *modifier };
    match exposure.as_str() {
        "clear" => Ok(OutputColumn::Clear(ClearColumn {
            relation: *relation,
            attribute: *attribute,
            column,
            hints: Hints::of_name(name.as_bytes()),
        })),
        "masked" => Ok(OutputColumn::Masked { transform: transform(with, key)?, column }),
        "whole" => Ok(OutputColumn::Whole(column)),
        _ => Err(PyValueError::new_err(format!("columns: {exposure:?} is no exposure"))),
    }
}

pub(crate) fn copy_format(fields: CopyFields) -> PyResult<CopyFormat> {
    let (format, delimiter, null, quote, escape, header, force_quote) = fields;
    let null = null.into_bytes().into_boxed_slice();
    match format.as_str() {
        "text" => Ok(CopyFormat::Text { delimiter: ascii(&delimiter)?, null, header }),
        "csv" => Ok(CopyFormat::Csv {
            delimiter: ascii(&delimiter)?,
            null,
            header,
            quote: ascii(&quote)?,
            escape: ascii(&escape)?,
            force_quote,
        }),
        "binary" => Ok(CopyFormat::Binary),
        _ => Err(PyValueError::new_err(format!("copy: {format:?} is no format"))),
    }
}

fn ascii(text: &str) -> PyResult<u8> {
    match text.as_bytes() {
        [byte] if byte.is_ascii() => Ok(*byte),
        _ => Err(PyValueError::new_err(format!("copy: {text:?} is not one ASCII character"))),
    }
}

/// `{detector: transform}`
pub(crate) type Wanted = BTreeMap<String, String>;

/// `{relation OID: {attribute number: {detector: transform}}}`
pub(crate) type OwnDetectors = BTreeMap<u32, BTreeMap<i16, Wanted>>;

/// OID, kind, OID and modifier of what it is made over, relation OID, label, and fields of a type; the fields as
/// attribute number, type OID and modifier.
pub(crate) type TypeFields = (u32, String, u32, i32, u32, String, Vec<(i16, u32, i32)>);

fn user_type((oid, kind, over, modifier, relation, label, fields): TypeFields) -> PyResult<(u32, UserType)> {
    let field = |(attribute, oid, modifier)| Field { attribute, column: ColumnType { oid, modifier } };
    let made = match kind.as_str() {
        "enum" => UserType::Enum { label: label.into_bytes().into() },
        "composite" => UserType::Composite { relation, fields: fields.into_iter().map(field).collect() },
        "array" => UserType::Array { element: over },
        "domain" => UserType::Domain(ColumnType { oid: over, modifier }),
        "range" => UserType::Range { bound: over },
        "multirange" => UserType::Multirange,
        _ => return Err(PyValueError::new_err(format!("types: {kind:?} is no kind of type"))),
    };
    Ok((oid, made))
}

/// `{relation OID: {attribute number: transform}}`; a relation without masked attributes is clear. And
/// `{detector: transform}`.
pub(crate) fn mask_set(
    relations: &Bound<'_, PyMapping>,
    wanted: &Wanted,
    own: &OwnDetectors,
    types: Vec<TypeFields>,
    pseudonym_key: &[u8],
) -> PyResult<MaskSet> {
    let key = key(pseudonym_key)?;
    let types = types.into_iter().map(user_type).collect::<PyResult<Types>>()?;
    let mut set = MaskSet { types: Arc::new(types), key: Some(key.clone()), ..MaskSet::default() };
    let mut compiled = BTreeMap::new();
    set.detectors = shared(&mut compiled, wanted, &key)?;
    for (relation, columns) in own {
        for (attribute, wanted) in columns {
            set.columns.insert((*relation, *attribute), shared(&mut compiled, wanted, &key)?);
        }
    }
    for relation in relations.items()?.iter() {
        let (oid, columns): (u32, Bound<'_, PyMapping>) = relation.extract()?;
        set.relations.insert(oid, relation_masks(&columns, &key)?);
    }
    Ok(set)
}

pub(crate) fn key(pseudonym_key: &[u8]) -> PyResult<PseudonymKey> {
    let key = pseudonym_key.try_into();
    key.map(PseudonymKey).map_err(|_| PyValueError::new_err("pseudonym_key: it takes 32 bytes"))
}

fn relation_masks(columns: &Bound<'_, PyMapping>, key: &PseudonymKey) -> PyResult<RelationMasks> {
    let mut transforms = HashMap::new();
    for column in columns.items()?.iter() {
        let (attribute, name): (i16, String) = column.extract()?;
        transforms.insert(attribute, transform(&name, Some(key))?);
    }
    Ok(if transforms.is_empty() {
        RelationMasks::Clear
    } else {
        RelationMasks::Columns(Arc::new(transforms))
    })
}

/// The compiled detectors; columns in which the same is wanted share them.
fn shared(
    compiled: &mut BTreeMap<Wanted, Arc<Detectors>>,
    wanted: &Wanted,
    key: &PseudonymKey,
) -> PyResult<Option<Arc<Detectors>>> {
    if wanted.is_empty() {
        return Ok(None);
    }
    if let Some(known) = compiled.get(wanted) {
        return Ok(Some(Arc::clone(known)));
    }
    let made = Arc::new(detectors(wanted, key)?);
    compiled.insert(wanted.clone(), Arc::clone(&made));
    Ok(Some(made))
}

/// Compiles the detectors that are wanted.
pub(crate) fn detectors(wanted: &Wanted, key: &PseudonymKey) -> PyResult<Detectors> {
    let mut detectors = Vec::new();
    for (name, with) in wanted {
        let unknown = || PyValueError::new_err(format!("detectors: {name:?} is no detector"));
        detectors.push((Detector::named(name).ok_or_else(unknown)?, transform(with, Some(key))?));
    }
    Detectors::new(detectors).map_err(|error| PyValueError::new_err(error.to_string()))
}

fn transform(name: &str, key: Option<&PseudonymKey>) -> PyResult<Transform> {
    if name == "pseudonym" && key.is_none() {
        return Err(PyValueError::new_err("pseudonym: no masks with a key are published"));
    }
    Transform::parse(name, key).ok_or_else(|| PyValueError::new_err(format!("{name:?} is no transform")))
}
