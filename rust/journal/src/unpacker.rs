//! Stored frames become readable ones, for as long as their session's key is there.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::keys::{KeyRing, SessionKey};
use crate::packing::unpack;
use crate::reader::{Fault, Located};
use crate::session_keys::{self, Found};
use crate::{Frame, SessionId, Withheld};

/// Sessions whose keys are remembered; beyond it they are looked up again.
const SESSIONS_REMEMBERED_MAX: usize = 10_000;

/// Looks up keys and opens payloads.
#[derive(Debug)]
pub(crate) struct Unpacker {
    directory: PathBuf,
    pub(crate) keys: Option<KeyRing>,
    known: HashMap<SessionId, Result<SessionKey, Withheld>>,
}

impl Unpacker {
    /// For the journal in `directory`, without keys as yet.
    pub(crate) fn new(directory: &Path) -> Unpacker {
        Unpacker { directory: directory.to_owned(), keys: None, known: HashMap::new() }
    }

    pub(crate) fn frame(&mut self, Located { header, stored, .. }: Located) -> Result<Frame, Fault> {
        let key = if header.packing.encrypted { Some(self.key(header.session)?) } else { None };
        let (payload, withheld) = match key {
            Some(Err(withheld)) => (Vec::new(), Some(withheld)),
            Some(Ok(key)) => (open(&header, stored, Some(&key))?, None),
            None => (open(&header, stored, None)?, None),
        };
        Ok(Frame {
            session: header.session,
            sequence: header.sequence,
            time_us: header.time_us,
            kind: header.kind,
            payload,
            withheld,
        })
    }

    fn key(&mut self, session: SessionId) -> Result<Result<SessionKey, Withheld>, Fault> {
        if let Some(known) = self.known.get(&session) {
            return Ok(known.clone());
        }
        let key = match session_keys::find(&self.directory, self.keys.as_ref(), session)? {
            Found::Key(key) => Ok(key),
            Found::Erased => Err(Withheld::Erased),
            Found::Locked => Err(Withheld::Locked),
        };
        if self.known.len() >= SESSIONS_REMEMBERED_MAX {
            self.known.clear();
        }
        self.known.insert(session, key.clone());
        Ok(key)
    }
}

fn open(header: &crate::frame::Header, stored: Vec<u8>, key: Option<&SessionKey>) -> Result<Vec<u8>, Fault> {
    unpack(stored, header.packing, key, &header.fields, header.sequence).map_err(Fault::Bad)
}
