//! Shell commands as they were understood.

use narrows_wire::ssh::shell::{self, Connector, FaultKind, Mode, Reading, ShellLimits};
use pyo3::prelude::*;

/// One program that a command string starts.
#[pyclass(frozen, get_all, module = "narrows._core")]
#[derive(Clone)]
pub(crate) struct SimpleCommand {
    through: Vec<String>,
    argv: Vec<String>,
    patterns: Vec<usize>,
    open_ended: bool,
    opaque: Option<String>,
    assignments: Vec<(String, String)>,
    touches: Vec<(&'static str, String)>,
    connector: &'static str,
    position: usize,
    pipeline: usize,
}

/// A command string, read.
#[pyclass(frozen, get_all, module = "narrows._core")]
pub(crate) struct ParsedCommand {
    outcome: &'static str,
    reason: String,
    commands: Vec<SimpleCommand>,
    released: String,
}

/// Reads a command string into what it starts.
#[pyfunction]
pub(crate) fn parse_command(text: &str) -> ParsedCommand {
    match shell::read(text, &ShellLimits::default()) {
        Reading::Understood { commands, released } => ParsedCommand {
            outcome: "understood",
            reason: String::new(),
            commands: commands.into_iter().map(SimpleCommand::from).collect(),
            released,
        },
        Reading::Fault(fault) => ParsedCommand {
            outcome: match fault.kind {
                FaultKind::Opaque => "opaque",
                FaultKind::Malformed => "malformed",
                FaultKind::Unfinished => "unfinished",
                FaultKind::Oversized => "oversized",
            },
            reason: fault.reason,
            commands: Vec::new(),
            released: String::new(),
        },
    }
}

impl From<shell::SimpleCommand> for SimpleCommand {
    fn from(command: shell::SimpleCommand) -> SimpleCommand {
        SimpleCommand {
            through: command.through,
            argv: command.argv,
            patterns: command.patterns,
            open_ended: command.open_ended,
            opaque: command.opaque,
            assignments: command.assignments,
            touches: command.touches.into_iter().map(|touch| (mode(touch.mode), touch.path)).collect(),
            connector: match command.connector {
                Connector::First => "",
                Connector::Then => ";",
                Connector::And => "&&",
                Connector::Or => "||",
            },
            position: command.position,
            pipeline: command.pipeline,
        }
    }
}

fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Read => "read",
        Mode::Write => "write",
    }
}
