//! What the journal costs a processor: `cargo run --release -p narrows-journal --example cost [DIRECTORY]`.
//!
//! One line of JSON with figures in the units of their names. Time is that of the thread's processor, page cache
//! included, so that a busy machine does not count; the best of some rounds is what the code costs.

#![allow(clippy::cast_precision_loss, reason = "figures for people to read")]

use std::error::Error;
use std::fs::{self, Permissions};
use std::hint::black_box;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use narrows_journal::{
    Chain, Entry, Frames, Journal, KEY_BYTES, KeyRing, Kind, SessionId, Settings, Signer, Trust, bundle,
    verify, verify_bundle,
};

const ROUNDS: u64 = 5;
/// What a bulk read hands over at a time.
const CHUNK_BYTES: usize = 64 * 1024;
const CHUNKS: usize = 2_000;
const SELECTS: u32 = 200_000;

fn main() -> Result<(), Box<dyn Error>> {
    let temporary = tempfile::tempdir()?;
    let directory = std::env::args_os().nth(1).map_or(temporary.path().to_owned(), Into::into);
    let keys = key_ring(&directory)?;
    let signer = Arc::new(Signer::open(&directory.join("journal.key"), None)?);
    let plain = Settings {
        segment_age_max: Duration::MAX,
        segment_bytes_max: 64 * 1024 * 1024,
        signer: Some(signer),
        ..Settings::default()
    };
    let encrypted = Settings { keys: Some(keys), ..plain.clone() };
    let rows = rows();
    let random = random();
    let figures = [
        ("rows_mb_per_s", append(&directory, &plain, &rows)?),
        ("rows_encrypted_mb_per_s", append(&directory, &encrypted, &rows)?),
        ("random_mb_per_s", append(&directory, &plain, &random)?),
        ("select_ns", selects(&directory, &plain)?),
        ("select_encrypted_ns", selects(&directory, &encrypted)?),
        ("rows_stored", stored(&directory, &plain, &rows)?),
    ];
    let verified = verification(&directory, &plain, &random)?;
    let lines: Vec<_> =
        figures.iter().chain(&verified).map(|(name, figure)| format!("\"{name}\": {figure:.3}")).collect();
    println!("{{{}}}", lines.join(", "));
    Ok(())
}

/// MB/s of one session's replies.
fn append(directory: &Path, settings: &Settings, chunk: &[u8]) -> Result<f64, Box<dyn Error>> {
    let bytes = (chunk.len() * CHUNKS) as f64;
    let seconds = best(directory, settings, |journal, frames, chain| {
        for _ in 0..CHUNKS {
            frames.add(chain, &Entry { kind: Kind::Reply, parts: &[black_box(chunk)] });
            journal.write(frames)?.wait()?;
        }
        Ok(())
    })?;
    Ok(bytes / 1e6 / seconds)
}

/// Nanoseconds of a prepared select's frames, written together.
fn selects(directory: &Path, settings: &Settings) -> Result<f64, Box<dyn Error>> {
    let (request, applied, reply) = ([b'q'; 60], [0; 8], [b'r'; 90]);
    let seconds = best(directory, settings, |journal, frames, chain| {
        for _ in 0..SELECTS {
            frames.add(chain, &Entry { kind: Kind::Request, parts: &[black_box(&request)] });
            frames.add(chain, &Entry { kind: Kind::Applied, parts: &[&applied] });
            frames.add(chain, &Entry { kind: Kind::Reply, parts: &[black_box(&reply)] });
            journal.write(frames)?.wait()?;
        }
        Ok(())
    })?;
    Ok(seconds * 1e9 / f64::from(SELECTS))
}

/// Processor seconds of the best round; each in a journal of its own.
fn best(
    directory: &Path,
    settings: &Settings,
    mut work: impl FnMut(&Journal, &mut Frames, &mut Chain) -> std::io::Result<()>,
) -> Result<f64, Box<dyn Error>> {
    let place = directory.join("round");
    let mut best = f64::INFINITY;
    for round in 1..=ROUNDS {
        let journal = Journal::open_with(&place, settings.clone())?;
        let mut chain = journal.begin(SessionId(round))?;
        let mut frames = Frames::default();
        frames.add(&mut chain, &Entry { kind: Kind::Open, parts: &[b"{}"] });
        let before = processor_s()?;
        work(&journal, &mut frames, &mut chain)?;
        best = best.min(processor_s()? - before);
        drop(journal);
        fs::remove_dir_all(&place)?;
    }
    Ok(best)
}

/// Bytes on the disk for each byte of rows.
fn stored(directory: &Path, settings: &Settings, chunk: &[u8]) -> Result<f64, Box<dyn Error>> {
    let place = directory.join("stored");
    fill(&place, settings, chunk)?;
    let bytes = size(&place)? as f64;
    fs::remove_dir_all(place)?;
    Ok(bytes / (chunk.len() * CHUNKS) as f64)
}

/// MB/s of a journal and of a bundle, and how long an opening takes.
fn verification(
    directory: &Path,
    settings: &Settings,
    chunk: &[u8],
) -> Result<[(&'static str, f64); 3], Box<dyn Error>> {
    let place = directory.join("verified");
    fill(&place, settings, chunk)?;
    let bytes = size(&place)? as f64;
    let before = processor_s()?;
    let report = verify(&place)?;
    let journal_s = processor_s()? - before;
    assert!(report.problems.is_empty(), "{:?}", report.problems);

    let mut evidence = Vec::new();
    bundle(&place, &[SessionId(1)], &mut evidence)?;
    let key = settings.signer.as_ref().ok_or("no signer")?.public().clone();
    let before = processor_s()?;
    let report = verify_bundle(evidence.as_slice(), &Trust { key, since: None })?;
    let bundle_s = processor_s()? - before;
    assert!(report.problems.is_empty(), "{:?}", report.problems);

    let before = processor_s()?;
    drop(Journal::open_with(&place, settings.clone())?);
    let open_s = processor_s()? - before;
    fs::remove_dir_all(place)?;
    Ok([
        ("verify_mb_per_s", bytes / 1e6 / journal_s),
        ("verify_bundle_mb_per_s", evidence.len() as f64 / 1e6 / bundle_s),
        ("open_ms", open_s * 1e3),
    ])
}

fn fill(place: &Path, settings: &Settings, chunk: &[u8]) -> std::io::Result<()> {
    let journal = Journal::open_with(place, settings.clone())?;
    let mut chain = journal.begin(SessionId(1))?;
    journal.append(&mut chain, &[Entry { kind: Kind::Open, parts: &[b"{}"] }])?;
    for _ in 0..CHUNKS {
        journal.append(&mut chain, &[Entry { kind: Kind::Reply, parts: &[chunk] }])?;
    }
    journal.append(&mut chain, &[Entry { kind: Kind::Close, parts: &[b"{}"] }])?;
    journal.seal()
}

fn size(place: &Path) -> std::io::Result<u64> {
    place.read_dir()?.map(|entry| Ok(entry?.metadata()?.len())).sum()
}

/// Seconds that this thread has had a processor.
fn processor_s() -> Result<f64, Box<dyn Error>> {
    let told = fs::read_to_string("/proc/thread-self/schedstat")?;
    let ns: f64 = told.split_whitespace().next().ok_or("no figure")?.parse()?;
    Ok(ns / 1e9)
}

/// `DataRow` messages of four columns, as a bulk read has them.
fn rows() -> Vec<u8> {
    let mut bytes = Vec::with_capacity(CHUNK_BYTES);
    let mut state = 1_u64;
    while bytes.len() < CHUNK_BYTES {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let row = format!(
            "D\0\0\0\x4e\0\x04\0\0\0\x08{:08}\0\0\0\x10************{:04}\0\0\0\x14agent-{:014}\0\0\0\x0a2026-11-{:02}",
            bytes.len(),
            state % 10_000,
            state >> 24,
            state % 28 + 1
        );
        bytes.extend(row.as_bytes());
    }
    bytes.truncate(CHUNK_BYTES);
    bytes
}

fn random() -> Vec<u8> {
    let mut state = 1_u64;
    let next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56).to_le_bytes()[0]
    };
    std::iter::repeat_with(next).take(CHUNK_BYTES).collect()
}

fn key_ring(directory: &Path) -> std::io::Result<KeyRing> {
    fs::create_dir_all(directory)?;
    let file = directory.join("key");
    fs::write(&file, [1; KEY_BYTES])?;
    fs::set_permissions(&file, Permissions::from_mode(0o600))?;
    KeyRing::read(&[file])
}
