//! Which places of an answer mean something: where an object can be, what is masked of it, and what else of a
//! masked resource shows its values.

use super::Answer;
use super::masks::Mask;
use crate::paths::Step;

/// A way through the answer, and what is at its end.
pub(super) type Place = (Vec<Step>, Meaning);

/// What a place means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// An object begins, to which the paths of masks are relative.
    Object,
    /// The name of an object, by which masks may except it.
    ObjectName,
    /// A value is under the mask of this index.
    Masked(usize),
    /// Text is base64.
    Base64,
    /// An entry that copies what is masked: it is left out.
    Dropped,
    /// A Status tells in words what is wrong.
    Message,
    /// The description of a table's columns begins.
    Columns,
    /// A column of a table is described.
    Column,
    /// The format of a column.
    ColumnFormat,
    /// The type of a column.
    ColumnType,
    /// A cell of a table that may show a masked value.
    Cell,
}

/// Groups whose tables are made by the API server itself.
const BUILT_IN_GROUPS: &[&str] = &["", "apps", "batch"];
/// No column of theirs shows what is under these keys.
const UNSHOWN: &[&[u8]] = &[b"data", b"stringData", b"binaryData", b"env"];

/// The places of answers about a resource, which `masks` are on.
pub(super) fn of(answer: &Answer, masks: &[(usize, &Mask)], dropped_annotations: &[String]) -> Vec<Place> {
    if masks.is_empty() {
        return Vec::new();
    }
    let mut places = Vec::new();
    for root in roots() {
        let mut add = |steps: &[Step], meaning| places.push(([&root, steps].concat(), meaning));
        add(&[], Meaning::Object);
        if masks.iter().any(|(_, mask)| mask.has_exceptions()) {
            add(&[key("metadata"), key("name")], Meaning::ObjectName);
        }
        for (index, mask) in masks {
            mask.paths.iter().for_each(|path| add(path, Meaning::Masked(*index)));
        }
        for field in base64_fields(answer) {
            add(&[key(field), Step::AnyKey], Meaning::Base64);
        }
        for annotation in dropped_annotations {
            add(&[key("metadata"), key("annotations"), key(annotation)], Meaning::Dropped);
        }
    }
    // An answer of its own, or an event's object.
    for root in [vec![], vec![key("object")]] {
        let mut add = |steps: &[Step], meaning| places.push(([&root, steps].concat(), meaning));
        add(&[key("message")], Meaning::Message);
        add(&[key("reason")], Meaning::Message);
        add(&[key("details"), key("causes"), Step::AnyElement, key("message")], Meaning::Message);
        if !masks.iter().all(|(_, mask)| mask.paths.iter().all(|path| is_unshown(answer, path))) {
            let columns = key("columnDefinitions");
            add(std::slice::from_ref(&columns), Meaning::Columns);
            add(&[columns.clone(), Step::AnyElement], Meaning::Column);
            add(&[columns.clone(), Step::AnyElement, key("format")], Meaning::ColumnFormat);
            add(&[columns, Step::AnyElement, key("type")], Meaning::ColumnType);
            add(&[key("rows"), Step::AnyElement, key("cells"), Step::AnyElement], Meaning::Cell);
        }
    }
    places
}

/// Where an object can be: by itself, in a list, in a table; each of them also in an event of a watch.
fn roots() -> [Vec<Step>; 6] {
    let listed = [key("items"), Step::AnyElement];
    let tabled = [key("rows"), Step::AnyElement, key("object")];
    let event = [key("object")];
    [
        vec![],
        listed.to_vec(),
        tabled.to_vec(),
        event.to_vec(),
        [&event[..], &listed].concat(),
        [&event[..], &tabled].concat(),
    ]
}

/// The fields of a resource that are maps to bytes.
fn base64_fields(answer: &Answer) -> &'static [&'static str] {
    match (answer.group.as_str(), answer.resource.as_str()) {
        ("", "secrets") => &["data"],
        ("", "configmaps") => &["binaryData"],
        _ => &[],
    }
}

/// Whether no column of the resource's tables shows what is at a path.
fn is_unshown(answer: &Answer, path: &[Step]) -> bool {
    let is_unshown_key = |step: &Step| matches!(step, Step::Key(name) if UNSHOWN.contains(&&**name));
    BUILT_IN_GROUPS.contains(&answer.group.as_str()) && path.iter().any(is_unshown_key)
}

fn key(name: &str) -> Step {
    Step::Key(name.as_bytes().into())
}
