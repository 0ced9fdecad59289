//! Programs that run another as it is: it is the other that is judged.

use super::{
    dialect::is_name,
    layer::{Layer, Script, Wrapper},
    names::Program,
    options::{self, NONE, Options},
    tree::Word,
};

/// One row of what is known.
struct Known {
    name: &'static str,
    options: Options,
    /// Operands before the command.
    operands: usize,
}

const KNOWN: &[Known] = &[
    Known {
        name: "timeout",
        options: Options {
            flags: "fpv",
            valued: "ks",
            long_flags: &["foreground", "preserve-status", "verbose"],
            long_valued: &["kill-after", "signal"],
        },
        operands: 1,
    },
    Known {
        name: "nice",
        options: Options { valued: "n", long_valued: &["adjustment"], flags: "0123456789", ..NONE },
        operands: 0,
    },
    Known { name: "nohup", options: NONE, operands: 0 },
    Known {
        name: "setsid",
        options: Options { flags: "cfw", long_flags: &["ctty", "fork", "wait"], ..NONE },
        operands: 0,
    },
    Known {
        name: "stdbuf",
        options: Options { valued: "ioe", long_valued: &["input", "output", "error"], ..NONE },
        operands: 0,
    },
    Known {
        name: "ionice",
        options: Options {
            flags: "t",
            valued: "cn",
            long_flags: &["ignore"],
            long_valued: &["class", "classdata"],
        },
        operands: 0,
    },
    Known { name: "chrt", options: Options { flags: "bfiorR", ..NONE }, operands: 1 },
    Known {
        name: "taskset",
        options: Options { flags: "c", long_flags: &["cpu-list"], ..NONE },
        operands: 1,
    },
    Known { name: "time", options: Options { flags: "pv", ..NONE }, operands: 0 },
    Known { name: "busybox", options: NONE, operands: 0 },
    Known { name: "toybox", options: NONE, operands: 0 },
    Known { name: "builtin", options: NONE, operands: 0 },
    Known { name: "command", options: Options { flags: "p", ..NONE }, operands: 0 },
    Known { name: "exec", options: Options { flags: "cl", valued: "a", ..NONE }, operands: 0 },
];

const ENV: Options = Options {
    flags: "i0v",
    valued: "u",
    long_flags: &["ignore-environment", "null", "debug"],
    long_valued: &["unset"],
};

const XARGS: Options = Options {
    flags: "0rtx",
    valued: "nPdLIsE",
    long_flags: &["null", "no-run-if-empty", "verbose", "exit"],
    long_valued: &["max-args", "max-procs", "delimiter", "max-lines", "max-chars"],
};

/// What `words` are if their first names a wrapper; `None` where it does not.
pub(super) fn layer(program: Program<'_>, words: &[Word]) -> Option<Layer> {
    match program.name {
        "env" => return Some(env(words)),
        "xargs" => return Some(xargs(words)),
        "command" if asks_only(words) => return Some(Layer::program()),
        "eval" => return Some(eval(words)),
        _ => {}
    }
    let known = KNOWN.iter().find(|known| known.name == program.name)?;
    Some(match options::walk(words, 1, &known.options) {
        Ok(walk) => wrapped(program.name, words, walk.first + known.operands),
        Err(reason) => Layer::opaque(format!("{}: {reason}", program.name)),
    })
}

fn wrapped(name: &str, words: &[Word], at: usize) -> Layer {
    if at < words.len() {
        Layer::Wrapper(Wrapper { at, ..Wrapper::default() })
    } else if words.len() == 1 {
        Layer::program() // by itself it runs nothing
    } else {
        Layer::opaque(format!("{name} without a command"))
    }
}

/// `command -v` and `-V` only say what a name would run.
fn asks_only(words: &[Word]) -> bool {
    matches!(words.get(1).and_then(Word::as_literal), Some("-v" | "-V"))
}

fn env(words: &[Word]) -> Layer {
    let walk = match options::walk(words, 1, &ENV) {
        Ok(walk) => walk,
        Err(reason) => return Layer::opaque(format!("env: {reason}")),
    };
    let mut at = walk.first;
    if words.get(at).and_then(Word::as_literal) == Some("-") {
        at += 1;
    }
    let (assignments, at) = match assignments(words, at) {
        Ok(found) => found,
        Err(reason) => return Layer::opaque(format!("env: {reason}")),
    };
    if at < words.len() {
        return Layer::Wrapper(Wrapper { at, assignments, ..Wrapper::default() });
    }
    Layer::program()
}

/// `NAME=value` words from `at` on, and the first word after them.
pub(super) fn assignments(words: &[Word], mut at: usize) -> Result<(Vec<(String, String)>, usize), String> {
    let mut found = Vec::new();
    while let Some(word) = words.get(at) {
        let shown = word.shown();
        let Some((name, value)) = shown.split_once('=') else { break };
        if word.as_literal().is_none() || !is_name(name) {
            return Err("a variable that is not plainly named".to_owned());
        }
        found.push((name.to_owned(), value.to_owned()));
        at += 1;
    }
    Ok((found, at))
}

fn xargs(words: &[Word]) -> Layer {
    match options::walk(words, 1, &XARGS) {
        Ok(walk) if walk.first < words.len() => Layer::Wrapper(Wrapper {
            at: walk.first,
            adds_words: true,
            placeholder: walk.value(&["I"]).map(str::to_owned),
            ..Wrapper::default()
        }),
        Ok(_) => Layer::program(), // it then runs `echo`
        Err(reason) => Layer::opaque(format!("xargs: {reason}")),
    }
}

fn eval(words: &[Word]) -> Layer {
    if words.len() == 1 {
        return Layer::program();
    }
    Layer::Script(Script { at: 1, count: words.len() - 1, through: Vec::new(), takes_more: true })
}
