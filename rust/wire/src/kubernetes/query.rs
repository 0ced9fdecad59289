//! Queries as ordered pairs, decoded strictly and written anew.

use super::{percent, status::Status};

/// Parameters that are lists: the command of an exec, the ports of a port-forward. Of every other one the API
/// server uses the first value and ignores the rest, so a second one can only deceive.
const REPEATABLE: [&str; 2] = ["command", "ports"];

/// The pairs of a query in the order in which they were written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Query {
    pairs: Vec<(String, String)>,
}

impl Query {
    /// Reads a query, without its question mark, as Go's `net/url` does: `&` between pairs, `+` for a space.
    ///
    /// # Errors
    /// A 400 for a broken percent-encoding, for a semicolon or another character that must be encoded, for NUL,
    /// for a name that is empty or not printable ASCII, and for what is not UTF-8.
    pub(super) fn read(query: &str) -> Result<Query, Status> {
        if !query.bytes().all(is_query_character) {
            return Err(refused("has a character that must be percent-encoded"));
        }
        let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(pair);
        Ok(Query { pairs: pairs.collect::<Result<_, _>>()? })
    }

    /// Refuses a parameter that comes twice, unless it is a list.
    ///
    /// # Errors
    /// A 400 that names the parameter.
    pub(super) fn refuse_repeats(&self) -> Result<(), Status> {
        let mut seen: Vec<&str> = Vec::new();
        for (name, _) in self.pairs.iter().filter(|(name, _)| !REPEATABLE.contains(&name.as_str())) {
            if seen.contains(&name.as_str()) {
                return Err(refused(&format!("has the parameter {name:?} twice")));
            }
            seen.push(name);
        }
        Ok(())
    }

    /// The first value of a parameter.
    pub(super) fn first(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// All pairs, in order.
    pub(super) fn into_pairs(self) -> Vec<(String, String)> {
        self.pairs
    }

    /// Appends the query as it goes upstream: `?` and the pairs, or nothing.
    pub(super) fn write(&self, out: &mut String) {
        let mut separator = '?';
        for (name, value) in &self.pairs {
            out.push(separator);
            percent::encode(out, name, "");
            out.push('=');
            percent::encode(out, value, "");
            separator = '&';
        }
    }
}

fn pair(raw: &str) -> Result<(String, String), Status> {
    let (name, value) = raw.split_once('=').unwrap_or((raw, ""));
    let (name, value) = (decode(name)?, decode(value)?);
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(refused("has a parameter whose name is not printable ASCII"));
    }
    Ok((name, value))
}

fn decode(raw: &str) -> Result<String, Status> {
    let decoded = percent::decode(&raw.replace('+', " "));
    let decoded = decoded.ok_or_else(|| refused("has a broken percent-encoding"))?;
    if decoded.contains(&0) {
        return Err(refused("has an encoded NUL"));
    }
    String::from_utf8(decoded).map_err(|_| refused("is not UTF-8"))
}

/// `query` of RFC 3986, section 3.4, without the semicolon, and with the brackets, bars and braces that clients
/// leave as they are.
fn is_query_character(byte: u8) -> bool {
    percent::is_unreserved(byte) || b"%!$&'()*+,=:@/?[]|{}".contains(&byte)
}

fn refused(what: &str) -> Status {
    Status::bad_request(&format!("the query {what}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(query: &str) -> Option<String> {
        let mut out = String::new();
        Query::read(query).ok()?.write(&mut out);
        Some(out)
    }

    #[test]
    fn a_query_is_written_in_one_way() {
        let table = [
            ("", ""),
            ("&&", ""),
            ("watch", "?watch="),
            ("%77atch=1", "?watch=1"),
            ("a=b+c%2B&", "?a=b%20c%2B"),
            ("fieldSelector=metadata.name%3Dx", "?fieldSelector=metadata.name%3Dx"),
            ("fieldSelector=metadata.name=x", "?fieldSelector=metadata.name%3Dx"),
            ("command=sh&command=-c&command=a%0Ab", "?command=sh&command=-c&command=a%0Ab"),
        ];
        for (query, expected) in table {
            assert_eq!(written(query).as_deref(), Some(expected), "{query}");
        }
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        for query in [
            "a=1;b=2", "a=%", "a=%0", "a=%zz", "a=%00", "a=%ff", "=1", "%20a=1", "a b=1", "a=b c", "a=é",
            "a=#",
        ] {
            assert_eq!(Query::read(query).unwrap_err().code(), 400, "{query}");
        }
    }

    #[test]
    fn only_lists_repeat() {
        for query in ["command=a&command=b", "ports=1&ports=2", "watch=1&Watch=0"] {
            assert_eq!(Query::read(query).unwrap().refuse_repeats(), Ok(()), "{query}");
        }
        for query in [
            "watch=1&watch=0",
            "watch=0&%77atch=1",
            "fieldSelector=a&x=1&fieldSelector=a",
            "dryRun=All&dryRun=",
        ] {
            assert!(Query::read(query).unwrap().refuse_repeats().is_err(), "{query}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_as_the_same_pairs(pairs in proptest::collection::vec(("[!-~]{1,6}", "[^\0]{0,6}"), 0..5)) {
            let mut out = String::new();
            Query { pairs: pairs.clone() }.write(&mut out);
            let read = Query::read(out.trim_start_matches('?')).unwrap();
            prop_assert_eq!(read.into_pairs(), pairs);
        }
    }
}
