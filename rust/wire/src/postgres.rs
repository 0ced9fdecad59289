//! The Postgres protocol, versions 3.0 and 3.2 (PostgreSQL documentation, chapter "Frontend/Backend
//! Protocol"). One file per idea.

mod inspector;

pub use inspector::{PostgresInspector, PostgresSession};
