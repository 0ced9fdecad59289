//! `git`: which of its commands and options run other programs.

use super::{code::is_option, layer::Layer, tree::Word};

/// Options before the command that change neither programs nor configuration.
const BEFORE: &[&str] =
    &["--no-pager", "-P", "--no-optional-locks", "--literal-pathspecs", "--bare", "--version"];

/// Commands that run nothing but git, its hooks and its transports, unless an option says so.
const COMMANDS: &[&str] = &[
    "add",
    "apply",
    "am",
    "archive",
    "blame",
    "branch",
    "cat-file",
    "check-ignore",
    "checkout",
    "cherry",
    "cherry-pick",
    "clean",
    "clone",
    "commit",
    "count-objects",
    "describe",
    "diff",
    "diff-index",
    "diff-tree",
    "fetch",
    "for-each-ref",
    "format-patch",
    "fsck",
    "gc",
    "grep",
    "hash-object",
    "init",
    "log",
    "ls-files",
    "ls-remote",
    "ls-tree",
    "merge",
    "merge-base",
    "mv",
    "name-rev",
    "notes",
    "prune",
    "pull",
    "push",
    "range-diff",
    "reflog",
    "remote",
    "reset",
    "restore",
    "rev-list",
    "rev-parse",
    "revert",
    "rm",
    "shortlog",
    "show",
    "show-ref",
    "sparse-checkout",
    "stash",
    "status",
    "switch",
    "symbolic-ref",
    "tag",
    "update-ref",
    "version",
    "whatchanged",
    "worktree",
];

const OPTIONS: &[&str] = &[
    "upload-pack",
    "receive-pack",
    "exec",
    "ext-diff",
    "textconv",
    "open-files-in-pager",
    "extcmd",
    "template",
    "config",
    "config-env",
    "exec-path",
    "output",
    "edit",
    "interactive",
    "sequence-editor",
];

/// Why the words run code; `None` where they do not.
pub(super) fn layer(words: &[Word]) -> Option<Layer> {
    let texts: Vec<String> = words.iter().map(Word::shown).collect();
    let mut at = 1;
    while let Some(text) = texts.get(at).filter(|text| text.starts_with('-')) {
        at += match text.as_str() {
            "-C" => 2,
            text if BEFORE.contains(&text) => 1,
            _ => return Some(Layer::opaque("git with an option that may set what it runs")),
        };
    }
    let command = texts.get(at)?;
    if !COMMANDS.contains(&command.as_str()) && !only_reads(command, texts.get(at + 1)) {
        return Some(Layer::opaque(format!("git {command} may run code")));
    }
    let culprit = texts.iter().skip(at + 1).find(|text| runs_code(command, text))?;
    Some(Layer::opaque(format!("git {command} {culprit} may run code")))
}

fn only_reads(command: &str, option: Option<&String>) -> bool {
    command == "config"
        && option.is_some_and(|option| matches!(option.as_str(), "--get" | "--list" | "-l" | "--get-all"))
}

fn runs_code(command: &str, text: &str) -> bool {
    let short = match command {
        "clone" => text.starts_with("-u") || text.starts_with("-c"),
        "grep" => text.starts_with("-O"),
        _ => false,
    };
    let long = text.strip_prefix("--").is_some_and(|long| is_option(long, OPTIONS));
    let transport =
        text.split_once("::").is_some_and(|(before, _)| before.chars().all(char::is_alphanumeric));
    short || long || transport
}
