//! COPY TO STDOUT in sessions whose masks have detectors: every field that no mask covers is looked into.

mod playbook;

use narrows_mask::{ColumnType, Hints, Transform};
use narrows_wire::{Allow, ClearColumn, CopyFormat, Effects, Exposure, OutputColumn, Phase};
use playbook::messages::*;
use playbook::*;
use proptest::prelude::*;

fn of_type(oid: u32) -> OutputColumn {
    let column = ColumnType { oid, modifier: -1 };
    OutputColumn::Clear(ClearColumn { column, hints: Hints::default(), ..ClearColumn::default() })
}

fn text() -> CopyFormat {
    CopyFormat::Text { delimiter: b'\t', null: b"\\N"[..].into(), header: false }
}

fn csv() -> CopyFormat {
    let (null, delimiter, quote) = (b""[..].into(), b',', b'"');
    CopyFormat::Csv { delimiter, null, header: true, quote, escape: quote, force_quote: false }
}

/// A copy of three columns, begun; without columns, lineage had nothing to say.
fn begun(columns: Option<Vec<OutputColumn>>, exposure: Exposure, format: CopyFormat) -> Playbook {
    let code = u8::from(format == CopyFormat::Binary);
    let announced = message(b'H', &[code, 0, 3, 0, code, 0, code, 0, code]);
    let (columns, copy) = (columns.map(Into::into), Some(format));
    let mut talk = Playbook::detecting();
    talk.agent(query("copy"))
        .asks(Phase::Query, "copy")
        .allow_with(Allow { exposure, effects: Effects::COPY_OUT, columns, copy, ..allowing() })
        .target_gets([query("copy")])
        .target([announced.clone()])
        .agent_gets([announced]);
    talk
}

fn data(bytes: &[u8]) -> Vec<u8> {
    message(b'd', bytes)
}

#[test]
fn a_clear_copy_is_looked_into_without_knowing_its_columns() {
    begun(None, Exposure::Clear, text())
        .target([data(b"1\tto ada@example.com\t\\N\n"), data(b"2\tplain \\\\ text\t{a,ada@example.com}\n")])
        .agent_gets([
            data(b"1\tto [redacted:email]\t\\N\n"),
            data(b"2\tplain \\\\ text\t{a,\"[redacted:email]\"}\n"),
        ]);
}

#[test]
fn masks_of_columns_and_detectors_meet_in_one_copy() {
    let column = ColumnType { oid: 25, modifier: -1 };
    let masked = OutputColumn::Masked { transform: Transform::Last4, column };
    begun(Some(vec![of_type(20), masked, of_type(114)]), Exposure::Tainted, csv())
        .target([
            data(b"id,ada@example.com,note\n"),
            data(b"1,000-12-3456,\"{\"\"to\"\": \"\"ada@example.com\"\"}\"\n"),
            data(b"2,,\"a\n\"\"b\"\"\"\n"),
        ])
        .agent_gets([
            data(b"id,ada@example.com,note\n"),
            data(b"1,*******3456,\"{\"\"to\"\": \"\"[redacted:email]\"\"}\"\n"),
            data(b"2,,\"a\n\"\"b\"\"\"\n"),
        ]);
}

#[test]
fn binary_fields_are_looked_into_by_their_type() {
    let jsonb = b"\x01{\"to\": \"ada@example.com\"}";
    let columns = vec![of_type(25), of_type(3802), of_type(0)];
    let header = &b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0"[..];
    let before = [header, &[0, 3, 0, 0, 0, 15], b"ada@example.com", &[0, 0, 0, 26], jsonb, &[0, 0, 0, 15]];
    let masked = b"\x01{\"to\": \"[redacted:email]\"}";
    let after = [header, &[0, 3, 0, 0, 0, 16], b"[redacted:email]", &[0, 0, 0, 27], masked, &[0xff; 4]];
    begun(Some(columns), Exposure::Clear, CopyFormat::Binary)
        .target([data(&[before.concat().as_slice(), b"ada@example.com"].concat()), data(&[0xff; 2])])
        .agent_gets([data(&after.concat()), data(&[0xff; 2])]);
}

#[test]
fn a_copy_whose_format_is_not_known_does_not_pass() {
    let mut talk = Playbook::detecting();
    talk.agent(query("copy"))
        .asks(Phase::Query, "copy")
        .allow_with(Allow { effects: Effects::COPY_OUT, ..allowing() })
        .target_gets([query("copy")])
        .target([message(b'H', &[0, 0, 1, 0, 0])])
        .ends("the target sent message type 'H'");
    talk.told();
}

proptest! {
    #[test]
    fn a_find_is_masked_wherever_messages_cut_it(lengths in prop::collection::vec(0..20_usize, 0..10)) {
        let mut talk = begun(None, Exposure::Clear, text());
        let mut rest = &b"1\tto ada@example.com\t\\N\n2\tx\ty\n"[..];
        for length in lengths.into_iter().chain([usize::MAX]) {
            let (part, behind) = rest.split_at(length.min(rest.len()));
            talk.target([data(part)]);
            rest = behind;
        }
        talk.agent_gets([data(b"1\tto [redacted:email]\t\\N\n"), data(b"2\tx\ty\n")]);
    }
}
