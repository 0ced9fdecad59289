//! COPY in both directions.

mod playbook;

use narrows_wire::{Allow, Effects, Exposure, Inspector, Phase, Side};
use playbook::messages::*;
use playbook::*;

fn copy_by_query(talk: &mut Playbook) {
    talk.agent(query("copy t from stdin"))
        .asks(Phase::Query, "copy t from stdin")
        .allow_effects(Effects::COPY_IN)
        .target_gets([query("copy t from stdin")]);
}

#[test]
fn copy_data_passes_while_a_copy_is_open() {
    let mut talk = Playbook::open();
    copy_by_query(&mut talk);
    talk.target([copy_in_response()])
        .agent_gets([copy_in_response()])
        .agent_all([copy_data("1\n"), copy_data("2\n"), copy_done()])
        .target_gets([copy_data("1\n"), copy_data("2\n"), copy_done()])
        .target([complete("COPY 2"), ready(b'I')])
        .agent_gets([complete("COPY 2"), ready(b'I')]);
}

#[test]
fn what_is_pipelined_behind_a_copy_waits_until_the_copy_is_resolved() {
    // Row g: poison in the middle of a copy would end the connection.
    let mut talk = Playbook::open();
    copy_by_query(&mut talk);
    talk.agent(query("drop")).target_gets([]);
    assert!(!talk.inspector.wants_input(Side::Downstream));
    talk.target([error("42P01", "no table"), ready(b'I')])
        .agent_gets([error("42P01", "no table"), ready(b'I')])
        .asks(Phase::Query, "drop")
        .deny()
        .target_gets([poisoned_query()]);
}

#[test]
fn another_message_in_a_copy_is_the_agents_violation() {
    let mut talk = Playbook::open();
    copy_by_query(&mut talk);
    talk.agent(query("drop")).target([copy_in_response()]).target_gets([]);
    talk.agent_gets([
        copy_in_response(),
        fatal(
            "08P01",
            "Narrows: the agent sent message type 'Q' where CopyData, CopyDone or CopyFail was expected",
        ),
    ]);
    talk.ends("CopyData");
}

#[test]
fn replies_to_what_came_before_a_copy_do_not_resolve_it() {
    let mut talk = Playbook::open();
    talk.agent_all([query("select"), query("copy"), query("drop")])
        .asks(Phase::Query, "select")
        .allow()
        .asks(Phase::Query, "copy")
        .allow_effects(Effects::COPY_IN)
        .target_gets([query("select"), query("copy")])
        .target([complete("SELECT 0"), ready(b'I')])
        .agent_gets([complete("SELECT 0"), ready(b'I')]);
    assert!(!talk.inspector.wants_input(Side::Downstream));

    let span = [parse("", "copy"), bind("", ""), execute(""), sync()];
    let mut talk = Playbook::open();
    talk.agent_all([execute("x"), sync()]).agent(span.concat()).agent(query("drop"));
    talk.asks(Phase::Parse, "copy").allow_effects(Effects::COPY_IN);
    talk.target_gets([execute("x"), sync(), span.concat()]);
    talk.target([error("34000", "no portal"), ready(b'I')]).told();
    assert!(!talk.inspector.wants_input(Side::Downstream));
    talk.target([parse_complete(), bind_complete(), copy_in_response()]).ends("CopyData").told();
}

#[test]
fn copy_data_without_a_copy_is_dropped() {
    // A copy that has failed leaves its data behind.
    let mut talk = Playbook::open();
    talk.agent_all([copy_data("1"), copy_done(), copy_fail("x"), query("select")])
        .target_gets([])
        .asks(Phase::Query, "select");
}

#[test]
fn a_sync_behind_an_execute_that_copies_is_never_answered() {
    // Rule 5: P B E S d c S gives exactly one ReadyForQuery.
    Playbook::open()
        .agent_all([
            parse("", "copy"),
            bind("", ""),
            execute(""),
            sync(),
            copy_data("1"),
            copy_done(),
            sync(),
        ])
        .asks(Phase::Parse, "copy")
        .allow_effects(Effects::COPY_IN)
        .target_gets([parse("", "copy"), bind("", ""), execute(""), sync()])
        .target([parse_complete(), bind_complete(), copy_in_response()])
        .target_gets([copy_data("1"), copy_done(), sync()])
        .target([complete("COPY 1"), ready(b'I')])
        .agent_gets([parse_complete(), bind_complete(), copy_in_response(), complete("COPY 1"), ready(b'I')])
        .agent(query("next"))
        .asks(Phase::Query, "next")
        .allow()
        .target_gets([query("next")])
        .target([complete("SELECT 0"), ready(b'I')])
        .agent_gets([complete("SELECT 0"), ready(b'I')]);
}

#[test]
fn a_failed_copy_by_execute_goes_on_at_the_agents_next_sync() {
    Playbook::open()
        .agent_all([parse("", "copy"), bind("", ""), execute(""), sync()])
        .asks(Phase::Parse, "copy")
        .allow_effects(Effects::COPY_IN)
        .target_gets([parse("", "copy"), bind("", ""), execute(""), sync()])
        .target([parse_complete(), bind_complete(), copy_in_response()])
        .agent(copy_data("bad"))
        .target_gets([copy_data("bad")])
        .target([error("22P02", "bad")])
        .agent_gets([parse_complete(), bind_complete(), copy_in_response(), error("22P02", "bad")])
        .agent_all([copy_data("more"), copy_done(), sync()])
        .target_gets([sync()])
        .target([ready(b'I')])
        .agent_gets([ready(b'I')]);
}

#[test]
fn an_execute_that_might_copy_and_does_not_lets_the_pipeline_go_on() {
    Playbook::open()
        .agent_all([parse("", "copy"), bind("", ""), execute(""), sync(), query("next")])
        .asks(Phase::Parse, "copy")
        .allow_effects(Effects::COPY_IN)
        .target_gets([parse("", "copy"), bind("", ""), execute(""), sync()])
        .target([parse_complete(), bind_complete(), error("42P01", "no table"), ready(b'I')])
        .agent_gets([parse_complete(), bind_complete(), error("42P01", "no table"), ready(b'I')])
        .asks(Phase::Query, "next");
}

#[test]
fn two_copies_in_one_query() {
    // Rule 4.
    let mut talk = Playbook::open();
    copy_by_query(&mut talk);
    talk.target([copy_in_response()])
        .agent_all([copy_data("1"), copy_done(), copy_data("2")])
        .target_gets([copy_data("1"), copy_done()])
        .target([complete("COPY 1"), copy_in_response()])
        .target_gets([copy_data("2")])
        .agent(copy_fail("stop"))
        .target_gets([copy_fail("stop")])
        .target([error("57014", "COPY failed"), ready(b'I')])
        .agent_gets([
            copy_in_response(),
            complete("COPY 1"),
            copy_in_response(),
            error("57014", "COPY failed"),
            ready(b'I'),
        ]);
}

#[test]
fn a_copy_that_was_not_allowed_ends_the_session() {
    for (response, tag) in [(copy_in_response(), 'G'), (copy_out_response(), 'H')] {
        let mut talk = Playbook::open();
        talk.agent(query("select")).asks(Phase::Query, "select").allow().target_gets([query("select")]);
        talk.target([response]).ends(&format!("{tag:?}"));
        assert!(talk.told().contains("FATAL"));
    }
}

#[test]
fn copy_both_ends_the_session() {
    let mut talk = Playbook::open();
    talk.agent(query("x")).asks(Phase::Query, "x").allow_effects(Effects(0xff)).target_gets([query("x")]);
    talk.target([copy_both_response()]).ends("CopyBothResponse").told();
}

fn copy_out(talk: &mut Playbook, exposure: Exposure) {
    let allow = Allow { exposure, effects: Effects::COPY_OUT, ..allowing() };
    talk.agent(query("copy t to stdout")).asks(Phase::Query, "copy t to stdout").allow_with(allow);
    talk.target_gets([query("copy t to stdout")]);
    talk.target([copy_out_response(), copy_data("1"), copy_done(), complete("COPY 1"), ready(b'I')]);
}

#[test]
fn copy_out_passes_where_nothing_is_masked() {
    let whole = [copy_out_response(), copy_data("1"), copy_done(), complete("COPY 1"), ready(b'I')];
    let mut talk = Playbook::open();
    copy_out(&mut talk, Exposure::Tainted);
    talk.agent_gets(whole.clone());
    let mut talk = Playbook::masked();
    copy_out(&mut talk, Exposure::Clear);
    talk.agent_gets(whole);
}

#[test]
fn copy_out_of_what_may_be_masked_ends_the_session() {
    let mut talk = Playbook::masked();
    copy_out(&mut talk, Exposure::Tainted);
    talk.ends("type 'H'");
    let told = talk.told();
    assert!(told.contains("FATAL") && !told.contains("COPY 1"), "{told}");
}

#[test]
fn large_copy_data_streams_through_both_ways() {
    let mut talk = Playbook::open();
    copy_by_query(&mut talk);
    talk.target([copy_in_response()]).agent_gets([copy_in_response()]);
    let part = beginning_of(b'd', 1 << 20, b"beginning");
    talk.agent(&part).target_gets([part.clone()]);
    talk.agent(vec![b'x'; (1 << 20) - 9]).target_gets([vec![b'x'; (1 << 20) - 9]]);
}
