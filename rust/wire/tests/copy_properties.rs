//! What holds for every copy, whatever its values and however its data is cut into messages.
//!
//! Rows are written by the rules of the target's `copyto.c`, not by the code under test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod playbook;

use narrows_mask::{ColumnType, Transform};
use narrows_wire::{Allow, CopyFormat, Effects, Exposure, OutputColumn, Phase};
use playbook::messages::*;
use playbook::*;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

const CANARY: &str = "000-12-3456";
const REDACTED: &str = "[redacted]";
/// The columns: in the clear, masked, in the clear.
const COLUMNS: u8 = 3;

type Row = (Option<String>, Option<String>, Option<String>);

/// How a row is written: before and after it was masked.
type Encode = fn(&Row, Option<&str>) -> Vec<u8>;

fn text_row(row: &Row, masked: Option<&str>) -> Vec<u8> {
    let field = |value: Option<&str>| value.map_or("\\N".to_owned(), escaped);
    let ssn = row.1.as_deref().map(|ssn| masked.unwrap_or(ssn));
    format!("{}\t{}\t{}\n", field(row.0.as_deref()), field(ssn), field(row.2.as_deref())).into_bytes()
}

fn escaped(value: &str) -> String {
    let escape = |letter: char| match letter {
        '\u{8}' => "\\b".into(),
        '\u{c}' => "\\f".into(),
        '\n' => "\\n".into(),
        '\r' => "\\r".into(),
        '\t' => "\\t".into(),
        '\u{b}' => "\\v".into(),
        '\\' => "\\\\".into(),
        other => other.to_string(),
    };
    value.chars().map(escape).collect::<String>()
}

fn csv_row(row: &Row, masked: Option<&str>) -> Vec<u8> {
    let field = |value: Option<&str>, masked: Option<&str>| match value.map(|value| masked.unwrap_or(value)) {
        None => String::new(),
        Some(value) if value.is_empty() || value.contains(['"', ',', '\n', '\r']) => {
            format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
        }
        Some(value) => value.to_owned(),
    };
    let ssn = field(row.1.as_deref(), masked);
    format!("{},{ssn},{}\n", field(row.0.as_deref(), None), field(row.2.as_deref(), None)).into_bytes()
}

fn binary_row(row: &Row, masked: Option<&str>) -> Vec<u8> {
    let field = |value: Option<&str>| match value {
        None => vec![0xff; 4],
        Some(value) => [&i32::try_from(value.len()).unwrap().to_be_bytes()[..], value.as_bytes()].concat(),
    };
    let ssn = row.1.as_deref().map(|ssn| masked.unwrap_or(ssn));
    [vec![0, COLUMNS], field(row.0.as_deref()), field(ssn), field(row.2.as_deref())].concat()
}

/// The messages as the target cuts them: one to a row, a header with the first.
fn stream(encode: Encode, format: &CopyFormat, rows: &[Row], masked: Option<&str>) -> Vec<Vec<u8>> {
    let mut messages: Vec<Vec<u8>> = rows.iter().map(|row| encode(row, masked)).collect();
    if *format == CopyFormat::Binary {
        messages.push(vec![0xff, 0xff]);
        messages[0] = [&b"PGCOPY\n\xff\r\n\0"[..], &[0; 8], &messages[0]].concat();
    }
    messages
}

fn formats() -> impl Strategy<Value = (Encode, CopyFormat)> {
    let text = CopyFormat::Text { delimiter: b'\t', null: b"\\N"[..].into(), header: false };
    let csv = CopyFormat::Csv {
        delimiter: b',',
        null: b""[..].into(),
        header: false,
        quote: b'"',
        escape: b'\\',
        force_quote: false,
    };
    prop_oneof![
        Just((text_row as Encode, text)),
        Just((csv_row as Encode, csv)),
        Just((binary_row as Encode, CopyFormat::Binary)),
    ]
}

/// Values with everything in them that a format treats in its own way.
fn value() -> impl Strategy<Value = Option<String>> {
    option::weighted(0.9, "[a\\\\\"',\t\n\r\u{8}N.é]{0,6}")
}

fn row() -> impl Strategy<Value = Row> {
    let ssn = (value(), value())
        .prop_map(|(before, after)| before.map(|it| format!("{it}{CANARY}{}", after.unwrap_or_default())));
    (value(), ssn, value())
}

fn columns() -> Vec<OutputColumn> {
    let masked =
        OutputColumn::Masked { transform: Transform::Redact, column: ColumnType { oid: 25, modifier: -1 } };
    vec![OutputColumn::clear(), masked, OutputColumn::clear()]
}

/// A copy that has begun.
fn begun(format: &CopyFormat) -> Playbook {
    let code = u8::from(*format == CopyFormat::Binary);
    let announced = message(b'H', &[&[code, 0, COLUMNS][..], &[0, code].repeat(COLUMNS.into())].concat());
    let (exposure, effects) = (Exposure::Tainted, Effects::COPY_OUT);
    let (columns, copy) = (Some(columns().into()), Some(format.clone()));
    let mut talk = Playbook::masked();
    talk.agent(query("copy"))
        .asks(Phase::Query, "copy")
        .allow_with(Allow { exposure, effects, columns, copy, ..allowing() })
        .target_gets([query("copy")])
        .target([announced.clone()])
        .agent_gets([announced]);
    talk
}

/// Sends `bytes` in `CopyData` messages of these lengths.
fn send(talk: &mut Playbook, mut bytes: &[u8], lengths: &[usize]) {
    for length in lengths.iter().copied().chain([usize::MAX]) {
        let (part, rest) = bytes.split_at(length.min(bytes.len()));
        talk.target([message(b'd', part)]);
        bytes = rest;
    }
}

fn as_messages(records: &[Vec<u8>]) -> Vec<u8> {
    records.iter().flat_map(|record| message(b'd', record)).collect()
}

proptest! {
    #[test]
    fn rows_are_masked_however_the_data_is_cut(
        (encode, format) in formats(),
        rows in vec(row(), 1..6),
        lengths in vec(0..30_usize, 0..20),
    ) {
        let mut talk = begun(&format);
        send(&mut talk, &stream(encode, &format, &rows, None).concat(), &lengths);
        talk.agent_gets([as_messages(&stream(encode, &format, &rows, Some(REDACTED)))]);
        talk.target([copy_done(), complete("COPY"), ready(b'I')])
            .agent_gets([copy_done(), complete("COPY"), ready(b'I')]);
    }

    #[test]
    fn damaged_data_shows_no_masked_value(
        // In text, every delimiter of a value is escaped, so one wrong byte changes the number of fields. A wrong
        // length in binary or a wrong quote in CSV is the target's own word of where a field ends.
        (encode, format) in formats().prop_filter("text", |(_, it)| matches!(it, CopyFormat::Text { .. })),
        rows in vec(row(), 1..6),
        lengths in vec(0..30_usize, 0..20),
        (at, byte) in (any::<prop::sample::Index>(), any::<u8>()),
    ) {
        // A delimiter that is gone, or one too many, would move a value into a field that is not masked.
        let mut bytes = stream(encode, &format, &rows, None).concat();
        let place = at.index(bytes.len());
        bytes[place] = byte;
        let mut talk = begun(&format);
        send(&mut talk, &bytes, &lengths);
        talk.target([copy_done()]);
        let told = talk.told();
        prop_assert!(told.matches(CANARY).count() == 0, "{}", told);
    }
}
