//! The Postgres protocol, versions 3.0 and 3.2 (PostgreSQL documentation, chapter "Frontend/Backend
//! Protocol"). One file per idea.

mod inspector;
mod login;
mod startup;

pub use inspector::{Counters, PostgresInspector, PostgresSession};
pub use login::{LoggedIn, Login, LoginError, LoginRequest};
pub use startup::{Evidence, Startup, Step, cancel_secret_bytes, fatal, welcome};
