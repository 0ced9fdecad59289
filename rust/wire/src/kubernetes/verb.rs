//! Verbs of the API server's authorisation, and the four that Narrows adds.

/// What a call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verb {
    /// Reads one object, or a path that is no resource.
    Get,
    /// Reads a collection.
    List,
    /// Follows changes.
    Watch,
    /// Makes an object.
    Create,
    /// Replaces an object.
    Update,
    /// Changes an object, or makes it by server-side apply.
    Patch,
    /// Deletes one object.
    Delete,
    /// Deletes what a collection holds.
    DeleteCollection,
    /// HEAD of a path that is no resource.
    Head,
    /// POST to a path that is no resource.
    Post,
    /// PUT to a path that is no resource.
    Put,
    /// Runs a command in a container. Narrows' own: to the API server it is a get or a create.
    Exec,
    /// Joins the process of a container. Narrows' own.
    Attach,
    /// Connects to ports of a pod. Narrows' own.
    PortForward,
    /// Speaks HTTP to a pod, a service or a node: Narrows' own, and the API server's where `proxy` is a prefix.
    Proxy,
}

impl Verb {
    /// As policy and audit logs write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Verb::Get => "get",
            Verb::List => "list",
            Verb::Watch => "watch",
            Verb::Create => "create",
            Verb::Update => "update",
            Verb::Patch => "patch",
            Verb::Delete => "delete",
            Verb::DeleteCollection => "deletecollection",
            Verb::Head => "head",
            Verb::Post => "post",
            Verb::Put => "put",
            Verb::Exec => "exec",
            Verb::Attach => "attach",
            Verb::PortForward => "portforward",
            Verb::Proxy => "proxy",
        }
    }

    /// The verb that a subresource has of its own, whatever the method with which it is reached.
    pub(super) fn of_subresource(subresource: &str) -> Option<Verb> {
        match subresource {
            "exec" => Some(Verb::Exec),
            "attach" => Some(Verb::Attach),
            "portforward" => Some(Verb::PortForward),
            "proxy" => Some(Verb::Proxy),
            _ => None,
        }
    }

    /// Whether the call is a stream both ways, which only an upgrade of the connection carries.
    #[must_use]
    pub const fn is_stream(self) -> bool {
        matches!(self, Verb::Exec | Verb::Attach | Verb::PortForward)
    }
}
