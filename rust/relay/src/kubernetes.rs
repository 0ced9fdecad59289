//! API calls: HTTP/1.1 between agents and the API servers of clusters.
//!
//! ```text
//! connection -> strict (heads checked) -> hyper -> call -> session, ask -> forward -> pool -> API server
//!      Status or body  <-  record  <-  mask  <-  answer  <-------------------------------'
//! ```

mod admission;
mod answers;
mod asking;
mod call;
mod cluster;
mod connection;
pub(crate) mod event;
mod filter;
mod fold;
mod forward;
mod guard;
mod http_io;
mod keeping;
mod ledger;
mod life;
mod masks;
mod plane;
mod pool;
mod pump;
mod reply;
mod response;
mod session;
mod strays;
mod streams;
mod upgrade;
mod verdict;
mod verdicts;
mod whole;

pub use admission::ClusterAdmission;
pub use cluster::{ClusterUpstream, ClusterUpstreamConfig, Impersonation};
pub(crate) use fold::SecondRequests;
pub(crate) use masks::ClusterMasks;
pub(crate) use verdict::{CallAnswer, CallVerdict};
pub(crate) use verdicts::CallVerdicts;
