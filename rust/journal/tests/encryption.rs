//! At rest there is nothing to read without the key, and everything to verify.

#![allow(clippy::expect_used, reason = "a test may panic")]

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use common::{segments, write_private};
use narrows_journal::{
    BundleFrames, Chain, Entry, Journal, KEY_BYTES, KeyRing, Kind, Reader, SessionId, Settings, Signer,
    Trust, Withheld, bundle, content_key, erase, read, verify, verify_trusting,
};

const SECRET: &[u8] = b"the rows of two sessions";
const HOUR_MS: u64 = 3_600_000;

struct Encrypted {
    directory: tempfile::TempDir,
    keys: KeyRing,
    signer: Arc<Signer>,
    sessions: [SessionId; 3],
}

impl Encrypted {
    fn journal(&self) -> PathBuf {
        self.directory.path().join("journal")
    }

    /// The payloads of all frames, or why they are withheld.
    fn contents(&self, keys: &KeyRing) -> Vec<(SessionId, Result<Vec<u8>, Withheld>)> {
        let reader = Reader::open(&self.journal()).expect("opened").with_keys(keys.clone());
        let content = |frame: narrows_journal::Frame| match frame.withheld {
            Some(withheld) => (frame.session, Err(withheld)),
            None => (frame.session, Ok(frame.payload)),
        };
        reader.map(|frame| content(frame.expect("a frame"))).collect()
    }
}

fn key(directory: &Path, name: &str, byte: u8) -> PathBuf {
    let file = directory.join(name);
    write_private(&file, &[byte; KEY_BYTES]);
    file
}

/// Three sessions, two of which opened in the same hour.
fn encrypted() -> Encrypted {
    let directory = tempfile::tempdir().expect("a directory");
    let keys = KeyRing::read(&[key(directory.path(), "key", 1)]).expect("a key");
    let signer = Arc::new(Signer::open(&directory.path().join("journal.key"), None).expect("a key"));
    let settings =
        Settings { keys: Some(keys.clone()), signer: Some(Arc::clone(&signer)), ..Settings::default() };
    let sessions = [0, 1, HOUR_MS].map(|time_ms| SessionId::new(time_ms, 7));
    let journal = Journal::open_with(&directory.path().join("journal"), settings).expect("opened");
    for session in sessions {
        let mut chain = journal.begin(session).expect("begun");
        let entries = [(Kind::Open, SECRET), (Kind::Reply, &SECRET.repeat(100)), (Kind::Close, b"{}")];
        for (kind, payload) in entries {
            journal.append(&mut chain, &[Entry { kind, parts: &[payload] }]).expect("appended");
        }
    }
    journal.seal().expect("sealed");
    Encrypted { directory, keys, signer, sessions }
}

#[test]
fn the_key_reads_everything_and_without_it_there_is_nothing() {
    let encrypted = encrypted();
    let contents = encrypted.contents(&encrypted.keys);
    assert_eq!(contents.len(), 9);
    assert!(contents.iter().all(|(_, content)| content.is_ok()));
    assert_eq!(contents[1].1.as_deref().expect("readable"), SECRET.repeat(100));
    let other = KeyRing::read(&[key(encrypted.directory.path(), "other", 2)]).expect("a key");
    assert!(encrypted.contents(&other).iter().all(|(_, content)| *content == Err(Withheld::Locked)));
    assert!(read(&encrypted.journal(), None).expect("read").iter().all(|frame| frame.payload.is_empty()));
    for path in segments(&encrypted.journal()) {
        let bytes = fs::read(path).expect("read");
        assert!(!bytes.windows(8).any(|window| window == &SECRET[..8]));
    }
    assert_eq!(verify(&encrypted.journal()).expect("verified").problems, vec![]);
}

#[test]
fn erasing_a_session_takes_its_content_and_leaves_the_proof() {
    let encrypted = encrypted();
    let [_, second, _] = encrypted.sessions;
    erase(&encrypted.journal(), second).expect("erased");
    erase(&encrypted.journal(), second).expect("erased already");
    for (session, content) in encrypted.contents(&encrypted.keys) {
        assert_eq!(content.err(), (session == second).then_some(Withheld::Erased), "{session}");
    }
    let trust = Trust { key: encrypted.signer.public().clone(), since: None };
    let report = verify_trusting(&encrypted.journal(), Some(&trust)).expect("verified");
    assert_eq!((report.problems, report.signed), (vec![], Some(1)));
    let unknown = erase(&encrypted.journal(), SessionId(5)).expect_err("no such session");
    assert_eq!(unknown.kind(), std::io::ErrorKind::NotFound);
}

#[test]
fn a_new_key_goes_in_front_of_the_old_one() {
    let encrypted = encrypted();
    let new = key(encrypted.directory.path(), "new", 3);
    let both = KeyRing::read(&[new.clone(), encrypted.directory.path().join("key")]).expect("keys");
    let settings = Settings { keys: Some(both.clone()), ..Settings::default() };
    let journal = Journal::open_with(&encrypted.journal(), settings).expect("opened");
    let mut chain = journal.begin(SessionId::new(2 * HOUR_MS, 0)).expect("begun");
    journal.append(&mut chain, &[Entry { kind: Kind::Open, parts: &[SECRET] }]).expect("appended");
    assert!(encrypted.contents(&both).iter().all(|(_, content)| content.is_ok()));
    let only = KeyRing::read(&[new]).expect("a key");
    let readable = encrypted.contents(&only).into_iter().filter(|(_, content)| content.is_ok()).count();
    assert_eq!(readable, 1);
}

#[test]
fn a_journal_that_encrypts_takes_nothing_in_plain() {
    let encrypted = encrypted();
    let settings = Settings { keys: Some(encrypted.keys.clone()), ..Settings::default() };
    let journal = Journal::open_with(&encrypted.journal(), settings).expect("opened");
    let entry = Entry { kind: Kind::Open, parts: &[b"in plain"] };
    let refused = journal.append(&mut Chain::new(SessionId(9)), &[entry]).expect_err("refused");
    assert!(refused.to_string().contains("not encrypted"), "{refused}");
    let mut chain = journal.begin(SessionId(9)).expect("begun");
    journal.append(&mut chain, &[entry]).expect("the journal is as it was");
}

#[test]
fn keys_are_private_files_of_exactly_32_bytes() {
    let directory = tempfile::tempdir().expect("a directory");
    assert!(KeyRing::read(&[""; 0]).is_err(), "no key at all");
    for length in [0, KEY_BYTES - 1, KEY_BYTES + 1] {
        let file = directory.path().join("key");
        write_private(&file, &vec![1; length]);
        let error = KeyRing::read(&[&file]).expect_err("no key").to_string();
        assert!(error.contains(&format!("it has {length} bytes and needs 32")), "{error}");
    }
    let file = key(directory.path(), "open", 1);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).expect("opened to others");
    let error = KeyRing::read(&[&file]).expect_err("open to others").to_string();
    assert!(error.contains("it is open to others; do: chmod 600"), "{error}");
}

#[test]
fn a_sessions_key_opens_that_session_of_a_bundle_and_no_other() {
    let encrypted = encrypted();
    let [first, second, _] = encrypted.sessions;
    let mut bytes = Vec::new();
    bundle(&encrypted.journal(), &[first, second], &mut bytes).expect("bundled");
    let key_of = |session| content_key(&encrypted.journal(), &encrypted.keys, session);
    let content_key = key_of(first).expect("ours");
    let frames = BundleFrames::open(bytes.as_slice(), &[(first, content_key.clone())]).expect("a bundle");
    let frames: Vec<_> = frames.collect::<Result<_, _>>().expect("whole");
    let readable =
        |session| frames.iter().any(|frame| frame.session == session && frame.payload.as_slice() == SECRET);
    assert!(readable(first));
    assert!(!readable(second));
    let locked = frames.iter().filter(|frame| frame.session == second);
    assert!(locked.clone().count() > 0);
    assert!(locked.into_iter().all(|frame| frame.withheld == Some(Withheld::Locked)));

    let wrong = BundleFrames::open(bytes.as_slice(), &[(second, content_key)]).expect("a bundle");
    let error = wrong.last().expect("a frame").expect_err("not its key");
    assert!(error.to_string().contains("does not open"), "{error}");
    erase(&encrypted.journal(), first).expect("erased");
    let gone = key_of(first).expect_err("destroyed");
    assert!(gone.to_string().contains("was destroyed"), "{gone}");
}
