//! The Postgres protocol, versions 3.0 and 3.2 (PostgreSQL documentation, chapter "Frontend/Backend
//! Protocol"). One file per idea.

mod copy;
mod copy_binary;
mod copy_csv;
mod copy_delimited;
mod copy_in;
mod copy_out;
mod copy_text;
mod decide;
mod deny;
mod downstream;
mod expect;
mod fields;
mod frame;
mod inspector;
mod keeping;
mod last_plan;
mod lineage;
mod login;
mod message;
mod names;
mod parameters;
mod plan;
mod report;
mod row_limit;
mod scram;
mod span;
mod sql_names;
mod sqlstate;
mod startup;
mod statement;
mod upstream;

pub use inspector::{Counters, PostgresInspector, PostgresSession};
pub use login::{LoggedIn, Login, LoginError, LoginRequest};
pub use scram::{NONCE_BYTES, Password};
pub use startup::{Evidence, Startup, Step, cancel_secret_bytes, fatal, welcome};
