//! The grammar: lists, pipelines, groups, simple commands, redirects (POSIX, Shell & Utilities, 2.10).

use super::{
    dialect::{RESERVED, assignment, refuse_network_path},
    fault::Fault,
    limits::ShellLimits,
    scan::Scan,
    tree::{Command, Connector, Item, Pipeline, Redirect, RedirectTo, Script, Simple, Word},
    word::{Written, read_word},
};

pub(super) fn parse(text: &str, limits: &ShellLimits) -> Result<Script, Fault> {
    if text.len() > limits.command_bytes_max {
        return Err(Fault::oversized("command_bytes_max", limits.command_bytes_max));
    }
    let scan = Scan::new(text)?;
    let mut parser = Parser { scan, limits, nesting: 0, awaited: Vec::new(), documents: Vec::new() };
    let mut script = parser.script(Closer::End)?;
    if !parser.awaited.is_empty() {
        return Err(Fault::unfinished("a here-document without its end"));
    }
    fill_documents(&mut script, &mut parser.documents.into_iter());
    Ok(script)
}

/// What ends a list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Closer {
    End,
    Parenthesis,
    Brace,
}

/// A here-document whose text comes with the next line.
struct Awaited {
    /// Which of the documents it is.
    document: usize,
    end: String,
    /// `<<-`: leading tabs are not part of it.
    strip_tabs: bool,
    /// The end was not quoted, so expansions in the text would count.
    expands: bool,
}

struct Parser<'a> {
    scan: Scan<'a>,
    limits: &'a ShellLimits,
    nesting: usize,
    awaited: Vec<Awaited>,
    /// The texts of here-documents and here-strings, in the order of their redirects.
    documents: Vec<String>,
}

impl Parser<'_> {
    fn script(&mut self, closer: Closer) -> Result<Script, Fault> {
        if self.nesting > self.limits.nesting_max {
            return Err(Fault::oversized("nesting_max", self.limits.nesting_max));
        }
        self.nesting += 1;
        let mut items = Vec::new();
        let mut connector = Connector::First;
        loop {
            self.skip_lines()?;
            if self.closes(closer)? {
                break;
            }
            if items.len() >= self.limits.commands_max {
                return Err(Fault::oversized("commands_max", self.limits.commands_max));
            }
            let pipeline = self.pipeline()?;
            items.push(Item { connector, pipeline });
            connector = self.connector()?;
            if connector == Connector::First {
                self.skip_lines()?;
                if self.closes(closer)? {
                    break;
                }
                return Err(Fault::malformed("a command where an operator belongs"));
            }
            if matches!(connector, Connector::And | Connector::Or) {
                self.skip_lines()?;
                if self.scan.peek().is_none() {
                    return Err(Fault::unfinished("nothing after an operator"));
                }
            }
        }
        self.nesting -= 1;
        if items.is_empty() && closer != Closer::End {
            return Err(Fault::malformed("an empty group"));
        }
        Ok(Script { items })
    }

    /// Whether the list ends here; its closer is passed.
    fn closes(&mut self, closer: Closer) -> Result<bool, Fault> {
        match (closer, self.scan.peek()) {
            (Closer::End, None) => Ok(true),
            (_, None) => Err(Fault::unfinished("a group without its end")),
            (Closer::Parenthesis, Some(')')) => Ok(self.scan.take(")")),
            (_, Some(')')) => Err(Fault::malformed("a closing parenthesis without its opening")),
            (Closer::Brace, Some('}')) => Ok(self.take_reserved("}")),
            _ => Ok(false),
        }
    }

    /// What comes after a pipeline; `First` where the list ends or goes on with nothing that may follow.
    fn connector(&mut self) -> Result<Connector, Fault> {
        self.scan.skip_blanks();
        if self.scan.take("&&") {
            return Ok(Connector::And);
        }
        if self.scan.take("||") {
            return Ok(Connector::Or);
        }
        if self.scan.starts_with(";;") || self.scan.starts_with(";&") {
            return Err(Fault::malformed("the end of a case outside of one"));
        }
        if self.scan.take(";") {
            return Ok(Connector::Then);
        }
        if self.scan.starts_with("&") {
            return Err(Fault::opaque("a command that runs on in the background"));
        }
        if self.scan.starts_with("\n") {
            return Ok(Connector::Then);
        }
        Ok(Connector::First)
    }

    fn pipeline(&mut self) -> Result<Pipeline, Fault> {
        let mut negated = false;
        while self.take_reserved("!") {
            negated = !negated;
            self.scan.skip_blanks();
        }
        let mut commands = vec![self.command()?];
        loop {
            self.scan.skip_blanks();
            if self.scan.starts_with("||") || !self.scan.take("|") {
                return Ok(Pipeline { negated, commands });
            }
            if self.scan.starts_with("&") {
                return Err(Fault::opaque("a pipe of both outputs"));
            }
            if commands.len() >= self.limits.commands_max {
                return Err(Fault::oversized("commands_max", self.limits.commands_max));
            }
            self.skip_lines()?;
            if self.scan.peek().is_none() {
                return Err(Fault::unfinished("nothing after a pipe"));
            }
            commands.push(self.command()?);
        }
    }

    fn command(&mut self) -> Result<Command, Fault> {
        self.scan.skip_blanks();
        if self.scan.starts_with("((") {
            return Err(Fault::opaque("arithmetic"));
        }
        let command = if self.scan.take("(") {
            Command::Subshell(self.script(Closer::Parenthesis)?)
        } else if self.take_reserved("{") {
            Command::Group(self.script(Closer::Brace)?)
        } else {
            return self.simple().map(Command::Simple);
        };
        self.scan.skip_blanks();
        if self.scan.peek().is_some_and(|next| matches!(next, '<' | '>')) {
            return Err(Fault::opaque("a redirect of a whole group"));
        }
        Ok(command)
    }

    fn simple(&mut self) -> Result<Simple, Fault> {
        let mut simple = Simple::default();
        loop {
            self.scan.skip_blanks();
            if let Some(redirects) = self.redirect(None)? {
                simple.redirects.extend(redirects);
                continue;
            }
            if self.scan.starts_with("(") {
                return Err(if simple.words.is_empty() {
                    Fault::malformed("a parenthesis where a command belongs")
                } else {
                    Fault::opaque("a function, an array or a parenthesis out of place")
                });
            }
            let Some(written) = read_word(&mut self.scan)? else { break };
            self.take_word(&mut simple, written)?;
        }
        if simple == Simple::default() {
            return Err(Fault::malformed("no command where one belongs"));
        }
        Ok(simple)
    }

    fn take_word(&mut self, simple: &mut Simple, written: Written) -> Result<(), Fault> {
        let before_redirect = self.scan.starts_with("<") || self.scan.starts_with(">");
        if before_redirect && let Some(descriptor) = descriptor(&written)? {
            simple.redirects.extend(self.redirect(Some(descriptor))?.unwrap_or_default());
            return Ok(());
        }
        if !simple.words.is_empty() {
            simple.words.push(written.word);
            return Ok(());
        }
        if let Some((name, value)) = assignment(&written)? {
            simple.assignments.push((name, value));
            return Ok(());
        }
        if written.all_plain && written.plain == "}" {
            return Err(Fault::malformed("a closing brace without its opening"));
        }
        if written.all_plain && RESERVED.contains(&written.plain.as_str()) {
            return Err(Fault::opaque(format!("`{}`, which only a full shell follows", written.plain)));
        }
        if written.word.as_literal().is_none() {
            return Err(Fault::opaque("a command that is named by a pattern"));
        }
        simple.words.push(written.word);
        Ok(())
    }

    /// Reads a redirect, if one is next. Two come out of `&>`.
    fn redirect(&mut self, descriptor: Option<u8>) -> Result<Option<Vec<Redirect>>, Fault> {
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

    /// Passes blanks and line ends; here-documents come right after a line end.
    fn skip_lines(&mut self) -> Result<(), Fault> {
        loop {
            self.scan.skip_blanks();
            if !self.scan.take("\n") {
                return Ok(());
            }
            for awaited in std::mem::take(&mut self.awaited) {
                let text = self.document(&awaited)?;
                if let Some(place) = self.documents.get_mut(awaited.document) {
                    *place = text;
                }
            }
        }
    }

    fn document(&mut self, awaited: &Awaited) -> Result<String, Fault> {
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

    /// Passes a reserved word that stands alone.
    fn take_reserved(&mut self, word: &str) -> bool {
        let mut after = self.scan.clone();
        if after.take(word) && after.at_word_end() && !after.starts_with("(") {
            self.scan = after;
            return true;
        }
        false
    }
}

/// The descriptor that a word right before `<` or `>` is; `None` where it is a word of its own.
fn descriptor(written: &Written) -> Result<Option<u8>, Fault> {
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

/// Puts the texts of here-documents, which come after their redirects, where they belong.
fn fill_documents(script: &mut Script, documents: &mut impl Iterator<Item = String>) {
    for command in script.items.iter_mut().flat_map(|item| &mut item.pipeline.commands) {
        match command {
            Command::Subshell(inner) | Command::Group(inner) => fill_documents(inner, documents),
            Command::Simple(simple) => {
                for redirect in &mut simple.redirects {
                    if let RedirectTo::Here(text) = &mut redirect.to {
                        *text = documents.next().unwrap_or_default();
                    }
                }
            }
        }
    }
}
