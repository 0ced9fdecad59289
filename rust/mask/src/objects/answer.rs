//! Which answer is being masked.

/// What was asked for, as the API server's `RequestInfo` has it. All of it is empty for what is no resource
/// (`/version`, discovery).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// API group; empty for the core group.
    pub group: String,
    /// Resource in the plural: `secrets`.
    pub resource: String,
    /// Subresource: `status`, `token`. Empty for none.
    pub subresource: String,
    /// Namespace; empty for none.
    pub namespace: String,
    /// Name of the object; empty for a list.
    pub name: String,
    /// Whether the answer is a stream of documents.
    pub watch: bool,
}
