//! Kubernetes: what an HTTP request to an API server attempts.

mod api_call;

pub use api_call::{ApiCall, Upgrade};
