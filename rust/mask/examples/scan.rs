//! Speed of the detectors on database cells and on long text:
//! `cargo run --release -p narrows-mask --example scan`.

#![allow(clippy::expect_used, reason = "an example may panic")]

use std::hint::black_box;
use std::time::Instant;

use bytes::BytesMut;
use narrows_mask::{ColumnType, Detector, Detectors, Format, Hints, Transform};

const ROWS: usize = 200_000;
const ROUNDS: u32 = 5;
const SIX: [Detector; 6] =
    [Detector::Pan, Detector::Email, Detector::UsSsn, Detector::Iban, Detector::Jwt, Detector::AzureKey];

fn main() {
    let cells = cells();
    let log = cells.join(&b' ');
    let lines: Vec<Vec<u8>> = log.chunks(64 * 1024).map(<[u8]>::to_vec).collect();
    let clean: Vec<Vec<u8>> = (0..ROWS).map(|row| format!("name of customer {row}").into_bytes()).collect();
    for (what, wanted) in [("6 detectors", &SIX[..]), ("15 detectors", &Detector::ALL[..])] {
        let detectors = Detectors::new(wanted.iter().map(|it| (*it, Transform::Redact))).expect("shapes");
        for (which, values) in [("mixed cells", &cells), ("clean cells", &clean), ("64 KiB of cells", &lines)]
        {
            let (seconds, masked) = fastest(&detectors, values);
            let bytes: usize = values.iter().map(Vec::len).sum();
            #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
            let (megabytes, rows) = (bytes as f64 / 1e6 / seconds, values.len() as f64 / seconds / 1e6);
            println!(
                "{what:<13} {which:<16} {megabytes:>7.0} MB/s {rows:>7.2} M values/s {masked:>7} masked"
            );
        }
    }
}

/// What stands in columns of text: names, codes, dates, hashes; one in five holds something sensitive.
fn cells() -> Vec<Vec<u8>> {
    let kinds: [fn(usize) -> String; 20] = [
        |row| format!("Ada Lovelace the {row}th"),
        |row| format!("ORD-2026-{row:07}"),
        |row| format!("{row:08x}-7dec-11d0-a765-00a0c91e6bf6"),
        |row| format!("2026-07-{:02} 12:30:{:02}.{row:06}+00", row % 28 + 1, row % 60),
        |_| "shipped".to_owned(),
        |row| format!("{row} Main Street, Springfield"),
        |row| format!("v1.{}.{}", row % 20, row % 7),
        |_| "Please leave the parcel with the neighbour if nobody is at home.".to_owned(),
        |row| format!("{:064x}", row as u128 * 0x9e37_79b9_7f4a_7c15),
        |_| "DE".to_owned(),
        |row| format!("{}.{:02}", row % 1000, row % 100),
        |_| "https://example.com/orders?page=2&sort=name".to_owned(),
        |row| format!("sku_{row}"),
        |_| "true".to_owned(),
        |row| format!("{}", 1_600_000_000_000_usize + row),
        |_| "London".to_owned(),
        |row| format!("customer{row}@example.com"),
        |_| "4111 1111 1111 1111".to_owned(),
        |row| format!("219-{:02}-{:04}", row % 99 + 1, row % 9999 + 1),
        |_| "DE89 3704 0044 0532 0130 00".to_owned(),
    ];
    kinds.iter().cycle().zip(0..ROWS).map(|(kind, row)| kind(row).into_bytes()).collect()
}

/// Seconds of the fastest of some rounds, and how many values were masked.
fn fastest(detectors: &Detectors, values: &[Vec<u8>]) -> (f64, usize) {
    let column = ColumnType { oid: 25, modifier: -1 };
    let mut out = BytesMut::with_capacity(1 << 20);
    let (mut best, mut masked) = (f64::INFINITY, 0);
    for _ in 0..ROUNDS {
        let started = Instant::now();
        masked = 0;
        for value in values {
            out.clear();
            let scanned = detectors.mask(column, Format::Text, Hints::default(), black_box(value), &mut out);
            masked += usize::from(black_box(scanned) != narrows_mask::Scanned::Clean);
        }
        best = best.min(started.elapsed().as_secs_f64());
    }
    (best, masked)
}
