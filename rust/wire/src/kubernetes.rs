//! Calls of the Kubernetes API: what a request asks of the API server, how it is sent on, and how Narrows
//! answers in the API server's own voice. One file per idea.
//!
//! ```text
//!  request ─► ApiCall::read (path, query, RequestInfo, upgrade, content type) ─► policy ─► ApiVerdict
//!                 │ refused: a Status                                                │
//!                 └───────────── UpstreamRequest::build(permit, …) ◄── ApiAllow::permit
//! ```
//!
//! Nothing that the client wrote goes to the API server as it was written: the path, the query and every
//! header are made anew from what was understood, so both sides understand the same.

mod accept;
mod api_call;
mod bearer;
mod content_type;
mod headers;
mod list_options;
mod media_type;
mod path;
mod percent;
mod protobuf;
mod query;
mod request_info;
mod status;
mod upgrade;
mod upstream_request;
mod verb;
mod verdict;

pub mod streams;

pub use accept::{Accept, AnswerFormat};
pub use api_call::{ApiCall, Method};
pub use bearer::Token;
pub use headers::Header;
pub use protobuf::Translated;
pub use status::{Reason, Status};
pub use upgrade::Upgrade;
pub use upstream_request::UpstreamRequest;
pub use verb::Verb;
pub use verdict::{ApiAllow, ApiDeny, ApiVerdict, RestoredBody};
