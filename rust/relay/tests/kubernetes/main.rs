//! API calls over real sockets and TLS, against API servers that do as they are told.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod cluster;
mod gateway;

mod answers;
mod calls;
mod faults;
mod requests;
mod seconds;
