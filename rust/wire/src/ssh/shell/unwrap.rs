//! Takes off wrappers, reads the scripts in words, and lists what remains: the commands that policy judges.

use super::{
    awk, builtins, carriers, code,
    fault::{Fault, FaultKind},
    find, interpreters,
    layer::{self, Layer, shown},
    limits::ShellLimits,
    names::Program,
    outputs, parser, sed,
    simple::{Mode, SimpleCommand, Touch},
    tree::{Command, Item, Redirect, RedirectTo, Script, Simple, Word},
    wrappers, write,
};

/// Lists every command of a script. Scripts within words are replaced by what was understood of them.
pub(super) fn unwrap(script: &mut Script, limits: &ShellLimits) -> Result<Vec<SimpleCommand>, Fault> {
    let mut unwrapper = Unwrapper { limits, found: Vec::new() };
    unwrapper.script(script, &Around::default())?;
    Ok(unwrapper.found)
}

/// What stands around a command and holds for it too.
#[derive(Clone, Default)]
struct Around {
    command: SimpleCommand,
    wrappers: usize,
    /// What is replaced from input in every word.
    placeholder: Option<String>,
}

struct Unwrapper<'a> {
    limits: &'a ShellLimits,
    found: Vec<SimpleCommand>,
}

impl Unwrapper<'_> {
    fn script(&mut self, script: &mut Script, around: &Around) -> Result<(), Fault> {
        for Item { connector, pipeline } in &mut script.items {
            let count = pipeline.commands.len();
            for (position, command) in pipeline.commands.iter_mut().enumerate() {
                let mut around = around.clone();
                around.command.connector = *connector;
                around.command.position = position;
                around.command.pipeline = count;
                match command {
                    Command::Subshell(inner) | Command::Group(inner) => self.script(inner, &around)?,
                    Command::Simple(simple) => self.simple(simple, around)?,
                }
            }
        }
        Ok(())
    }

    fn simple(&mut self, simple: &mut Simple, mut around: Around) -> Result<(), Fault> {
        around.command.assignments.extend(simple.assignments.iter().cloned());
        around.command.touches.extend(simple.redirects.iter().filter_map(touched));
        self.words(&mut simple.words, around)
    }

    /// Judges words as a command. They may become fewer: a script takes the place of several.
    fn words(&mut self, words: &mut Vec<Word>, mut around: Around) -> Result<(), Fault> {
        let mut start = 0;
        loop {
            let inner = words.get(start..).unwrap_or_default();
            match layer_of(inner, &around) {
                Layer::Wrapper(wrapper) => {
                    around.wrappers += 1;
                    if around.wrappers > self.limits.wrappers_max {
                        return Err(Fault::oversized("wrappers_max", self.limits.wrappers_max));
                    }
                    start += wrapper.at;
                    around.command.through.extend(wrapper.through);
                    around.command.assignments.extend(wrapper.assignments);
                    around.command.open_ended |= wrapper.adds_words;
                    around.placeholder = wrapper.placeholder.or(around.placeholder);
                }
                Layer::Script(script) => return self.script_in(words, start, script, around),
                Layer::Program(program) => return self.program(words, start, program, &around),
                Layer::Assignments(assignments) => {
                    around.command.assignments.extend(assignments);
                    return self.found(&[], around);
                }
                Layer::Opaque(reason) => {
                    around.command.opaque = Some(reason);
                    return self.found(inner, around);
                }
            }
        }
    }

    fn script_in(
        &mut self,
        words: &mut Vec<Word>,
        start: usize,
        script: layer::Script,
        mut around: Around,
    ) -> Result<(), Fault> {
        let range = start + script.at..start + script.at + script.count;
        let texts = words.get(range.clone()).unwrap_or_default();
        let literal: Option<Vec<&str>> = texts.iter().map(Word::as_literal).collect();
        let Some(literal) = literal else {
            around.command.opaque = Some("a script that file names are part of".to_owned());
            return self.found(words.get(start..).unwrap_or_default(), around);
        };
        around.wrappers += 1;
        if around.wrappers > self.limits.wrappers_max {
            return Err(Fault::oversized("wrappers_max", self.limits.wrappers_max));
        }
        let mut inner = match parser::parse(&literal.join(" "), self.limits) {
            Ok(inner) => inner,
            Err(Fault { kind: FaultKind::Opaque, reason }) => {
                around.command.opaque = Some(format!("within a script: {reason}"));
                return self.found(words.get(start..).unwrap_or_default(), around);
            }
            Err(Fault { kind: FaultKind::Unfinished, reason }) => return Err(Fault::malformed(reason)),
            Err(fault) => return Err(fault),
        };
        around.command.through.extend(script.through);
        around.command.open_ended = false; // what is added becomes the script's parameters, which it cannot name
        around.placeholder = None;
        self.script(&mut inner, &around)?;
        let understood = write::write(&inner);
        if understood.len() > self.limits.released_bytes_max {
            return Err(Fault::oversized("released_bytes_max", self.limits.released_bytes_max));
        }
        words.splice(range, [Word::literal(understood)]);
        Ok(())
    }

    fn program(
        &mut self,
        words: &mut Vec<Word>,
        start: usize,
        program: layer::Program,
        around: &Around,
    ) -> Result<(), Fault> {
        let mut own = around.clone();
        own.command.touches.extend(program.touches);
        match outputs::touches(words.get(start..).unwrap_or_default()) {
            Ok(touches) => own.command.touches.extend(touches),
            Err(reason) => own.command.opaque = Some(reason),
        }
        self.found(words.get(start..).unwrap_or_default(), own)?;
        for argv in program.acts_like {
            let mut command = SimpleCommand { argv, open_ended: true, ..around.command.clone() };
            command.touches.clear();
            self.add(command)?;
        }
        for (from, to) in program.commands.into_iter().rev() {
            let range = start + from..start + to;
            let mut inner = words.get(range.clone()).unwrap_or_default().to_vec();
            let mut around = around.clone();
            around.wrappers += 1;
            around.command.touches.clear();
            around.command.open_ended = true;
            around.placeholder = Some("{}".to_owned());
            self.words(&mut inner, around)?;
            words.splice(range, inner);
        }
        Ok(())
    }

    fn found(&mut self, words: &[Word], around: Around) -> Result<(), Fault> {
        let from_input = match around.command.opaque {
            Some(_) => None, // it is shown as it stands
            None => words.iter().position(|word| around.replaces(Some(std::slice::from_ref(word)))),
        };
        let words = words.get(..from_input.unwrap_or(words.len())).unwrap_or_default();
        let mut command = around.command;
        command.open_ended |= from_input.is_some();
        command.argv = shown(words);
        command.patterns =
            (0..words.len()).filter(|&index| words.get(index).is_some_and(Word::is_glob)).collect();
        if words.iter().any(|word| word.is_glob() && word.shown().starts_with(['*', '?', '-']))
            && command.opaque.is_none()
        {
            command.opaque = Some("a pattern that could become an option; write ./* instead of *".to_owned());
        }
        self.add(command)
    }

    fn add(&mut self, command: SimpleCommand) -> Result<(), Fault> {
        if self.found.len() >= self.limits.commands_max {
            return Err(Fault::oversized("commands_max", self.limits.commands_max));
        }
        self.found.push(command);
        Ok(())
    }
}

/// One layer of a command, with what makes it less certain than its words.
fn layer_of(words: &[Word], around: &Around) -> Layer {
    let Some(first) = words.first() else { return Layer::program() };
    let Some(name) = first.as_literal() else {
        return Layer::opaque("a command that is not plainly named");
    };
    if name.starts_with('-') || name.is_empty() {
        return Layer::opaque("an option where a command belongs");
    }
    let program = Program::named(name);
    let known = known(program, words);
    let uncertain = match (&known, around) {
        (Some(Layer::Wrapper(_) | Layer::Script(_)), _) if !program.of_the_system => {
            Some("a program by the name of a wrapper, outside the system's directories")
        }
        (Some(Layer::Wrapper(wrapper)), around) if around.replaces(words.get(..wrapper.at)) => {
            Some("a wrapper with words from input")
        }
        (Some(Layer::Script(script)), around)
            if around.replaces(Some(words)) || (script.takes_more && around.command.open_ended) =>
        {
            Some("a script with words from input")
        }
        (Some(Layer::Program(_)) | None, around) if around.replaces(words.get(..1)) => {
            Some("a command that comes from input")
        }
        (Some(Layer::Program(_)), around) if around.command.open_ended || around.placeholder.is_some() => {
            Some("more words from input than are known, to a program that can run code")
        }
        _ => None,
    };
    match uncertain {
        Some(reason) => Layer::opaque(reason),
        None => known.unwrap_or_else(Layer::program),
    }
}

impl Around {
    /// Whether input replaces something in these words.
    fn replaces(&self, words: Option<&[Word]>) -> bool {
        let Some(placeholder) = &self.placeholder else { return false };
        words.unwrap_or_default().iter().any(|word| word.shown().contains(placeholder.as_str()))
    }
}

/// What is known of a program from any of the tables.
fn known(program: Program<'_>, words: &[Word]) -> Option<Layer> {
    wrappers::layer(program, words)
        .or_else(|| carriers::layer(program, words))
        .or_else(|| interpreters::layer(program, words))
        .or_else(|| builtins::layer(program, words))
        .or_else(|| find::layer(program, words))
        .or_else(|| awk::layer(program, words))
        .or_else(|| sed::layer(program, words))
        .or_else(|| code::layer(program, words))
        .or_else(|| outputs::writes(program).then(Layer::program))
}

fn touched(redirect: &Redirect) -> Option<Touch> {
    let (mode, path) = match &redirect.to {
        RedirectTo::Read(path) => (Mode::Read, path),
        RedirectTo::Write(path) | RedirectTo::Append(path) | RedirectTo::ReadWrite(path) => {
            (Mode::Write, path)
        }
        RedirectTo::Duplicate(_) | RedirectTo::Close | RedirectTo::Here(_) => return None,
    };
    Some(Touch { mode, path: path.shown() })
}
