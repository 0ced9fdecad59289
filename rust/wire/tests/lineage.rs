//! Verdicts that speak of each column: what they clear, and what they cannot.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod playbook;

use narrows_mask::{ColumnType, Transform};
use narrows_wire::{Allow, Effects, Exposure, OutputColumn, Phase};
use playbook::messages::*;
use playbook::*;

const SECRET: Option<&str> = Some("000-12-3456");
const NAME: Option<&str> = Some("Ada");
const ZERO: (u32, i16) = (0, 0);

fn speaking_of<const N: usize>(clear: [bool; N]) -> Allow {
    let masked = || OutputColumn::Masked {
        transform: Transform::Redact,
        column: ColumnType { oid: 25, modifier: -1 },
    };
    let columns = clear.map(|is_clear| if is_clear { OutputColumn::clear() } else { masked() });
    Allow { exposure: Exposure::Tainted, columns: Some(columns.into()), ..allowing() }
}

fn queried(allow: Allow) -> Playbook {
    let mut talk = Playbook::masked();
    talk.agent(query("select")).asks(Phase::Query, "select").allow_with(allow).target_gets([query("select")]);
    talk
}

#[test]
fn a_column_without_an_origin_passes_where_the_verdict_clears_it() {
    let mut talk = queried(speaking_of([true, false]));
    talk.target([columns(&[ZERO, ZERO]), row(&[NAME, SECRET])])
        .agent_gets([columns(&[ZERO, ZERO]), row(&[NAME, Some("[redacted]")])]);
    assert!(!talk.inspector.take_contradiction());
}

#[test]
fn an_origin_wins_over_lineage_and_a_contradiction_is_reported() {
    let mut talk = queried(speaking_of([true, true]));
    talk.target([columns(&[(PEOPLE, 1), (PEOPLE, 2)]), row(&[NAME, SECRET])])
        .agent_gets([columns(&[(PEOPLE, 1), (PEOPLE, 2)]), row(&[NAME, None])]);
    assert!(talk.inspector.take_contradiction());
}

#[test]
fn an_origin_in_the_clear_passes_whatever_lineage_says() {
    let mut talk = queried(speaking_of([false]));
    talk.target([columns(&[(ORDERS, 1)]), row(&[NAME])]).agent_gets([columns(&[(ORDERS, 1)]), row(&[NAME])]);
    assert!(!talk.inspector.take_contradiction());
}

#[test]
fn another_number_of_columns_clears_none_and_is_reported() {
    for described in [vec![ZERO], vec![ZERO, ZERO, ZERO]] {
        let mut talk = queried(speaking_of([true, true]));
        talk.target([columns(&described), row(&vec![SECRET; described.len()])]);
        let told = talk.told();
        assert!(!told.contains("3456"), "{told}");
        assert!(talk.inspector.take_contradiction());
    }
}

#[test]
fn a_second_result_is_none_that_the_verdict_speaks_of() {
    // Several statements come without columns; a rule of the target's may still answer one with two results.
    let mut talk = queried(speaking_of([true]));
    talk.target([columns(&[ZERO]), row(&[NAME]), complete("SELECT 1")]);
    talk.agent_gets([columns(&[ZERO]), row(&[NAME]), complete("SELECT 1")]);
    talk.target([columns(&[ZERO]), row(&[SECRET]), complete("SELECT 1"), ready(b'I')]);
    assert!(!talk.told().contains("3456"));
}

#[test]
fn a_portal_keeps_what_was_said_of_its_statement_at_bind() {
    let mut talk = Playbook::masked();
    talk.agent_all([parse("s", "select"), bind("p", "s"), sync()])
        .asks(Phase::Parse, "select")
        .allow_with(speaking_of([true]))
        .target_gets([parse("s", "select"), bind("p", "s"), describe("p"), sync()])
        .target([parse_complete(), bind_complete(), columns(&[ZERO]), ready(b'T')])
        .agent_gets([parse_complete(), bind_complete(), ready(b'T')]);
    // The name is given to another statement; the portal is of the first.
    talk.agent_all([close_statement("s"), parse("s", "other"), execute("p"), sync()])
        .asks(Phase::Parse, "other")
        .allow_with(speaking_of([false]))
        .target_gets([close_statement("s"), parse("s", "other"), execute("p"), sync()])
        .target([close_complete(), parse_complete(), row(&[NAME]), complete("SELECT 1"), ready(b'T')])
        .agent_gets([close_complete(), parse_complete(), row(&[NAME]), complete("SELECT 1"), ready(b'T')]);
}

#[test]
fn a_name_that_sql_may_have_given_anew_is_cleared_of_nothing() {
    let mut talk = Playbook::masked();
    talk.agent(query("declare"))
        .asks(Phase::Query, "declare")
        .allow_with(Allow { effects: Effects::NAMES, ..speaking_of([true]) })
        .target_gets([query("declare")])
        .target([complete("DECLARE CURSOR"), ready(b'T')])
        .agent_gets([complete("DECLARE CURSOR"), ready(b'T')]);
    talk.agent_all([parse("s", "select"), bind("", "s"), execute(""), sync()])
        .asks(Phase::Parse, "select")
        .allow_with(speaking_of([true]))
        .target_gets([parse("s", "select"), bind("", "s"), describe(""), execute(""), sync()])
        .target([parse_complete(), bind_complete(), columns(&[ZERO]), row(&[SECRET])]);
    assert!(!talk.told().contains("3456"));
}

#[test]
fn fetch_is_as_tainted_as_its_cursor_and_never_cleared_by_columns() {
    let mut talk = Playbook::masked();
    talk.agent(query("declare"))
        .asks(Phase::Query, "declare")
        .allow_with(Allow { effects: Effects::NAMES, ..speaking_of([true]) })
        .target_gets([query("declare")])
        .target([complete("DECLARE CURSOR"), ready(b'T')])
        .agent_gets([complete("DECLARE CURSOR"), ready(b'T')]);
    let inheriting = Allow { exposure: Exposure::Inherit, ..speaking_of([true]) };
    talk.agent(query("fetch"))
        .asks(Phase::Query, "fetch")
        .allow_with(inheriting)
        .target_gets([query("fetch")]);
    talk.target([columns(&[ZERO, (PEOPLE, 2)]), row(&[SECRET, SECRET]), complete("FETCH 1"), ready(b'T')]);
    assert!(!talk.told().contains("3456"));
}

#[test]
fn a_binary_cursor_is_masked_in_the_format_that_its_description_gives() {
    // A simple FETCH of DECLARE BINARY returns binary values; jsonb has a version byte there.
    let mut described = columns(&[ZERO]);
    let type_oid = described.len() - 12;
    described[type_oid..type_oid + 4].copy_from_slice(&3802_u32.to_be_bytes());
    *described.last_mut().unwrap() = 1;
    let mut talk = queried(Allow { exposure: Exposure::Tainted, ..allowing() });
    talk.target([described.clone(), row(&[Some("\u{1}\"000-12-3456\"")])])
        .agent_gets([described, row(&[Some("\u{1}\"[redacted]\"")])]);
}
