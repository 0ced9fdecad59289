//! Kubernetes: what a request to an API server attempts, and what passes once it is allowed.

pub mod streams;
