//! Writes a tree back as text that every POSIX shell reads in the same way.
//!
//! Every word is quoted, so no alias, history, glob, brace or odd blank means anything in it. Here-documents
//! come after the one line that the rest is.

use super::tree::{Command, Connector, Part, Pipeline, Redirect, RedirectTo, Script, Simple, Word};

/// The word that ends a here-document; a number follows where the text itself has such a line.
const HERE_END: &str = "NARROWS_END";

pub(super) fn write(script: &Script) -> String {
    let mut writer = Writer::default();
    writer.script(script);
    if !writer.documents.is_empty() {
        writer.line.push('\n');
        writer.line.push_str(&writer.documents);
    }
    writer.line
}

/// A word in single quotes (POSIX, Shell & Utilities, 2.2.2).
pub(super) fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[derive(Default)]
struct Writer {
    line: String,
    documents: String,
}

impl Writer {
    fn script(&mut self, script: &Script) {
        for item in &script.items {
            self.line.push_str(match item.connector {
                Connector::First => "",
                Connector::Then => "; ",
                Connector::And => " && ",
                Connector::Or => " || ",
            });
            self.pipeline(&item.pipeline);
        }
    }

    fn pipeline(&mut self, pipeline: &Pipeline) {
        if pipeline.negated {
            self.line.push_str("! ");
        }
        for (position, command) in pipeline.commands.iter().enumerate() {
            if position > 0 {
                self.line.push_str(" | ");
            }
            self.command(command);
        }
    }

    fn command(&mut self, command: &Command) {
        match command {
            Command::Simple(simple) => self.simple(simple),
            Command::Subshell(script) => {
                self.line.push_str("( ");
                self.script(script);
                self.line.push_str(" )");
            }
            Command::Group(script) => {
                self.line.push_str("{ ");
                self.script(script);
                self.line.push_str("; }");
            }
        }
    }

    fn simple(&mut self, simple: &Simple) {
        let assignments = simple.assignments.iter().map(|(name, value)| format!("{name}={}", quote(value)));
        let mut parts: Vec<String> = assignments.collect();
        parts.extend(simple.words.iter().enumerate().map(|(index, word)| {
            if index == 0 && is_time(simple) { "time".to_owned() } else { quoted(word) }
        }));
        for redirect in &simple.redirects {
            parts.push(self.redirect(redirect));
        }
        self.line.push_str(&parts.join(" "));
    }

    fn redirect(&mut self, redirect: &Redirect) -> String {
        let fd = redirect.descriptor;
        match &redirect.to {
            RedirectTo::Read(path) => format!("{fd}<{}", quoted(path)),
            RedirectTo::Write(path) => format!("{fd}>{}", quoted(path)),
            RedirectTo::Append(path) => format!("{fd}>>{}", quoted(path)),
            RedirectTo::ReadWrite(path) => format!("{fd}<>{}", quoted(path)),
            RedirectTo::Duplicate(other) => format!("{fd}>&{other}"),
            RedirectTo::Close => format!("{fd}>&-"),
            RedirectTo::Here(text) => {
                let end = here_end(text);
                self.documents.push_str(text);
                self.documents.push_str(&end);
                self.documents.push('\n');
                format!("{fd}<<{}", quote(&end))
            }
        }
    }
}

/// Where the shell has `time` as a keyword, quotes would make it a program that may not be there.
fn is_time(simple: &Simple) -> bool {
    let mut words = simple.words.iter().map(Word::as_literal);
    simple.assignments.is_empty()
        && words.next() == Some(Some("time"))
        && words.next().flatten().is_some_and(|next| !next.starts_with('-'))
}

fn here_end(text: &str) -> String {
    let taken = |end: &str| text.lines().any(|line| line == end);
    if !taken(HERE_END) {
        return HERE_END.to_owned();
    }
    let mut number = 1;
    loop {
        let end = format!("{HERE_END}_{number}");
        if !taken(&end) {
            return end;
        }
        number += 1;
    }
}

fn quoted(word: &Word) -> String {
    if word.parts.is_empty() {
        return quote("");
    }
    let mut text = String::new();
    let mut after_home = false;
    for part in &word.parts {
        match part {
            Part::Literal(literal) => {
                let literal = match literal.strip_prefix('/') {
                    Some(rest) if after_home => {
                        text.push('/');
                        rest
                    }
                    _ => literal,
                };
                if !literal.is_empty() {
                    text.push_str(&quote(literal));
                }
            }
            Part::Star => text.push('*'),
            Part::One => text.push('?'),
            Part::Home => text.push('~'),
        }
        after_home = *part == Part::Home;
    }
    text
}
