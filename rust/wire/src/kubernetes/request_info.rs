//! RequestInfo: what the API server takes a request to be, for its authorisation and its audit log.
//!
//! Follows `NewRequestInfo` in k8s.io/apiserver/pkg/endpoints/request/requestinfo.go step by step, so that a
//! rule means here what it means there.

use super::{Method, Verb, list_options::ListOptions, query::Query, status::Status};

/// A request as the API server sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RequestInfo {
    /// Whether it is for a resource, rather than for a path such as `/version`.
    pub(super) resource_request: bool,
    /// The API server's own verb.
    pub(super) verb: Verb,
    /// The API group; empty for the core group and where it is no resource.
    pub(super) group: String,
    /// The version of the group.
    pub(super) version: String,
    /// The namespace; empty where there is none.
    pub(super) namespace: String,
    /// The resource, plural.
    pub(super) resource: String,
    /// The subresource, if any.
    pub(super) subresource: String,
    /// The name of the object: from the path, or from a field selector that asks for exactly one name.
    pub(super) name: String,
    /// The path from the resource on.
    pub(super) parts: Vec<String>,
}

impl RequestInfo {
    /// Reads what a request is from its method, decoded path and query.
    ///
    /// # Errors
    /// A 400 for a path that ends at `watch` or `proxy`: the API server cannot tell what is meant either.
    pub(super) fn read(method: Method, segments: &[String], query: &Query) -> Result<RequestInfo, Status> {
        let Some((group, version, parts)) = split_group(segments) else {
            return Ok(RequestInfo::of_path(method));
        };
        let (prefix_verb, parts) = split_prefix_verb(parts);
        if prefix_verb.is_some() && parts.is_empty() {
            return Err(Status::bad_request("the path ends where a resource must be named"));
        }
        let (namespace, parts) = split_namespace(parts);
        let part = |position: usize| parts.get(position).cloned().unwrap_or_default();
        let verb = prefix_verb.unwrap_or_else(|| verb_of(method));
        let mut info = RequestInfo {
            resource_request: true,
            verb,
            group: group.to_owned(),
            version: version.to_owned(),
            namespace: namespace.to_owned(),
            resource: part(0),
            subresource: if verb == Verb::Proxy { String::new() } else { part(2) },
            name: part(1),
            parts: parts.to_vec(),
        };
        info.settle_collection(query);
        Ok(info)
    }

    fn of_path(method: Method) -> RequestInfo {
        RequestInfo {
            resource_request: false,
            verb: match method {
                Method::Get => Verb::Get,
                Method::Head => Verb::Head,
                Method::Post => Verb::Post,
                Method::Put => Verb::Put,
                Method::Patch => Verb::Patch,
                Method::Delete => Verb::Delete,
            },
            group: String::new(),
            version: String::new(),
            namespace: String::new(),
            resource: String::new(),
            subresource: String::new(),
            name: String::new(),
            parts: Vec::new(),
        }
    }

    /// Without a name a get is a list or a watch, and a delete is a deletecollection.
    fn settle_collection(&mut self, query: &Query) {
        if !self.name.is_empty() {
            return;
        }
        match self.verb {
            Verb::Get => {
                let options = ListOptions::read(query);
                self.verb = if options.watch { Verb::Watch } else { Verb::List };
                self.name = options.name;
            }
            Verb::Delete => self.verb = Verb::DeleteCollection,
            _ => {}
        }
    }
}

/// Group, version and what follows; `None` where the path is no resource.
fn split_group(segments: &[String]) -> Option<(&str, &str, &[String])> {
    let (prefix, rest) = segments.split_first()?;
    let (group, rest) = match prefix.as_str() {
        "api" => ("", rest),
        "apis" => rest.split_first().map(|(group, rest)| (group.as_str(), rest))?,
        _ => return None,
    };
    let (version, parts) = rest.split_first()?;
    if parts.is_empty() { None } else { Some((group, version, parts)) }
}

/// The verb that older clients put before the resource.
fn split_prefix_verb(parts: &[String]) -> (Option<Verb>, &[String]) {
    match parts.split_first() {
        Some((first, rest)) if first == "watch" => (Some(Verb::Watch), rest),
        Some((first, rest)) if first == "proxy" => (Some(Verb::Proxy), rest),
        _ => (None, parts),
    }
}

/// `namespaces/{namespace}/…` comes before the resource, except for what is the namespace's own.
fn split_namespace(parts: &[String]) -> (&str, &[String]) {
    match parts {
        [first, namespace, rest @ ..] if first == "namespaces" => match rest.first().map(String::as_str) {
            None | Some("status" | "finalize") => (namespace, parts),
            Some(_) => (namespace, rest),
        },
        _ => ("", parts),
    }
}

fn verb_of(method: Method) -> Verb {
    match method {
        Method::Get | Method::Head => Verb::Get,
        Method::Post => Verb::Create,
        Method::Put => Verb::Update,
        Method::Patch => Verb::Patch,
        Method::Delete => Verb::Delete,
    }
}
