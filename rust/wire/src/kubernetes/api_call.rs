//! An API call in the words that policy knows.

use bytes::Bytes;

/// A request to an API server, with the attributes that its RequestInfo has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiCall {
    /// The target that its path names.
    pub target: String,
    /// HTTP's method.
    pub method: &'static str,
    /// The API server's verb, or one of our own: exec, attach, portforward, proxy.
    pub verb: &'static str,
    /// Canonical path and query as they go upstream.
    pub path: String,
    /// Whether it is about resources.
    pub resource_request: bool,
    /// The API group; empty for the core.
    pub group: String,
    /// The API version.
    pub version: String,
    /// The resource.
    pub resource: String,
    /// The subresource.
    pub subresource: String,
    /// The namespace.
    pub namespace: String,
    /// The object's name.
    pub name: String,
    /// The path from the resource on.
    pub parts: Vec<String>,
    /// The query, decoded, in order.
    pub query: Vec<(String, String)>,
    /// The media type of the body.
    pub content_type: String,
    /// What the connection is to become.
    pub upgrade: Option<Upgrade>,
    /// The whole body.
    pub body: Bytes,
}

/// What a connection is to become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upgrade {
    /// RFC 6455.
    WebSocket,
    /// SPDY/3.1.
    Spdy,
}
