//! Whatever fails, and whenever: nothing acknowledged is lost, nothing is acknowledged afterwards, and
//! every checkpoint that was ever signed still holds.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::{Fault, FaultyDisk};
use crate::tree_log::CHECKPOINT;
use crate::{
    Chain, Durability, Entry, Journal, KeyRing, Kind, SessionId, Settings, Signer, Trust, read,
    verify_trusting,
};

/// Two sessions of so many frames after their opens, in small segments.
const ROUNDS: u8 = 8;
const SEGMENT_BYTES_MAX: u64 = 600;
/// More than there are.
const OPERATIONS_MAX: usize = 1_000;

fn settings(durability: Durability, keys: Option<KeyRing>, signer: &Arc<Signer>) -> Settings {
    Settings {
        segment_bytes_max: SEGMENT_BYTES_MAX,
        segment_age_max: Duration::MAX,
        durability,
        signer: Some(Arc::clone(signer)),
        keys,
        ..Settings::default()
    }
}

/// What was acknowledged, in order, and whatever checkpoints there were.
#[derive(Default)]
struct Outcome {
    acknowledged: Vec<(SessionId, u64)>,
    checkpoints: Vec<String>,
}

/// Records two sessions until something fails.
fn record(
    directory: &Path,
    disk: &FaultyDisk,
    settings: Settings,
    outcome: &mut Outcome,
) -> std::io::Result<()> {
    let journal = Journal::open_on(disk.directory(), Arc::new(disk.clone()), settings)?;
    let mut chains = Vec::new();
    for session in [1, 2] {
        chains.push(journal.begin(SessionId(session))?);
    }
    for round in 0..ROUNDS {
        for chain in &mut chains {
            let kind = if round == 0 { Kind::Open } else { Kind::Reply };
            if let Err(error) = append(&journal, chain, kind, round, outcome) {
                assert_stopped(&journal, chain);
                return Err(error);
            }
        }
        if round % 3 == 2 {
            let sealed = journal.seal();
            outcome.checkpoints.extend(std::fs::read_to_string(directory.join(CHECKPOINT)));
            sealed?;
        }
    }
    Ok(())
}

fn append(
    journal: &Journal,
    chain: &mut Chain,
    kind: Kind,
    round: u8,
    outcome: &mut Outcome,
) -> std::io::Result<()> {
    let sequence = chain.sequence;
    journal.append(chain, &[Entry { kind, parts: &[&[round; 50]] }])?;
    outcome.acknowledged.push((chain.session, sequence));
    Ok(())
}

fn assert_stopped(journal: &Journal, chain: &Chain) {
    for _ in 0..2 {
        let again = journal.append(&mut chain.clone(), &[Entry { kind: Kind::Event, parts: &[] }]);
        let error = again.expect_err("nothing is acknowledged after an error").to_string();
        assert!(error.contains("the journal has stopped"), "{error}");
    }
}

/// Fails the journal at one point, cuts the power if it promised to survive that, and looks. True if the point
/// was behind the end.
fn survives(durability: Durability, keys: Option<&KeyRing>, number: usize, fault: Fault) -> bool {
    let parent = tempfile::tempdir().expect("a directory");
    let directory = parent.path().join("journal");
    let signer = Arc::new(Signer::open(&parent.path().join("journal.key"), None).expect("a key"));
    let disk = FaultyDisk::new(&directory, Some((number, fault)));
    let mut outcome = Outcome::default();
    let recorded = record(&directory, &disk, settings(durability, keys.cloned(), &signer), &mut outcome);
    let place = format!("{durability:?}, operation {number}, {fault:?}: {recorded:?}");
    if durability == Durability::Fsync {
        disk.cut_power();
    }
    assert_whole(&directory, keys, &outcome.acknowledged, &place);

    let journal = Journal::open_with(&directory, settings(durability, keys.cloned(), &signer)).expect(&place);
    let mut chain = journal.begin(SessionId(3)).expect("begun");
    journal.append(&mut chain, &[Entry { kind: Kind::Open, parts: &[b"{}"] }]).expect("appended");
    journal.seal().expect("sealed");
    drop(journal);
    assert_whole(&directory, keys, &outcome.acknowledged, &place);
    let since = outcome.checkpoints.into_iter().map(Some).chain([None]);
    for since in since {
        let trust = Trust { key: signer.public().clone(), since };
        let report = verify_trusting(&directory, Some(&trust)).expect("verified");
        assert_eq!(report.problems, vec![], "{place}");
        assert!(report.signed.is_some(), "{place}");
    }
    disk.operations() < number
}

fn assert_whole(directory: &Path, keys: Option<&KeyRing>, acknowledged: &[(SessionId, u64)], place: &str) {
    let reader = crate::Reader::open(directory).expect("opened");
    let reader = match keys {
        Some(keys) => reader.with_keys(keys.clone()),
        None => reader,
    };
    let frames: Vec<_> = reader.map(|frame| frame.expect(place)).collect();
    for (session, sequence) in acknowledged {
        let found = frames.iter().find(|frame| frame.session == *session && frame.sequence == *sequence);
        let frame = found.unwrap_or_else(|| panic!("session {session}, frame {sequence} is lost: {place}"));
        assert_eq!(frame.payload, [u8::try_from(*sequence).expect("small"); 50], "{place}");
    }
    if keys.is_some() {
        assert!(
            read(directory, Some(SessionId(1))).expect("read").iter().all(|frame| frame.payload.is_empty())
        );
    }
}

fn survives_everywhere(durability: Durability, keys: Option<&KeyRing>) {
    for fault in [Fault::Once, Fault::FromThereOn] {
        let points =
            (1..OPERATIONS_MAX).take_while(|number| !survives(durability, keys, *number, fault)).count();
        assert!((30..OPERATIONS_MAX - 1).contains(&points), "{points} operations");
    }
}

#[test]
fn a_write_is_acknowledged_for_good_at_every_point_of_failure() {
    survives_everywhere(Durability::Write, None);
}

#[test]
fn a_sync_is_acknowledged_for_good_at_every_point_of_failure() {
    survives_everywhere(Durability::Fsync, None);
}

#[test]
fn so_is_what_is_encrypted() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("key");
    std::fs::write(&file, [9; crate::KEY_BYTES]).expect("written");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).expect("made private");
    let keys = KeyRing::read(&[file]).expect("a key");
    survives_everywhere(Durability::Fsync, Some(&keys));
}
