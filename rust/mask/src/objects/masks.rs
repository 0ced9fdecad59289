//! Masks of objects as the control plane publishes them, and which of them an answer is under.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;

use super::plan::Plan;
use super::{Answer, SecretsSeen, names, places};
use crate::paths::{Step, read_steps};
use crate::{Detector, Detectors, PseudonymKey, Stream, Transform};

const WILDCARD: &str = "*";
/// Resources whose plan is kept. Those of an API server are some hundred; an agent may ask for others.
const PLANS_MAX: usize = 1_024;

/// The masks of one principal on one cluster. Sessions share it.
pub struct ObjectMasks {
    pub(super) masks: Vec<Mask>,
    pub(super) detectors: Arc<Detectors>,
    pub(super) key: PseudonymKey,
    dropped_annotations: Vec<String>,
    plans: Mutex<HashMap<(String, String, String), Arc<Plan>>>,
}

/// One mask.
pub(super) struct Mask {
    pub(super) id: String,
    resources: Vec<(String, String)>,
    pub(super) paths: Vec<Vec<Step>>,
    pub(super) treatment: Treatment,
    /// Patterns of the names of objects that it leaves as they are.
    except_names: Vec<String>,
    /// Whether what it hides is looked for everywhere else.
    pub(super) remembers: bool,
}

/// What is done to a value under a mask.
#[derive(Debug)]
pub(super) enum Treatment {
    /// A text that is known again when it is written back.
    Placeholder,
    Transform(Transform),
}

/// Masks that cannot be compiled.
#[derive(Debug)]
pub struct MasksError(String);

impl fmt::Display for MasksError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "object masks: {}", self.0)
    }
}

impl std::error::Error for MasksError {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    masks: Vec<MaskDocument>,
    #[serde(default)]
    detectors: BTreeMap<String, String>,
    #[serde(default)]
    drop_annotations: Vec<String>,
    #[serde(default)]
    remember: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MaskDocument {
    id: String,
    resources: Vec<(String, String)>,
    paths: Vec<String>,
    #[serde(default = "placeholder")]
    transform: String,
    #[serde(default)]
    except_names: Vec<String>,
}

fn placeholder() -> String {
    "placeholder".to_owned()
}

impl ObjectMasks {
    /// Compiles masks from their JSON form: `masks` (`id`, `resources` as pairs of group and resource or
    /// `resource/subresource`, each of which may be `*`, `paths`, `transform`, `except_names`), `detectors`,
    /// `drop_annotations` and `remember`.
    ///
    /// # Errors
    /// [`MasksError`] when it has another form, or names a path, a transform, a detector or a mask that there
    /// is not.
    pub fn compile(json: &str, key: &PseudonymKey) -> Result<ObjectMasks, MasksError> {
        let document: Document = serde_json::from_str(json).map_err(|error| MasksError(error.to_string()))?;
        let detectors = detectors(&document.detectors, key)?;
        let mut masks: Vec<Mask> =
            document.masks.into_iter().map(|mask| Mask::compile(mask, key)).collect::<Result<_, _>>()?;
        // Where two meet, the one without exceptions counts.
        masks.sort_by_key(|mask| !mask.except_names.is_empty());
        for id in document.remember {
            let named = masks.iter_mut().find(|mask| mask.id == id);
            named.ok_or_else(|| MasksError(format!("remember: there is no mask {id:?}")))?.remembers = true;
        }
        Ok(ObjectMasks {
            masks,
            detectors: Arc::new(detectors),
            key: key.clone(),
            dropped_annotations: document.drop_annotations,
            plans: Mutex::default(),
        })
    }

    /// A stream of text (logs, what a command prints) under the detectors and the secrets seen so far; with
    /// `ansi` a terminal's.
    #[must_use]
    pub fn stream(&self, seen: &SecretsSeen, ansi: bool) -> Stream {
        Stream::new(Arc::clone(&self.detectors), seen.known(), ansi)
    }

    /// What is where in the answers about a resource.
    pub(super) fn plan(&self, answer: &Answer) -> Arc<Plan> {
        let key = (answer.group.clone(), answer.resource.clone(), answer.subresource.clone());
        let mut plans = self.plans.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(plan) = plans.get(&key) {
            return Arc::clone(plan);
        }
        let on_it: Vec<(usize, &Mask)> =
            self.masks.iter().enumerate().filter(|(_, mask)| mask.is_on(answer)).collect();
        let plan = Arc::new(Plan::new(&places::of(answer, &on_it, &self.dropped_annotations)));
        if plans.len() < PLANS_MAX {
            plans.insert(key, Arc::clone(&plan));
        }
        plan
    }
}

impl Mask {
    fn compile(mask: MaskDocument, key: &PseudonymKey) -> Result<Mask, MasksError> {
        let id = mask.id;
        let wrong = |what: &str, text: &str| MasksError(format!("mask {id:?}: {text:?} is no {what}"));
        let steps =
            |path: &String| path.strip_prefix('$').and_then(read_steps).ok_or_else(|| wrong("path", path));
        let paths = mask.paths.iter().map(steps).collect::<Result<_, _>>()?;
        let treatment = match mask.transform.as_str() {
            "placeholder" => Treatment::Placeholder,
            text => match Transform::parse(text, Some(key)) {
                None | Some(Transform::Paths(_)) => return Err(wrong("transform", text)),
                Some(transform) => Treatment::Transform(transform),
            },
        };
        let except_names = mask.except_names;
        Ok(Mask { id, resources: mask.resources, paths, treatment, except_names, remembers: false })
    }

    /// Whether it leaves some objects as they are.
    pub(super) fn has_exceptions(&self) -> bool {
        !self.except_names.is_empty()
    }

    /// Whether it leaves the object of a name as it is.
    pub(super) fn excepts(&self, name: &[u8]) -> bool {
        self.except_names.iter().any(|pattern| names::is_of(pattern, name))
    }

    pub(super) fn is_on(&self, answer: &Answer) -> bool {
        let subresource = format!("{}/{}", answer.resource, answer.subresource);
        self.resources.iter().any(|(group, resource)| {
            (group == WILDCARD || *group == answer.group)
                && (resource == WILDCARD || *resource == answer.resource || *resource == subresource)
        })
    }
}

fn detectors(wanted: &BTreeMap<String, String>, key: &PseudonymKey) -> Result<Detectors, MasksError> {
    let mut detectors = Vec::new();
    for (name, with) in wanted {
        let detector = Detector::named(name).ok_or_else(|| MasksError(format!("{name:?} is no detector")))?;
        let transform = Transform::parse(with, Some(key)).filter(|it| !matches!(it, Transform::Paths(_)));
        let transform = transform
            .ok_or_else(|| MasksError(format!("detector {name:?}: {with:?} is no transform for it")))?;
        detectors.push((detector, transform));
    }
    Detectors::new(detectors).map_err(|error| MasksError(error.to_string()))
}

impl fmt::Debug for ObjectMasks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let masks = self.masks.iter().map(|mask| (&mask.id, &mask.treatment));
        f.debug_struct("ObjectMasks")
            .field("masks", &masks.collect::<Vec<_>>())
            .field("detectors", &self.detectors)
            .finish_non_exhaustive()
    }
}
