//! The protocol's messages, built by hand so that no mistake of the code under test is repeated here.

/// A message: type byte, length, body.
pub fn message(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = i32::try_from(body.len() + 4).unwrap().to_be_bytes();
    [&[tag][..], &length, body].concat()
}

fn strings(texts: &[&str]) -> Vec<u8> {
    texts.iter().flat_map(|text| [text.as_bytes(), b"\0"].concat()).collect()
}

pub fn query(text: &str) -> Vec<u8> {
    message(b'Q', &strings(&[text]))
}

pub fn parse(name: &str, text: &str) -> Vec<u8> {
    parse_typed(name, text, &[])
}

pub fn parse_typed(name: &str, text: &str, types: &[u32]) -> Vec<u8> {
    let mut body = strings(&[name, text]);
    body.extend(i16::try_from(types.len()).unwrap().to_be_bytes());
    body.extend(types.iter().flat_map(|oid| oid.to_be_bytes()));
    message(b'P', &body)
}

pub fn bind(portal: &str, statement: &str) -> Vec<u8> {
    message(b'B', &[strings(&[portal, statement]), vec![0; 6]].concat())
}

/// A Bind with one text parameter.
pub fn bind_value(portal: &str, statement: &str, value: &str) -> Vec<u8> {
    let length = i32::try_from(value.len()).unwrap().to_be_bytes();
    let body =
        [&strings(&[portal, statement])[..], &[0, 0, 0, 1], &length, value.as_bytes(), &[0, 0]].concat();
    message(b'B', &body)
}

pub fn describe_statement(name: &str) -> Vec<u8> {
    message(b'D', &[b"S".to_vec(), strings(&[name])].concat())
}

pub fn describe(portal: &str) -> Vec<u8> {
    message(b'D', &[b"P".to_vec(), strings(&[portal])].concat())
}

pub fn close_statement(name: &str) -> Vec<u8> {
    message(b'C', &[b"S".to_vec(), strings(&[name])].concat())
}

pub fn execute(portal: &str) -> Vec<u8> {
    message(b'E', &[strings(&[portal]), vec![0; 4]].concat())
}

pub fn sync() -> Vec<u8> {
    message(b'S', b"")
}

pub fn flush() -> Vec<u8> {
    message(b'H', b"")
}

pub fn terminate() -> Vec<u8> {
    message(b'X', b"")
}

pub fn copy_data(data: &str) -> Vec<u8> {
    message(b'd', data.as_bytes())
}

pub fn copy_done() -> Vec<u8> {
    message(b'c', b"")
}

pub fn copy_fail(reason: &str) -> Vec<u8> {
    message(b'f', &strings(&[reason]))
}

pub fn function_call() -> Vec<u8> {
    message(b'F', &[0, 0, 0, 89, 0, 0, 0, 0, 0, 0])
}

// What the target says.

pub fn parse_complete() -> Vec<u8> {
    message(b'1', b"")
}

pub fn bind_complete() -> Vec<u8> {
    message(b'2', b"")
}

pub fn close_complete() -> Vec<u8> {
    message(b'3', b"")
}

pub fn no_data() -> Vec<u8> {
    message(b'n', b"")
}

pub fn parameter_description() -> Vec<u8> {
    message(b't', &[0, 0])
}

pub fn complete(tag: &str) -> Vec<u8> {
    message(b'C', &strings(&[tag]))
}

pub fn ready(status: u8) -> Vec<u8> {
    message(b'Z', &[status])
}

/// Text columns, by the table OID and attribute number that they come from.
pub fn columns(origins: &[(u32, i16)]) -> Vec<u8> {
    let mut body = i16::try_from(origins.len()).unwrap().to_be_bytes().to_vec();
    for (relation, attribute) in origins {
        body.extend(b"column\0");
        body.extend(relation.to_be_bytes());
        body.extend(attribute.to_be_bytes());
        body.extend(25_u32.to_be_bytes());
        body.extend((-1_i16).to_be_bytes());
        body.extend((-1_i32).to_be_bytes());
        body.extend(0_i16.to_be_bytes());
    }
    message(b'T', &body)
}

pub fn row(values: &[Option<&str>]) -> Vec<u8> {
    let mut body = i16::try_from(values.len()).unwrap().to_be_bytes().to_vec();
    for value in values {
        match value {
            Some(text) => {
                body.extend(i32::try_from(text.len()).unwrap().to_be_bytes());
                body.extend(text.as_bytes());
            }
            None => body.extend((-1_i32).to_be_bytes()),
        }
    }
    message(b'D', &body)
}

pub fn copy_in_response() -> Vec<u8> {
    message(b'G', &[0, 0, 1, 0, 0])
}

pub fn copy_out_response() -> Vec<u8> {
    message(b'H', &[0, 0, 1, 0, 0])
}

pub fn copy_both_response() -> Vec<u8> {
    message(b'W', &[0, 0, 0])
}

pub fn parameter_status(name: &str, value: &str) -> Vec<u8> {
    message(b'S', &strings(&[name, value]))
}

pub fn notification(channel: &str, payload: &str) -> Vec<u8> {
    message(b'A', &[&7_i32.to_be_bytes()[..], &strings(&[channel, payload])].concat())
}

/// The fields of an ErrorResponse or a NoticeResponse.
pub fn report(tag: u8, fields: &[(char, &str)]) -> Vec<u8> {
    let mut body: Vec<u8> =
        fields.iter().flat_map(|(kind, text)| [&[*kind as u8], text.as_bytes(), b"\0"].concat()).collect();
    body.push(0);
    message(tag, &body)
}

pub fn error(sqlstate: &str, text: &str) -> Vec<u8> {
    report(b'E', &[('S', "ERROR"), ('V', "ERROR"), ('C', sqlstate), ('M', text)])
}
