//! When a decision is asked for, and what is upstream while it is.

mod playbook;

use std::sync::Arc;

use narrows_wire::{Allow, Deny, Effects, Epoch, Inspector, Phase, Scope, Side, TransactionStatus, Verdict};
use playbook::messages::*;
use playbook::*;

#[test]
fn a_query_is_held_until_it_is_allowed() {
    Playbook::open()
        .agent(query("select 1"))
        .asks(Phase::Query, "select 1")
        .target_gets([])
        .allow()
        .target_gets([query("select 1")])
        .target([columns(&[(0, 0)]), row(&[Some("1")]), complete("SELECT 1"), ready(b'I')])
        .agent_gets([columns(&[(0, 0)]), row(&[Some("1")]), complete("SELECT 1"), ready(b'I')]);
}

#[test]
fn what_is_pipelined_behind_a_held_query_waits() {
    Playbook::open()
        .agent_all([query("select 1"), query("select 2")])
        .asks(Phase::Query, "select 1")
        .target_gets([])
        .allow()
        .target_gets([query("select 1")])
        .asks(Phase::Query, "select 2")
        .deny()
        .target_gets([poisoned_query()]);
}

#[test]
fn nothing_of_a_span_is_upstream_while_its_bind_is_held() {
    Playbook::open()
        .agent_all([parse("", "delete"), bind_value("", "", "x"), execute(""), sync()])
        .asks(Phase::Parse, "delete")
        .allow_with(Allow { ask_at_bind: true, ..allowing() })
        .target_gets([])
        .asks(Phase::Bind, "delete")
        .target_gets([])
        .allow_with(Allow { scope: Scope::Once, ..allowing() })
        .target_gets([parse("", "delete"), bind_value("", "", "x"), execute(""), sync()]);
}

#[test]
fn a_bind_that_asks_shows_its_parameters() {
    let mut talk = Playbook::open();
    talk.agent_all([parse_typed("", "delete $1", &[23]), bind_value("", "", "x")]);
    let asked = talk.asked();
    assert_eq!((&asked.parameter_types[..], asked.parameters), (&[23][..], None));
    talk.allow_with(Allow { ask_at_bind: true, ..allowing() });
    let parameters = talk.asked().parameters.unwrap();
    assert_eq!((parameters.len(), parameters[0].value.as_deref()), (1, Some(&b"x"[..])));
}

#[test]
fn a_prepared_statement_is_asked_about_once() {
    let mut talk = Playbook::open();
    talk.agent_all([parse("s", "select"), sync()])
        .asks(Phase::Parse, "select")
        .allow()
        .target_gets([parse("s", "select"), sync()])
        .target([parse_complete(), ready(b'I')])
        .agent_gets([parse_complete(), ready(b'I')])
        .applies([1]);
    for _ in 0..3 {
        talk.agent_all([bind("", "s"), execute(""), sync()])
            .target_gets([bind("", "s"), execute(""), sync()])
            .applies([1])
            .target([bind_complete(), complete("SELECT 0"), ready(b'I')])
            .agent_gets([bind_complete(), complete("SELECT 0"), ready(b'I')]);
    }
    assert_eq!(talk.inspector.counters().operations, 3);
}

#[test]
fn the_same_unnamed_parse_again_is_not_asked_about() {
    let span = [parse("", "select"), bind("", ""), execute(""), sync()].concat();
    Playbook::open()
        .agent(&span)
        .asks(Phase::Parse, "select")
        .allow()
        .agent(&span)
        .target_gets([span.clone(), span])
        .agent(parse_typed("", "select", &[23]))
        .asks(Phase::Parse, "select");
}

#[test]
fn a_verdict_for_once_is_for_once() {
    Playbook::open()
        .agent_all([parse("", "select"), bind("", "")])
        .asks(Phase::Parse, "select")
        .allow_with(Allow { scope: Scope::Once, ..allowing() })
        .asks(Phase::Bind, "select")
        .target_gets([]);
}

#[test]
fn a_moved_epoch_takes_effect_on_the_next_message() {
    let mut talk = Playbook::open();
    talk.agent_all([parse("s", "select"), bind("p", "s")]).asks(Phase::Parse, "select").allow();
    let epoch = Epoch { policy: 1, catalogue: 0 };
    talk.inspector.set_epoch(epoch);
    talk.agent(execute("p")).asks(Phase::Execute, "select");
    talk.resolve(&Verdict::Deny(Arc::new(Deny { epoch, ..denying() })))
        .target_gets([parse("s", "select"), bind("p", "s"), poisoned_execute()])
        .agent(sync())
        .target_gets([sync()])
        .agent(bind("", "s"));
    // The Parse was not denied, so its name stands; its decision does not.
    talk.asks(Phase::Bind, "select").target_gets([]);
}

#[test]
fn a_verdict_of_another_epoch_permits_nothing_and_asks_again() {
    let mut talk = Playbook::open();
    talk.agent(query("select 1")).asks(Phase::Query, "select 1");
    let epoch = Epoch { policy: 0, catalogue: 9 };
    talk.inspector.set_epoch(epoch);
    talk.allow().target_gets([]).asks(Phase::Query, "select 1");
    talk.allow_with(Allow { epoch, ..allowing() }).target_gets([query("select 1")]);
}

#[test]
fn a_setting_changes_how_the_rest_of_the_pipeline_is_judged() {
    // Row i: the effect counts from the moment it is forwarded, not when its reply comes.
    let mut talk = Playbook::open();
    talk.agent_all([parse("", "set x"), bind("", ""), execute(""), parse("", "select")]);
    assert_eq!(talk.asked().settings_epoch, 0);
    talk.allow_effects(Effects::SETTINGS);
    assert_eq!(talk.asked().settings_epoch, 1);
}

#[test]
fn a_failed_transaction_takes_its_settings_back() {
    let mut talk = Playbook::open();
    talk.agent(query("set x")).asks(Phase::Query, "set x").allow_effects(Effects::SETTINGS);
    talk.target_gets([query("set x")]).target([error("22023", "no"), ready(b'I')]).told();
    talk.agent(query("select"));
    assert_eq!(talk.asked().settings_epoch, 2);
}

#[test]
fn other_parameter_types_are_another_operation() {
    // Row l.
    let mut talk = Playbook::open();
    talk.agent(parse_typed("", "select f($1)", &[25])).asks(Phase::Parse, "select f($1)").allow();
    talk.agent(parse_typed("", "select f($1)", &[1042]));
    assert_eq!(talk.asked().parameter_types[..], [1042]);
}

#[test]
fn the_transaction_status_is_told_with_the_ask() {
    let mut talk = Playbook::open();
    talk.agent(query("begin")).asks(Phase::Query, "begin").allow().target_gets([query("begin")]);
    talk.target([complete("BEGIN"), ready(b'T')]).agent_gets([complete("BEGIN"), ready(b'T')]);
    talk.agent(query("select"));
    assert_eq!(talk.asked().transaction, TransactionStatus::Open);
}

#[test]
fn a_flushed_span_is_ended_before_its_bind_is_held() {
    // Row a: the target's statement_timeout runs from the span's first message.
    Playbook::open()
        .agent_all([parse("s", "delete"), describe_statement("s"), flush()])
        .asks(Phase::Parse, "delete")
        .allow_with(Allow { ask_at_bind: true, ..allowing() })
        .target_gets([parse("s", "delete"), describe_statement("s"), flush()])
        .target([parse_complete(), parameter_description(), no_data()])
        .agent_gets([parse_complete(), parameter_description(), no_data()])
        .agent_all([bind("", "s"), execute(""), sync()])
        .asks(Phase::Bind, "delete")
        .target_gets([sync()])
        .target([ready(b'I')])
        .agent_gets([])
        .allow()
        .target_gets([bind("", "s"), execute(""), sync()])
        .target([bind_complete(), complete("DELETE 1"), ready(b'I')])
        .agent_gets([bind_complete(), complete("DELETE 1"), ready(b'I')]);
}

#[test]
fn an_error_before_the_injected_sync_still_skips_to_the_agents_own() {
    Playbook::open()
        .agent_all([parse("s", "bad"), flush(), bind("", "s"), execute(""), sync()])
        .asks(Phase::Parse, "bad")
        .allow_with(Allow { ask_at_bind: true, ..allowing() })
        .asks(Phase::Bind, "bad")
        .target_gets([parse("s", "bad"), flush(), sync()])
        .target([error("42601", "bad"), ready(b'I')])
        .agent_gets([error("42601", "bad")])
        .allow()
        .target_gets([sync()])
        .target([ready(b'I')])
        .agent_gets([ready(b'I')]);
}

#[test]
fn what_was_kept_back_behind_an_injected_sync_is_dropped_after_an_error() {
    let mut talk = Playbook::open();
    talk.agent_all([parse("t", "drop"), sync()])
        .asks(Phase::Parse, "drop")
        .allow_with(Allow { ask_at_bind: true, ..allowing() })
        .target_gets([parse("t", "drop"), sync()])
        .target([parse_complete(), ready(b'I')])
        .agent_gets([parse_complete(), ready(b'I')]);
    talk.agent_all([parse("s", "bad"), flush(), close_statement("t"), parse("u", "delete")])
        .asks(Phase::Parse, "bad")
        .allow()
        .asks(Phase::Parse, "delete")
        .target_gets([parse("s", "bad"), flush(), sync()])
        .target([error("42601", "bad"), ready(b'I')])
        .agent_gets([error("42601", "bad")])
        .allow()
        .agent(sync())
        .target_gets([sync()])
        .target([ready(b'I')])
        .agent_gets([ready(b'I')]);
    // The Close was dropped with it, so its name stands as it did.
    talk.agent(bind("", "t")).asks(Phase::Bind, "drop");
}

#[test]
fn a_verdict_on_settings_that_were_taken_back_is_asked_for_again() {
    let mut talk = Playbook::open();
    talk.agent_all([query("set x"), query("select")])
        .asks(Phase::Query, "set x")
        .allow_effects(Effects::SETTINGS);
    assert_eq!(talk.asked().settings_epoch, 1);
    talk.target_gets([query("set x")]).target([error("22023", "no"), ready(b'I')]).told();
    talk.allow().target_gets([]);
    assert_eq!(talk.asked().settings_epoch, 2);
    talk.allow().target_gets([query("select")]);
}

#[test]
fn no_sync_is_injected_once_a_bind_has_gone_up() {
    Playbook::open()
        .agent_all([parse("", "insert"), bind("", ""), execute(""), flush()])
        .asks(Phase::Parse, "insert")
        .allow()
        .target_gets([parse("", "insert"), bind("", ""), execute(""), flush()])
        .agent(parse("", "delete"))
        .asks(Phase::Parse, "delete")
        .target_gets([]);
}

#[test]
fn a_name_that_the_target_did_not_take_keeps_its_old_decision() {
    // A second Parse of a name fails; what the name runs is still the first text, which asks at Bind.
    let mut talk = Playbook::open();
    talk.agent_all([parse("s", "delete"), sync()])
        .asks(Phase::Parse, "delete")
        .allow_with(Allow { ask_at_bind: true, ..allowing() })
        .target_gets([parse("s", "delete"), sync()])
        .target([parse_complete(), ready(b'I')])
        .told();
    talk.agent_all([parse("s", "select"), sync()])
        .asks(Phase::Parse, "select")
        .allow()
        .target_gets([parse("s", "select"), sync()])
        .target([error("42P05", "exists"), ready(b'I')])
        .told();
    talk.agent(bind("", "s")).asks(Phase::Bind, "delete").target_gets([]);
}

#[test]
fn of_two_texts_under_way_for_a_name_the_one_that_the_target_took_counts() {
    Playbook::open()
        .agent_all([parse("s", "select"), sync(), parse("s", "delete"), sync()])
        .asks(Phase::Parse, "select")
        .allow()
        .asks(Phase::Parse, "delete")
        .allow_with(Allow { ask_at_bind: true, ..allowing() })
        .target_gets([parse("s", "select"), sync(), parse("s", "delete"), sync()])
        .target([error("42P01", "no table"), ready(b'I'), parse_complete(), ready(b'I')])
        .agent_gets([error("42P01", "no table"), ready(b'I'), parse_complete(), ready(b'I')])
        .agent(bind("", "s"))
        .asks(Phase::Bind, "delete")
        .target_gets([]);
}

#[test]
fn a_name_that_nobody_prepared_goes_to_the_target_as_it_is() {
    Playbook::open()
        .agent_all([bind("", "nobody"), execute(""), sync()])
        .target_gets([bind("", "nobody"), execute(""), sync()])
        .target([error("26000", "prepared statement \"nobody\" does not exist"), ready(b'I')])
        .agent_gets([error("26000", "prepared statement \"nobody\" does not exist"), ready(b'I')]);
}

#[test]
fn a_closed_statement_is_unknown() {
    Playbook::open()
        .agent_all([parse("s", "delete"), close_statement("s"), bind("", "s"), sync()])
        .asks(Phase::Parse, "delete")
        .allow_with(Allow { ask_at_bind: true, ..allowing() })
        .target_gets([parse("s", "delete"), close_statement("s"), bind("", "s"), sync()])
        .target([parse_complete(), close_complete(), error("26000", "gone"), ready(b'I')])
        .agent_gets([parse_complete(), close_complete(), error("26000", "gone"), ready(b'I')]);
}

#[test]
fn a_cancel_denies_what_is_held() {
    Playbook::open()
        .agent(query("delete"))
        .asks(Phase::Query, "delete")
        .cancel()
        .target_gets([poisoned_query()])
        .target([poison_error("42601"), ready(b'I')])
        .agent_gets([error("57014", "canceling statement due to user request"), ready(b'I')]);
}

#[test]
fn nothing_is_forwarded_after_a_hang_up() {
    let mut talk = Playbook::open();
    talk.agent_all([parse("", "a"), query("delete")]).asks(Phase::Parse, "a").allow();
    talk.asks(Phase::Query, "delete");
    talk.inspector.hang_up();
    assert!(!talk.inspector.wants_input(Side::Downstream) && talk.inspector.held().is_none());
    talk.agent(sync()).target_gets([]);
}

#[test]
fn a_notice_is_told_while_an_operation_waits() {
    let mut talk = Playbook::open();
    talk.agent(query("delete")).asks(Phase::Query, "delete").notice("held");
    talk.agent_gets([report(b'N', &[('S', "NOTICE"), ('V', "NOTICE"), ('C', "00000"), ('M', "held")])]);
}

#[test]
fn every_message_is_recorded_with_the_verdict_behind_it() {
    let mut talk = Playbook::open();
    talk.agent(query("select 1")).records([query("select 1")]).applies([]);
    talk.asks(Phase::Query, "select 1").allow().applies([1]).target_gets([query("select 1")]);
    talk.agent(query("delete")).asks(Phase::Query, "delete").deny().applies([2]);
    talk.records([query("delete")]).target_gets([poisoned_query()]);
}

#[test]
fn ddl_moves_the_catalogue_when_sent_and_when_committed() {
    let mut talk = Playbook::open();
    talk.agent(query("alter")).asks(Phase::Query, "alter").allow_effects(Effects::CATALOGUE);
    assert!(talk.inspector.take_catalogue_moved() && !talk.inspector.take_catalogue_moved());
    talk.target_gets([query("alter")]).target([complete("ALTER TABLE"), ready(b'I')]).told();
    assert!(talk.inspector.take_catalogue_moved());
}

#[test]
fn the_end_of_a_transaction_may_take_back_what_was_set_in_it() {
    let mut talk = Playbook::open();
    let mut epochs = Vec::new();
    for (text, effects, status) in [
        ("begin", Effects::default(), b'T'),
        ("set x", Effects::SETTINGS, b'T'),
        ("select 1", Effects::default(), b'T'),
        ("rollback", Effects::default(), b'I'),
        ("select 2", Effects::default(), b'I'),
        ("set y", Effects::SETTINGS, b'I'),
        ("select 3", Effects::default(), b'I'),
    ] {
        talk.agent(query(text));
        epochs.push(talk.asked().settings_epoch);
        talk.allow_effects(effects).target_gets([query(text)]);
        talk.target([complete("DONE"), ready(status)]).agent_gets([complete("DONE"), ready(status)]);
    }
    assert_eq!(epochs, [0, 0, 1, 1, 2, 2, 3]);
}
