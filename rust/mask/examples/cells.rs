//! Six detectors on the cells of the table of `bench/detectors.py`, to be counted by callgrind:
//! `valgrind --tool=callgrind target/release/examples/cells`.

use bytes::BytesMut;
use narrows_mask::{ColumnType, Detector, Detectors, Format, Hints, Scanned, Transform};

const CELLS: usize = 20_000;
const SIX: [Detector; 6] =
    [Detector::Pan, Detector::Email, Detector::UsSsn, Detector::Iban, Detector::Jwt, Detector::AzureKey];
const TEXT: ColumnType = ColumnType { oid: 25, modifier: -1 };

fn cell(place: usize) -> String {
    let row = place / 4 + 250_000;
    match place % 4 {
        0 => format!("customer {row}"),
        1 if row.is_multiple_of(5) => format!("ada.{row}@example.com"),
        1 => format!("ORD-2026-{row}"),
        2 if row.is_multiple_of(7) => "paid with 4111 1111 1111 1111".to_owned(),
        2 => "leave it with the neighbour".to_owned(),
        _ if row.is_multiple_of(3) => format!("219-09-{:04}", row % 9999 + 1),
        _ => format!("{:032x}", (row as u128).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)),
    }
}

/// Masks the cells and says how many changed: what is to be counted, by itself.
#[inline(never)]
fn scan(detectors: &Detectors, cells: &[String]) -> usize {
    let mut out = BytesMut::with_capacity(1 << 20);
    let masked = cells.iter().filter(|cell| {
        out.clear();
        let scanned = detectors.mask(TEXT, Format::Text, Hints::default(), cell.as_bytes(), &mut out);
        scanned != Scanned::Clean
    });
    masked.count()
}

fn main() {
    let Ok(detectors) = Detectors::new(SIX.map(|detector| (detector, Transform::Redact))) else { return };
    let cells: Vec<String> = (0..CELLS).map(cell).collect();
    let masked = scan(&detectors, &cells);
    println!("{masked} of {CELLS} cells masked");
}
