//! Sessions with masks: every row has a plan of its own portal, every report is rebuilt.

mod playbook;

use narrows_mask::MaskSet;
use narrows_wire::{Allow, Effects, Exposure, Phase};
use playbook::messages::*;
use playbook::*;

const SECRET: Option<&str> = Some("000-12-3456");
const NAME: Option<&str> = Some("Ada");

fn tainted() -> Allow {
    Allow { exposure: Exposure::Tainted, ..allowing() }
}

/// A Query that is allowed as touching what is masked, and has gone up.
fn asked_of_people() -> Playbook {
    let mut talk = Playbook::masked();
    talk.agent(query("select"))
        .asks(Phase::Query, "select")
        .allow_with(tainted())
        .target_gets([query("select")]);
    talk
}

#[test]
fn a_masked_column_is_masked_by_its_origin() {
    let mut talk = asked_of_people();
    talk.target([columns(&[(PEOPLE, 1), (PEOPLE, 2)]), row(&[NAME, SECRET]), row(&[None, None])])
        .agent_gets([columns(&[(PEOPLE, 1), (PEOPLE, 2)]), row(&[NAME, None]), row(&[None, None])])
        .target([complete("SELECT 2"), ready(b'I')])
        .agent_gets([complete("SELECT 2"), ready(b'I')]);
    assert_eq!(talk.inspector.counters().masked_values, 1);
}

#[test]
fn a_column_without_an_origin_is_masked_whole_in_a_tainted_statement() {
    let mut talk = asked_of_people();
    talk.target([columns(&[(0, 0), (ORDERS, 1)]), row(&[SECRET, NAME]), complete("SELECT 1"), ready(b'I')]);
    let told = talk.told();
    assert!(told.contains("Ada") && !told.contains("3456"), "{told}");
}

#[test]
fn a_whole_row_and_an_unknown_relation_are_masked_whole() {
    for origin in [(PEOPLE, 0), (99_999, 1)] {
        let mut talk = asked_of_people();
        talk.target([columns(&[origin]), row(&[SECRET]), complete("SELECT 1"), ready(b'I')]);
        assert!(!talk.told().contains("3456"));
        assert_eq!(talk.inspector.take_contradiction(), origin.0 == 99_999);
        assert!(!talk.inspector.take_contradiction());
    }
}

#[test]
fn masks_by_origin_apply_even_to_a_clear_statement_that_is_described() {
    let mut talk = Playbook::masked();
    talk.agent(query("select")).asks(Phase::Query, "select").allow().target_gets([query("select")]);
    talk.target([columns(&[(PEOPLE, 2), (0, 0)]), row(&[SECRET, NAME]), complete("SELECT 1"), ready(b'I')]);
    let told = talk.told();
    assert!(told.contains("Ada") && !told.contains("3456"), "{told}");
}

#[test]
fn a_portal_is_described_after_its_bind_and_the_reply_is_swallowed() {
    // Rule 6: without Describe there would be no RowDescription at all.
    Playbook::masked()
        .agent_all([parse("s", "select"), bind("", "s"), execute(""), sync()])
        .asks(Phase::Parse, "select")
        .allow_with(tainted())
        .target_gets([parse("s", "select"), bind("", "s"), describe(""), execute(""), sync()])
        .target([parse_complete(), bind_complete(), columns(&[(PEOPLE, 2)]), row(&[SECRET])])
        .agent_gets([parse_complete(), bind_complete(), row(&[None])])
        .target([complete("SELECT 1"), ready(b'I')])
        .agent_gets([complete("SELECT 1"), ready(b'I')]);
}

#[test]
fn the_agents_own_describe_is_answered() {
    Playbook::masked()
        .agent_all([parse("", "select"), bind("", ""), describe(""), execute(""), sync()])
        .asks(Phase::Parse, "select")
        .allow_with(tainted())
        .target_gets([parse("", "select"), bind("", ""), describe(""), describe(""), execute(""), sync()])
        .target([
            parse_complete(),
            bind_complete(),
            columns(&[(PEOPLE, 2)]),
            columns(&[(PEOPLE, 2)]),
            row(&[SECRET]),
        ])
        .agent_gets([parse_complete(), bind_complete(), columns(&[(PEOPLE, 2)]), row(&[None])]);
}

#[test]
fn nothing_is_injected_for_a_clear_statement() {
    Playbook::masked()
        .agent_all([parse("", "select"), bind("", ""), execute(""), sync()])
        .asks(Phase::Parse, "select")
        .allow()
        .target_gets([parse("", "select"), bind("", ""), execute(""), sync()])
        .target([parse_complete(), bind_complete(), row(&[NAME]), complete("SELECT 1"), ready(b'I')])
        .agent_gets([parse_complete(), bind_complete(), row(&[NAME]), complete("SELECT 1"), ready(b'I')]);
}

#[test]
fn the_same_statement_bound_again_has_a_plan_of_its_own() {
    // Rule 10 and row c: search_path moves a statement to another table; a portal stays where it was bound.
    Playbook::masked()
        .agent_all([parse("s", "select"), bind("a", "s"), bind("b", "s"), execute("b"), execute("a"), sync()])
        .asks(Phase::Parse, "select")
        .allow_with(tainted())
        .target_gets([
            parse("s", "select"),
            bind("a", "s"),
            describe("a"),
            bind("b", "s"),
            describe("b"),
            execute("b"),
            execute("a"),
            sync(),
        ])
        .target([
            parse_complete(),
            bind_complete(),
            columns(&[(PEOPLE, 2)]),
            bind_complete(),
            columns(&[(ORDERS, 2)]),
        ])
        .target([row(&[NAME]), message(b's', b""), row(&[SECRET]), message(b's', b""), ready(b'T')])
        .agent_gets([
            parse_complete(),
            bind_complete(),
            bind_complete(),
            row(&[NAME]),
            message(b's', b""),
            row(&[None]),
            message(b's', b""),
            ready(b'T'),
        ]);
}

#[test]
fn a_portal_that_the_protocol_did_not_bind_is_described_before_it_runs() {
    // Row e.
    let mut talk = Playbook::masked();
    talk.agent(query("declare c cursor"))
        .asks(Phase::Query, "declare c cursor")
        .allow_with(Allow { effects: Effects::NAMES, ..tainted() })
        .target_gets([query("declare c cursor")])
        .target([complete("DECLARE CURSOR"), ready(b'T')])
        .told();
    talk.agent_all([execute("c"), sync()])
        .target_gets([describe("c"), execute("c"), sync()])
        .target([
            columns(&[(PEOPLE, 1), (PEOPLE, 2), (0, 0)]),
            row(&[NAME, SECRET, SECRET]),
            complete("FETCH 1"),
        ])
        .agent_gets([row(&[NAME, None, Some("[redacted]")]), complete("FETCH 1")]);
}

#[test]
fn a_cursor_declared_under_the_name_of_a_portal_is_described_afresh() {
    let mut talk = Playbook::masked();
    talk.agent_all([parse("", "select"), bind("c", ""), sync()]).asks(Phase::Parse, "select").allow();
    talk.target_gets([parse("", "select"), bind("c", ""), sync()]);
    talk.target([parse_complete(), bind_complete(), ready(b'T')]).told();
    talk.agent(query("close c; declare c cursor"))
        .asks(Phase::Query, "close c; declare c cursor")
        .allow_with(Allow { effects: Effects::NAMES, ..tainted() })
        .target_gets([query("close c; declare c cursor")]);
    talk.agent(execute("c")).agent(sync()).target_gets([describe("c"), execute("c"), sync()]);
}

#[test]
fn a_fetch_that_does_not_say_of_what_is_masked() {
    let mut talk = Playbook::masked();
    talk.agent(query("fetch")).asks(Phase::Query, "fetch").allow_exposed(Exposure::Inherit);
    talk.target_gets([query("fetch")]);
    talk.target([columns(&[(0, 0)]), row(&[SECRET]), complete("FETCH 1"), ready(b'T')]);
    assert!(!talk.told().contains("3456"));
}

#[test]
fn sql_that_names_what_the_protocol_prepared_or_bound_is_masked() {
    for (statement, portal) in [("s", ""), ("", "p")] {
        let mut talk = Playbook::masked();
        talk.agent_all([parse(statement, "select"), bind(portal, statement), sync()])
            .asks(Phase::Parse, "select")
            .allow_with(tainted())
            .target_gets([parse(statement, "select"), bind(portal, statement), describe(portal), sync()])
            .target([parse_complete(), bind_complete(), columns(&[(0, 0)]), ready(b'T')])
            .told();
        talk.agent(query("execute s")).asks(Phase::Query, "execute s").allow_exposed(Exposure::Inherit);
        talk.target_gets([query("execute s")]);
        talk.target([columns(&[(0, 0)]), row(&[SECRET]), complete("SELECT 1"), ready(b'T')]);
        assert!(!talk.told().contains("3456"), "{statement:?} {portal:?}");
    }
}

#[test]
fn rows_of_an_unknown_statement_are_masked_as_tainted() {
    let mut talk = Playbook::masked();
    talk.agent_all([bind("", "by_sql"), execute(""), sync()])
        .target_gets([bind("", "by_sql"), describe(""), execute(""), sync()])
        .target([bind_complete(), columns(&[(0, 0)]), row(&[SECRET]), complete("SELECT 1"), ready(b'I')]);
    assert!(!talk.told().contains("3456"));
}

#[test]
fn a_row_without_a_plan_ends_the_session() {
    let mut talk = asked_of_people();
    talk.target([row(&[SECRET])]).ends("where a RowDescription");
    assert!(!talk.told().contains("3456"));

    let mut talk = Playbook::masked();
    talk.agent_all([parse("", "select"), bind("", ""), execute(""), sync()])
        .asks(Phase::Parse, "select")
        .allow_with(tainted())
        .target_gets([parse("", "select"), bind("", ""), describe(""), execute(""), sync()])
        .target([parse_complete(), bind_complete(), no_data(), row(&[SECRET])])
        .ends("where a RowDescription");
    assert!(!talk.told().contains("3456"));
}

#[test]
fn a_row_that_does_not_fit_its_description_ends_the_session() {
    let origins = columns(&[(PEOPLE, 1), (PEOPLE, 2)]);
    let malformed = fatal("08P01", "Narrows: the target sent a malformed message: it ends too early");
    for bad in [message(b'D', b"\0\x02\0\0\0\x03Ada\0\0\0\x63secret"), message(b'D', b"\0\x02\0\0\0\x03Ada")]
    {
        let mut talk = asked_of_people();
        talk.target([origins.clone(), bad])
            .agent_gets([origins.clone(), malformed.clone()])
            .ends("malformed");
    }
    for bad in [row(&[NAME]), row(&[NAME, SECRET, SECRET]), message(b'D', b"\0\x02\0\0\0\x01x\0\0\0\x01xx")] {
        let mut talk = asked_of_people();
        talk.target([origins.clone(), bad]).ends("malformed");
        let told = talk.told();
        assert!(!told.contains("Ada") && !told.contains("3456") && told.contains("FATAL"), "{told}");
    }
}

#[test]
fn new_masks_want_a_new_description_of_an_old_portal() {
    let mut talk = Playbook::open();
    talk.agent_all([parse("", "select"), bind("p", ""), sync()])
        .asks(Phase::Parse, "select")
        .allow_with(tainted())
        .target_gets([parse("", "select"), bind("p", ""), sync()])
        .target([parse_complete(), bind_complete(), ready(b'T')])
        .told();
    talk.inspector.set_masks(Some(masks()));
    talk.agent_all([execute("p"), sync()]).target_gets([describe("p"), execute("p"), sync()]);
    talk.inspector.set_masks(Some(std::sync::Arc::new(MaskSet::default())));
    talk.target([columns(&[(ORDERS, 1)]), row(&[SECRET]), complete("SELECT 1")]);
    assert!(!talk.told().contains("3456"), "a relation that the new masks do not know is masked whole");
}

#[test]
fn every_error_is_rebuilt_even_at_a_commit() {
    // Row f: what a deferred constraint says arrives with a statement that touches nothing.
    let mut talk = Playbook::masked();
    talk.agent(query("commit")).asks(Phase::Query, "commit").allow().target_gets([query("commit")]);
    talk.target([
        report(
            b'E',
            &[
                ('S', "ERROR"),
                ('V', "ERROR"),
                ('C', "23505"),
                ('M', "duplicate key value violates unique constraint \"people_ssn\""),
                ('D', "Key (ssn)=(000-12-3456) already exists."),
                ('s', "public"),
                ('F', "nbtinsert.c"),
                ('L', "666"),
            ],
        ),
        ready(b'I'),
    ]);
    talk.agent_gets([
        report(
            b'E',
            &[
                ('S', "ERROR"),
                ('V', "ERROR"),
                ('C', "23505"),
                ('M', "duplicate key value violates unique constraint \"people_ssn\""),
                ('s', "public"),
            ],
        ),
        ready(b'I'),
    ]);
}

#[test]
fn notices_and_notifications_lose_their_text() {
    let mut talk = Playbook::masked();
    talk.target([
        report(
            b'N',
            &[('S', "NOTICE"), ('V', "NOTICE"), ('C', "00000"), ('M', "000-12-3456"), ('D', "3456")],
        ),
        notification("channel", "000-12-3456"),
    ]);
    let told = talk.told();
    assert!(told.contains("NOTICE") && told.contains("channel") && !told.contains("3456"), "{told}");
}

#[test]
fn a_parameter_that_anybody_can_write_to_is_not_told() {
    Playbook::masked()
        .target([
            parameter_status("application_name", "000-12-3456"),
            parameter_status("TimeZone", "<000123456>+0"),
            parameter_status("TimeZone", "Europe/Berlin"),
            parameter_status("DateStyle", "ISO, MDY"),
        ])
        .agent_gets([
            parameter_status("TimeZone", "Europe/Berlin"),
            parameter_status("DateStyle", "ISO, MDY"),
        ]);
    Playbook::open()
        .target([parameter_status("application_name", "psql")])
        .agent_gets([parameter_status("application_name", "psql")]);
}

#[test]
fn a_masked_row_over_the_limit_ends_the_session_and_a_clear_one_streams() {
    let mut talk = asked_of_people();
    talk.target([columns(&[(PEOPLE, 2)]), beginning_of(b'D', 17 << 20, b"\0\x01")]).ends("reply_bytes_max");
    talk.told();

    let mut talk = Playbook::masked();
    talk.agent_all([parse("", "select"), bind("", ""), execute(""), sync()])
        .asks(Phase::Parse, "select")
        .allow()
        .target_gets([parse("", "select"), bind("", ""), execute(""), sync()])
        .target([parse_complete(), bind_complete(), beginning_of(b'D', 17 << 20, b"\0\x01")])
        .agent_gets([parse_complete(), bind_complete(), beginning_of(b'D', 17 << 20, b"\0\x01")]);
}

#[test]
fn a_description_that_comes_again_is_judged_by_the_new_statement() {
    let described = [columns(&[(0, 0)]), row(&[SECRET]), complete("SELECT 1"), ready(b'I')];
    let mut talk = Playbook::masked();
    for (allow, shows) in [(allowing(), true), (tainted(), false), (tainted(), false), (allowing(), true)] {
        talk.agent(query("select"))
            .asks(Phase::Query, "select")
            .allow_with(allow)
            .target_gets([query("select")]);
        talk.target(described.clone());
        assert_eq!(talk.told().contains("3456"), shows);
    }
}

#[test]
fn a_description_that_comes_again_is_judged_by_the_new_masks() {
    let described = [columns(&[(ORDERS, 2)]), row(&[SECRET]), complete("SELECT 1"), ready(b'I')];
    let mut talk = Playbook::masked();
    for shows in [true, false] {
        talk.agent(query("select")).asks(Phase::Query, "select").allow().target_gets([query("select")]);
        talk.target(described.clone());
        assert_eq!(talk.told().contains("3456"), shows);
        // A catalogue that knows no relation.
        talk.inspector.set_masks(Some(std::sync::Arc::new(MaskSet::default())));
    }
}
