//! SSH: what its payloads mean. The protocol itself is spoken elsewhere; here commands are read.

pub mod shell;
