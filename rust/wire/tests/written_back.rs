//! Rows that are copied in with what a mask has shown in them.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod playbook;

use narrows_mask::{ColumnType, PseudonymKey, Transform};
use narrows_wire::{Allow, CopyFormat, Effects, Limits, OutputColumn, Phase};
use playbook::messages::*;
use playbook::*;

const INT4: u32 = 23;
const FROM: &str = "copy people from stdin";

fn text() -> CopyFormat {
    CopyFormat::Text { delimiter: b'\t', null: b"\\N"[..].into(), header: false }
}

fn csv() -> CopyFormat {
    CopyFormat::Csv {
        delimiter: b',',
        null: b""[..].into(),
        header: true,
        quote: b'"',
        escape: b'"',
        force_quote: false,
    }
}

fn columns() -> Vec<OutputColumn> {
    let transform = Transform::Pseudonym(PseudonymKey([7; 32]));
    let column = ColumnType { oid: INT4, modifier: -1 };
    vec![OutputColumn::clear(), OutputColumn::Masked { transform, column }]
}

/// A session in the middle of a copy that is looked into.
fn begun(format: CopyFormat, limits: Limits) -> Playbook {
    let mut talk = Playbook::with(limits, Some(masks()));
    let (columns, copy) = (Some(columns().into()), Some(format));
    talk.agent(query(FROM)).asks(Phase::Query, FROM);
    talk.allow_with(Allow { columns, copy, effects: Effects::COPY_IN, ..allowing() });
    talk.target_gets([query(FROM)]).target([copy_in_response()]).agent_gets([copy_in_response()]);
    talk
}

fn poisoned() -> Vec<u8> {
    copy_fail(POISON)
}

fn denial() -> Vec<u8> {
    narrows_error(
        "42501",
        "Narrows: a row of the copy holds what stands for a masked value; nothing was copied",
        "rule masked-data",
        "Leave the masked columns out of what is copied, or copy rows that were not read through masks.",
    )
}

#[track_caller]
fn refused(format: CopyFormat, rows: &str) {
    let mut talk = begun(format, Limits::default());
    talk.agent(copy_data(rows)).target_gets([copy_data(rows), poisoned()]);
    // What is still under way goes nowhere.
    talk.agent_all([copy_data("3\t4\n"), copy_done()]).target_gets([]);
    talk.target([error("57014", &format!("COPY from stdin failed: {POISON}")), ready(b'I')])
        .agent_gets([denial(), ready(b'I')]);
    talk.agent(query("select")).asks(Phase::Query, "select").allow().target_gets([query("select")]);
}

#[test]
fn a_placeholder_makes_the_copy_fail() {
    refused(text(), "1\t2\nAda [redacted:email]\t3\n");
    refused(text(), "msk_tk3jztpy9hsgs7e4\t3\n");
    refused(text(), "1\t-1378596498\n");
    refused(csv(), "name,n\n\"x, [redacted]\",3\n");
    refused(csv(), "name,n\n1,-1378596498\r\n");
    // A row that cannot be taken apart is one value.
    refused(csv(), "name,n\na \"b\" [redacted],3\n");
}

#[test]
fn other_rows_pass() {
    for (format, rows) in [
        (text(), "[redacted\t3\nAda\t1378596498\n\\N\t\\N\n-1378596498\t1\n"),
        (csv(), "[redacted],n\n\"a\nb\",3\n,\n"),
    ] {
        let mut talk = begun(format, Limits::default());
        talk.agent_all([copy_data(rows), copy_done()]).target_gets([copy_data(rows), copy_done()]);
        talk.target([complete("COPY 2"), ready(b'I')]).agent_gets([complete("COPY 2"), ready(b'I')]);
    }
}

#[test]
fn a_row_may_be_cut_anywhere_and_need_not_end() {
    let rows = "1\t2\nAda [redacted]\t3";
    for cut in 1..rows.len() {
        let mut talk = begun(text(), Limits::default());
        let (front, back) = rows.split_at(cut);
        talk.agent_all([copy_data(front), copy_data(back), copy_done()]);
        talk.target_gets([copy_data(front), copy_data(back), poisoned()]);
    }
}

#[test]
fn a_message_is_not_broken_off() {
    let message = copy_data("[redacted]\t1\n2\t3\n");
    for cut in 1..message.len() {
        let mut talk = begun(text(), Limits::default());
        talk.agent(&message[..cut]).agent(&message[cut..]).target_gets([message.clone(), poisoned()]);
    }
}

#[test]
fn a_row_is_not_kept_without_end() {
    let mut talk = begun(text(), Limits { bind_bytes_max: 10, ..Limits::default() });
    talk.agent(copy_data("12345678901")).target_gets([copy_data("12345678901"), poisoned()]);
}

#[test]
fn another_error_of_the_target_is_told_as_it_is() {
    let mut talk = begun(text(), Limits::default());
    talk.agent(copy_data("[redacted]\t1\n")).target_gets([copy_data("[redacted]\t1\n"), poisoned()]);
    talk.target([error("57014", "canceling statement due to statement timeout"), ready(b'I')]);
    assert!(!talk.told().contains("stands for a masked value"));
}

#[test]
fn in_the_extended_protocol_the_session_goes_on_at_the_sync() {
    let mut talk = Playbook::masked();
    talk.agent_all([parse("", FROM), bind("", ""), execute(""), sync()]).asks(Phase::Parse, FROM);
    let (columns, copy) = (Some(columns().into()), Some(text()));
    talk.allow_with(Allow { columns, copy, effects: Effects::COPY_IN, ..allowing() });
    talk.target_gets([parse("", FROM), bind("", ""), execute(""), sync()]);
    talk.target([parse_complete(), bind_complete(), copy_in_response()]);
    talk.agent_all([copy_data("[redacted]\t1\n"), copy_done(), sync()]);
    talk.target_gets([copy_data("[redacted]\t1\n"), poisoned(), sync()]);
    talk.target([error("57014", &format!("COPY from stdin failed: {POISON}")), ready(b'I')]);
    talk.agent_gets([parse_complete(), bind_complete(), copy_in_response(), denial(), ready(b'I')]);
}
