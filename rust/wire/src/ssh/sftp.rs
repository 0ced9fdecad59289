//! SFTP version 3 (draft-ietf-secsh-filexfer-02) with the extensions of OpenSSH's PROTOCOL file, inspected
//! on its way between an agent and a target. One file per idea.
//!
//! A request that names a path is held while the target says where that path leads, then put to policy
//! under the place it leads to, and sent on with that place in it. A request that uses an open handle
//! passes: it was the opening that was decided. Every request goes up under an id of the inspector's own.

mod attributes;
mod decide;
mod digest;
mod downstream;
mod extension;
mod fields;
mod frame;
mod handles;
mod inspector;
mod kind;
mod limits;
mod message;
mod open;
mod path;
mod pending;
mod probe;
mod queue;
mod record;
mod request;
mod status;
mod transfer;
mod upstream;
mod verdict;

pub use inspector::SftpInspector;
pub use limits::SftpLimits;
pub use record::{Digest, SftpRecord};
pub use transfer::{Action, Ask, Transfer};
pub use verdict::{Allow, Deny, Verdict};
