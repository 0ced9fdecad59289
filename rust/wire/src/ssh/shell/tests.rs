//! What is understood, what is not, and that what is written back is what was read.

use proptest::prelude::*;

use super::*;

fn understood(text: &str) -> (Vec<SimpleCommand>, String) {
    match read(text, &ShellLimits::default()) {
        Reading::Understood { commands, released } => (commands, released),
        Reading::Fault(fault) => panic!("{text:?}: {fault:?}"),
    }
}

fn fault(text: &str) -> FaultKind {
    match read(text, &ShellLimits::default()) {
        Reading::Understood { released, .. } => panic!("{text:?} was understood as {released:?}"),
        Reading::Fault(fault) => fault.kind,
    }
}

fn argvs(text: &str) -> Vec<Vec<String>> {
    understood(text).0.into_iter().map(|command| [command.through, command.argv].concat()).collect()
}

#[test]
fn words_are_what_a_shell_makes_of_them() {
    assert_eq!(argvs(r#"a "b c" d\ e 'f'"g"\h ''"#), [["a", "b c", "d e", "fgh", ""]]);
    assert_eq!(argvs("a \"\\$x \\q \\\\\" b$ {} a\\\nb"), [["a", "$x \\q \\", "b$", "{}", "ab"]]);
    assert_eq!(argvs("a # b\nc"), [["a"], ["c"]]);
    assert_eq!(argvs("a#b"), [["a#b"]]);
}

#[test]
fn every_word_is_written_in_quotes() {
    assert_eq!(understood("ls -l it\\'s").1, r"'ls' '-l' 'it'\''s'");
    assert_eq!(understood("cat /var/log/*.log ~/x").1, "'cat' '/var/log/'*'.log' ~/'x'");
    assert_eq!(understood("A=b c 2>&1 >d").1, "A='b' 'c' 2>&1 1>'d'");
    assert_eq!(understood("a && { b; c; } || ! ( d | e )").1, "'a' && { 'b'; 'c'; } || ! ( 'd' | 'e' )");
}

#[test]
fn here_documents_come_after_the_line() {
    let (_, released) = understood("cat <<'E' | sort\na $b\nE\necho c");
    assert_eq!(released, "'cat' 0<<'NARROWS_END' | 'sort'; 'echo' 'c'\na $b\nNARROWS_END\n");
    let (_, released) = understood("cat <<E\nNARROWS_END\nE\n");
    assert!(released.contains("0<<'NARROWS_END_1'"), "{released}");
    assert_eq!(understood("cat <<-E <<<x\n\ta\n\tE\n").1, understood("cat <<E <<<x\na\nE\n").1);
}

#[test]
fn what_is_not_understood_is_opaque() {
    for text in [
        "$x",
        "a $x",
        "a `b`",
        "a $(b)",
        "a \"$x\"",
        "a $'b'",
        "a {b,c}",
        "a [b]",
        "a &",
        "a |& b",
        "a <(b)",
        "f() { a; }",
        "if a; then b; fi",
        "for x in a; do b; done",
        "((a))",
        "[[ a ]]",
        "a[0]=b c",
        "a+=b c",
        "/bin/l? a",
        "~x/a",
        "a >*",
        "(a) >b",
        "a >/dev/tcp/b/1",
        "a \u{1b}[2K",
        "a\rb",
        "coproc a",
        "case a in b) c;; esac",
        "a 10>b",
        "{x}>b",
    ] {
        assert_eq!(fault(text), FaultKind::Opaque, "{text:?}");
    }
}

#[test]
fn what_no_shell_takes_is_malformed_and_what_lacks_its_end_unfinished() {
    for text in ["a )", "| a", "a && && b", "; a", "a ;; b", "} a", "a >", "a > | b", "()", "a\0b"] {
        assert_eq!(fault(text), FaultKind::Malformed, "{text:?}");
    }
    for text in ["a 'b", "a \"b", "a \\", "a &&", "a |", "( a", "{ a;", "a <<E\nb", "a && # b"] {
        assert_eq!(fault(text), FaultKind::Unfinished, "{text:?}");
    }
}

#[test]
fn bounds_have_names() {
    let limits = ShellLimits::default();
    let too_long = "a".repeat(limits.command_bytes_max + 1);
    let too_deep = format!("{}a{}", "( ".repeat(limits.nesting_max + 1), " )".repeat(limits.nesting_max + 1));
    let too_many = "a;".repeat(limits.commands_max + 1);
    let too_wrapped = "env ".repeat(limits.wrappers_max + 1) + "a";
    let growing = "eval ".repeat(limits.wrappers_max) + &"a ".repeat(20_000);
    for (text, name) in [
        (too_long, "command_bytes_max"),
        (too_deep, "nesting_max"),
        (too_many, "commands_max"),
        (too_wrapped, "wrappers_max"),
        (growing, "released_bytes_max"),
    ] {
        let Reading::Fault(fault) = read(&text, &limits) else { panic!("{name}") };
        assert_eq!(fault.kind, FaultKind::Oversized);
        assert!(fault.reason.starts_with(name), "{fault:?}");
    }
}

#[test]
fn wrappers_are_taken_off_and_the_way_is_kept() {
    assert_eq!(argvs("env -i A=b timeout -s KILL 5 nice -n 3 ls -l"), [["ls", "-l"]]);
    assert_eq!(argvs("sudo -n --user=www ls"), [["sudo", "-u", "www", "ls"]]);
    assert_eq!(argvs("sudo -u root ls"), [["sudo", "ls"]]);
    assert_eq!(argvs("docker exec -it -u www web sh -c 'a; b c'").len(), 2);
    assert_eq!(argvs("docker exec -it -u www web sh -c 'a'"), [["docker", "exec", "-u", "www", "web", "a"]]);
    assert_eq!(
        argvs("kubectl -n x exec pod -c y -- ls"),
        [["kubectl", "exec", "-n", "x", "-c", "y", "pod", "ls"]]
    );
    assert_eq!(argvs("su - www -c 'ls -l'"), [["su", "www", "ls", "-l"]]);
    assert_eq!(argvs("ssh -p 22 host ls '-l'"), [["ssh", "-p", "22", "host", "ls", "-l"]]);
    assert_eq!(understood("env A=b c").0[0].assignments, [("A".to_owned(), "b".to_owned())]);
}

#[test]
fn scripts_in_words_are_replaced_by_what_was_understood() {
    assert_eq!(
        understood("sh -c 'ls   -l;rm x'").1,
        r"'sh' '-c' ''\''ls'\'' '\''-l'\''; '\''rm'\'' '\''x'\'''"
    );
    let opaque = understood("sh -c 'ls $x'").0;
    assert_eq!(opaque[0].opaque.as_deref(), Some("within a script: a variable"));
}

#[test]
fn words_from_input_are_not_known() {
    let commands = understood("a | xargs -n1 rm -f").0;
    assert!(commands[1].open_ended);
    assert_eq!(commands[1].argv, ["rm", "-f"]);
    assert_eq!(understood("find . -exec cp {} x ';'").0[1].argv, ["cp"]);
    for text in [
        "a | xargs env",
        "a | xargs sh",
        "a | xargs sh -c",
        "a | xargs -I@ sh -c 'ls @'",
        "a | xargs ssh b c",
        "a | xargs git",
        "a | xargs tar c",
        "a | xargs -I@ env @ b",
        "a | xargs -I@ @",
        "a | xargs sudo",
    ] {
        assert!(understood(text).0.iter().any(|command| command.opaque.is_some()), "{text:?}");
    }
}

#[test]
fn options_that_run_code_make_a_command_opaque() {
    for text in [
        "tar -xvIx a",
        "tar xIf x a",
        "tar --checkpoint-a=x",
        "git -c a=b log",
        "git clone -ux a",
        "rsync -avex a b",
        "find . -exec ls",
        "sed -n e",
        "sed 's/a/b/e' c",
        "awk -f x",
        "awk '{print > \"x\"}'",
        "python3",
        "python3 -c x",
        "sh",
        "perl -ne x",
        "psql",
        "psql -c '\\! x'",
        "less +x a",
        "vi a",
        "./env ls",
        "/tmp/sudo ls",
        "exec -z ls",
        "ls *",
    ] {
        assert!(understood(text).0.iter().any(|command| command.opaque.is_some()), "{text:?}");
    }
    for text in [
        "tar czf a b",
        "git -C x log",
        "rsync -av a b",
        "sed -n '1,5p' a",
        "sed 's/[a-c]/b/g' c",
        "awk '{print $1}' a",
        "python3 x.py -c y",
        "sh x.sh",
        "psql -c 'select 1'",
        "ls ./*",
        "env",
        "command -v sh",
    ] {
        assert!(understood(text).0.iter().all(|command| command.opaque.is_none()), "{text:?}");
    }
}

#[test]
fn files_are_told() {
    let touches =
        |text: &str| understood(text).0.into_iter().flat_map(|command| command.touches).collect::<Vec<_>>();
    let touch = |mode, path: &str| Touch { mode, path: path.to_owned() };
    assert_eq!(touches("a <b >c 2>&1"), [touch(Mode::Read, "b"), touch(Mode::Write, "c")]);
    assert_eq!(touches("sed -i.bak s/a/b/ c d"), [touch(Mode::Write, "c"), touch(Mode::Write, "d")]);
    assert_eq!(touches("find . -fprint x"), [touch(Mode::Write, "x")]);
    assert_eq!(understood("find . -delete").0[1].argv, ["rm", "-r"]);
}

/// Texts that look like commands, so that much of the grammar is met.
fn texts() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "ls",
        "sh -c ",
        "sudo ",
        "env ",
        "xargs ",
        "find . -exec ",
        "eval ",
        "'",
        "\"",
        "\\",
        "\n",
        " ",
        ";",
        "&&",
        "||",
        "|",
        "(",
        ")",
        "{ ",
        "; }",
        "<",
        ">",
        ">>",
        "<<E\n",
        "E\n",
        "<<<",
        "2>&1",
        "A=b ",
        "*",
        "?",
        "~/",
        "{}",
        "[",
        "]",
        "$",
        "`",
        "!",
        "#",
        "é",
        "\u{a0}",
        "-i",
        "--",
        "x",
    ]);
    prop::collection::vec(pieces, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_back_reads_as_what_was_read(text in texts()) {
        let limits = ShellLimits::default();
        if let Reading::Understood { commands, released } = read(&text, &limits) {
            prop_assert_eq!(read(&released, &limits), Reading::Understood { commands, released });
        }
    }

    #[test]
    fn any_text_is_answered(text in "\\PC{0,200}") {
        let _ = read(&text, &ShellLimits::default());
    }

    #[test]
    fn any_words_come_back(words in prop::collection::vec("[^\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f]{0,12}", 0..6)) {
        let text = std::iter::once("argv".to_owned()).chain(words.iter().map(|word| write::quote(word)));
        let text = text.collect::<Vec<_>>().join(" ");
        let (commands, released) = understood(&text);
        prop_assert_eq!(&released.replacen("'argv'", "argv", 1), &text);
        prop_assert_eq!(&commands[0].argv[1..], words.as_slice());
    }
}
