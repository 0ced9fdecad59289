//! What the recording keeps of answers, and what it accounts for instead.

mod playbook;

use narrows_wire::{Allow, Effects, Exposure, NameSpace, Phase, RecordLevel, SqlName, VerdictId};
use playbook::messages::*;
use playbook::*;

fn keeping(record: RecordLevel) -> Allow {
    Allow { record, id: VerdictId(7), ..allowing() }
}

fn not_kept(answer: u64, rows: u64, messages: &[Vec<u8>]) -> NotKept {
    NotKept { answer, by: 7, rows, bytes: messages.concat() }
}

fn described() -> Vec<u8> {
    columns(&[(ORDERS, 1)])
}

fn notice() -> Vec<u8> {
    report(b'N', &[('S', "NOTICE"), ('C', "00000"), ('M', "seen")])
}

fn rows() -> [Vec<u8>; 2] {
    [row(&[Some("1")]), row(&[None])]
}

/// A query with a notice, two rows and a tag, answered.
fn answered(record: RecordLevel) -> Playbook {
    let mut talk = Playbook::open();
    talk.agent(query("select")).asks(Phase::Query, "select").allow_with(keeping(record));
    talk.target_gets([query("select")]);
    let [one, other] = rows();
    let reply = [described(), notice(), one, other, complete("SELECT 2"), ready(b'I')];
    talk.target(reply.clone()).agent_gets(reply);
    talk
}

#[test]
fn everything_is_kept_unless_a_verdict_says_otherwise() {
    assert_eq!(answered(RecordLevel::Full).left_out(), []);
}

#[test]
fn without_the_rows_the_rest_is_kept() {
    assert_eq!(answered(RecordLevel::NoneOfTheRows).left_out(), [not_kept(0, 2, &rows())]);
}

#[test]
fn with_statements_alone_neither_description_nor_notice_is_kept() {
    let [one, other] = rows();
    let rest = [described(), notice(), one, other];
    assert_eq!(answered(RecordLevel::Statements).left_out(), [not_kept(0, 2, &rest)]);
}

#[test]
fn an_error_is_kept_and_ends_the_answer() {
    let mut talk = Playbook::open();
    talk.agent(query("select")).asks(Phase::Query, "select").allow_with(keeping(RecordLevel::Statements));
    talk.target_gets([query("select")]);
    let [one, _] = rows();
    let failed = [described(), one.clone(), error("22012", "division by zero"), ready(b'I')];
    talk.target(failed.clone()).agent_gets(failed);
    assert_eq!(talk.left_out(), [not_kept(0, 1, &[described(), one])]);
}

#[test]
fn each_result_of_a_query_is_an_answer_of_its_own() {
    let mut talk = Playbook::open();
    talk.agent(query("a; b")).asks(Phase::Query, "a; b").allow_with(keeping(RecordLevel::NoneOfTheRows));
    talk.target_gets([query("a; b")]);
    let [one, other] = rows();
    let reply = [
        described(),
        one.clone(),
        complete("SELECT 1"),
        described(),
        other.clone(),
        complete("SELECT 1"),
        ready(b'I'),
    ];
    talk.target(reply.clone()).agent_gets(reply);
    assert_eq!(talk.left_out(), [not_kept(0, 1, &[one]), not_kept(1, 1, &[other])]);
}

#[test]
fn statements_of_one_pipeline_are_kept_each_as_its_verdict_says() {
    let mut talk = Playbook::open();
    talk.agent_all([parse("", "secret"), bind("", ""), execute("")])
        .asks(Phase::Parse, "secret")
        .allow_with(keeping(RecordLevel::NoneOfTheRows));
    talk.agent_all([parse("", "open"), bind("", ""), execute(""), sync()]).asks(Phase::Parse, "open").allow();
    talk.sent();
    let [one, other] = rows();
    let reply = [
        parse_complete(),
        bind_complete(),
        one.clone(),
        complete("SELECT 1"),
        parse_complete(),
        bind_complete(),
        other,
        complete("SELECT 1"),
        ready(b'I'),
    ];
    talk.target(reply.clone()).agent_gets(reply);
    assert_eq!(talk.left_out(), [not_kept(0, 1, &[one])]);
}

#[test]
fn masked_rows_are_accounted_for_as_the_agent_gets_them() {
    let mut talk = Playbook::masked();
    talk.agent(query("select"))
        .asks(Phase::Query, "select")
        .allow_with(Allow { exposure: Exposure::Tainted, ..keeping(RecordLevel::NoneOfTheRows) });
    talk.target_gets([query("select")]);
    let people = columns(&[(PEOPLE, 1), (PEOPLE, 2)]);
    let (clear, masked) = (row(&[Some("1"), Some("Ada")]), row(&[Some("1"), None]));
    talk.target([people.clone(), clear, complete("SELECT 1"), ready(b'I')]);
    talk.agent_gets([people, masked.clone(), complete("SELECT 1"), ready(b'I')]);
    assert_eq!(talk.left_out(), [not_kept(0, 1, &[masked])]);
}

#[test]
fn a_row_that_comes_in_parts_is_one_row() {
    let mut talk = Playbook::open();
    talk.agent(query("select")).asks(Phase::Query, "select").allow_with(keeping(RecordLevel::NoneOfTheRows));
    talk.target_gets([query("select")]);
    let large = row(&[Some(&"x".repeat(200_000))]);
    let (start, rest) = large.split_at(70_000);
    talk.target([described(), start.to_vec()]);
    talk.target([rest.to_vec(), complete("SELECT 1"), ready(b'I')]);
    talk.agent_gets([described(), large.clone(), complete("SELECT 1"), ready(b'I')]);
    assert_eq!(talk.left_out(), [not_kept(0, 1, &[large])]);
}

#[test]
fn a_cursor_shows_what_its_own_verdict_keeps() {
    let mut talk = Playbook::open();
    let cursor = SqlName { space: NameSpace::Portals, name: b"c"[..].into() };
    talk.agent(query("declare")).asks(Phase::Query, "declare").allow_with(Allow {
        effects: Effects::NAMES,
        gives: [cursor.clone()].into(),
        ..keeping(RecordLevel::NoneOfTheRows)
    });
    let declared = [complete("DECLARE CURSOR"), ready(b'T')];
    talk.target(declared.clone()).agent_gets(declared);
    talk.agent(query("fetch")).asks(Phase::Query, "fetch");
    talk.allow_with(Allow { exposure: Exposure::Inherit, reads: [cursor].into(), ..allowing() });
    talk.sent();
    let [one, _] = rows();
    let fetched = [described(), one.clone(), complete("FETCH 1"), ready(b'T')];
    talk.target(fetched.clone()).agent_gets(fetched);
    assert_eq!(talk.left_out(), [not_kept(2, 1, &[one])]);
}
