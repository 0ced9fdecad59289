//! Redirects and here-documents (POSIX, Shell & Utilities, 2.7).

use super::{
    dialect::refuse_network_path,
    fault::Fault,
    parser::Parser,
    tree::{Redirect, RedirectTo, Word},
    word::{Written, read_word},
};

/// A here-document whose text comes with the next line.
pub(super) struct Awaited {
    /// Which of the documents it is.
    pub(super) document: usize,
    end: String,
    /// `<<-`: leading tabs are not part of it.
    strip_tabs: bool,
    /// The end was not quoted, so expansions in the text would count.
    expands: bool,
}

impl Parser<'_> {
    /// Reads a redirect, if one is next. Two come out of `&>`.
    pub(super) fn redirect(&mut self, descriptor: Option<u8>) -> Result<Option<Vec<Redirect>>, Fault> {
        if descriptor.is_none() && self.scan.starts_with("&>") {
            return self.redirect_both().map(Some);
        }
        let one = |default: u8, to: RedirectTo| {
            Ok(Some(vec![Redirect { descriptor: descriptor.unwrap_or(default), to }]))
        };
        if self.scan.starts_with("<(") || self.scan.starts_with(">(") {
            return Err(Fault::opaque("a process substitution"));
        }
        if self.scan.take("<<<") {
            let text = self.literal("a here-string")?;
            self.documents.push(text + "\n");
            return one(0, RedirectTo::Here(String::new()));
        }
        if self.scan.take("<<") {
            self.await_document()?;
            return one(0, RedirectTo::Here(String::new()));
        }
        if self.scan.take("<&") {
            let to = self.duplicate()?;
            return one(0, to);
        }
        if self.scan.take(">&") {
            let to = self.duplicate()?;
            return one(1, to);
        }
        if self.scan.take("<>") {
            let path = self.path()?;
            return one(0, RedirectTo::ReadWrite(path));
        }
        if self.scan.take(">>") {
            let path = self.path()?;
            return one(1, RedirectTo::Append(path));
        }
        if self.scan.take(">|") || self.scan.take(">") {
            let path = self.path()?;
            return one(1, RedirectTo::Write(path));
        }
        if self.scan.take("<") {
            let path = self.path()?;
            return one(0, RedirectTo::Read(path));
        }
        Ok(None)
    }

    /// `&>` and `&>>` of bash: both outputs to one file, written as every shell reads it.
    fn redirect_both(&mut self) -> Result<Vec<Redirect>, Fault> {
        let to = if self.scan.take("&>>") { RedirectTo::Append } else { RedirectTo::Write };
        self.scan.take("&>");
        let path = self.path()?;
        Ok(vec![
            Redirect { descriptor: 1, to: to(path) },
            Redirect { descriptor: 2, to: RedirectTo::Duplicate(1) },
        ])
    }

    fn duplicate(&mut self) -> Result<RedirectTo, Fault> {
        let text = self.literal("a descriptor")?;
        match text.as_bytes() {
            [b'-'] => Ok(RedirectTo::Close),
            [digit @ b'0'..=b'9'] => Ok(RedirectTo::Duplicate(digit - b'0')),
            _ => Err(Fault::opaque("a redirect to something that is no descriptor")),
        }
    }

    fn path(&mut self) -> Result<Word, Fault> {
        let word = self.operand("a path")?.word;
        if word.is_glob() {
            return Err(Fault::opaque("a redirect to a pattern"));
        }
        refuse_network_path(&word.shown())?;
        Ok(word)
    }

    fn literal(&mut self, what: &str) -> Result<String, Fault> {
        let written = self.operand(what)?;
        let text = written.word.as_literal();
        text.map(str::to_owned).ok_or_else(|| Fault::opaque(format!("{what} that is not plain text")))
    }

    fn operand(&mut self, what: &str) -> Result<Written, Fault> {
        self.scan.skip_blanks();
        read_word(&mut self.scan)?.ok_or_else(|| Fault::malformed(format!("a redirect without {what}")))
    }

    fn await_document(&mut self) -> Result<(), Fault> {
        let strip_tabs = self.scan.take("-");
        let written = self.operand("its end")?;
        let Some(end) = written.word.as_literal() else {
            return Err(Fault::opaque("a here-document with a pattern for its end"));
        };
        let document = self.documents.len();
        self.awaited.push(Awaited { document, end: end.to_owned(), strip_tabs, expands: written.all_plain });
        self.documents.push(String::new());
        Ok(())
    }

    pub(super) fn document(&mut self, awaited: &Awaited) -> Result<String, Fault> {
        let mut text = String::new();
        while self.scan.peek().is_some() {
            let line = self.scan.take_line();
            let line = if awaited.strip_tabs { line.trim_start_matches('\t') } else { line };
            if line == awaited.end {
                return if awaited.expands && text.contains(['$', '`', '\\']) {
                    Err(Fault::opaque("an expansion in a here-document"))
                } else {
                    Ok(text)
                };
            }
            text.push_str(line);
            text.push('\n');
        }
        Err(Fault::unfinished("a here-document without its end"))
    }
}

/// The descriptor that a word right before `<` or `>` is; `None` where it is a word of its own.
pub(super) fn descriptor(written: &Written) -> Result<Option<u8>, Fault> {
    if !written.all_plain {
        return Ok(None);
    }
    match written.plain.as_bytes() {
        [digit @ b'0'..=b'9'] => Ok(Some(digit - b'0')),
        [b'{', .., b'}'] => Err(Fault::opaque("a descriptor that the shell chooses")),
        digits if digits.iter().all(u8::is_ascii_digit) => {
            Err(Fault::opaque("a descriptor of more than one digit"))
        }
        _ => Ok(None),
    }
}
