//! A simple command as policy judges it: what runs, as whom and where, and what files the shell opens for it.

use super::tree::Connector;

/// One program that a command string starts, or one effect that counts like it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SimpleCommand {
    /// What carries it to another account or place, as words: `sudo -u postgres`, `docker exec web`.
    pub through: Vec<String>,
    /// The program and its words; empty where there are only assignments and redirects.
    pub argv: Vec<String>,
    /// Which words of `argv` file names on the target decide; in those, `*` and `?` mean what they mean there.
    pub patterns: Vec<usize>,
    /// More words follow that nobody knows yet: they come from input, or from a search for files.
    pub open_ended: bool,
    /// Why its words do not say what it does; `None` where they do.
    pub opaque: Option<String>,
    /// Variables set for it, in order.
    pub assignments: Vec<(String, String)>,
    /// Files that the shell, or the program by an option that is known, opens for it.
    pub touches: Vec<Touch>,
    /// When the pipeline that it is in runs.
    pub connector: Connector,
    /// Its place in that pipeline, from zero.
    pub position: usize,
    /// How many commands that pipeline has.
    pub pipeline: usize,
}

/// A file that is opened by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touch {
    /// What for.
    pub mode: Mode,
    /// The name as written.
    pub path: String,
}

/// What a file is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// To be read.
    Read,
    /// To be written, added to, or both read and written.
    Write,
}
