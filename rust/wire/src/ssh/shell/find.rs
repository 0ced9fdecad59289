//! `find`: what it runs, deletes and writes.

use super::{
    layer::{Layer, Program as Known},
    names::Program,
    simple::{Mode, Touch},
    tree::Word,
};

/// What `words` are if their first names find; `None` where it does not.
pub(super) fn layer(program: Program<'_>, words: &[Word]) -> Option<Layer> {
    program.is_one_of(&["find", "gfind"]).then(|| judged(words))
}

fn judged(words: &[Word]) -> Layer {
    let mut known = Known::default();
    let mut at = 1;
    while let Some(word) = words.get(at) {
        at += 1;
        match word.as_literal() {
            Some("-execdir" | "-okdir") => {
                return Layer::opaque("find that runs a command in other directories");
            }
            Some("-exec" | "-ok") => {
                let Some(end) = command_end(words, at) else {
                    return Layer::opaque("find with a command that does not end");
                };
                known.commands.push((at, end));
                at = end + 1;
            }
            Some("-delete") => known.acts_like.push(vec!["rm".to_owned(), "-r".to_owned()]),
            Some("-fprint" | "-fprint0" | "-fprintf" | "-fls") => {
                let Some(path) = words.get(at).and_then(Word::as_literal) else {
                    return Layer::opaque("find with a file that is not plainly named");
                };
                known.touches.push(Touch { mode: Mode::Write, path: path.to_owned() });
            }
            Some("-files0-from") => return Layer::opaque("find that reads where to search"),
            _ => {}
        }
    }
    Layer::Program(known)
}

/// The word `;`, or `+` after `{}`, that ends a command.
fn command_end(words: &[Word], from: usize) -> Option<usize> {
    (from..words.len()).find(|&index| match words.get(index).and_then(Word::as_literal) {
        Some(";") => true,
        Some("+") => index > from && words.get(index - 1).and_then(Word::as_literal) == Some("{}"),
        _ => false,
    })
}
