//! Nanoseconds per append, page cache included: `cargo run --release -p narrows-journal --example append`.
//!
//! The directory to write in may be named; by default it is a temporary one.

#![allow(clippy::cast_precision_loss, reason = "figures for people to read")]

use std::error::Error;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use narrows_journal::{Chain, Entry, Journal, Kind, SessionId, verify};

const SEGMENT_BYTES_MAX: u64 = 64 * 1024 * 1024;
const ROUNDS: u32 = 5;
const WRITERS: u64 = 2;

fn main() -> Result<(), Box<dyn Error>> {
    let temporary = tempfile::tempdir()?;
    let directory = std::env::args_os().nth(1).map_or(temporary.path().to_owned(), Into::into);
    for (payload_bytes, appends) in [(150, 200_000), (1500, 100_000), (16_384, 10_000), (65_536, 2_000)] {
        one_writer(&directory.join(payload_bytes.to_string()), payload_bytes, appends)?;
    }
    many_writers(&directory.join("writers"), 150, 100_000)
}

/// The fastest of some rounds: what the code costs, not what the machine was busy with.
fn one_writer(directory: &Path, payload_bytes: usize, appends: u32) -> Result<(), Box<dyn Error>> {
    let journal = Journal::open(directory, SEGMENT_BYTES_MAX)?;
    let payload = vec![b'x'; payload_bytes];
    let mut fastest = f64::INFINITY;
    for session in 1..=u64::from(ROUNDS) {
        let mut chain = Chain::new(SessionId(session));
        journal.append(&mut chain, &[Entry { kind: Kind::Open, parts: &[b"{}"] }])?;
        let started = Instant::now();
        for _ in 0..appends {
            let parts: &[&[u8]] = &[black_box(&payload)];
            journal.append(&mut chain, &[Entry { kind: Kind::Reply, parts }])?;
        }
        fastest = fastest.min(started.elapsed().as_secs_f64() * 1e9 / f64::from(appends));
    }
    println!("append {payload_bytes:>6} bytes: {fastest:>8.0} ns");
    drop(journal);
    let started = Instant::now();
    let report = verify(directory)?;
    let seconds = started.elapsed().as_secs_f64();
    let bytes =
        directory.read_dir()?.map(|entry| Ok(entry?.metadata()?.len())).sum::<std::io::Result<u64>>()?;
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    let started = Instant::now();
    drop(Journal::open(directory, SEGMENT_BYTES_MAX)?);
    println!("open {:>6} MB: {:>8.0} ms", bytes / 1_000_000, started.elapsed().as_secs_f64() * 1e3);
    println!("verify {} frames: {:>8.0} MB/s", report.frames, bytes as f64 / 1e6 / seconds);
    std::fs::remove_dir_all(directory)?;
    Ok(())
}

fn many_writers(directory: &Path, payload_bytes: usize, appends: u32) -> Result<(), Box<dyn Error>> {
    let journal = Arc::new(Journal::open(directory, SEGMENT_BYTES_MAX)?);
    let started = Instant::now();
    let writers: Vec<_> = (1..=WRITERS)
        .map(|session| {
            let journal = Arc::clone(&journal);
            thread::spawn(move || {
                let payload = vec![b'x'; payload_bytes];
                let mut chain = Chain::new(SessionId(session));
                (0..appends).try_for_each(|_| {
                    journal.append(&mut chain, &[Entry { kind: Kind::Reply, parts: &[&payload] }])
                })
            })
        })
        .collect();
    for writer in writers {
        writer.join().map_err(|_| "a writer panicked")??;
    }
    let ns = started.elapsed().as_secs_f64() * 1e9 / f64::from(appends);
    println!("append {payload_bytes:>6} bytes by {WRITERS} threads: {ns:>8.0} ns for all");
    std::fs::remove_dir_all(directory)?;
    Ok(())
}
