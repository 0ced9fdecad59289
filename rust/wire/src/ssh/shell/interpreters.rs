//! Programs whose business is to run code: from an option, a file, or their input.

use super::{
    layer::{Layer, Script},
    names::Program,
    tree::Word,
};

/// Shells whose scripts read like POSIX ones, at least where every word is quoted.
const SHELLS: &[&str] = &["sh", "bash", "dash", "ash", "zsh", "ksh", "mksh", "rbash"];
/// Letters of a shell's options that change how it fails or what it prints, not what it runs.
const SHELL_FLAGS: &str = "cefhlnuvx";
/// What may be set with `-o`.
const SHELL_SETTINGS: &[&str] = &["errexit", "nounset", "pipefail", "xtrace", "verbose", "posix"];

/// An interpreter of another language.
struct Language {
    names: &'static [&'static str],
    /// Options before the script's name that run no code.
    harmless: &'static [&'static str],
}

const LANGUAGES: &[Language] = &[
    Language {
        names: &["python", "pypy"],
        harmless: &["-u", "-B", "-E", "-I", "-s", "-S", "-O", "-OO", "-v", "-V", "--version", "-m"],
    },
    Language { names: &["perl"], harmless: &["-w", "-W", "-T", "-v", "--version"] },
    Language { names: &["ruby", "jruby"], harmless: &["-w", "-v", "--version"] },
    Language { names: &["node", "nodejs", "bun", "deno", "qjs"], harmless: &["-v", "--version"] },
    Language { names: &["php"], harmless: &["-v", "--version", "-m", "-i", "-l"] },
    Language { names: &["lua", "luajit", "tclsh", "wish", "expect", "guile"], harmless: &["-v"] },
    Language {
        names: &["Rscript", "R", "julia", "octave", "ghci", "scala", "jshell", "irb", "pry"],
        harmless: &["--version"],
    },
    Language {
        names: &["fish", "csh", "tcsh", "pwsh", "nu", "elvish", "xonsh", "osh"],
        harmless: &["--version"],
    },
];

/// What `words` are if their first names an interpreter; `None` where it does not.
pub(super) fn layer(program: Program<'_>, words: &[Word]) -> Option<Layer> {
    if program.is_one_of(SHELLS) {
        return Some(shell(program.name, words));
    }
    let language = LANGUAGES.iter().find(|language| program.is_one_of(language.names))?;
    Some(from_file(program.name, language, words))
}

/// `sh [options] -c script [words]`, or a file.
fn shell(name: &str, words: &[Word]) -> Layer {
    let mut at = 1;
    let mut script = false;
    while let Some(text) = words.get(at).and_then(Word::as_literal) {
        let Some(letters) = text.strip_prefix('-').filter(|letters| !letters.is_empty()) else { break };
        at += 1;
        if letters == "-" {
            break;
        }
        if text == "--version" {
            return Layer::program();
        }
        if letters == "o"
            && words.get(at).and_then(Word::as_literal).is_some_and(|set| SHELL_SETTINGS.contains(&set))
        {
            at += 1;
        } else if letters.chars().all(|letter| SHELL_FLAGS.contains(letter)) {
            script |= letters.contains('c');
        } else {
            return Layer::opaque(format!("{name} with an option that is not known here"));
        }
    }
    if at >= words.len() {
        return Layer::opaque(format!("{name} runs what comes as its input"));
    }
    if script {
        return Layer::Script(Script { at, count: 1, through: Vec::new(), takes_more: false });
    }
    file_of(name, words, at)
}

fn from_file(name: &str, language: &Language, words: &[Word]) -> Layer {
    let mut at = 1;
    while let Some(text) = words.get(at).and_then(Word::as_literal) {
        if matches!(text, "--version" | "-V") && language.harmless.contains(&text) {
            return Layer::program();
        }
        if !text.starts_with('-') || text == "-" {
            break;
        }
        if !language.harmless.contains(&text) {
            return Layer::opaque(format!("{name} with an option that may carry code"));
        }
        at += 1;
    }
    if at >= words.len() {
        return Layer::opaque(format!("{name} runs what comes as its input"));
    }
    file_of(name, words, at)
}

/// The script is in a file: rules name that file, and who may write it is for the target to say.
fn file_of(name: &str, words: &[Word], at: usize) -> Layer {
    let standard_input = |path: &str| path == "-" || path.starts_with("/dev/") || path.starts_with("/proc/");
    match words.get(at).and_then(Word::as_literal) {
        Some(path) if !standard_input(path) && !path.is_empty() => Layer::program(),
        _ => Layer::opaque(format!("{name} runs what comes as its input")),
    }
}
