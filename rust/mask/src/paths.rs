//! Masks of parts of a JSON document, named by paths: `$.card.number`, `$.items[*].token`, `$..password`,
//! `$.data['db.password']`.
//!
//! A document keeps its shape: what a path names becomes a value of the same kind, and the rest is copied byte
//! for byte. A path that names nothing changes nothing. What is no JSON is masked whole.

use bytes::{BufMut, BytesMut};

use crate::json::{Quoted, put_string, quoted, unescape};
use crate::{ColumnType, Format, Masked, Transform, mask, redact, types};

/// A document that is nested deeper is masked whole.
const DEPTH_MAX: usize = 64;
/// First byte of `jsonb` in binary; the JSON text follows it.
const JSONB_VERSION: u8 = 1;

/// Paths with what is done to the values there. Of two that name one value, the first counts.
#[derive(Clone, Debug)]
pub struct JsonPaths(Vec<(Vec<Step>, Transform)>);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// `.name`, `['name']`
    Key(Box<[u8]>),
    /// `.*`
    AnyKey,
    /// `[*]`
    AnyElement,
    /// `..name`: the key at any depth.
    Deep(Box<[u8]>),
}

impl JsonPaths {
    /// Reads lines of a path, a blank and a transform; `None` if any is none.
    pub(crate) fn parse(lines: &str, transform: impl Fn(&str) -> Option<Transform>) -> Option<JsonPaths> {
        let read = |line: &str| {
            let (path, with) = line.rsplit_once(' ')?;
            Some((read_steps(path.strip_prefix('$')?)?, transform(with)?))
        };
        lines.split('\n').map(read).collect::<Option<_>>().map(JsonPaths)
    }
}

/// The steps of a path behind its `$`; `None` if it is none.
pub(crate) fn read_steps(path: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        let step;
        (step, rest) = if let Some(rest) = rest.strip_prefix("[*]") {
            (Step::AnyElement, rest)
        } else if let Some(rest) = rest.strip_prefix(".*") {
            (Step::AnyKey, rest)
        } else if let Some(name) = rest.strip_prefix("['") {
            let (name, rest) = name.split_once("']").filter(|(name, _)| !name.is_empty())?;
            (Step::Key(name.as_bytes().into()), rest)
        } else if let Some(name) = rest.strip_prefix("..") {
            let (name, rest) = read_name(name)?;
            (Step::Deep(name), rest)
        } else {
            let (name, rest) = read_name(rest.strip_prefix('.')?)?;
            (Step::Key(name), rest)
        };
        steps.push(step);
    }
    (!steps.is_empty()).then_some(steps)
}

/// A key as it is, or in double quotes where it holds more than letters, digits, dashes and underscores.
fn read_name(path: &str) -> Option<(Box<[u8]>, &str)> {
    if let Some(quoted) = path.strip_prefix('"') {
        let (name, rest) = quoted.split_once('"')?;
        return (!name.is_empty()).then(|| (name.as_bytes().into(), rest));
    }
    let is_name = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-');
    let end = path.find(|letter| !is_name(letter)).unwrap_or(path.len());
    let (name, rest) = path.split_at_checked(end)?;
    (!name.is_empty()).then(|| (name.as_bytes().into(), rest))
}

/// Appends the document with what the paths name masked; whole where it is no document, redacted where the
/// column's type holds none.
pub(crate) fn mask_paths(
    paths: &JsonPaths,
    column: ColumnType,
    format: Format,
    value: &[u8],
    out: &mut BytesMut,
) -> Masked {
    let start = out.len();
    let json = match (column.oid, format) {
        (types::JSONB, Format::Binary) => value.strip_prefix(&[JSONB_VERSION]),
        (types::JSON | types::JSONB | types::TEXT | types::VARCHAR, _) => Some(value),
        _ => None,
    };
    if json.is_some_and(|json| json.len() < value.len()) {
        out.put_u8(JSONB_VERSION);
    }
    let done = json.and_then(|json| Document { paths, json, at: 0, out }.put());
    if done.is_some() {
        return Masked::Value;
    }
    out.truncate(start);
    redact(column, format, value, out)
}

/// How far one path has come: which, and how many of its steps.
type Reached = (usize, usize);

/// A document that is being copied.
struct Document<'a, 'o> {
    paths: &'a JsonPaths,
    json: &'a [u8],
    at: usize,
    out: &'o mut BytesMut,
}

impl<'a> Document<'a, '_> {
    /// Copies all of it; `None` if it is no JSON.
    fn put(mut self) -> Option<()> {
        let reached: Vec<Reached> = (0..self.paths.0.len()).map(|path| (path, 0)).collect();
        self.put_value(&reached, DEPTH_MAX)?;
        self.put_blanks();
        (self.at == self.json.len()).then_some(())
    }

    fn put_value(&mut self, reached: &[Reached], depth: usize) -> Option<()> {
        self.put_blanks();
        if let Some(transform) = self.named(reached) {
            return self.mask_value(transform);
        }
        match self.peek()? {
            b'{' => self.put_object(reached, depth.checked_sub(1)?),
            b'[' => self.put_array(reached, depth.checked_sub(1)?),
            _ => {
                let scalar = self.take_scalar()?;
                self.out.extend_from_slice(scalar);
                Some(())
            }
        }
    }

    /// What is done to the value here, where a path ends.
    fn named(&self, reached: &[Reached]) -> Option<&'a Transform> {
        let ends = |(path, steps): &Reached| {
            let (all, transform) = self.paths.0.get(*path)?;
            (all.len() == *steps).then_some(transform)
        };
        reached.iter().find_map(ends)
    }

    fn put_object(&mut self, reached: &[Reached], depth: usize) -> Option<()> {
        self.put_byte(b'{')?;
        self.put_blanks();
        if self.peek()? == b'}' {
            return self.put_byte(b'}');
        }
        loop {
            self.put_blanks();
            let string = self.take_string()?;
            self.out.extend_from_slice(string);
            let key = unescape(string.get(1..string.len() - 1)?);
            let next = self.steps_from(reached, |step| match step {
                Step::Key(name) | Step::Deep(name) => **name == *key,
                Step::AnyKey => true,
                Step::AnyElement => false,
            });
            self.put_blanks();
            self.put_byte(b':')?;
            self.put_value(&next, depth)?;
            self.put_blanks();
            match self.peek()? {
                b',' => self.put_byte(b',')?,
                _ => return self.put_byte(b'}'),
            }
        }
    }

    fn put_array(&mut self, reached: &[Reached], depth: usize) -> Option<()> {
        self.put_byte(b'[')?;
        self.put_blanks();
        if self.peek()? == b']' {
            return self.put_byte(b']');
        }
        let next = self.steps_from(reached, |step| *step == Step::AnyElement);
        loop {
            self.put_value(&next, depth)?;
            self.put_blanks();
            match self.peek()? {
                b',' => self.put_byte(b',')?,
                _ => return self.put_byte(b']'),
            }
        }
    }

    /// How far the paths have come one step further in.
    fn steps_from(&self, reached: &[Reached], takes: impl Fn(&Step) -> bool) -> Vec<Reached> {
        let mut next = Vec::new();
        for (path, steps) in reached {
            let step = self.paths.0.get(*path).and_then(|(all, _)| all.get(*steps));
            if step.is_some_and(&takes) {
                next.push((*path, steps + 1));
            }
            if matches!(step, Some(Step::Deep(_))) {
                next.push((*path, *steps));
            }
        }
        next.sort_unstable();
        next.dedup();
        next
    }

    /// Appends what stands for the value here: a string for a string, a number for a number, `false`, an empty
    /// object or array. JSON's null stays.
    fn mask_value(&mut self, transform: &Transform) -> Option<()> {
        let first = self.peek()?;
        let value = self.take_value()?;
        if value == b"null" || matches!(transform, Transform::Null) {
            self.out.extend_from_slice(b"null");
            return Some(());
        }
        match first {
            b'{' => self.out.extend_from_slice(b"{}"),
            b'[' => self.out.extend_from_slice(b"[]"),
            b't' | b'f' => self.out.extend_from_slice(b"false"),
            b'"' => {
                let mut masked = BytesMut::new();
                let content = unescape(value.get(1..value.len() - 1)?);
                let column = ColumnType { oid: types::TEXT, modifier: -1 };
                if mask(transform, column, Format::Text, &content, &mut masked) == Masked::Null {
                    return None;
                }
                put_string(&masked, self.out);
            }
            _ => {
                let is_integer = value.iter().all(|byte| byte.is_ascii_digit() || *byte == b'-');
                let oid = if is_integer { types::INT8 } else { types::NUMERIC };
                let column = ColumnType { oid, modifier: -1 };
                if mask(transform, column, Format::Text, value, self.out) == Masked::Null {
                    return None;
                }
            }
        }
        Some(())
    }

    /// Takes the value here, whatever is in it.
    fn take_value(&mut self) -> Option<&'a [u8]> {
        if !matches!(self.peek()?, b'{' | b'[') {
            return self.take_scalar();
        }
        let start = self.at;
        let mut open = 0_usize;
        loop {
            match self.peek()? {
                b'"' => {
                    self.take_string()?;
                    continue;
                }
                b'{' | b'[' => open += 1,
                b'}' | b']' => open -= 1,
                _ => {}
            }
            self.at += 1;
            if open == 0 {
                return self.json.get(start..self.at);
            }
        }
    }

    /// A string, a number, `true`, `false` or `null`.
    fn take_scalar(&mut self) -> Option<&'a [u8]> {
        if self.peek()? == b'"' {
            return self.take_string();
        }
        let is_scalar = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
        let length = self.json.get(self.at..)?.iter().take_while(|byte| is_scalar(byte)).count();
        self.take(length).filter(|scalar| !scalar.is_empty())
    }

    /// A string with its quotes.
    fn take_string(&mut self) -> Option<&'a [u8]> {
        let rest = self.json.get(self.at..)?;
        let Quoted { length, closed, .. } = quoted(rest);
        let string = self.take(length)?;
        (closed && string.starts_with(b"\"")).then_some(string)
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let taken = self.json.get(self.at..self.at.checked_add(length)?)?;
        self.at += length;
        Some(taken)
    }

    fn peek(&self) -> Option<u8> {
        self.json.get(self.at).copied()
    }

    fn put_byte(&mut self, expected: u8) -> Option<()> {
        if self.peek()? != expected {
            return None;
        }
        self.at += 1;
        self.out.put_u8(expected);
        Some(())
    }

    fn put_blanks(&mut self) {
        let rest = self.json.get(self.at..).unwrap_or_default();
        let length = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        if let Some(blanks) = self.take(length) {
            self.out.extend_from_slice(blanks);
        }
    }
}
