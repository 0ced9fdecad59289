//! What detectors cost on cells of a table, and on text that comes in pieces:
//! `cargo bench -p narrows-mask --bench scan`.

#![allow(clippy::expect_used, reason = "a benchmark may panic")]

use std::hint::black_box;
use std::sync::Arc;

use bytes::BytesMut;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use narrows_mask::{ColumnType, Detector, Detectors, Format, Hints, Stream, Transform};

const ROWS: usize = 20_000;
const PIECE_BYTES: usize = 32 * 1024;
const SIX: [Detector; 6] =
    [Detector::Pan, Detector::Email, Detector::UsSsn, Detector::Iban, Detector::Jwt, Detector::AzureKey];

type Kind = fn(usize) -> String;

/// What stands in columns of text: names, codes, dates, hashes; one in five holds something sensitive.
const MIXED: [Kind; 20] = [
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
/// The four columns of `bench/detectors.py`.
const TABLE: [Kind; 4] = [
    |row| format!("customer {row}"),
    |row| if row % 5 == 0 { format!("ada.{row}@example.com") } else { format!("ORD-2026-{row}") },
    |row| {
        if row % 7 == 0 { "paid with 4111 1111 1111 1111" } else { "leave it with the neighbour" }.to_owned()
    },
    |row| {
        if row % 3 == 0 {
            format!("219-09-{:04}", row % 9999 + 1)
        } else {
            format!("{:032x}", (row as u128).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835))
        }
    },
];

fn cells(kinds: &[Kind]) -> Vec<Vec<u8>> {
    let rows = (0..ROWS).map(|row| row / kinds.len() + 250_000);
    kinds.iter().cycle().zip(rows).map(|(kind, row)| kind(row).into_bytes()).collect()
}

fn detectors(wanted: &[Detector]) -> Detectors {
    Detectors::new(wanted.iter().map(|it| (*it, Transform::Redact))).expect("shapes that compile")
}

fn scan_cells(criterion: &mut Criterion) {
    let column = ColumnType { oid: 25, modifier: -1 };
    for (count, wanted) in [("6", &SIX[..]), ("15", &Detector::ALL[..])] {
        let detectors = detectors(wanted);
        let mut group = criterion.benchmark_group(format!("{count} detectors"));
        let clean: [Kind; 1] = [|row| format!("name of customer {row}")];
        for (name, kinds) in
            [("mixed cells", &MIXED[..]), ("the table", &TABLE[..]), ("clean cells", &clean[..])]
        {
            let cells = cells(kinds);
            group.throughput(Throughput::Bytes(cells.iter().map(|cell| cell.len() as u64).sum()));
            group.bench_function(name, |bencher| {
                let mut out = BytesMut::with_capacity(1 << 16);
                bencher.iter(|| {
                    for cell in &cells {
                        out.clear();
                        let hints = Hints::default();
                        let _ =
                            black_box(detectors.mask(column, Format::Text, hints, black_box(cell), &mut out));
                    }
                });
            });
        }
    }
}

fn scan_streams(criterion: &mut Criterion) {
    let detectors = Arc::new(detectors(&Detector::ALL));
    let lines = cells(&MIXED).chunks(5).map(|cells| cells.join(&b' ')).collect::<Vec<_>>().join(&b'\n');
    let mut group = criterion.benchmark_group("stream of lines, 15 detectors");
    group.throughput(Throughput::Bytes(lines.len() as u64));
    for (name, ansi) in [("plain", false), ("terminal", true)] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let mut stream = Stream::new(Arc::clone(&detectors), Arc::default(), ansi);
                let mut out = BytesMut::with_capacity(lines.len());
                for piece in lines.chunks(PIECE_BYTES) {
                    stream.feed(black_box(piece), &mut out);
                }
                stream.finish(&mut out);
                out
            });
        });
    }
}

criterion_group!(benches, scan_cells, scan_streams);
criterion_main!(benches);
