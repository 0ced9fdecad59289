//! What becomes of one key or value: it goes on, something stands for it, or it is left out.

use bytes::BytesMut;

use super::super::cursor::{Cursor, Token};
use super::super::plan::{DEAD, Marks, State};
use super::super::values::{CELL, Look, Under};
use super::{Entry, ObjectScanner, Why};
use crate::Hints;
use crate::json::unescape;

/// What entries that are left out are counted under.
const DROPPED: &str = "dropped-annotations";

/// How far out of `metadata` its object is.
const METADATA_DEPTH: usize = 1;

impl ObjectScanner {
    /// The mask that the value that comes next is under, and whether its text is base64.
    pub(super) fn mask_here(&self, marks: Marks) -> (Option<usize>, bool) {
        let parent = self.frames.last();
        let above = parent.and_then(|parent| parent.mask);
        let is_cell =
            marks.cell && parent.is_some_and(|row| !self.columns.is_clear(row.elements.saturating_sub(1)));
        let cell = is_cell.then_some(CELL);
        // The first mask counts; a cell is the last of them.
        let is_excepted =
            |mask: &usize| parent.is_some_and(|parent| parent.excepted) && self.values.has_exceptions(*mask);
        let mask = [above, marks.mask, cell].into_iter().flatten().min().filter(|mask| !is_excepted(mask));
        (mask, marks.base64 || parent.is_some_and(|parent| parent.base64))
    }

    pub(super) fn key(
        &mut self,
        token: &Token<'_>,
        cursor: &mut Cursor<'_>,
        out: &mut BytesMut,
    ) -> Result<(), Why> {
        let depth = self.frames.len();
        let Some(frame) = self.frames.last_mut() else { return Err(Why::Malformed) };
        if self.blind {
            self.next.state = DEAD;
            cursor.keep(token, out);
            return Ok(());
        }
        let name = content(token);
        let state: &State = self.plan.state(frame.state);
        (_, self.next.state) = state.key(&name);
        if frame.is_followed() {
            if frame.repeats(state, &name, &self.hasher) {
                return Err(Why::RepeatedKey);
            }
            self.path.truncate(frame.path);
            self.path.push(b'/');
            self.path.extend_from_slice(&name);
        }
        if self.dropping.is_none() && self.plan.state(self.next.state).marks.dropped {
            self.comma.clear();
            cursor.replace(token, out);
            cursor.dropping = true;
            self.dropping = Some(depth);
            self.values.count(DROPPED);
            return Ok(());
        }
        if !self.comma.is_empty() {
            // What is before the key has gone on; where no entry has, a comma would be one too many.
            out.extend_from_slice(self.comma.get(usize::from(!frame.shown)..).unwrap_or_default());
            self.comma.clear();
        }
        frame.shown = true;
        self.next.entry = Entry::of(&name);
        if !self.looks {
            cursor.keep(token, out);
            return Ok(());
        }
        let known = self.values.name(&name);
        let is_named = &*name == b"value" && known.hints == Hints::default();
        self.next.hints = if is_named { frame.named } else { known.hints };
        if known.is_clean {
            cursor.keep(token, out);
        } else {
            self.put_looked_into(&name, Look::for_anything(Hints::default()), token, cursor, out);
        }
        Ok(())
    }

    pub(super) fn text_value(&mut self, token: &Token<'_>, cursor: &mut Cursor<'_>, out: &mut BytesMut) {
        let Some(frame) = self.frames.last_mut() else { return };
        if cursor.dropping || (self.next.state == DEAD && frame.mask.is_none() && !self.looks) {
            return cursor.keep(token, out);
        }
        let text = content(token);
        if self.next.entry == Entry::Name && self.looks {
            frame.named = self.values.name(&text).hints;
        }
        let marks = self.plan.state(self.next.state).marks;
        let path = self.path.get(frame.object..).unwrap_or_default();
        if marks.object_name {
            let excepted = self.values.excepts(&text);
            if let Some(object) = self.frames.iter_mut().nth_back(METADATA_DEPTH) {
                object.excepted = excepted;
            }
        }
        if let (Some(mask), base64) = self.mask_here(marks) {
            cursor.replace(token, out);
            return self.values.put_masked_text(&Under { mask, base64, path }, &text, out);
        }
        if marks.column_format {
            self.columns.has_format(&text);
        }
        if marks.column_type {
            self.columns.has_type(&text);
        }
        if marks.message {
            let safe = self.values.safe_message(&text);
            if *safe != *text {
                cursor.replace(token, out);
                if !self.values.put_found(&safe, Look::for_anything(Hints::default()), out) {
                    crate::json::put_string(&safe, out);
                }
                return;
            }
        }
        let look = Look { hints: self.next.hints, for_seen: self.next.entry == Entry::Other };
        self.put_looked_into(&text, look, token, cursor, out);
    }

    pub(super) fn put_looked_into(
        &mut self,
        text: &[u8],
        look: Look,
        token: &Token<'_>,
        cursor: &mut Cursor<'_>,
        out: &mut BytesMut,
    ) {
        let mut made = BytesMut::new();
        if self.dropping.is_none() && self.looks && self.values.put_found(text, look, &mut made) {
            cursor.replace(token, out);
            return out.extend_from_slice(&made);
        }
        cursor.keep(token, out);
    }

    pub(super) fn scalar_value(&mut self, token: &Token<'_>, cursor: &mut Cursor<'_>, out: &mut BytesMut) {
        if cursor.dropping {
            return;
        }
        let marks = self.plan.state(self.next.state).marks;
        if let (Some(mask), _) = self.mask_here(marks) {
            cursor.replace(token, out);
            return self.values.put_masked_scalar(mask, token.raw, out);
        }
        if self.looks && self.values.finds_in_number(token.raw, self.next.hints) {
            cursor.replace(token, out);
            return out.extend_from_slice(b"0");
        }
        cursor.keep(token, out);
    }
}

/// What a string says.
fn content<'a>(token: &Token<'a>) -> std::borrow::Cow<'a, [u8]> {
    let inside = token.raw.get(1..token.raw.len() - 1).unwrap_or_default();
    if token.escaped { unescape(inside) } else { inside.into() }
}
