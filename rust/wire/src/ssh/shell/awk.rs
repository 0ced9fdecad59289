//! Whether an awk program only reads its input and prints.

use super::{layer::Layer, names::Program, tree::Word};

const NAMES: &[&str] = &["awk", "gawk", "mawk", "nawk"];
/// What lets a program start another, read or write other files, load code, or call a function by a value.
const DANGEROUS: &[&str] = &["system", "getline", "@", "close", "fflush", "ENVIRON", "ARGV", "PROCINFO"];

/// What `words` are if their first names awk; `None` where it does not.
pub(super) fn layer(program: Program<'_>, words: &[Word]) -> Option<Layer> {
    program.is_one_of(NAMES).then(|| judged(words))
}

fn judged(words: &[Word]) -> Layer {
    let mut at = 1;
    while let Some(text) = words.get(at).and_then(Word::as_literal) {
        match text {
            "-F" | "-v" => at += 2,
            _ if text.starts_with("-F") || text.starts_with("-v") => at += 1,
            _ if text.starts_with('-') => return Layer::opaque("awk with an option that may carry code"),
            _ if is_plain(text) => return files(words, at + 1),
            _ => return Layer::opaque("an awk program that may do more than print"),
        }
    }
    Layer::opaque("awk without a plain program")
}

/// Operands after the program are files, or assignments that could hold nothing that runs.
fn files(words: &[Word], from: usize) -> Layer {
    let options = words.iter().skip(from).any(|word| word.shown().starts_with('-') && word.shown() != "-");
    if options { Layer::opaque("awk with an option after its program") } else { Layer::program() }
}

fn is_plain(program: &str) -> bool {
    let pipes = program.replace("||", "").contains('|');
    let redirects = program.split_once("print").is_some_and(|(_, after)| after.contains('>'));
    !pipes && !redirects && !DANGEROUS.iter().any(|word| program.contains(word))
}
