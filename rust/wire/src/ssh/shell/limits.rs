//! The bounds of reading a command, each with its reason.

/// Bounds on what one command string can make the reader do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShellLimits {
    /// Bytes of the string: it is judged whole and shown whole to people.
    pub command_bytes_max: usize,
    /// Bytes of what is released, scripts within words included: Linux takes no longer word (`MAX_ARG_STRLEN`),
    /// and quotes within quotes grow.
    pub released_bytes_max: usize,
    /// Groups and subshells within each other; reading them recurses.
    pub nesting_max: usize,
    /// Simple commands, those inside wrappers included: each is put to every rule.
    pub commands_max: usize,
    /// Wrappers around one command (`sudo env timeout …`); unwrapping a script recurses.
    pub wrappers_max: usize,
}

impl Default for ShellLimits {
    fn default() -> ShellLimits {
        ShellLimits {
            command_bytes_max: 64 << 10,
            released_bytes_max: (128 << 10) - 1,
            nesting_max: 16,
            commands_max: 256,
            wrappers_max: 8,
        }
    }
}
