//! The grammar: lists, pipelines, groups, simple commands, redirects (POSIX, Shell & Utilities, 2.10).

use super::{
    dialect::{RESERVED, assignment},
    fault::Fault,
    limits::ShellLimits,
    redirects::{Awaited, descriptor},
    scan::Scan,
    tree::{Command, Connector, Item, Pipeline, RedirectTo, Script, Simple},
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

pub(super) struct Parser<'a> {
    pub(super) scan: Scan<'a>,
    limits: &'a ShellLimits,
    nesting: usize,
    pub(super) awaited: Vec<Awaited>,
    /// The texts of here-documents and here-strings, in the order of their redirects.
    pub(super) documents: Vec<String>,
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
