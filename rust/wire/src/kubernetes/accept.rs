//! What the client may be answered with. The API server is asked for JSON in its several forms and for nothing
//! else, because only JSON can be masked; so the header is never the client's own.

use super::{
    ApiCall, Verb,
    headers::{self, Header},
    media_type::MediaType,
    status::{Reason, Status},
};

const JSON: &str = "application/json";

/// The forms that the API server converts objects to, by group and version, as clients ask for them.
const FORMS: [(&str, &str, &str); 8] = [
    ("Table", "meta.k8s.io", "v1"),
    ("Table", "meta.k8s.io", "v1beta1"),
    ("PartialObjectMetadata", "meta.k8s.io", "v1"),
    ("PartialObjectMetadata", "meta.k8s.io", "v1beta1"),
    ("PartialObjectMetadataList", "meta.k8s.io", "v1"),
    ("PartialObjectMetadataList", "meta.k8s.io", "v1beta1"),
    ("APIGroupDiscoveryList", "apidiscovery.k8s.io", "v2"),
    ("APIGroupDiscoveryList", "apidiscovery.k8s.io", "v2beta1"),
];

/// The schema as protobuf, which kubectl asks for to check what it applies. There is nothing in it to mask.
/// Clients ask for the names with an at sign and are answered by the ones without (k8s.io/kube-openapi).
const SCHEMAS: [&str; 4] = [
    "application/com.github.proto-openapi.spec.v2.v1.0+protobuf",
    "application/com.github.proto-openapi.spec.v2@v1.0+protobuf",
    "application/com.github.proto-openapi.spec.v3.v1.0+protobuf",
    "application/com.github.proto-openapi.spec.v3@v1.0+protobuf",
];

/// Members that are looked at. A client that asks for more has asked for nothing in particular.
const MEMBERS_MAX: usize = 32;

/// What the API server is asked for, and what it may answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accept {
    header: String,
    text: bool,
    schema: bool,
}

/// How an answer is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerFormat {
    /// JSON documents, one or several behind one another.
    Json,
    /// Text without structure: logs, health.
    Text,
    /// The schema of the API as protobuf, which is passed on as it is.
    Schema,
}

/// A member of the client's own header.
struct Range {
    media_type: MediaType,
    /// In thousandths.
    quality: u16,
}

impl Accept {
    /// Reads what the client accepts and keeps what Narrows can mask, the most wanted first.
    ///
    /// # Errors
    /// A 406 when nothing of it can be masked, a 400 for a header with more than printable ASCII.
    pub fn read(call: &ApiCall, headers: &[Header<'_>]) -> Result<Accept, Status> {
        let ranges = ranges(headers)?;
        let text = is_text(call);
        let schema = is_schema(call);
        let mut wanted: Vec<(u16, String)> = Vec::new();
        for range in ranges.iter().filter(|range| range.quality > 0) {
            let Some(member) = range.canonical(text, schema) else { continue };
            let refused = ranges.iter().any(|other| other.quality == 0 && other.is_exactly(&member));
            if !refused && !wanted.iter().any(|(_, known)| *known == member) {
                wanted.push((range.quality, member));
            }
        }
        if wanted.is_empty() {
            return Err(not_acceptable());
        }
        wanted.sort_by_key(|(quality, _)| std::cmp::Reverse(*quality));
        let members: Vec<String> = wanted.into_iter().map(|(_, member)| member).collect();
        Ok(Accept { header: members.join(","), text, schema })
    }

    /// The header for the API server.
    #[must_use]
    pub fn header(&self) -> &str {
        &self.header
    }

    /// How an answer with this Content-Type is to be read; `None` when it is none that was asked for, and so
    /// must not be passed on.
    #[must_use]
    pub fn format_of(&self, content_type: &str) -> Option<AnswerFormat> {
        let media_type = MediaType::read(content_type)?;
        if !media_type.parameter("charset").is_none_or(|charset| charset.eq_ignore_ascii_case("utf-8")) {
            return None;
        }
        match media_type.essence.as_str() {
            JSON => Some(AnswerFormat::Json),
            "text/plain" if self.text => Some(AnswerFormat::Text),
            essence if self.schema && is_schema_type(essence) => Some(AnswerFormat::Schema),
            _ => None,
        }
    }
}

impl Range {
    /// `None` for what is none, which asks for nothing.
    fn read(member: &str) -> Option<Range> {
        let mut media_type = MediaType::read(member)?;
        let quality = match media_type.parameter("q") {
            Some(text) => quality(text)?,
            None => 1000,
        };
        media_type.parameters.retain(|(name, _)| name != "q");
        Some(Range { media_type, quality })
    }

    /// The member in Narrows' own words; `None` where Narrows does not know it.
    fn canonical(&self, text: bool, schema: bool) -> Option<String> {
        let media_type = &self.media_type;
        match media_type.essence.as_str() {
            JSON => self.json(),
            "*/*" | "application/*" => Some(JSON.to_owned()),
            // The API server answers with text, and will not be asked for it.
            "text/plain" | "text/*" if text => Some(JSON.to_owned()),
            essence if schema && is_schema_type(essence) => Some(essence.to_owned()),
            _ => None,
        }
    }

    fn json(&self) -> Option<String> {
        let Some(form) = self.media_type.parameter("as") else {
            return Some(JSON.to_owned());
        };
        let group = self.media_type.parameter("g")?;
        let version = self.media_type.parameter("v")?;
        FORMS.contains(&(form, group, version)).then(|| format!("{JSON};as={form};v={version};g={group}"))
    }

    fn is_exactly(&self, member: &str) -> bool {
        self.media_type.essence == JSON && self.json().is_some_and(|own| own == member)
    }
}

fn ranges(headers: &[Header<'_>]) -> Result<Vec<Range>, Status> {
    let members = headers::members(headers, "accept")?;
    let members = if members.is_empty() { vec!["*/*"] } else { members };
    if members.len() > MEMBERS_MAX {
        return Err(not_acceptable());
    }
    Ok(members.into_iter().filter_map(Range::read).collect())
}

/// `qvalue` of RFC 9110, section 12.4.2, in thousandths.
fn quality(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = fraction.len() <= 3 && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let thousandths = if digits { format!("{fraction:0<3}").parse::<u16>().ok()? } else { return None };
    match (whole, thousandths) {
        ("0", _) => Some(thousandths),
        ("1", 0) => Some(1000),
        _ => None,
    }
}

/// Logs, what is behind a proxy, and paths that are no resource (health) may answer with text.
fn is_text(call: &ApiCall) -> bool {
    !call.resource_request || call.subresource == "log" || call.verb == Verb::Proxy
}

fn is_schema(call: &ApiCall) -> bool {
    !call.resource_request && call.path.starts_with("/openapi/")
}

fn is_schema_type(essence: &str) -> bool {
    SCHEMAS.contains(&essence)
}

fn not_acceptable() -> Status {
    Status::new(
        Reason::NotAcceptable,
        "Narrows answers with application/json, which it can mask; accept that",
    )
}
