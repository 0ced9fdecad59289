//! What becomes of a value: masked where it is, looked into, or left.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::BytesMut;
use foldhash::fast::RandomState;

use super::masks::{Mask, Treatment};
use super::{Answer, ObjectMasks, SecretsSeen, message, placeholder};
use crate::detect::VALUE_BYTES_MIN;
use crate::json::put_string;
use crate::{ColumnType, Format, Hints, KnownValues, Masked, Transform, mask, types};

/// Instead of a mask's index: the cell of a table that may show something masked.
pub(super) const CELL: usize = usize::MAX;
/// What cells are counted under.
const CELLS: &str = "table-cells";
const MESSAGES: &str = "status-messages";
const NAMES_MAX: usize = 4_096;

/// The masks of one answer at work.
pub(super) struct Values {
    masks: Arc<ObjectMasks>,
    seen: Arc<SecretsSeen>,
    known: Arc<KnownValues>,
    /// What is known where secrets seen are not looked for.
    nothing: KnownValues,
    answer: Answer,
    pub(super) masked: BTreeMap<String, u64>,
    names: HashMap<Box<[u8]>, Name, RandomState>,
}

/// What is known of a key, of which a list repeats the same few over and over.
#[derive(Clone, Copy)]
pub(super) struct Name {
    /// What it says about the value under it.
    pub(super) hints: Hints,
    /// Whether nothing is found in it itself.
    pub(super) is_clean: bool,
}

/// What is looked for in a string.
#[derive(Clone, Copy)]
pub(super) struct Look {
    pub(super) hints: Hints,
    /// Whether secrets seen elsewhere are looked for. Not in what says which object is meant: a secret that
    /// happens to be a word such as `default` would make every object unusable in which the word stands.
    pub(super) for_seen: bool,
}

impl Look {
    pub(super) fn for_anything(hints: Hints) -> Look {
        Look { hints, for_seen: true }
    }
}

/// Where a masked value is.
pub(super) struct Under<'a> {
    /// Index of its mask, or [`CELL`].
    pub(super) mask: usize,
    pub(super) base64: bool,
    /// From the object that it is in.
    pub(super) path: &'a [u8],
}

impl Values {
    pub(super) fn new(masks: Arc<ObjectMasks>, seen: Arc<SecretsSeen>, answer: Answer) -> Values {
        let known = seen.known();
        Values {
            masks,
            seen,
            known,
            nothing: KnownValues::default(),
            answer,
            masked: BTreeMap::new(),
            names: HashMap::default(),
        }
    }

    /// Whether a mask leaves some objects as they are.
    pub(super) fn has_exceptions(&self, mask: usize) -> bool {
        self.masks.masks.get(mask).is_some_and(Mask::has_exceptions)
    }

    /// Whether every mask on the answer that has exceptions leaves the object of a name as it is. Two of them
    /// can be on one value, of which the plan knows the first alone.
    pub(super) fn excepts(&self, name: &[u8]) -> bool {
        let on_it = self.masks.masks.iter().filter(|mask| mask.has_exceptions() && mask.is_on(&self.answer));
        on_it.into_iter().all(|mask| mask.excepts(name))
    }

    /// Whether values that are not masked are looked into.
    pub(super) fn look(&self) -> bool {
        !self.masks.detectors.is_empty() || !self.known.is_empty()
    }

    /// Goes by the secrets seen until now.
    pub(super) fn renew(&mut self) {
        let known = self.seen.known();
        if !Arc::ptr_eq(&known, &self.known) {
            self.known = known;
            self.names.clear();
        }
    }

    /// What is known of a key.
    pub(super) fn name(&mut self, name: &[u8]) -> Name {
        if let Some(known) = self.names.get(name) {
            return *known;
        }
        let is_clean = self.masks.detectors.find_all(&self.known, name, Hints::default()).is_empty();
        if self.masks.detectors.is_empty() {
            // Nothing goes by names, and looking for what was seen is quicker than a table.
            return Name { hints: Hints::default(), is_clean };
        }
        let made = Name { hints: Hints::of_name(name), is_clean };
        if self.names.len() >= NAMES_MAX {
            self.names.clear();
        }
        self.names.insert(name.into(), made);
        made
    }

    /// Appends what stands for a masked string, quotes and all.
    pub(super) fn put_masked_text(&mut self, under: &Under<'_>, content: &[u8], out: &mut BytesMut) {
        let Some(mask) = self.masks.masks.get(under.mask) else {
            put_text(&Transform::Redact, false, content, out);
            return self.count(CELLS);
        };
        let decoded = under.base64.then(|| STANDARD.decode(content).ok()).flatten();
        let base64 = decoded.is_some();
        let plain: Cow<'_, [u8]> = decoded.map_or(Cow::Borrowed(content), Cow::Owned);
        if mask.remembers {
            self.seen.remember(&plain);
        }
        match &mask.treatment {
            Treatment::Placeholder => {
                let mut made = BytesMut::new();
                placeholder::put(&self.masks.key, &mask.id, under.path, &plain, &mut made);
                put_encoded(base64, &made, out);
            }
            Treatment::Transform(transform) => put_text(transform, base64, &plain, out),
        }
        let id = mask.id.clone();
        self.count(&id);
    }

    /// Appends what stands for a masked number, `true` or `false`. `null` stays.
    pub(super) fn put_masked_scalar(&mut self, mask: usize, scalar: &[u8], out: &mut BytesMut) {
        let mask = self.masks.masks.get(mask);
        let treatment = mask.map(|mask: &Mask| &mask.treatment);
        match (scalar, treatment) {
            (b"null", _) | (_, Some(Treatment::Transform(Transform::Null))) => out.extend_from_slice(b"null"),
            (b"true" | b"false", _) => out.extend_from_slice(b"false"),
            (_, Some(Treatment::Transform(transform))) => put_number(transform, scalar, out),
            _ => out.extend_from_slice(b"0"),
        }
        let id = mask.map_or_else(|| CELLS.to_owned(), |mask| mask.id.clone());
        self.count(&id);
    }

    /// Appends a string with what is found in it masked, quotes and all; whether anything was.
    pub(super) fn put_found(&mut self, content: &[u8], look: Look, out: &mut BytesMut) -> bool {
        let masks = Arc::clone(&self.masks);
        let known = if look.for_seen { &self.known } else { &self.nothing };
        let found = masks.detectors.find_all(known, content, look.hints);
        if found.is_empty() {
            return false;
        }
        for it in &found {
            self.count(it.detector.name());
        }
        let mut made = BytesMut::with_capacity(content.len());
        masks.detectors.put(content, found, &mut made);
        put_string(&made, out);
        true
    }

    /// What is found in a number; such a number becomes 0.
    pub(super) fn finds_in_number(&mut self, number: &[u8], hints: Hints) -> bool {
        if number.len() < VALUE_BYTES_MIN {
            return false;
        }
        let found = self.masks.detectors.find_all(&self.known, number, hints);
        for it in &found {
            self.count(it.detector.name());
        }
        !found.is_empty()
    }

    /// What is safe to show of a Status' words.
    pub(super) fn safe_message(&mut self, content: &[u8]) -> BytesMut {
        let mut safe = BytesMut::with_capacity(content.len());
        message::put_safe(&self.answer, content, &mut safe);
        if safe != content {
            self.count(MESSAGES);
        }
        safe
    }

    pub(super) fn count(&mut self, what: &str) {
        match self.masked.get_mut(what) {
            Some(count) => *count += 1,
            None => {
                self.masked.insert(what.to_owned(), 1);
            }
        }
    }
}

fn put_text(transform: &Transform, base64: bool, plain: &[u8], out: &mut BytesMut) {
    let column = ColumnType { oid: types::TEXT, modifier: -1 };
    let mut made = BytesMut::new();
    match mask(transform, column, Format::Text, plain, &mut made) {
        Masked::Value => put_encoded(base64, &made, out),
        Masked::Null => out.extend_from_slice(b"null"),
    }
}

fn put_encoded(base64: bool, made: &[u8], out: &mut BytesMut) {
    if base64 {
        return put_string(STANDARD.encode(made).as_bytes(), out);
    }
    put_string(made, out);
}

fn put_number(transform: &Transform, number: &[u8], out: &mut BytesMut) {
    let is_integer = number.iter().all(|byte| byte.is_ascii_digit() || *byte == b'-');
    let oid = if is_integer { types::INT8 } else { types::NUMERIC };
    let column = ColumnType { oid, modifier: -1 };
    if mask(transform, column, Format::Text, number, out) == Masked::Null {
        out.extend_from_slice(b"null");
    }
}
