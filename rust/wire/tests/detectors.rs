//! Sessions whose masks have detectors: every value that no mask covers is looked into.

mod playbook;

use narrows_wire::Phase;
use playbook::messages::*;
use playbook::*;

const MAIL: Option<&str> = Some("to ada@example.com, please");
const MASKED: Option<&str> = Some("to [redacted:email], please");

#[test]
fn a_clear_statements_rows_are_looked_into_whatever_their_origin() {
    let mut talk = Playbook::detecting();
    talk.agent(query("select")).asks(Phase::Query, "select").allow().target_gets([query("select")]);
    let described = columns(&[(ORDERS, 1), (0, 0), (PEOPLE, 2)]);
    talk.target([described.clone(), row(&[MAIL, MAIL, MAIL]), row(&[Some("Ada"), None, None])])
        .agent_gets([described, row(&[MASKED, MASKED, None]), row(&[Some("Ada"), None, None])])
        .target([complete("SELECT 2"), ready(b'I')])
        .agent_gets([complete("SELECT 2"), ready(b'I')]);
    assert_eq!(talk.inspector.counters().masked_values, 3);
}

#[test]
fn a_clear_statements_portal_is_described_too() {
    Playbook::detecting()
        .agent_all([parse("s", "select"), bind("", "s"), execute(""), sync()])
        .asks(Phase::Parse, "select")
        .allow()
        .target_gets([parse("s", "select"), bind("", "s"), describe(""), execute(""), sync()])
        .target([parse_complete(), bind_complete(), columns(&[(ORDERS, 1)]), row(&[MAIL])])
        .agent_gets([parse_complete(), bind_complete(), row(&[MASKED])])
        .target([complete("SELECT 1"), ready(b'I')])
        .agent_gets([complete("SELECT 1"), ready(b'I')]);
}

#[test]
fn detectors_that_are_published_later_look_into_portals_that_are_bound() {
    let mut talk = Playbook::masked();
    talk.agent_all([parse("s", "select"), bind("p", "s"), flush()])
        .asks(Phase::Parse, "select")
        .allow()
        .target_gets([parse("s", "select"), bind("p", "s"), flush()])
        .target([parse_complete(), bind_complete()])
        .agent_gets([parse_complete(), bind_complete()]);
    talk.inspector.set_masks(Some(detecting()));
    talk.agent_all([execute("p"), sync()])
        .target_gets([describe("p"), execute("p"), sync()])
        .target([columns(&[(ORDERS, 1)]), row(&[MAIL]), complete("SELECT 1"), ready(b'I')])
        .agent_gets([row(&[MASKED]), complete("SELECT 1"), ready(b'I')]);
}
