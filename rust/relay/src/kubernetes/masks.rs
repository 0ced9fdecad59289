//! The object masks of a cluster, as answers are passed through them.

use narrows_mask::PseudonymKey;

/// One set of object masks.
#[derive(Debug)]
pub struct ObjectMasks;

impl ObjectMasks {
    /// Reads the document that describes them.
    ///
    /// # Errors
    /// One sentence on what is wrong with it.
    pub fn compile(document: &str, _key: &PseudonymKey) -> Result<ObjectMasks, String> {
        let document: serde_json::Value =
            serde_json::from_str(document).map_err(|error| format!("masks: not JSON: {error}"))?;
        if document.is_object() { Ok(ObjectMasks) } else { Err("masks: not an object".to_owned()) }
    }
}
