//! Which program a word in the place of a command names.

/// Where a program of a known name is the program of that name.
const SYSTEM_DIRECTORIES: &[&str] =
    &["/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"];

/// A program's name without its directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Program<'a> {
    pub(super) name: &'a str,
    /// The same without a version: `python` for `python3.11`.
    pub(super) stem: &'a str,
    /// It is found on the path or in a directory of the system, where no agent puts programs.
    pub(super) of_the_system: bool,
}

impl<'a> Program<'a> {
    pub(super) fn named(word: &'a str) -> Program<'a> {
        let (directory, name) = word.rsplit_once('/').map_or((None, word), |(dir, name)| (Some(dir), name));
        Program {
            name,
            stem: name.trim_end_matches(|end: char| end.is_ascii_digit() || end == '.' || end == '-'),
            of_the_system: directory.is_none_or(|directory| SYSTEM_DIRECTORIES.contains(&directory)),
        }
    }

    pub(super) fn is_one_of(&self, names: &[&str]) -> bool {
        names.contains(&self.name) || names.contains(&self.stem)
    }
}
