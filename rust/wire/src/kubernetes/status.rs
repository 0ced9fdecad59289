//! `Status`, the document with which the API server refuses, and so the voice in which Narrows does.
//!
//! Clients print `message` as it is. No refusal is a 5xx: clients would try again.

use bytes::Bytes;

/// Characters of a message; a longer one is cut.
const MESSAGE_CHARACTERS_MAX: usize = 2048;

/// What a refusal is for (k8s.io/apimachinery `StatusReason`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// 400.
    BadRequest,
    /// 401: client-go asks its credential plugin for a fresh token and tries once more.
    Unauthorized,
    /// 403.
    Forbidden,
    /// 404.
    NotFound,
    /// 405.
    MethodNotAllowed,
    /// 406.
    NotAcceptable,
    /// 413.
    RequestEntityTooLarge,
    /// 415: client-go falls back to JSON.
    UnsupportedMediaType,
    /// 429: client-go tries again after the time it is told.
    TooManyRequests,
    /// 503: the API server or the journal cannot be had. Never a refusal.
    ServiceUnavailable,
}

/// One part of why: a word for programs, and a message for people.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Cause {
    reason: String,
    message: String,
}

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    reason: Reason,
    message: String,
    causes: Vec<Cause>,
    retry_after_seconds: Option<u32>,
}

impl Status {
    /// A refusal with a message for people, cut to 2,048 characters.
    #[must_use]
    pub fn new(reason: Reason, message: &str) -> Status {
        let message = message.chars().take(MESSAGE_CHARACTERS_MAX).collect();
        Status { reason, message, causes: Vec::new(), retry_after_seconds: None }
    }

    /// 400: the request is none that Narrows can read in one way only.
    #[must_use]
    pub fn bad_request(message: &str) -> Status {
        Status::new(Reason::BadRequest, message)
    }

    /// 401: there is no evidence, or it is not good, or no longer.
    #[must_use]
    pub fn unauthorized(message: &str) -> Status {
        Status::new(Reason::Unauthorized, message)
    }

    /// 404: no such target.
    #[must_use]
    pub fn not_found(message: &str) -> Status {
        Status::new(Reason::NotFound, message)
    }

    /// 429: too much at once.
    #[must_use]
    pub fn too_many_requests(message: &str, retry_after_seconds: u32) -> Status {
        let retry_after_seconds = Some(retry_after_seconds);
        Status { retry_after_seconds, ..Status::new(Reason::TooManyRequests, message) }
    }

    /// 503: nothing can be done now. With a time after which to try again, where trying again does no harm.
    #[must_use]
    pub fn unavailable(message: &str, retry_after_seconds: Option<u32>) -> Status {
        Status { retry_after_seconds, ..Status::new(Reason::ServiceUnavailable, message) }
    }

    /// The same with one more part of why: a word for programs, such as `Rule`, and a message for people.
    #[must_use]
    pub fn because(mut self, reason: &str, message: &str) -> Status {
        let message = message.chars().take(MESSAGE_CHARACTERS_MAX).collect();
        self.causes.push(Cause { reason: reason.to_owned(), message });
        self
    }

    /// The status code of the HTTP answer.
    #[must_use]
    pub fn code(&self) -> u16 {
        self.reason.code()
    }

    /// The message for people.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// For the header `Retry-After`, in seconds.
    #[must_use]
    pub fn retry_after_seconds(&self) -> Option<u32> {
        self.retry_after_seconds
    }

    /// The body of the HTTP answer, to be sent as `application/json`.
    #[must_use]
    pub fn to_json(&self) -> Bytes {
        let mut json =
            String::from(r#"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"#);
        put_string(&mut json, &self.message);
        json.push_str(",\"reason\":");
        put_string(&mut json, self.reason.as_str());
        self.put_details(&mut json);
        json.push_str(",\"code\":");
        json.push_str(&self.code().to_string());
        json.push_str("}\n");
        Bytes::from(json)
    }

    fn put_details(&self, json: &mut String) {
        if self.causes.is_empty() && self.retry_after_seconds.is_none() {
            return;
        }
        json.push_str(",\"details\":{");
        if !self.causes.is_empty() {
            self.put_causes(json);
        }
        if let Some(seconds) = self.retry_after_seconds {
            json.push_str(if self.causes.is_empty() { "" } else { "," });
            json.push_str("\"retryAfterSeconds\":");
            json.push_str(&seconds.to_string());
        }
        json.push('}');
    }

    fn put_causes(&self, json: &mut String) {
        json.push_str("\"causes\":");
        let mut separator = '[';
        for cause in &self.causes {
            json.push(separator);
            json.push_str("{\"reason\":");
            put_string(json, &cause.reason);
            json.push_str(",\"message\":");
            put_string(json, &cause.message);
            json.push('}');
            separator = ',';
        }
        json.push(']');
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}: {}", self.code(), self.reason.as_str(), self.message)
    }
}

impl Reason {
    /// The status code that goes with it.
    #[must_use]
    pub const fn code(self) -> u16 {
        match self {
            Reason::BadRequest => 400,
            Reason::Unauthorized => 401,
            Reason::Forbidden => 403,
            Reason::NotFound => 404,
            Reason::MethodNotAllowed => 405,
            Reason::NotAcceptable => 406,
            Reason::RequestEntityTooLarge => 413,
            Reason::UnsupportedMediaType => 415,
            Reason::TooManyRequests => 429,
            Reason::ServiceUnavailable => 503,
        }
    }

    /// The reason that goes with a status code; none for one that Narrows does not refuse with.
    #[must_use]
    pub fn of_code(code: u16) -> Option<Reason> {
        let all = [
            Reason::BadRequest,
            Reason::Unauthorized,
            Reason::Forbidden,
            Reason::NotFound,
            Reason::MethodNotAllowed,
            Reason::NotAcceptable,
            Reason::RequestEntityTooLarge,
            Reason::UnsupportedMediaType,
            Reason::TooManyRequests,
        ];
        all.into_iter().find(|reason| reason.code() == code)
    }

    /// As the document writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Reason::BadRequest => "BadRequest",
            Reason::Unauthorized => "Unauthorized",
            Reason::Forbidden => "Forbidden",
            Reason::NotFound => "NotFound",
            Reason::MethodNotAllowed => "MethodNotAllowed",
            Reason::NotAcceptable => "NotAcceptable",
            Reason::RequestEntityTooLarge => "RequestEntityTooLarge",
            Reason::UnsupportedMediaType => "UnsupportedMediaType",
            Reason::TooManyRequests => "TooManyRequests",
            Reason::ServiceUnavailable => "ServiceUnavailable",
        }
    }
}

/// Appends a JSON string (RFC 8259, section 7).
fn put_string(json: &mut String, text: &str) {
    json.push('"');
    for character in text.chars() {
        match character {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            // What else is below U+0020 says nothing to a reader, and may say something to a terminal.
            control if control.is_control() => json.push(' '),
            _ => json.push(character),
        }
    }
    json.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_reads_as_the_api_servers_own() {
        let status =
            Status::new(Reason::Forbidden, "no \"exec\"\nhere\u{1b}[2J\\").because("Rule", "no-exec");
        assert_eq!(
            status.to_json(),
            concat!(
                r#"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","#,
                r#""message":"no \"exec\"\nhere [2J\\","reason":"Forbidden","#,
                r#""details":{"causes":[{"reason":"Rule","message":"no-exec"}]},"code":403}"#,
                "\n"
            )
        );
    }

    #[test]
    fn details_are_there_when_there_are_any() {
        let json = |status: Status| String::from_utf8(status.to_json().to_vec()).unwrap();
        assert!(!json(Status::bad_request("x")).contains("details"));
        let busy = Status::too_many_requests("busy", 5);
        assert!(json(busy.clone()).contains(r#""details":{"retryAfterSeconds":5},"code":429"#));
        assert!(json(busy.because("A", "b")).contains(r#"}],"retryAfterSeconds":5}"#));
    }

    #[test]
    fn a_message_is_bounded() {
        assert_eq!(Status::bad_request(&"é".repeat(5000)).message().chars().count(), MESSAGE_CHARACTERS_MAX);
    }

    #[test]
    fn no_refusal_is_a_fault_of_the_server() {
        for code in 0..=1000 {
            assert!(Reason::of_code(code).is_none_or(|reason| (400..500).contains(&reason.code())));
        }
        assert_eq!(Reason::of_code(403), Some(Reason::Forbidden));
    }
}
