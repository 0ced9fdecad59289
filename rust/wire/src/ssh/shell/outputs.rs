//! Options with which programs that seem only to read write a file.

use super::{
    code::is_option,
    names::Program,
    simple::{Mode, Touch},
    tree::Word,
};

/// One row: a program, and its options that name a file to write.
struct Known {
    names: &'static [&'static str],
    letters: &'static str,
    long: &'static [&'static str],
}

const KNOWN: &[Known] = &[
    Known { names: &["sort", "shuf", "iconv", "tree"], letters: "o", long: &["output"] },
    Known { names: &["uniq"], letters: "", long: &[] },
    Known {
        names: &["curl"],
        letters: "oDc",
        long: &[
            "output",
            "dump-header",
            "cookie-jar",
            "trace",
            "trace-ascii",
            "stderr",
            "libcurl",
            "etag-save",
            "hsts",
            "alt-svc",
        ],
    },
    Known { names: &["wget"], letters: "OoaP", long: &["output-document", "output-file", "append-output"] },
    Known { names: &["ss"], letters: "D", long: &["diag"] },
];

/// Options of curl that write where no word says.
const CURL_HERE: &[&str] = &["remote-name", "remote-name-all", "remote-header-name", "output-dir"];

/// Whether a program is one of those.
pub(super) fn writes(program: Program<'_>) -> bool {
    known(program).is_some()
}

/// The files that the words make their program write.
///
/// # Errors
/// The reason, where a file is not plainly named.
pub(super) fn touches(words: &[Word]) -> Result<Vec<Touch>, String> {
    let name = words.first().map(Word::shown).unwrap_or_default();
    let program = Program::named(&name);
    let Some(known) = known(program) else { return Ok(Vec::new()) };
    let unclear = || format!("{name} that writes a file that is not plainly named");
    let texts: Vec<String> = words.iter().map(Word::shown).collect();
    let mut touches = Vec::new();
    for (index, text) in texts.iter().enumerate().skip(1) {
        if program.name == "curl" && writes_here(text) {
            return Err(unclear());
        }
        let path = match known.value(text) {
            Value::None => continue,
            Value::Here(path) => path.to_owned(),
            Value::Next => texts.get(index + 1).cloned().ok_or_else(unclear)?,
        };
        touches.push(Touch { mode: Mode::Write, path });
    }
    if program.name == "uniq" {
        let operands = texts.iter().skip(1).filter(|text| !text.starts_with('-'));
        touches.extend(operands.skip(1).map(|path| Touch { mode: Mode::Write, path: path.clone() }));
    }
    Ok(touches)
}

fn known(program: Program<'_>) -> Option<&'static Known> {
    KNOWN.iter().find(|known| program.is_one_of(known.names))
}

fn writes_here(text: &str) -> bool {
    match text.strip_prefix("--") {
        Some(long) => long.starts_with("remote") && is_option(long, CURL_HERE) || long.starts_with("output-"),
        None => text.starts_with('-') && text.contains(['O', 'J']),
    }
}

/// Where the name of the file is.
enum Value<'a> {
    None,
    Here(&'a str),
    Next,
}

impl Known {
    fn value<'a>(&self, text: &'a str) -> Value<'a> {
        if let Some(long) = text.strip_prefix("--") {
            return match long.split_once('=') {
                _ if !is_option(long, self.long) => Value::None,
                Some((_, path)) => Value::Here(path),
                None => Value::Next,
            };
        }
        let Some(cluster) = text.strip_prefix('-') else { return Value::None };
        match cluster.find(|letter| self.letters.contains(letter)) {
            None => Value::None,
            Some(at) => match cluster.get(at + 1..).unwrap_or_default() {
                "" => Value::Next,
                path => Value::Here(path),
            },
        }
    }
}
