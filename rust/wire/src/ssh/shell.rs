//! What a shell command means: a closed world.
//!
//! A command string is read into simple commands of which every word is known. Whatever this reader does not
//! know, however harmless, makes the command *opaque*: it is never guessed at. What runs on the target is not
//! the string that was read but the one written back from what was understood ([`Reading::Understood`],
//! `released`), in which every word is quoted. So it does not matter whether another shell would have read the
//! original differently.
//!
//! ```text
//!  text ─► parser (tree) ─► unwrap (wrappers, code-running options) ─► simple commands
//!                                      └─► write ─► the text that runs
//! ```

mod awk;
mod builtins;
mod carriers;
mod code;
mod dialect;
mod fault;
mod find;
mod git;
mod interpreters;
mod layer;
mod limits;
mod names;
mod options;
mod outputs;
mod parser;
mod redirects;
mod scan;
mod sed;
mod simple;
mod tree;
mod unwrap;
mod word;
mod wrappers;
mod write;

pub use fault::{Fault, FaultKind};
pub use limits::ShellLimits;
pub use simple::{Mode, SimpleCommand, Touch};
pub use tree::Connector;

/// What a command string turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Every word of it is known.
    Understood {
        /// What runs, in the order written; wrappers and their likes are taken off.
        commands: Vec<SimpleCommand>,
        /// The same, written so that every shell reads it in this one way.
        released: String,
    },
    /// It was not understood, or is no command at all.
    Fault(Fault),
}

/// Reads a command string.
///
/// Takes time and memory in proportion to the text, and no more than `limits` let it.
#[must_use]
pub fn read(text: &str, limits: &ShellLimits) -> Reading {
    match understand(text, limits) {
        Ok((commands, released)) => Reading::Understood { commands, released },
        Err(fault) => Reading::Fault(fault),
    }
}

fn understand(text: &str, limits: &ShellLimits) -> Result<(Vec<SimpleCommand>, String), Fault> {
    let mut script = parser::parse(text, limits)?;
    let commands = unwrap::unwrap(&mut script, limits)?;
    let released = write::write(&script);
    if released.len() > limits.released_bytes_max {
        return Err(Fault::oversized("released_bytes_max", limits.released_bytes_max));
    }
    Ok((commands, released))
}

#[cfg(test)]
mod tests;
