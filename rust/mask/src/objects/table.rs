//! Which columns of a Table (`meta.k8s.io/v1`) cannot show a masked value.
//!
//! The first column of format `name` is the object's name, which the server itself puts there, and a column of
//! type `date` holds nothing but an age. All others show whatever field their definition names.

/// The columns described so far. The first event of a watch describes those of all.
#[derive(Debug, Default)]
pub(super) struct Columns(Vec<bool>);

impl Columns {
    /// A description begins.
    pub(super) fn begin(&mut self) {
        self.0.clear();
    }

    /// Another column is described.
    pub(super) fn next(&mut self) {
        self.0.push(false);
    }

    pub(super) fn has_format(&mut self, format: &[u8]) {
        if let [first] = self.0.as_mut_slice() {
            *first |= format == b"name";
        }
    }

    pub(super) fn has_type(&mut self, kind: &[u8]) {
        if let Some(last) = self.0.last_mut() {
            *last |= kind == b"date";
        }
    }

    /// Whether the cells of a column may show. One that is not described may not.
    pub(super) fn is_clear(&self, column: usize) -> bool {
        self.0.get(column).copied().unwrap_or(false)
    }
}
