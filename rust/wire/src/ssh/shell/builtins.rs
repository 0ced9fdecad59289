//! What a shell does itself and that could change what later words mean, or run code out of a word.

use super::{layer::Layer, names::Program, tree::Word, wrappers::assignments};

/// These define names, change the shell, or evaluate their words (`unset 'a[$(id)]'` runs `id`).
const CHANGING: &[&str] = &[
    ".",
    "source",
    "alias",
    "unalias",
    "bind",
    "caller",
    "compgen",
    "complete",
    "compopt",
    "declare",
    "dirs",
    "disown",
    "enable",
    "fc",
    "getopts",
    "hash",
    "history",
    "let",
    "local",
    "mapfile",
    "popd",
    "pushd",
    "read",
    "readarray",
    "readonly",
    "set",
    "shift",
    "shopt",
    "trap",
    "typeset",
    "unset",
    "suspend",
    "fg",
    "bg",
    "coproc",
    "return",
    "logout",
    "break",
    "continue",
    "vared",
    "autoload",
    "zmodload",
    "emulate",
    "setopt",
    "noglob",
];

/// Tests that look at a variable evaluate the brackets after its name.
const EVALUATING_TESTS: &[&str] = &["-v", "-R"];

/// What `words` are if their first names such a builtin; `None` where it does not.
pub(super) fn layer(program: Program<'_>, words: &[Word]) -> Option<Layer> {
    let uses = |options: &[&str]| {
        words.iter().skip(1).any(|word| word.as_literal().is_none_or(|text| options.contains(&text)))
    };
    match program.name {
        name if CHANGING.contains(&name) => {
            Some(Layer::opaque(format!("{name} changes what later commands mean, or runs code")))
        }
        "export" => Some(match assignments(words, 1) {
            Ok((found, end)) if end == words.len() => Layer::Assignments(found),
            _ => Layer::opaque("export of more than plain variables"),
        }),
        "test" | "[" if uses(EVALUATING_TESTS) => Some(Layer::opaque("a test that evaluates a name")),
        "printf" if words.get(1).is_none_or(|word| word.shown().starts_with("-v")) => {
            Some(Layer::opaque("printf into a variable"))
        }
        "wait" if uses(&["-p"]) => Some(Layer::opaque("wait into a variable")),
        _ => None,
    }
}
