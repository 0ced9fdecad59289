//! Between the contract's words and the types behind them.

use std::collections::HashMap;
use std::sync::Arc;

use narrows_mask::{Detector, Detectors, MaskSet, PseudonymKey, RelationMasks, Transform};
use narrows_wire::{Effects, Exposure, Phase, Scope, TransactionStatus};
use pyo3::{exceptions::PyValueError, prelude::*, types::PyMapping};

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

/// `{relation OID: {attribute number: transform}}`; a relation without masked attributes is clear. And
/// `{detector: transform}`.
pub(crate) fn mask_set(
    relations: &Bound<'_, PyMapping>,
    detectors: &HashMap<String, String>,
    pseudonym_key: &[u8],
) -> PyResult<MaskSet> {
    let key = <[u8; 32]>::try_from(pseudonym_key)
        .map_err(|_| PyValueError::new_err("pseudonym_key: it takes 32 bytes"))?;
    let key = PseudonymKey(key);
    let mut set = MaskSet { detectors: compiled(detectors, &key)?.map(Arc::new), ..MaskSet::default() };
    for relation in relations.items()?.iter() {
        let (oid, columns): (u32, Bound<'_, PyMapping>) = relation.extract()?;
        set.relations.insert(oid, relation_masks(&columns, &key)?);
    }
    Ok(set)
}

fn relation_masks(columns: &Bound<'_, PyMapping>, key: &PseudonymKey) -> PyResult<RelationMasks> {
    let mut transforms = HashMap::new();
    for column in columns.items()?.iter() {
        let (attribute, name): (i16, String) = column.extract()?;
        transforms.insert(attribute, transform(&name, key)?);
    }
    Ok(if transforms.is_empty() { RelationMasks::Clear } else { RelationMasks::Columns(transforms) })
}

fn compiled(wanted: &HashMap<String, String>, key: &PseudonymKey) -> PyResult<Option<Detectors>> {
    if wanted.is_empty() {
        return Ok(None);
    }
    let mut detectors = Vec::new();
    for (name, with) in wanted {
        let unknown = || PyValueError::new_err(format!("detectors: {name:?} is no detector"));
        detectors.push((Detector::named(name).ok_or_else(unknown)?, transform(with, key)?));
    }
    Detectors::new(detectors).map(Some).map_err(|error| PyValueError::new_err(error.to_string()))
}

fn transform(name: &str, key: &PseudonymKey) -> PyResult<Transform> {
    Transform::parse(name, key).ok_or_else(|| PyValueError::new_err(format!("{name:?} is no transform")))
}
