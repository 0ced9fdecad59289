//! The data plane: sockets, TLS, the pump between two legs, the verdict cache, and the seam to the
//! control plane.
//!
//! It enforces and never decides. What it may not decide goes up as an [`Event`] over one queue, and
//! comes down as a method call on [`Plane`].

#![forbid(unsafe_code)]

mod account;
mod address;
mod asks;
mod batch;
mod bounds;
mod cancel;
mod command;
mod end_point;
mod epochs;
mod error_text;
mod farewell;
mod greeting;
mod held;
mod kubernetes;
mod left_out;
mod listener;
mod plane;
mod pump;
mod query;
mod random;
mod recorder;
mod recording;
mod records;
mod seam;
mod session;
mod shared;
mod time;
mod tls;
mod transport;
mod upstream;
mod verdicts;
mod worker;

pub mod event;
pub mod flood;

pub use command::{Admission, Notice, Refusal};
pub use epochs::Target;
pub use event::Event;
pub use kubernetes::{ClusterAdmission, ClusterUpstream, ClusterUpstreamConfig, Impersonation};
pub use plane::{Plane, PlaneConfig};
pub use recording::Recording;
pub use upstream::{Upstream, UpstreamConfig};
