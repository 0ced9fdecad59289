//! A target that says yes to everything it is asked. `/srv/data/out` is a link to `/etc`, `/tmp/dir` is a
//! directory, and nothing is below `/missing`.

use super::messages::{number, packet, split, string, take_number, take_string, take_text};

pub const HOME: &str = "/home/deploy";

#[derive(Default)]
pub struct Target {
    input: Vec<u8>,
    /// What it was asked to do, in words; where paths lead is not among it.
    pub done: Vec<String>,
    /// How often it was asked where a path leads.
    pub resolved: usize,
    /// How often it was asked for the attributes of a name, as also the inspector does for what moves.
    pub looked: usize,
    handles: usize,
}

impl Target {
    /// What it answers to whole packets; a part of one waits for the rest.
    pub fn answer(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.input.extend_from_slice(bytes);
        let input = std::mem::take(&mut self.input);
        let mut rest = &input[..];
        let mut answers = Vec::new();
        while rest.len() >= 4 && rest.len() >= 4 + u32::from_be_bytes(rest[..4].try_into().unwrap()) as usize
        {
            let (tag, mut body) = split(&mut rest);
            answers.extend(self.answer_one(tag, &mut body));
        }
        self.input = rest.to_vec();
        answers
    }

    fn answer_one(&mut self, tag: u8, body: &mut &[u8]) -> Vec<u8> {
        let id = take_number(body);
        let answer = |tag: u8, fields: &[Vec<u8>]| packet(tag, &[number(id), fields.concat()].concat());
        let status = |code: u32, text: &str| answer(101, &[number(code), string(text), string("")]);
        match tag {
            1 => return version(),
            16 => {
                self.resolved += 1;
                let path = take_text(body);
                return match resolve(&path) {
                    Some(place) => answer(104, &[number(1), string(&place), string(&place), number(0)]),
                    None => status(2, "No such file"),
                };
            }
            7 => {
                self.looked += 1;
                let mode = if body.ends_with(b"/tmp/dir") { 0o040_755 } else { 0o100_644 };
                return answer(105, &[number(4), number(mode)]);
            }
            3 | 11 => {
                self.done.push(format!("open {}", take_text(body)));
                self.handles += 1;
                return answer(102, &[string(format!("h{}", self.handles))]);
            }
            5 => {
                self.done.push(format!("read {}", take_text(body)));
                return answer(103, &[string("data")]);
            }
            17 => {
                self.done.push(format!("look {}", take_text(body)));
                return answer(105, &[number(0)]);
            }
            18 => self.done.push(format!("rename {} {}", take_text(body), take_text(body))),
            20 => {
                let (target, link) = (take_text(body), take_text(body));
                self.done.push(format!("symlink {link} to {target}"));
            }
            200 => self.done.push(format!("extended {}", String::from_utf8_lossy(take_string(body)))),
            _ => self.done.push(format!("{tag} {}", take_text(body))),
        }
        status(0, "")
    }
}

fn version() -> Vec<u8> {
    let extensions = [("posix-rename@openssh.com", "1"), ("secret-door@example.com", "1")];
    let written = extensions.map(|(name, data)| [string(name), string(data)].concat());
    packet(2, &[number(3), written.concat()].concat())
}

/// Where a path leads, part by part, as realpath(3) goes about it.
fn resolve(path: &str) -> Option<String> {
    let mut place = if path.starts_with('/') { String::new() } else { HOME.to_owned() };
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => place.truncate(place.rfind('/').unwrap_or(0)),
            _ => place = format!("{place}/{part}"),
        }
        if place == "/srv/data/out" {
            "/etc".clone_into(&mut place);
        }
    }
    if place.starts_with("/missing/") {
        return None;
    }
    Some(if place.is_empty() { "/".to_owned() } else { place })
}
