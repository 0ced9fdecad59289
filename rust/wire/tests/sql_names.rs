//! Cursors and statements that SQL names: FETCH and EXECUTE show what was said of them, and nothing on doubt.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod playbook;

use narrows_mask::ColumnType;
use narrows_wire::{Allow, Effects, Exposure, NameSpace, OutputColumn, Phase, SqlName};
use playbook::messages::*;
use playbook::*;

const NAME: Option<&str> = Some("Ada");
const SECRET: Option<&str> = Some("000-12-3456");
const ZERO: (u32, i16) = (0, 0);
const WHOLE: OutputColumn = OutputColumn::Whole(ColumnType { oid: 0, modifier: -1 });

fn cursor(name: &str) -> SqlName {
    SqlName { space: NameSpace::Portals, name: name.as_bytes().into() }
}

/// Declares cursors of two computed columns, the first clear and the second derived from a masked one.
fn declaring(names: &[&str]) -> Allow {
    Allow {
        exposure: Exposure::Tainted,
        columns: Some([OutputColumn::clear(), WHOLE].into()),
        effects: Effects::NAMES,
        gives: names.iter().map(|name| cursor(name)).collect(),
        ..allowing()
    }
}

fn reading(name: SqlName) -> Allow {
    Allow { exposure: Exposure::Inherit, reads: [name].into(), ..allowing() }
}

fn declare(talk: &mut Playbook, allow: Allow, reply: &[u8]) {
    talk.agent(query("declare"))
        .asks(Phase::Query, "declare")
        .allow_with(allow)
        .target_gets([query("declare")]);
    talk.target([reply.to_vec(), ready(b'T')]).told();
}

/// Whether the first and the second column of what FETCH brings come out as they are.
fn fetched(talk: &mut Playbook, name: SqlName) -> (bool, bool) {
    talk.agent(query("fetch")).asks(Phase::Query, "fetch").allow_with(reading(name));
    talk.target_gets([query("fetch")]);
    talk.target([columns(&[ZERO, ZERO]), row(&[NAME, SECRET]), complete("FETCH 1"), ready(b'T')]);
    let told = talk.told();
    (told.contains("Ada"), told.contains("3456"))
}

#[test]
fn fetch_shows_what_was_said_of_its_cursor() {
    let mut talk = Playbook::masked();
    declare(&mut talk, declaring(&["c"]), &complete("DECLARE CURSOR"));
    assert_eq!(fetched(&mut talk, cursor("c")), (true, false));
    assert_eq!(fetched(&mut talk, cursor("other")), (false, false));
    let statement = SqlName { space: NameSpace::Statements, ..cursor("c") };
    assert_eq!(fetched(&mut talk, statement), (false, false));
}

#[test]
fn a_name_counts_for_nothing_until_the_target_has_given_it() {
    for reply in [error("42P03", "it exists"), complete("EXPLAIN"), complete("BEGIN")] {
        let mut talk = Playbook::masked();
        declare(&mut talk, declaring(&["c"]), &reply);
        assert_eq!(fetched(&mut talk, cursor("c")), (false, false));
    }
}

#[test]
fn a_cursor_that_is_declared_again_shows_what_was_said_last() {
    let mut talk = Playbook::masked();
    declare(&mut talk, declaring(&["c"]), &complete("DECLARE CURSOR"));
    let columns = Some([WHOLE, WHOLE].into());
    declare(&mut talk, Allow { columns, ..declaring(&["c"]) }, &complete("DECLARE CURSOR"));
    assert_eq!(fetched(&mut talk, cursor("c")), (false, false));
    declare(&mut talk, declaring(&["c"]), &complete("DECLARE CURSOR"));
    assert_eq!(fetched(&mut talk, cursor("c")), (true, false));
}

#[test]
fn an_earlier_declaration_that_is_confirmed_late_does_not_speak_of_a_later_one() {
    let mut talk = Playbook::masked();
    let span = |text| [parse("", text), bind("", ""), execute("")];
    talk.agent_all(span("declare")).asks(Phase::Parse, "declare").allow_with(declaring(&["c"]));
    let columns = Some([WHOLE, WHOLE].into());
    let masked = Allow { columns, ..declaring(&["c"]) };
    talk.agent_all(span("again")).agent(sync()).asks(Phase::Parse, "again").allow_with(masked);
    let sent = |text| [parse("", text), bind("", ""), describe(""), execute("")].concat();
    talk.target_gets([sent("declare"), sent("again"), sync()]);
    let reply = [parse_complete(), bind_complete(), message(b'n', b""), complete("DECLARE CURSOR")];
    talk.target(reply.clone()).told();
    // The second has been forwarded and not been answered.
    talk.agent(query("fetch")).asks(Phase::Query, "fetch").allow_with(reading(cursor("c")));
    talk.target_gets([query("fetch")]);
    talk.target(reply).target([ready(b'T')]).told();
    talk.target([columns_of_two(), row(&[SECRET, SECRET]), complete("FETCH 1"), ready(b'T')]);
    assert!(!talk.told().contains("3456"));
}

fn columns_of_two() -> Vec<u8> {
    columns(&[ZERO, ZERO])
}

#[test]
fn a_cursor_that_the_protocol_binds_again_is_doubted() {
    let mut talk = Playbook::masked();
    declare(&mut talk, declaring(&["c"]), &complete("DECLARE CURSOR"));
    talk.agent_all([parse("", "select"), bind("c", ""), sync()])
        .asks(Phase::Parse, "select")
        .allow_with(Allow { exposure: Exposure::Tainted, ..allowing() })
        .target_gets([parse("", "select"), bind("c", ""), describe("c"), sync()]);
    talk.target([parse_complete(), bind_complete(), columns_of_two(), ready(b'T')]).told();
    assert_eq!(fetched(&mut talk, cursor("c")), (false, false));
}

#[test]
fn a_text_that_gives_several_names_or_none_known_is_doubted() {
    for names in [&["c", "d"][..], &[]] {
        let mut talk = Playbook::masked();
        declare(&mut talk, declaring(&["c"]), &complete("DECLARE CURSOR"));
        declare(&mut talk, declaring(names), &complete("DECLARE CURSOR"));
        assert_eq!(fetched(&mut talk, cursor("c")), (false, false));
    }
}

#[test]
fn what_was_decided_in_another_epoch_is_doubted() {
    let mut talk = Playbook::masked();
    declare(&mut talk, declaring(&["c"]), &complete("DECLARE CURSOR"));
    let settings = Allow { effects: Effects::SETTINGS, ..allowing() };
    declare(&mut talk, settings, &complete("SET"));
    assert_eq!(fetched(&mut talk, cursor("c")), (false, false));
}

#[test]
fn a_portal_of_fetch_is_described_when_it_runs_because_its_cursor_may_be_another_by_then() {
    let mut talk = Playbook::masked();
    declare(&mut talk, declaring(&["c"]), &complete("DECLARE CURSOR"));
    talk.agent_all([parse("", "fetch"), bind("", ""), sync()])
        .asks(Phase::Parse, "fetch")
        .allow_with(reading(cursor("c")))
        .target([parse_complete(), bind_complete(), columns_of_two(), ready(b'T')])
        .told();
    talk.target_gets([parse("", "fetch"), bind("", ""), describe(""), sync()]);
    talk.agent_all([execute(""), sync()]).target_gets([describe(""), execute(""), sync()]);
    talk.target([columns(&[(PEOPLE, 2), ZERO]), row(&[SECRET, SECRET]), complete("FETCH 1"), ready(b'T')]);
    assert!(!talk.told().contains("3456"));
}

#[test]
fn a_name_that_the_target_would_cut_short_is_denied() {
    let (longest, long) = ("n".repeat(63), "n".repeat(64));
    let mut talk = Playbook::masked();
    talk.agent(parse(&longest, "select")).asks(Phase::Parse, "select").deny();
    talk.target_gets([poisoned_parse(&longest)]);
    for (message, poison) in
        [(parse(&long, "select"), poisoned_parse(&long)), (bind(&long, ""), poisoned_bind())]
    {
        let mut talk = Playbook::masked();
        talk.agent(message).target_gets([poison]);
        assert!(talk.inspector.held().is_none());
        talk.target([poison_error("42P01")]);
        assert!(talk.told().contains("63 bytes"));
    }
}
