//! The options of a list, as far as they make a request what it is.
//!
//! The API server decodes all of them (k8s.io/apimachinery `ListOptions`) before it looks at any. Where one
//! of them does not parse, it forgets the others and keeps `watch` alone. Only its grammar of label selectors
//! is not known here: a list with one that does not parse keeps its name, and the API server answers 400.

use super::query::Query;

/// What `metadata.name` is called in a field selector.
const NAME_FIELD: &str = "metadata.name";

/// What a list's query says about the request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ListOptions {
    /// Changes are followed.
    pub(super) watch: bool,
    /// The one name that is asked for; empty where there is none.
    pub(super) name: String,
}

impl ListOptions {
    /// Reads the query of a list.
    pub(super) fn read(query: &Query) -> ListOptions {
        let watch = query.first("watch").is_some_and(is_true);
        let name = selected_name(query).unwrap_or_default();
        ListOptions { watch, name }
    }
}

/// Anything but `false` and `0` is true, the empty string included.
fn is_true(value: &str) -> bool {
    !(value == "0" || value.eq_ignore_ascii_case("false"))
}

/// The name that the field selector asks for, if every option parses.
fn selected_name(query: &Query) -> Option<String> {
    for number in ["timeoutSeconds", "limit"] {
        query.first(number).map_or(Some(0), parse_int)?;
    }
    let name = exact_name(query.first("fieldSelector")?)?;
    let is_segment = !matches!(name.as_str(), "." | "..") && !name.contains(['/', '%']);
    is_segment.then_some(name)
}

/// Go's `strconv.ParseInt(text, 10, 64)`.
fn parse_int(text: &str) -> Option<i64> {
    text.parse().ok()
}

/// The value that a selector (k8s.io/apimachinery/pkg/fields) requires `metadata.name` to equal.
fn exact_name(selector: &str) -> Option<String> {
    let mut terms = split_terms(selector);
    // The API server sorts them, which decides between two names.
    terms.sort_unstable();
    let mut name = None;
    for term in terms.into_iter().filter(|term| !term.is_empty()) {
        let (field, equal, value) = split_term(term)?;
        let value = unescape(value)?;
        if equal && field == NAME_FIELD && name.is_none() {
            name = Some(value);
        }
    }
    name
}

/// The terms between commas that no backslash escapes.
fn split_terms(selector: &str) -> Vec<&str> {
    let mut escaped = false;
    let is_separator = |character: char| {
        let separates = character == ',' && !escaped;
        escaped = character == '\\' && !escaped;
        separates
    };
    selector.split(is_separator).collect()
}

/// Field, whether it must be equal, and value, at the first operator.
fn split_term(term: &str) -> Option<(&str, bool, &str)> {
    let operators = [("!=", false), ("==", true), ("=", true)];
    term.char_indices().find_map(|(position, _)| {
        let (field, rest) = term.split_at_checked(position)?;
        operators.iter().find_map(|(operator, equal)| Some((field, *equal, rest.strip_prefix(operator)?)))
    })
}

/// Takes the escapes off a value; `None` for an escape that is none and for a separator without one.
fn unescape(value: &str) -> Option<String> {
    let mut out = String::with_capacity(value.len());
    let mut characters = value.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => out.push(characters.next().filter(|next| matches!(next, '\\' | ',' | '='))?),
            ',' | '=' => return None,
            _ => out.push(character),
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> (bool, String) {
        let options = ListOptions::read(&Query::read(query).unwrap());
        (options.watch, options.name)
    }

    #[test]
    fn anything_but_false_and_zero_watches() {
        for query in ["watch", "watch=", "watch=yes", "watch=1", "watch=true", "watch=no", "watch=00"] {
            assert!(read(query).0, "{query}");
        }
        for query in ["", "watch=0", "watch=false", "watch=False", "watch=FALSE", "Watch=1"] {
            assert!(!read(query).0, "{query}");
        }
    }

    #[test]
    fn an_exact_name_is_the_name() {
        let table = [
            ("metadata.name=a", "a"),
            ("metadata.name==a", "a"),
            ("type=x,metadata.name=a", "a"),
            ("metadata.name=a,", "a"),
            ("metadata.name=b,metadata.name=a", "a"),
            ("metadata.name=a\\,b", "a,b"),
            ("metadata.name!=a", ""),
            ("metadata.name=a,foo", ""),
            ("metadata.name=a\\b", ""),
            ("metadata.name=a=b", ""),
            ("metadata.name=a\\", ""),
            ("metadata.name=a/b", ""),
            ("metadata.name=..", ""),
            ("metadata.namespace=a", ""),
            ("metadata.name=a,x!=b", "a"),
        ];
        for (selector, expected) in table {
            assert_eq!(exact_name_of(selector), expected, "{selector}");
        }
    }

    fn exact_name_of(selector: &str) -> String {
        let pair = selector.replace('\\', "%5C");
        read(&format!("fieldSelector={pair}")).1
    }

    #[test]
    fn an_option_that_does_not_parse_loses_the_name_and_keeps_the_watch() {
        let bad = ["limit=x", "limit=", "limit=9223372036854775808", "timeoutSeconds=1s"];
        for option in bad {
            let query = format!("watch=1&fieldSelector=metadata.name=a&{option}");
            assert_eq!(read(&query), (true, String::new()), "{option}");
        }
        for option in ["limit=-5", "limit=%2B500", "timeoutSeconds=0", "unknown=x"] {
            let query = format!("fieldSelector=metadata.name=a&{option}");
            assert_eq!(read(&query), (false, "a".to_owned()), "{option}");
        }
    }
}
