//! The scanner: a push parser of JSON that copies what it reads and masks on the way.
//!
//! What comes out does not depend on where the pieces were cut. A string or number that is cut is held until
//! its end has come; nothing else is.

mod cuts;
mod tokens;

use foldhash::fast::RandomState;
use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::BytesMut;

use super::cursor::{Cursor, Token};
use super::plan::{DEAD, Plan, START};
use super::strings::{Reading, is_scalar, simple};
use super::table::Columns;
use super::values::Values;
use super::way::Frame;
use super::{Answer, ObjectMasks, Refused, SecretsSeen, Why};
use crate::Hints;

/// Containers within each other.
const DEPTH_MAX: usize = 200;
/// A longer string is refused. The API server stores no object of more than 1.5 MiB.
const TEXT_BYTES_MAX: usize = 4 * 1024 * 1024;
/// A longer number, or run of blanks before a key that may be left out, is refused.
const SCALAR_BYTES_MAX: usize = 1_024;
/// Room for a held string that is kept for the next.
const HELD_BYTES_KEPT: usize = 16 * 1024;

/// Masks one answer while it passes.
pub struct ObjectScanner {
    plan: Arc<Plan>,
    values: Values,
    columns: Columns,
    watch: bool,
    documents: u64,
    expect: Expect,
    frames: Vec<Frame>,
    /// The keys that lead here.
    path: Vec<u8>,
    /// Where the value is that comes next.
    next: Next,
    /// The front of a token that was cut.
    held: Vec<u8>,
    cut: Option<Cut>,
    /// The comma, and blanks, before a key that may be left out.
    comma: Vec<u8>,
    /// In how many containers the entry is that is being left out.
    dropping: Option<usize>,
    /// Whether what is not masked is looked into.
    looks: bool,
    /// Whether nothing is looked into and no place is further in.
    blind: bool,
    hasher: RandomState,
    offset: u64,
    refused: Option<Refused>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::enum_variant_names, reason = "states are named for what they wait for")]
enum Expect {
    ExpectDocument,
    ExpectValue,
    ExpectFirstKey,
    ExpectKey,
    ExpectColon,
    ExpectFirstElement,
    /// After a value in a container.
    ExpectComma,
}

use Expect::{
    ExpectColon, ExpectComma, ExpectDocument, ExpectFirstElement, ExpectFirstKey, ExpectKey, ExpectValue,
};

#[derive(Clone, Copy, Debug)]
enum Cut {
    Text(Reading),
    Scalar,
}

/// Where a value is.
#[derive(Clone, Copy, Debug)]
struct Next {
    state: usize,
    hints: Hints,
    entry: Entry,
}

/// What the key of an entry says of its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Entry {
    /// It names what the entry `value` beside it holds.
    Name,
    /// It says which object is meant.
    Identity,
    Other,
}

impl Entry {
    fn of(key: &[u8]) -> Entry {
        match key {
            b"name" => Entry::Name,
            b"apiVersion" | b"kind" | b"namespace" | b"uid" | b"generateName" => Entry::Identity,
            _ => Entry::Other,
        }
    }
}

impl ObjectScanner {
    /// A scanner of the answer to a call. `seen` is the target's.
    #[must_use]
    pub fn new(masks: Arc<ObjectMasks>, seen: Arc<SecretsSeen>, answer: Answer) -> ObjectScanner {
        ObjectScanner {
            plan: masks.plan(&answer),
            watch: answer.watch,
            values: Values::new(masks, seen, answer),
            columns: Columns::default(),
            documents: 0,
            expect: ExpectDocument,
            frames: Vec::new(),
            path: Vec::new(),
            next: Next { state: START, hints: Hints::default(), entry: Entry::Other },
            held: Vec::new(),
            cut: None,
            comma: Vec::new(),
            dropping: None,
            looks: false,
            blind: false,
            hasher: RandomState::default(),
            offset: 0,
            refused: None,
        }
    }

    /// Takes the next piece of the answer and appends what may go on, masked.
    ///
    /// # Errors
    /// [`Refused`] when the answer cannot be masked for sure; nothing more may go on then. What was appended
    /// before is masked. Every later call says the same.
    pub fn feed(&mut self, piece: &[u8], out: &mut BytesMut) -> Result<(), Refused> {
        if let Some(refused) = self.refused {
            return Err(refused);
        }
        let mut cursor = Cursor::new(piece, self.dropping.is_some());
        let scanned = self.scan(&mut cursor, out);
        let at = cursor.at as u64;
        if let Err(why) = scanned {
            return Err(self.refuse(why, self.offset + at));
        }
        cursor.put_passed(out);
        self.offset += at;
        Ok(())
    }

    /// The answer has ended.
    ///
    /// # Errors
    /// [`Refused`] when it ended within a document, or was refused before. No document at all is none.
    pub fn finish(&mut self, _out: &mut BytesMut) -> Result<(), Refused> {
        match self.refused {
            Some(refused) => Err(refused),
            None if self.expect == ExpectDocument => Ok(()),
            None => Err(self.refuse(Why::Truncated, self.offset)),
        }
    }

    /// How many values have been masked, by the mask's id or the detector's name; `known` for secrets seen
    /// elsewhere, `table-cells` and `status-messages` for what could show something masked.
    #[must_use]
    pub fn masked(&self) -> &BTreeMap<String, u64> {
        &self.values.masked
    }

    fn refuse(&mut self, why: Why, offset: u64) -> Refused {
        *self.refused.insert(Refused { why, offset })
    }

    fn scan(&mut self, cursor: &mut Cursor<'_>, out: &mut BytesMut) -> Result<(), Why> {
        if self.cut.is_some() && !self.mend(cursor, out)? {
            return Ok(());
        }
        while let Some(byte) = cursor.piece.get(cursor.at).copied() {
            match (self.expect, byte) {
                (ExpectFirstKey | ExpectKey, b'"') => self.text(cursor, out)?,
                (ExpectColon, b':') => self.colon(cursor),
                (ExpectValue | ExpectFirstElement, _) if !is_blank(byte) && byte != b']' => {
                    self.begin_element();
                    self.value(byte, cursor, out)?;
                }
                (ExpectComma, b',') => self.comma(cursor, out),
                (ExpectComma | ExpectFirstKey, b'}') | (ExpectComma | ExpectFirstElement, b']') => {
                    self.end(byte, cursor)?;
                }
                (ExpectDocument, b'{') => self.document(cursor, out)?,
                (_, _) if is_blank(byte) => self.blank(byte, cursor)?,
                (ExpectDocument, _) => return Err(Why::NotObject),
                _ => return Err(Why::Malformed),
            }
        }
        Ok(())
    }

    fn value(&mut self, byte: u8, cursor: &mut Cursor<'_>, out: &mut BytesMut) -> Result<(), Why> {
        match byte {
            b'"' => self.text(cursor, out),
            b'{' | b'[' => self.begin(byte == b'{', cursor),
            b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => self.scalar(cursor, out),
            _ => Err(Why::Malformed),
        }
    }

    fn colon(&mut self, cursor: &mut Cursor<'_>) {
        cursor.at += 1;
        self.expect = ExpectValue;
    }

    fn blank(&mut self, byte: u8, cursor: &mut Cursor<'_>) -> Result<(), Why> {
        cursor.at += 1;
        if self.comma.is_empty() {
            return Ok(());
        }
        self.comma.push(byte);
        cursor.omit();
        if self.comma.len() > SCALAR_BYTES_MAX { Err(Why::TooLong) } else { Ok(()) }
    }

    fn document(&mut self, cursor: &mut Cursor<'_>, out: &mut BytesMut) -> Result<(), Why> {
        if self.documents > 0 && !self.watch {
            return Err(Why::SecondDocument);
        }
        cursor.put_passed(out);
        self.documents += 1;
        self.values.renew();
        self.looks = self.values.look();
        self.path.clear();
        self.next = Next { state: START, hints: Hints::default(), entry: Entry::Other };
        self.begin(true, cursor)
    }

    /// An element of an array begins, if it is in one: where it is, its place in the array says.
    fn begin_element(&mut self) {
        let Some(frame) = self.frames.last_mut().filter(|frame| !frame.is_object) else { return };
        frame.elements += 1;
        if frame.is_followed() {
            self.path.truncate(frame.path);
        }
        self.next =
            Next { state: self.plan.state(frame.state).element(), hints: frame.hints, entry: Entry::Other };
    }

    /// An object or an array begins.
    fn begin(&mut self, is_object: bool, cursor: &mut Cursor<'_>) -> Result<(), Why> {
        if self.frames.len() >= DEPTH_MAX {
            return Err(Why::TooDeep);
        }
        cursor.at += 1;
        self.expect = if is_object { ExpectFirstKey } else { ExpectFirstElement };
        let mut frame = Frame::new(is_object, self.next.state);
        frame.hints = self.next.hints;
        let parent = self.frames.last();
        if self.next.state != DEAD || parent.is_some_and(|parent| parent.mask.is_some()) {
            let marks = self.plan.state(self.next.state).marks;
            (frame.mask, frame.base64) = self.mask_here(marks);
            frame.object = parent.map_or(0, |parent| parent.object);
            frame.excepted = !marks.object && parent.is_some_and(|parent| parent.excepted);
            if marks.object {
                frame.object = self.path.len();
            }
            if marks.columns {
                self.columns.begin();
            }
            if marks.column {
                self.columns.next();
            }
            if !is_object {
                self.path.extend_from_slice(b"[]");
            }
            frame.path = self.path.len();
        }
        self.blind = !self.looks && !frame.is_followed();
        self.frames.push(frame);
        Ok(())
    }

    fn end(&mut self, byte: u8, cursor: &mut Cursor<'_>) -> Result<(), Why> {
        let frame = self.frames.pop().ok_or(Why::Malformed)?;
        if byte != if frame.is_object { b'}' } else { b']' } {
            return Err(Why::Malformed);
        }
        cursor.at += 1;
        self.blind = !self.looks && self.frames.last().is_some_and(|outer| !outer.is_followed());
        self.end_value(cursor);
        Ok(())
    }

    fn end_value(&mut self, cursor: &mut Cursor<'_>) {
        self.expect = if self.frames.is_empty() { ExpectDocument } else { ExpectComma };
        if self.dropping == Some(self.frames.len()) {
            self.dropping = None;
            cursor.omit();
            cursor.dropping = false;
        }
    }

    fn comma(&mut self, cursor: &mut Cursor<'_>, out: &mut BytesMut) {
        let Some(frame) = self.frames.last() else { return };
        self.expect = if frame.is_object { ExpectKey } else { ExpectValue };
        if self.dropping.is_none() && frame.is_object && self.plan.state(frame.state).drops {
            cursor.put_passed(out);
            cursor.at += 1;
            cursor.omit();
            self.comma.push(b',');
        } else {
            cursor.at += 1;
        }
    }

    /// Reads the string that begins here, or holds what there is of it.
    fn text(&mut self, cursor: &mut Cursor<'_>, out: &mut BytesMut) -> Result<(), Why> {
        let rest = cursor.rest();
        if let Some(length) = simple(rest) {
            if length > TEXT_BYTES_MAX {
                return Err(Why::TooLong);
            }
            cursor.at += length;
            if self.blind {
                self.pass_text(cursor);
                return Ok(());
            }
            let raw = rest.get(..length).unwrap_or_default();
            return self.text_token(&Token { raw, escaped: false, held: false }, cursor, out);
        }
        let mut reading = Reading::start();
        let Some(length) = reading.on(rest)? else {
            self.hold(Cut::Text(reading), cursor, out);
            return Ok(());
        };
        if length > TEXT_BYTES_MAX {
            return Err(Why::TooLong);
        }
        let raw = rest.get(..length).unwrap_or_default();
        cursor.at += length;
        self.text_token(&Token { raw, escaped: reading.escaped, held: false }, cursor, out)
    }

    /// A key or a value goes on that nothing is known of and nothing looks into.
    fn pass_text(&mut self, cursor: &mut Cursor<'_>) {
        if matches!(self.expect, ExpectFirstKey | ExpectKey) {
            self.next.state = DEAD;
            self.end_key(cursor);
        } else {
            self.end_value(cursor);
        }
    }

    /// A colon must follow, and does as a rule at once.
    fn end_key(&mut self, cursor: &mut Cursor<'_>) {
        self.expect = ExpectColon;
        if cursor.piece.get(cursor.at) == Some(&b':') {
            self.colon(cursor);
        }
    }

    fn text_token(
        &mut self,
        token: &Token<'_>,
        cursor: &mut Cursor<'_>,
        out: &mut BytesMut,
    ) -> Result<(), Why> {
        if matches!(self.expect, ExpectFirstKey | ExpectKey) {
            self.key(token, cursor, out)?;
            self.end_key(cursor);
            return Ok(());
        }
        self.text_value(token, cursor, out);
        self.end_value(cursor);
        Ok(())
    }

    /// Reads the number, `true`, `false` or `null` that begins here, or holds what there is of it.
    fn scalar(&mut self, cursor: &mut Cursor<'_>, out: &mut BytesMut) -> Result<(), Why> {
        let rest = cursor.rest();
        let length = scalar_length(rest);
        if length == rest.len() {
            self.hold(Cut::Scalar, cursor, out);
            return if length > SCALAR_BYTES_MAX { Err(Why::TooLong) } else { Ok(()) };
        }
        cursor.at += length;
        let raw = rest.get(..length).unwrap_or_default();
        self.scalar_token(&Token { raw, escaped: false, held: false }, cursor, out)
    }

    fn scalar_token(
        &mut self,
        token: &Token<'_>,
        cursor: &mut Cursor<'_>,
        out: &mut BytesMut,
    ) -> Result<(), Why> {
        if token.raw.len() > SCALAR_BYTES_MAX {
            return Err(Why::TooLong);
        }
        if !is_scalar(token.raw) {
            return Err(Why::Malformed);
        }
        self.scalar_value(token, cursor, out);
        self.end_value(cursor);
        Ok(())
    }
}

impl std::fmt::Debug for ObjectScanner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ObjectScanner").field("expect", &self.expect).finish_non_exhaustive()
    }
}

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}

fn scalar_length(text: &[u8]) -> usize {
    let is_scalar = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(**byte, b'+' | b'-' | b'.');
    text.iter().take_while(is_scalar).count()
}
