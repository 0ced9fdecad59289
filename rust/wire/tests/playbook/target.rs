//! A target for properties: the rules of the protocol and no database. Every row it returns is a secret in
//! the masked column of a masked relation.

use std::collections::HashSet;

use super::messages::*;
use super::{PEOPLE, denied, messages};

pub const SECRET: &str = "000-12-3456";

#[derive(Default)]
pub struct Target {
    denies: bool,
    skips: bool,
    statements: HashSet<Vec<u8>>,
    portals: HashSet<Vec<u8>>,
    input: Vec<u8>,
}

impl Target {
    /// A target that answers a text that starts with `deny` as a denied agent is to be answered.
    pub fn denying() -> Target {
        Target { denies: true, ..Target::default() }
    }

    /// Takes whole messages and answers them.
    pub fn answer(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.input.extend_from_slice(bytes);
        let mut replies = Vec::new();
        while let [tag, a, b, c, d, ..] = self.input[..] {
            let total = u32::from_be_bytes([a, b, c, d]) as usize + 1;
            if self.input.len() < total {
                break;
            }
            let frame: Vec<u8> = self.input.drain(..total).collect();
            replies.extend(self.reply(tag, &frame[5..]));
        }
        replies
    }

    fn reply(&mut self, tag: u8, body: &[u8]) -> Vec<u8> {
        if tag == b'S' {
            self.skips = false;
            self.portals.clear();
            return ready(b'I');
        }
        if self.skips {
            return Vec::new();
        }
        let mut strings = body.split(|&byte| byte == 0).map(<[u8]>::to_vec);
        let (first, second) = (strings.next().unwrap_or_default(), strings.next().unwrap_or_default());
        let reply = match tag {
            b'Q' => {
                self.portals.clear();
                let reply = self.run(&first).unwrap_or_else(|error| error);
                return [reply, ready(b'I')].concat();
            }
            b'P' => self.prepare(first, &second),
            b'B' => self.bind(first, &second),
            b'D' | b'C' => self.named(tag, &first),
            b'E' => {
                known(&self.portals, &first, "34000").map(|()| [secret_row(), complete("SELECT 1")].concat())
            }
            b'H' => Ok(Vec::new()),
            other => panic!("the target got {:?}", char::from(other)),
        };
        self.skips = reply.is_err();
        reply.unwrap_or_else(|error| error)
    }

    fn run(&self, text: &[u8]) -> Result<Vec<u8>, Vec<u8>> {
        self.check(text)?;
        Ok([columns(&[(PEOPLE, 2)]), secret_row(), complete("SELECT 1")].concat())
    }

    fn check(&self, text: &[u8]) -> Result<(), Vec<u8>> {
        match text {
            [b'd', b'e', b'n', b'y', ..] if self.denies => Err(denied()),
            [b'b', b'a', b'd', ..] | [b'n', b'a', b'r', ..] => {
                Err(error("42601", &format!("syntax error at or near \"{}\"", text.escape_ascii())))
            }
            _ => Ok(()),
        }
    }

    fn prepare(&mut self, name: Vec<u8>, text: &[u8]) -> Result<Vec<u8>, Vec<u8>> {
        if name.is_empty() {
            self.statements.remove(&name);
        }
        self.check(text)?;
        if !self.statements.insert(name) {
            return Err(error("42P05", "prepared statement already exists"));
        }
        Ok(parse_complete())
    }

    fn bind(&mut self, portal: Vec<u8>, statement: &[u8]) -> Result<Vec<u8>, Vec<u8>> {
        known(&self.statements, statement, "26000")?;
        self.portals.insert(portal);
        Ok(bind_complete())
    }

    fn named(&mut self, tag: u8, kind_and_name: &[u8]) -> Result<Vec<u8>, Vec<u8>> {
        let (kind, name) = kind_and_name.split_first().expect("a kind");
        let names = if *kind == b'S' { &mut self.statements } else { &mut self.portals };
        if tag == b'C' {
            names.remove(name);
            return Ok(close_complete());
        }
        if !names.contains(name) {
            return Err(messages::error(if *kind == b'S' { "26000" } else { "34000" }, "no such name"));
        }
        let description = columns(&[(PEOPLE, 2)]);
        Ok(if *kind == b'S' { [parameter_description(), description].concat() } else { description })
    }
}

/// Whether `name` stands for something, or the error that it does not.
fn known(names: &HashSet<Vec<u8>>, name: &[u8], sqlstate: &str) -> Result<(), Vec<u8>> {
    let missing = || messages::error(sqlstate, &format!("\"{}\" does not exist", name.escape_ascii()));
    names.contains(name).then_some(()).ok_or_else(missing)
}

fn secret_row() -> Vec<u8> {
    row(&[Some(SECRET)])
}
