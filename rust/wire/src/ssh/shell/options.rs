//! Walks over the options before a program's operands, knowing every one of them or giving up.

use super::tree::Word;

/// The options that a program is known by.
pub(super) struct Options {
    /// Letters that stand alone.
    pub(super) flags: &'static str,
    /// Letters that take a value, in the same word or the next.
    pub(super) valued: &'static str,
    /// `--name`, without the dashes.
    pub(super) long_flags: &'static [&'static str],
    /// `--name=value` or `--name value`.
    pub(super) long_valued: &'static [&'static str],
}

pub(super) const NONE: Options = Options { flags: "", valued: "", long_flags: &[], long_valued: &[] };

/// What was walked over.
#[derive(Debug, Default)]
pub(super) struct Walk {
    /// The first word that is no option.
    pub(super) first: usize,
    /// Options with values, by letter or name, in order.
    pub(super) values: Vec<(String, String)>,
}

impl Walk {
    pub(super) fn value(&self, names: &[&str]) -> Option<&str> {
        self.values
            .iter()
            .rev()
            .find(|(name, _)| names.contains(&name.as_str()))
            .map(|(_, value)| value.as_str())
    }
}

/// Walks over the options from `words[from]` on.
///
/// # Errors
/// The reason, where an option is not known, is abbreviated, or is not plain text.
pub(super) fn walk(words: &[Word], from: usize, known: &Options) -> Result<Walk, String> {
    let mut walk = Walk { first: from, ..Walk::default() };
    loop {
        let Some(word) = words.get(walk.first) else { return Ok(walk) };
        let Some(text) = word.as_literal() else {
            return if word.shown().starts_with(['-', '*', '?']) {
                Err("an option that is a pattern".to_owned())
            } else {
                Ok(walk)
            };
        };
        if text == "--" {
            walk.first += 1;
            return Ok(walk);
        }
        if text == "-" || !text.starts_with('-') {
            return Ok(walk);
        }
        walk.first += 1;
        match text.strip_prefix("--") {
            Some(long) => walk.long(long, words, known)?,
            None => walk.short(text.get(1..).unwrap_or_default(), words, known)?,
        }
    }
}

impl Walk {
    fn long(&mut self, text: &str, words: &[Word], known: &Options) -> Result<(), String> {
        let (name, value) = text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)));
        if known.long_flags.contains(&name) && value.is_none() {
            return Ok(());
        }
        if !known.long_valued.contains(&name) {
            return Err(format!("option --{name} is not known here"));
        }
        let value = value.map_or_else(|| self.next(words, name), |value| Ok(value.to_owned()))?;
        self.values.push((name.to_owned(), value));
        Ok(())
    }

    fn short(&mut self, letters: &str, words: &[Word], known: &Options) -> Result<(), String> {
        for (index, letter) in letters.char_indices() {
            if known.flags.contains(letter) {
                continue;
            }
            if !known.valued.contains(letter) {
                return Err(format!("option -{letter} is not known here"));
            }
            let rest = letters.get(index + letter.len_utf8()..).unwrap_or_default();
            let name = letter.to_string();
            let value = if rest.is_empty() { self.next(words, &name)? } else { rest.to_owned() };
            self.values.push((name, value));
            return Ok(());
        }
        Ok(())
    }

    fn next(&mut self, words: &[Word], name: &str) -> Result<String, String> {
        let value = words.get(self.first).and_then(Word::as_literal);
        self.first += 1;
        value.map(str::to_owned).ok_or_else(|| format!("option {name} without a plain value"))
    }
}
