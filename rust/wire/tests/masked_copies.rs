//! COPY TO STDOUT in sessions with masks.
#![allow(clippy::unwrap_used, reason = "tests")]

mod playbook;

use narrows_mask::{ColumnType, Transform};
use narrows_wire::{Allow, CopyFormat, Effects, Exposure, Limits, OutputColumn, Phase};
use playbook::messages::*;
use playbook::*;

const SECRET: &str = "000-12-3456";
const TEXT: ColumnType = ColumnType { oid: 25, modifier: -1 };
const UNKNOWN: ColumnType = ColumnType { oid: 0, modifier: -1 };

fn masked(transform: Transform, column: ColumnType) -> OutputColumn {
    OutputColumn::Masked { transform, column }
}

fn text() -> CopyFormat {
    CopyFormat::Text { delimiter: b'\t', null: b"\\N"[..].into(), header: false }
}

fn csv(quote: u8, escape: u8, header: bool) -> CopyFormat {
    CopyFormat::Csv { delimiter: b',', null: b""[..].into(), header, quote, escape, force_quote: false }
}

/// A name in the clear, and a number of which the last four digits may be seen.
fn people() -> Vec<OutputColumn> {
    vec![OutputColumn::clear(), masked(Transform::Last4, TEXT)]
}

fn copying(columns: Vec<OutputColumn>, format: CopyFormat) -> Allow {
    let (exposure, effects) = (Exposure::Tainted, Effects::COPY_OUT);
    Allow { exposure, effects, columns: Some(columns.into()), copy: Some(format), ..allowing() }
}

fn response(code: u8, columns: u8) -> Vec<u8> {
    let codes: Vec<u8> = (0..columns).flat_map(|_| [0, code]).collect();
    message(b'H', &[&[code, 0, columns][..], &codes].concat())
}

fn data(bytes: &[u8]) -> Vec<u8> {
    message(b'd', bytes)
}

/// A copy by a simple Query, begun.
fn begun(columns: Vec<OutputColumn>, format: CopyFormat) -> Playbook {
    let (code, count) = (u8::from(format == CopyFormat::Binary), u8::try_from(columns.len()).unwrap());
    let mut talk = asked(copying(columns, format));
    talk.target([response(code, count)]).agent_gets([response(code, count)]);
    talk
}

fn asked(allow: Allow) -> Playbook {
    let mut talk = Playbook::masked();
    talk.agent(query("copy")).asks(Phase::Query, "copy").allow_with(allow).target_gets([query("copy")]);
    talk
}

/// What a line becomes.
#[track_caller]
fn becomes(columns: Vec<OutputColumn>, format: CopyFormat, line: &[u8], expected: &[u8]) {
    let mut talk = begun(columns, format);
    talk.target([data(line)]).agent_gets([data(expected)]);
    talk.target([copy_done(), complete("COPY 1"), ready(b'I')]).agent_gets([
        copy_done(),
        complete("COPY 1"),
        ready(b'I'),
    ]);
}

fn denial() -> Vec<u8> {
    narrows_error(
        "42501",
        "Narrows: the copy has other columns than its statement was judged by",
        "rule masked-data",
        "Run it again: the target's catalogue is being read anew.",
    )
}

#[test]
fn text_keeps_nulls_and_escapes() {
    becomes(people(), text(), b"A\\tb\t\\N\n", b"A\\tb\t\\N\n");
    becomes(people(), text(), b"Ada\t000-12-3456\n", b"Ada\t*******3456\n");
    // A tab, a backslash, a newline and a letter: four characters, starred whole.
    becomes(people(), text(), b"\t\\t\\\\\\nx\n", b"\t****\n");
    becomes(people(), text(), b"\tabcdef\\t\\\\\\nx\n", b"\t******\\t\\\\\\nx\n");
}

#[test]
fn text_with_a_delimiter_of_its_own() {
    let format = CopyFormat::Text { delimiter: b'|', null: b""[..].into(), header: true };
    let mut talk = begun(people(), format);
    talk.target([data(b"na\\|me|ssn\n"), data(b"A\\|b|abc\\|de\\\\f\n"), data(b"|\n")]).agent_gets([
        data(b"na\\|me|ssn\n"),
        data(b"A\\|b|****de\\\\f\n"),
        data(b"|\n"),
    ]);
}

#[test]
fn a_null_that_a_value_may_look_like_confirms_no_guess() {
    let format = || CopyFormat::Text { delimiter: b'\t', null: SECRET.as_bytes().into(), header: false };
    let columns = || vec![masked(Transform::Redact, TEXT)];
    becomes(columns(), format(), b"000-12-3456\n", b"[redacted]\n");
    becomes(columns(), format(), b"000-12-9999\n", b"[redacted]\n");
    // CSV quotes such a value.
    let format = || CopyFormat::Csv {
        delimiter: b',',
        null: SECRET.as_bytes().into(),
        header: false,
        quote: b'"',
        escape: b'"',
        force_quote: false,
    };
    becomes(columns(), format(), b"\"000-12-3456\"\n", b"[redacted]\n");
    becomes(columns(), format(), b"000-12-3456\n", b"000-12-3456\n");
}

#[test]
fn csv_keeps_quotes_and_newlines_inside() {
    becomes(people(), csv(b'"', b'"', false), b"Ada,000-12-3456\n", b"Ada,*******3456\n");
    becomes(people(), csv(b'"', b'"', false), b"\"A,\n\"\"b\"\"\",\n", b"\"A,\n\"\"b\"\"\",\n");
    becomes(people(), csv(b'"', b'"', false), b"x,\"ab\n,\"\"\n,d\"\n", b"x,\"****\"\"\n,d\"\n");
    becomes(people(), csv(b'\'', b'\\', false), b"'it\\'s\\\\',12345\\67\n", b"'it\\'s\\\\',****5\\67\n");
}

#[test]
fn csv_quotes_tell_nothing_of_what_they_were_round() {
    let columns = || vec![masked(Transform::Redact, TEXT)];
    becomes(columns(), csv(b'9', b'9', false), b"9000-12-99999\n", b"[redacted]\n");
    let mut forced = csv(b'"', b'"', false);
    if let CopyFormat::Csv { force_quote, .. } = &mut forced {
        *force_quote = true;
    }
    becomes(columns(), forced, b"\"000-12-3456\"\n", b"\"[redacted]\"\n");
}

#[test]
fn a_header_passes_and_counts() {
    let mut talk = begun(people(), csv(b'"', b'"', true));
    talk.target([data(b"name,\"s\nsn\"\n"), data(b"Ada,000-12-3456\n")])
        .agent_gets([data(b"name,\"s\nsn\"\n"), data(b"Ada,*******3456\n")]);
    let mut talk = begun(people(), csv(b'"', b'"', true));
    talk.target([data(b"name\n"), data(b"Ada,000-12-3456\n"), copy_done(), complete("COPY 1"), ready(b'I')])
        .agent_gets([denial(), ready(b'I')]);
}

fn field(value: Option<&[u8]>) -> Vec<u8> {
    match value {
        Some(bytes) => [&i32::try_from(bytes.len()).unwrap().to_be_bytes()[..], bytes].concat(),
        None => vec![0xff; 4],
    }
}

fn tuple(values: &[Option<&[u8]>]) -> Vec<u8> {
    let count = i16::try_from(values.len()).unwrap().to_be_bytes().to_vec();
    [count, values.iter().flat_map(|value| field(*value)).collect()].concat()
}

fn header() -> Vec<u8> {
    [&b"PGCOPY\n\xff\r\n\0"[..], &[0; 8]].concat()
}

#[test]
fn binary_keeps_types_and_the_header_with_the_first_tuple() {
    let columns =
        vec![OutputColumn::clear(), masked(Transform::Redact, ColumnType { oid: 20, modifier: -1 })];
    let mut talk = begun(columns, CopyFormat::Binary);
    let first = |number: i64| tuple(&[Some(b"Ada"), Some(&number.to_be_bytes())]);
    talk.target([data(&[header(), first(7)].concat()), data(&tuple(&[None, None])), data(&[0xff, 0xff])])
        .agent_gets([data(&[header(), first(0)].concat()), data(&tuple(&[None, None])), data(&[0xff, 0xff])]);
    talk.target([copy_done(), complete("COPY 2"), ready(b'I')]).agent_gets([
        copy_done(),
        complete("COPY 2"),
        ready(b'I'),
    ]);
    assert_eq!(talk.inspector.counters().masked_values, 1);
}

#[test]
fn reports_in_the_middle_of_a_copy_are_rebuilt() {
    let mut talk = begun(people(), text());
    let raised = report(b'N', &[('S', "NOTICE"), ('V', "NOTICE"), ('C', "P0001"), ('M', SECRET)]);
    talk.target([data(b"Ada\t000-"), raised, notification("c", SECRET), data(b"12-3456\n")]);
    let told = talk.told();
    assert!(told.contains("*******3456") && told.contains("withholds") && !told.contains("000-12"), "{told}");
}

#[test]
fn a_value_of_an_unknown_type_becomes_null() {
    becomes(vec![masked(Transform::Redact, UNKNOWN)], text(), b"000-12-3456\n", b"\\N\n");
    becomes(vec![masked(Transform::Redact, UNKNOWN)], csv(b'"', b'"', false), b"\"000-12-3456\"\n", b"\n");
    let mut talk = begun(vec![masked(Transform::Redact, UNKNOWN)], CopyFormat::Binary);
    talk.target([data(&[header(), tuple(&[Some(SECRET.as_bytes())])].concat())])
        .agent_gets([data(&[header(), tuple(&[None])].concat())]);
}

#[test]
fn data_that_is_not_what_the_verdict_says_is_told_as_an_error() {
    let binary = |bytes: &[u8]| [header(), bytes.to_vec()].concat();
    let cases: [(CopyFormat, Vec<u8>); 9] = [
        (text(), b"000-12-3456\n".to_vec()),
        (text(), b"a\tb\t000-12-3456\n".to_vec()),
        (text(), b"a\t000-12-3456".to_vec()),
        (csv(b'"', b'"', false), b"a,b,000-12-3456\n".to_vec()),
        (csv(b'"', b'"', false), b"a,\"000-12\"-3456\n".to_vec()),
        (csv(b'"', b'"', false), b"a,000-12\"-3456\"\n".to_vec()),
        (CopyFormat::Binary, binary(&tuple(&[Some(SECRET.as_bytes())]))),
        (CopyFormat::Binary, binary(&tuple(&[None, Some(SECRET.as_bytes())]))),
        (CopyFormat::Binary, [vec![0; 19], tuple(&[None, Some(SECRET.as_bytes())])].concat()),
    ];
    for (format, bytes) in cases {
        let mut talk = begun(people(), format);
        talk.target([data(&bytes), data(b"more\tof it\n"), copy_done(), complete("COPY 1"), ready(b'I')]);
        let told = talk.told();
        assert!(!told.contains("000-12") && told.contains("42501"), "{told}");
        assert!(!told.contains("of it") && !told.contains("COPY 1"), "{told}");
        assert!(talk.inspector.take_contradiction());
        assert_eq!(talk.inspector.counters().denials, 1);
        talk.agent(query("next")).asks(Phase::Query, "next");
    }
}

#[test]
fn an_announcement_of_other_columns_or_another_format_is_not_passed_on() {
    for announced in [response(0, 3), response(0, 1), response(1, 2)] {
        let mut talk = asked(copying(people(), text()));
        talk.target([announced, data(b"000-12-3456\n"), copy_done(), complete("COPY 1"), ready(b'T')])
            .agent_gets([denial(), ready(b'T')]);
        assert!(talk.inspector.take_contradiction());
    }
}

#[test]
fn an_error_of_the_target_ends_a_refused_copy() {
    let mut talk = begun(people(), text());
    talk.target([data(b"000-12-3456\n"), error("57014", "canceling statement"), ready(b'E')])
        .agent_gets([denial(), ready(b'E')]);
}

fn by_execute(behind: &[Vec<u8>]) -> Playbook {
    let mut talk = Playbook::masked();
    let span = [&[parse("", "copy"), bind("", ""), execute("")][..], behind].concat();
    talk.agent(span.concat()).asks(Phase::Parse, "copy").allow_with(copying(people(), text()));
    talk.target_gets([parse("", "copy"), bind("", ""), describe(""), execute(""), behind.concat()]);
    talk.target([parse_complete(), bind_complete(), no_data(), response(0, 2), data(b"Ada\t000-12-3456\n")])
        .agent_gets([parse_complete(), bind_complete(), response(0, 2), data(b"Ada\t*******3456\n")]);
    talk
}

#[test]
fn a_copy_by_execute_is_masked() {
    by_execute(&[sync()]).target([copy_done(), complete("COPY 1"), ready(b'I')]).agent_gets([
        copy_done(),
        complete("COPY 1"),
        ready(b'I'),
    ]);
}

#[test]
fn a_refused_copy_by_execute_is_an_error_before_the_sync() {
    by_execute(&[sync()])
        .target([data(b"000-12-3456\n"), copy_done(), complete("COPY 2"), ready(b'I')])
        .agent_gets([denial(), ready(b'I')]);
    // The agent has flushed: what it sends until its Sync would have been skipped.
    by_execute(&[flush()])
        .target([data(b"000-12-3456\n"), copy_done(), complete("COPY 2")])
        .agent_gets([denial()])
        .agent_all([bind("", ""), execute(""), sync()])
        .target_gets([sync()])
        .target([ready(b'I')])
        .agent_gets([ready(b'I')]);
}

#[test]
fn a_refused_copy_with_more_behind_it_ends_the_session() {
    let mut talk = Playbook::masked();
    talk.agent_all([parse("", "copy"), bind("", ""), execute(""), close_statement("x"), sync()])
        .asks(Phase::Parse, "copy")
        .allow_with(copying(people(), text()))
        .target_gets([
            parse("", "copy"),
            bind("", ""),
            describe(""),
            execute(""),
            close_statement("x"),
            sync(),
        ]);
    talk.target([parse_complete(), bind_complete(), no_data(), response(0, 2), data(b"000-12-3456\n")]);
    talk.target([copy_done(), complete("COPY 1")]).ends("other columns");
    let told = talk.told();
    assert!(told.contains("FATAL") && !told.contains("3456"), "{told}");
}

#[test]
fn a_copy_in_a_session_whose_names_are_doubtful_ends_it() {
    let mut talk = Playbook::masked();
    talk.agent(query("prepare"))
        .asks(Phase::Query, "prepare")
        .allow_effects(Effects::NAMES)
        .target_gets([query("prepare")])
        .target([complete("PREPARE"), ready(b'I')])
        .agent_gets([complete("PREPARE"), ready(b'I')]);
    talk.agent_all([parse("s", "copy"), bind("", "s"), execute(""), sync()])
        .asks(Phase::Parse, "copy")
        .allow_with(copying(people(), text()))
        .target_gets([parse("s", "copy"), bind("", "s"), describe(""), execute(""), sync()]);
    talk.target([parse_complete(), bind_complete(), no_data(), response(0, 2)]).ends("type 'H'").told();
}

#[test]
fn a_copy_passes_untouched_where_every_column_is_clear() {
    let clear = || vec![OutputColumn::clear(), OutputColumn::clear()];
    becomes(clear(), text(), b"A\\tb\t000\n", b"A\\tb\t000\n");
    becomes(clear(), csv(b'"', b'"', false), b"\"A\",b\n", b"\"A\",b\n");
}

#[test]
fn a_row_beyond_the_limit_ends_the_session() {
    let mut talk = Playbook::with(Limits { reply_bytes_max: 1000, ..Limits::default() }, Some(masks()));
    talk.agent(query("copy")).asks(Phase::Query, "copy").allow_with(copying(people(), text()));
    talk.target_gets([query("copy")]);
    talk.target([response(0, 2), data(&[b'x'; 600])]).agent_gets([response(0, 2)]);
    talk.target([data(&[b'x'; 600])]).ends("reply_bytes_max");
    let told = talk.told();
    assert!(told.contains("54000") && !told.contains("xxx"), "{told}");
}

#[test]
fn a_copy_without_a_description_ends_the_session() {
    for allow in [
        Allow { copy: None, ..copying(people(), text()) },
        Allow { columns: None, ..copying(people(), text()) },
        Allow { exposure: Exposure::Inherit, ..copying(people(), text()) },
    ] {
        asked(allow).target([response(0, 2)]).ends("type 'H'").told();
    }
}
