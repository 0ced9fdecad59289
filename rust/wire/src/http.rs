//! HTTP/1.1 as strictly as RFC 9112 lets a server be, looked at before anything else reads it.
//!
//! Two readers that frame a request differently are how requests are smuggled. What passes [`RequestCheck`] has
//! one framing only, so whatever reads it behind finds the same requests.

mod chunk;
mod field;
mod head;
mod limits;
mod refused;
mod request_check;
mod request_line;

pub use limits::HttpLimits;
pub use refused::Refused;
pub use request_check::{Checked, RequestCheck};
