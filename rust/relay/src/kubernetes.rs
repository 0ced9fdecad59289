//! API calls: HTTP/1.1 between agents and the API servers of clusters.
//!
//! ```text
//! connection -> strict (heads checked) -> hyper -> call -> session, ask -> forward -> pool -> API server
//!      Status or body  <-  record  <-  mask  <-  answer  <-------------------------------'
//! ```

mod admission;
mod cluster;
mod connection;
pub(crate) mod event;
mod masks;
mod plane;
mod verdict;

pub use admission::{ClusterAdmission, StatusRefusal};
pub use cluster::{ClusterUpstream, ClusterUpstreamConfig, Impersonation};
pub use masks::ObjectMasks;
pub use verdict::{CallAllow, CallDeny};
pub(crate) use verdict::{CallAnswer, CallRuling};
