//! An API call: one request to a cluster as policy sees it.

use bytes::Bytes;

use super::{
    Upgrade, Verb, content_type, headers,
    headers::Header,
    path::ApiPath,
    protobuf,
    protobuf::Translated,
    query::Query,
    request_info::RequestInfo,
    status::{Reason, Status},
};

/// Bytes of a path with its query. The argv of an exec is in it.
const URI_BYTES_MAX: usize = 64 << 10;

/// The methods that the API server knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// Reads, and opens a WebSocket.
    Get,
    /// Reads without a body.
    Head,
    /// Creates, and opens SPDY streams.
    Post,
    /// Replaces.
    Put,
    /// Changes.
    Patch,
    /// Deletes.
    Delete,
}

/// One request to a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiCall {
    /// The target that the path names.
    pub target: String,
    /// The method of the request.
    pub method: Method,
    /// What it does: the API server's verb, or Narrows' own for exec, attach, portforward and proxy.
    pub verb: Verb,
    /// The API server's own verb, as its audit log has it.
    pub server_verb: Verb,
    /// The canonical path and query as they go upstream, without `/clusters/<target>`.
    pub path: String,
    /// Whether it is for a resource, rather than for a path such as `/version`.
    pub resource_request: bool,
    /// The API group; empty for the core group.
    pub group: String,
    /// The version of the group.
    pub version: String,
    /// The resource, plural.
    pub resource: String,
    /// The subresource, if any.
    pub subresource: String,
    /// The namespace; empty where there is none.
    pub namespace: String,
    /// The name of the object, if the request names one.
    pub name: String,
    /// The decoded path from the resource on.
    pub parts: Vec<String>,
    /// The decoded query, in order.
    pub query: Vec<(String, String)>,
    /// The media type of the body, in lower case and without parameters; empty where there is none.
    pub content_type: String,
    /// To what the connection is to be upgraded.
    pub upgrade: Option<Upgrade>,
    /// The body; empty until it has been read.
    pub body: Bytes,
    /// What the client sent, where `body` is a translation of it.
    pub translated: Option<Translated>,
}

impl ApiCall {
    /// Reads a request: `method` as sent, `uri` as path and query, and its headers.
    ///
    /// # Errors
    /// The [`Status`] to answer with: 400 where the request could be read in two ways, 404 where it names no
    /// target, 405 for a method that the API server does not know, 415 for a body that policy could not read.
    pub fn read(method: &str, uri: &str, headers: &[Header<'_>]) -> Result<ApiCall, Status> {
        let method = Method::read(method)?;
        if uri.len() > URI_BYTES_MAX {
            return Err(Status::bad_request("the path and query are longer than 64 KiB"));
        }
        let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
        let (path, query) = (ApiPath::read(path)?, Query::read(query)?);
        let info = RequestInfo::read(method, &path.segments, &query)?;
        let verb = Verb::of_subresource(&info.subresource).unwrap_or(info.verb);
        if verb != Verb::Proxy {
            query.refuse_repeats()?;
        }
        let upgrade = Upgrade::read(method, headers)?;
        refuse_odd_upgrade(verb, upgrade)?;
        refuse_odd_body(method, upgrade, headers)?;
        let content_type = content_type::read(method, verb, headers)?;
        // Behind a proxy is a program to which the slash may matter. To the API server it does not.
        let mut canonical = path.canonical(verb == Verb::Proxy);
        query.write(&mut canonical);
        Ok(ApiCall {
            target: path.target,
            method,
            verb,
            server_verb: info.verb,
            path: canonical,
            resource_request: info.resource_request,
            group: info.group,
            version: info.version,
            resource: info.resource,
            subresource: info.subresource,
            namespace: info.namespace,
            name: info.name,
            parts: info.parts,
            query: query.into_pairs(),
            content_type,
            upgrade,
            body: Bytes::new(),
            translated: None,
        })
    }

    /// The same call once its body has been read. One in protobuf becomes JSON of at most `json_bytes_max` bytes,
    /// so that whoever looks at the call from here on reads one body, the API server too.
    ///
    /// # Errors
    /// A 400, 413 or 415 for protobuf that cannot be read, would be too long, or is of what is not known.
    pub fn with_body(self, body: Bytes, json_bytes_max: usize) -> Result<ApiCall, Status> {
        if self.content_type != protobuf::MEDIA_TYPE || self.verb == Verb::Proxy {
            return Ok(ApiCall { body, ..self });
        }
        let content_type = content_type::JSON.to_owned();
        if body.is_empty() {
            return Ok(ApiCall { content_type, ..self });
        }
        let json = protobuf::to_json(&body, json_bytes_max)?;
        Ok(ApiCall { content_type, body: json, translated: Some(Translated::of(&body)), ..self })
    }
}

impl Method {
    fn read(text: &str) -> Result<Method, Status> {
        let all = [Method::Get, Method::Head, Method::Post, Method::Put, Method::Patch, Method::Delete];
        let unknown = || {
            Status::new(
                Reason::MethodNotAllowed,
                "the API server knows GET, HEAD, POST, PUT, PATCH and DELETE",
            )
        };
        all.into_iter().find(|method| method.as_str() == text).ok_or_else(unknown)
    }

    /// As the request line writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Head => "HEAD",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        }
    }
}

/// Streams need an upgrade, and nothing else may have one: frames of a watch or a proxy are not looked into.
fn refuse_odd_upgrade(verb: Verb, upgrade: Option<Upgrade>) -> Result<(), Status> {
    match (verb.is_stream(), upgrade) {
        (true, None) => {
            Err(Status::bad_request("exec, attach and portforward need an upgrade of the connection"))
        }
        (false, Some(_)) => {
            Err(Status::bad_request("only exec, attach and portforward may upgrade the connection"))
        }
        _ => Ok(()),
    }
}

/// What reads and what is upgraded has no body.
fn refuse_odd_body(method: Method, upgrade: Option<Upgrade>, headers: &[Header<'_>]) -> Result<(), Status> {
    if upgrade.is_none() && !matches!(method, Method::Get | Method::Head) {
        return Ok(());
    }
    let length = headers::single(headers, "content-length")?.unwrap_or("0");
    let chunked = headers::values(headers, "transfer-encoding").next().is_some();
    if chunked || length != "0" {
        return Err(Status::bad_request(
            "a request that reads, or that upgrades the connection, has no body",
        ));
    }
    Ok(())
}
