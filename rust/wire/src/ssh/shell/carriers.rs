//! Programs that carry a command to another account or another place: policy judges the way too.

use super::{
    layer::{Layer, Script, Wrapper},
    names::Program,
    options::{self, NONE, Options},
    tree::Word,
    wrappers::assignments,
};

const SUDO: Options = Options {
    flags: "nHkSE",
    valued: "ug",
    long_flags: &["non-interactive", "set-home", "preserve-env", "stdin"],
    long_valued: &["user", "group"],
};
const DOAS: Options = Options { flags: "n", valued: "u", ..NONE };
const RUNUSER: Options = Options { valued: "u", long_valued: &["user"], ..NONE };
const CONTAINER: Options = Options {
    flags: "it",
    valued: "uw",
    long_flags: &["interactive", "tty"],
    long_valued: &["user", "workdir"],
};
const KUBECTL: Options = Options {
    flags: "itq",
    valued: "cn",
    long_flags: &["stdin", "tty", "quiet"],
    long_valued: &["container", "namespace", "context"],
};
const SSH: Options = Options { flags: "qTnxa46C", valued: "pl", ..NONE };

/// What `words` are if their first names a carrier; `None` where it does not.
pub(super) fn layer(program: Program<'_>, words: &[Word]) -> Option<Layer> {
    let layer = match program.name {
        "sudo" => sudo(words),
        "doas" => doas(words),
        "su" => su(words),
        "runuser" => runuser(words),
        "chroot" => chroot(words),
        "docker" | "podman" | "nerdctl" if second(words) == Some("exec") => container(program.name, words),
        "kubectl" | "oc" if words.iter().any(|word| word.as_literal() == Some("exec")) => {
            cluster(program.name, words)
        }
        "ssh" => ssh(words),
        _ => return None,
    };
    Some(layer.unwrap_or_else(|reason| Layer::opaque(format!("{}: {reason}", program.name))))
}

fn second(words: &[Word]) -> Option<&str> {
    words.get(1).and_then(Word::as_literal)
}

/// The words of the way: the carrier, its options with values in the order given, its operands.
fn way(carrier: &[&str], values: &[(String, String)], operands: &[&str]) -> Vec<String> {
    let mut way: Vec<String> = carrier.iter().map(|&word| word.to_owned()).collect();
    for (name, value) in values {
        way.push(if name.len() == 1 { format!("-{name}") } else { format!("--{name}") });
        way.push(value.clone());
    }
    way.extend(operands.iter().map(|&word| word.to_owned()));
    way
}

/// `--user` is `-u`: one way has one spelling.
fn short(values: &[(String, String)], names: &[(&str, &str)]) -> Vec<(String, String)> {
    let spell =
        |name: &str| names.iter().find(|(long, _)| *long == name).map_or(name, |(_, short)| short).to_owned();
    values.iter().map(|(name, value)| (spell(name), value.clone())).collect()
}

fn sudo(words: &[Word]) -> Result<Layer, String> {
    if words.len() == 2 && matches!(second(words), Some("-l" | "-v" | "-k" | "--list" | "--validate")) {
        return Ok(Layer::program());
    }
    let walk = options::walk(words, 1, &SUDO)?;
    let (assignments, at) = assignments(words, walk.first)?;
    if at >= words.len() {
        return Err("no command".to_owned());
    }
    let values = short(&walk.values, &[("user", "u"), ("group", "g")]);
    let values: Vec<_> = values.into_iter().filter(|(name, value)| name != "u" || value != "root").collect();
    Ok(Layer::Wrapper(Wrapper {
        at,
        through: way(&["sudo"], &values, &[]),
        assignments,
        ..Wrapper::default()
    }))
}

fn doas(words: &[Word]) -> Result<Layer, String> {
    let walk = options::walk(words, 1, &DOAS)?;
    inner(words, walk.first, way(&["doas"], &walk.values, &[]))
}

fn inner(words: &[Word], at: usize, through: Vec<String>) -> Result<Layer, String> {
    if at >= words.len() {
        return Err("no command".to_owned());
    }
    Ok(Layer::Wrapper(Wrapper { at, through, ..Wrapper::default() }))
}

/// `su [-] [account] -c script`; options may stand after the account.
fn su(words: &[Word]) -> Result<Layer, String> {
    let mut account = None;
    let mut script = None;
    let mut at = 1;
    while let Some(word) = words.get(at) {
        match word.as_literal() {
            Some("-" | "-l" | "--login" | "-m") => at += 1,
            Some("-c" | "--command") if script.is_none() => {
                script = Some(at + 1);
                at += 2;
            }
            Some(name) if account.is_none() && !name.starts_with('-') => {
                account = Some(name);
                at += 1;
            }
            _ => return Err("more than an account and a command".to_owned()),
        }
    }
    let script = script.filter(|&at| at < words.len()).ok_or("a shell, or no command")?;
    Ok(Layer::Script(Script {
        at: script,
        count: 1,
        through: way(&["su"], &[], &[account.unwrap_or("root")]),
        takes_more: true,
    }))
}

fn runuser(words: &[Word]) -> Result<Layer, String> {
    let walk = options::walk(words, 1, &RUNUSER)?;
    if walk.values.is_empty() {
        return Err("no account with -u".to_owned());
    }
    inner(words, walk.first, way(&["runuser"], &short(&walk.values, &[("user", "u")]), &[]))
}

fn chroot(words: &[Word]) -> Result<Layer, String> {
    let walk = options::walk(words, 1, &NONE)?;
    let root = words.get(walk.first).and_then(Word::as_literal).ok_or("no directory")?;
    inner(words, walk.first + 1, way(&["chroot"], &[], &[root]))
}

fn container(name: &str, words: &[Word]) -> Result<Layer, String> {
    let walk = options::walk(words, 2, &CONTAINER)?;
    let container = words.get(walk.first).and_then(Word::as_literal).ok_or("no container")?;
    let values = short(&walk.values, &[("user", "u"), ("workdir", "w")]);
    inner(words, walk.first + 1, way(&[name, "exec"], &values, &[container]))
}

/// `kubectl [options] exec [options] pod [options] -- command`.
fn cluster(name: &str, words: &[Word]) -> Result<Layer, String> {
    let before = options::walk(words, 1, &KUBECTL)?;
    if words.get(before.first).and_then(Word::as_literal) != Some("exec") {
        return Ok(Layer::program()); // `exec` is the name of something else
    }
    let middle = options::walk(words, before.first + 1, &KUBECTL)?;
    let pod = words.get(middle.first).and_then(Word::as_literal).ok_or("no pod")?;
    let after = options::walk(words, middle.first + 1, &KUBECTL)?;
    if words.get(after.first.saturating_sub(1)).and_then(Word::as_literal) != Some("--") {
        return Err("no `--` before the command".to_owned());
    }
    let values: Vec<_> = [before.values, middle.values, after.values].concat();
    let values = short(&values, &[("namespace", "n"), ("container", "c")]);
    inner(words, after.first, way(&[name, "exec"], &values, &[pod]))
}

fn ssh(words: &[Word]) -> Result<Layer, String> {
    let walk = options::walk(words, 1, &SSH)?;
    let host = words.get(walk.first).and_then(Word::as_literal).ok_or("no host")?;
    let at = walk.first + 1;
    if at >= words.len() {
        return Err("a shell on another host".to_owned());
    }
    if words.get(at).is_some_and(|word| word.shown().starts_with('-')) {
        return Err("options after the host".to_owned());
    }
    let through = way(&["ssh"], &walk.values, &[host]);
    Ok(Layer::Script(Script { at, count: words.len() - at, through, takes_more: true }))
}
