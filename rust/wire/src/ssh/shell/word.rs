//! Reads one word: quotes, escapes, and the few things outside of quotes that are understood.

use super::{
    fault::Fault,
    scan::Scan,
    tree::{Part, Word},
};

/// A word, and how much of it was written plainly: reserved words and names count only without quotes.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) word: Word,
    /// Its characters up to the first that was quoted, escaped or more than itself.
    pub(super) plain: String,
    /// `plain` is all of it.
    pub(super) all_plain: bool,
}

/// Reads the word that starts here; `None` where none does.
///
/// # Errors
/// Where it holds anything that is not understood, or quotes that do not end.
pub(super) fn read_word(scan: &mut Scan<'_>) -> Result<Option<Written>, Fault> {
    if scan.at_word_end() {
        return Ok(None);
    }
    let mut reader =
        Reader { written: Written { all_plain: true, ..Written::default() }, unquoted: String::new() };
    while !scan.at_word_end() {
        reader.character(scan)?;
    }
    reader.finish().map(Some)
}

struct Reader {
    written: Written,
    /// What stood outside of quotes, for what shells look for across a whole word: braces, brackets.
    unquoted: String,
}

impl Reader {
    fn character(&mut self, scan: &mut Scan<'_>) -> Result<(), Fault> {
        let Some(character) = scan.next() else { return Ok(()) };
        match character {
            '\'' => {
                let text =
                    scan.take_until('\'').ok_or_else(|| Fault::unfinished("a quote without its end"))?;
                self.text(text);
            }
            '"' => self.double_quotes(scan)?,
            '\\' => match scan.next() {
                Some('\n') => {}
                Some(escaped) => self.text(escaped.encode_utf8(&mut [0; 4])),
                None => return Err(Fault::unfinished("a backslash at the end")),
            },
            '$' => {
                refuse_expansion(scan)?;
                self.plain(character);
            }
            '`' => return Err(Fault::opaque("a command substitution")),
            '*' => self.special(Part::Star, character),
            '?' => self.special(Part::One, character),
            '~' if self.starts() => {
                if !(scan.at_word_end() || scan.starts_with("/")) {
                    return Err(Fault::opaque(
                        "another account's home directory, or a tilde that is not alone",
                    ));
                }
                self.special(Part::Home, character);
            }
            '~' if self.unquoted.ends_with(['=', ':']) => {
                return Err(Fault::opaque("a tilde that some shells expand and others do not"));
            }
            _ => self.plain(character),
        }
        Ok(())
    }

    /// In double quotes only `$`, `` ` `` and `\` are special (POSIX, Shell & Utilities, 2.2.3).
    fn double_quotes(&mut self, scan: &mut Scan<'_>) -> Result<(), Fault> {
        self.text("");
        loop {
            let character = scan.next().ok_or_else(|| Fault::unfinished("a quote without its end"))?;
            match character {
                '"' => return Ok(()),
                '$' if scan.peek() != Some('"') => {
                    refuse_expansion(scan)?;
                    self.text("$");
                }
                '`' => return Err(Fault::opaque("a command substitution")),
                '\\' if scan.take("\n") => {}
                '\\' if scan.peek().is_some_and(|next| matches!(next, '$' | '`' | '"' | '\\')) => {
                    if let Some(escaped) = scan.next() {
                        self.text(escaped.encode_utf8(&mut [0; 4]));
                    }
                }
                _ => self.text(character.encode_utf8(&mut [0; 4])),
            }
        }
    }

    fn starts(&self) -> bool {
        self.written.all_plain && self.written.plain.is_empty() && self.written.word.parts.is_empty()
    }

    /// Text that stands for itself because it was quoted.
    fn text(&mut self, text: &str) {
        self.written.all_plain = false;
        self.unquoted.push('\0'); // keeps apart what quotes keep apart
        self.written.word.push_text(text);
    }

    fn plain(&mut self, character: char) {
        if self.written.all_plain {
            self.written.plain.push(character);
        }
        self.unquoted.push(character);
        self.written.word.push_text(character.encode_utf8(&mut [0; 4]));
    }

    fn special(&mut self, part: Part, character: char) {
        self.written.all_plain = false;
        self.unquoted.push(character);
        self.written.word.parts.push(part);
    }

    fn finish(self) -> Result<Written, Fault> {
        refuse_braces(&self.unquoted)?;
        refuse_brackets(&self.unquoted)?;
        Ok(self.written)
    }
}

/// A `$` is only itself where nothing follows that a shell would take with it.
fn refuse_expansion(scan: &Scan<'_>) -> Result<(), Fault> {
    match scan.peek() {
        Some('(') => Err(Fault::opaque("a command substitution or arithmetic")),
        Some('\'' | '"') => Err(Fault::opaque("quotes that not every shell knows")),
        Some('{' | '[') => Err(Fault::opaque("an expansion")),
        Some(next) if next.is_alphanumeric() || "_@*#?-$!\\".contains(next) => {
            Err(Fault::opaque("a variable"))
        }
        _ => Ok(()),
    }
}

/// `{a,b}` and `{1..9}` become several words in some shells; `{}` and `{a}` in none.
fn refuse_braces(unquoted: &str) -> Result<(), Fault> {
    match unquoted.split_once('{') {
        Some((_, after)) if after.contains(',') || after.contains("..") => {
            Err(Fault::opaque("a brace expansion"))
        }
        _ => Ok(()),
    }
}

fn refuse_brackets(unquoted: &str) -> Result<(), Fault> {
    match unquoted.split_once('[') {
        Some((_, after)) if after.contains(']') => Err(Fault::opaque("a bracket expression")),
        _ => Ok(()),
    }
}
