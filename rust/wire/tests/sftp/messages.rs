//! Packets, written and read by a second implementation that shares nothing with the inspector's.

/// A `string` of the protocol.
pub fn string(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let bytes = bytes.as_ref();
    [&u32::try_from(bytes.len()).unwrap().to_be_bytes()[..], bytes].concat()
}

pub fn packet(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 1).unwrap();
    [&length.to_be_bytes()[..], &[tag], body].concat()
}

pub fn request(tag: u8, id: u32, fields: &[Vec<u8>]) -> Vec<u8> {
    packet(tag, &[id.to_be_bytes().to_vec(), fields.concat()].concat())
}

pub fn number(value: u32) -> Vec<u8> {
    value.to_be_bytes().to_vec()
}

pub fn long(value: u64) -> Vec<u8> {
    value.to_be_bytes().to_vec()
}

pub fn init(version: u32) -> Vec<u8> {
    packet(1, &version.to_be_bytes())
}

pub fn open(id: u32, path: &str, flags: u32) -> Vec<u8> {
    request(3, id, &[string(path), number(flags), number(0)])
}

pub fn close(id: u32, handle: &str) -> Vec<u8> {
    request(4, id, &[string(handle)])
}

pub fn read(id: u32, handle: &str, offset: u64) -> Vec<u8> {
    request(5, id, &[string(handle), long(offset), number(32768)])
}

pub fn write(id: u32, handle: &str, offset: u64, data: &[u8]) -> Vec<u8> {
    request(6, id, &[string(handle), long(offset), string(data)])
}

pub fn fsetstat(id: u32, handle: &str, mode: u32) -> Vec<u8> {
    request(10, id, &[string(handle), number(4), number(mode)])
}

pub fn setstat(id: u32, path: &str, mode: u32) -> Vec<u8> {
    request(9, id, &[string(path), number(4), number(mode)])
}

/// A request with one path and nothing else.
pub fn with_path(tag: u8, id: u32, path: &str) -> Vec<u8> {
    request(tag, id, &[string(path)])
}

pub fn lstat(id: u32, path: &str) -> Vec<u8> {
    with_path(7, id, path)
}

pub fn opendir(id: u32, path: &str) -> Vec<u8> {
    with_path(11, id, path)
}

pub fn remove(id: u32, path: &str) -> Vec<u8> {
    with_path(13, id, path)
}

pub fn realpath(id: u32, path: &str) -> Vec<u8> {
    with_path(16, id, path)
}

pub fn stat(id: u32, path: &str) -> Vec<u8> {
    with_path(17, id, path)
}

pub fn rename(id: u32, from: &str, to: &str) -> Vec<u8> {
    request(18, id, &[string(from), string(to)])
}

/// OpenSSH's order: where it points, then where it is.
pub fn symlink(id: u32, target: &str, link: &str) -> Vec<u8> {
    request(20, id, &[string(target), string(link)])
}

pub fn extended(id: u32, name: &str, fields: &[Vec<u8>]) -> Vec<u8> {
    request(200, id, &[string(name), fields.concat()])
}

/// What an agent makes of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Version(Vec<String>),
    Status(u32, u32, String),
    Handle(u32, String),
    Data(u32, Vec<u8>),
    Name(u32, Vec<String>),
    Attributes(u32),
    Extended(u32),
}

/// Reads whole packets of a server.
pub fn answers(mut bytes: &[u8]) -> Vec<Answer> {
    let mut read = Vec::new();
    while !bytes.is_empty() {
        let (tag, mut body) = split(&mut bytes);
        read.push(answer(tag, &mut body));
    }
    read
}

/// Takes one packet off the front: its type and its body.
pub fn split<'a>(bytes: &mut &'a [u8]) -> (u8, &'a [u8]) {
    let length = take_number(bytes) as usize;
    let (packet, rest) = bytes.split_at(length);
    *bytes = rest;
    (packet[0], &packet[1..])
}

fn answer(tag: u8, body: &mut &[u8]) -> Answer {
    let first = take_number(body);
    match tag {
        2 => {
            let mut names = Vec::new();
            while !body.is_empty() {
                names.push(take_text(body));
                take_text(body);
            }
            Answer::Version(names)
        }
        101 => Answer::Status(first, take_number(body), take_text(body)),
        102 => Answer::Handle(first, take_text(body)),
        103 => Answer::Data(first, take_string(body).to_vec()),
        104 => {
            let count = take_number(body);
            let name = |_| {
                let name = take_text(body);
                take_text(body);
                take_number(body);
                name
            };
            Answer::Name(first, (0..count).map(name).collect())
        }
        105 => Answer::Attributes(first),
        201 => Answer::Extended(first),
        _ => panic!("a packet of type {tag}"),
    }
}

pub fn take_number(bytes: &mut &[u8]) -> u32 {
    let (number, rest) = bytes.split_first_chunk().unwrap();
    *bytes = rest;
    u32::from_be_bytes(*number)
}

pub fn take_string<'a>(bytes: &mut &'a [u8]) -> &'a [u8] {
    let length = take_number(bytes) as usize;
    let (string, rest) = bytes.split_at(length);
    *bytes = rest;
    string
}

pub fn take_text(bytes: &mut &[u8]) -> String {
    String::from_utf8(take_string(bytes).to_vec()).unwrap()
}
