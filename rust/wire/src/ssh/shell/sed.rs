//! Whether a sed script only edits what passes through it: `e`, `w`, `r` and what is not known are refused.

use super::{
    layer::{self, Layer},
    names::Program,
    options::{self, Options},
    scan::Scan,
    simple::{Mode, Touch},
    tree::Word,
};

const OPTIONS: Options = Options {
    flags: "nErsuz",
    valued: "e",
    long_flags: &[
        "quiet",
        "silent",
        "regexp-extended",
        "separate",
        "unbuffered",
        "null-data",
        "sandbox",
        "posix",
    ],
    long_valued: &["expression"],
};

/// What `words` are if their first names sed; `None` where it does not.
pub(super) fn layer(program: Program<'_>, words: &[Word]) -> Option<Layer> {
    program.is_one_of(&["sed", "gsed"]).then(|| match judged(words) {
        Ok(touches) => Layer::Program(layer::Program { touches, ..layer::Program::default() }),
        Err(reason) => Layer::opaque(format!("sed: {reason}")),
    })
}

fn judged(words: &[Word]) -> Result<Vec<Touch>, String> {
    let in_place = words.iter().skip(1).position(|word| is_in_place(&word.shown()));
    let mut rest = words.to_vec();
    if let Some(index) = in_place {
        rest.remove(index + 1);
    }
    let walk = options::walk(&rest, 1, &OPTIONS)?;
    let mut files = walk.first;
    let mut scripts: Vec<String> = walk.values.iter().map(|(_, script)| script.clone()).collect();
    if scripts.is_empty() {
        let script = rest.get(files).and_then(Word::as_literal).ok_or("no plain script")?;
        scripts.push(script.to_owned());
        files += 1;
    }
    for script in &scripts {
        read_script(script).ok_or("a script with a command that is not known here")?;
    }
    let files = rest.get(files..).unwrap_or_default();
    if files.iter().any(|word| word.shown().starts_with('-') && word.shown() != "-") {
        return Err("options after the script".to_owned());
    }
    let touches = files.iter().map(|word| Touch { mode: Mode::Write, path: word.shown() });
    Ok(if in_place.is_some() { touches.collect() } else { Vec::new() })
}

/// `-i`, `-i.bak`, `--in-place[=suffix]`: the suffix must name no other directory.
fn is_in_place(word: &str) -> bool {
    let suffix = word.strip_prefix("-i").or_else(|| word.strip_prefix("--in-place"));
    suffix.is_some_and(|suffix| {
        suffix.trim_start_matches('=').chars().all(|c| c.is_alphanumeric() || ".~_".contains(c))
    })
}

/// Reads a whole script; `None` at the first thing that is not known.
fn read_script(script: &str) -> Option<()> {
    let mut scan = Scan::new(script).ok()?;
    loop {
        while scan.peek().is_some_and(|next| matches!(next, ' ' | '\t' | '\n' | ';')) {
            scan.next();
        }
        if scan.peek().is_none() {
            return Some(());
        }
        read_address(&mut scan)?;
        if scan.take(",") {
            read_address(&mut scan)?;
        }
        while scan.take(" ") || scan.take("!") {}
        read_command(&mut scan)?;
        let after = scan.peek();
        if after.is_some_and(|next| !matches!(next, ' ' | '\t' | '\n' | ';')) {
            return None;
        }
    }
}

fn read_address(scan: &mut Scan<'_>) -> Option<()> {
    match scan.peek()? {
        '/' => {
            scan.next();
            read_delimited(scan, '/')?;
        }
        '$' => {
            scan.next();
        }
        _ => {
            while scan.peek().is_some_and(|next| next.is_ascii_digit() || "~+".contains(next)) {
                scan.next();
            }
        }
    }
    Some(())
}

fn read_command(scan: &mut Scan<'_>) -> Option<()> {
    let command = scan.next()?;
    match command {
        'p' | 'd' | 'q' | '=' | 'n' | 'N' | 'P' | 'D' | 'g' | 'G' | 'h' | 'H' | 'x' => Some(()),
        's' | 'y' => {
            let delimiter = scan
                .next()
                .filter(|delimiter| !delimiter.is_alphanumeric() && !"\\\n ".contains(*delimiter))?;
            read_delimited(scan, delimiter)?;
            read_delimited(scan, delimiter)?;
            while scan.peek().is_some_and(|next| next.is_ascii_digit() || "gpiI".contains(next)) {
                scan.next();
            }
            Some(())
        }
        _ => None,
    }
}

/// Passes to the delimiter that is neither escaped nor, for safety, anywhere near a bracket or a line end.
fn read_delimited(scan: &mut Scan<'_>, delimiter: char) -> Option<()> {
    loop {
        match scan.next()? {
            '\n' => return None,
            '\\' => {
                scan.next()?;
            }
            '[' => {
                // Inside of brackets a delimiter may stand for itself in one sed and not in another.
                let mut inside = scan.clone();
                let text = inside.take_until(']')?;
                if text.contains(delimiter) || text.contains('\\') || text.is_empty() || text == "^" {
                    return None;
                }
            }
            next if next == delimiter => return Some(()),
            _ => {}
        }
    }
}
