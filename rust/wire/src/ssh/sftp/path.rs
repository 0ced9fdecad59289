//! Paths as text, before the target has said where they lead.

/// How a request treats the last part of its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LastPart {
    /// Follows it, if it is a symbolic link.
    Followed,
    /// Looks at the name itself; a trailing slash follows it all the same.
    Named,
    /// Changes the name itself in its directory; trailing slashes say nothing.
    Changed,
}

/// What the target is asked in order to learn where a path leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Route {
    /// The path whose links the target resolves.
    pub(super) resolve: String,
    /// The name that is added to what it answers; `None` where it answers the whole.
    pub(super) name: Option<String>,
}

/// Makes a path absolute without resolving anything: what is relative starts at `home`.
pub(super) fn absolute(home: &str, path: &str) -> String {
    if path.starts_with('/') { path.to_owned() } else { join(home, path) }
}

/// A name in a directory.
pub(super) fn join(directory: &str, name: &str) -> String {
    if directory.ends_with('/') { format!("{directory}{name}") } else { format!("{directory}/{name}") }
}

/// The route to an absolute path; `None` where a name is to be changed and there is none: `/`, `.`, `..`.
pub(super) fn route(path: &str, last: LastPart) -> Option<Route> {
    let whole = || Some(Route { resolve: path.to_owned(), name: None });
    if last == LastPart::Followed || (last == LastPart::Named && path.ends_with('/')) {
        return whole();
    }
    let trimmed = path.trim_end_matches('/');
    let (parent, name) = trimmed.rsplit_once('/').unwrap_or(("", ""));
    if matches!(name, "" | "." | "..") {
        return if last == LastPart::Named { whole() } else { None };
    }
    let parent = if parent.is_empty() { "/" } else { parent };
    Some(Route { resolve: parent.to_owned(), name: Some(name.to_owned()) })
}

/// The normal form of an absolute path as text alone, for a path of which the target knows nothing.
pub(super) fn lexical(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// Whether a path is absolute and in normal form, so that each of its parts is a name.
pub(super) fn is_normal(path: &str) -> bool {
    path == "/"
        || path
            .strip_prefix('/')
            .is_some_and(|rest| !rest.split('/').any(|part| matches!(part, "" | "." | "..")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routed(path: &str, last: LastPart) -> Option<(String, Option<String>)> {
        route(path, last).map(|route| (route.resolve, route.name))
    }

    #[test]
    fn a_name_is_resolved_by_its_directory() {
        let named = Some(("/a".to_owned(), Some("b".to_owned())));
        assert_eq!(routed("/a/b", LastPart::Changed), named);
        assert_eq!(routed("/a/b//", LastPart::Changed), named);
        assert_eq!(routed("/a/b", LastPart::Named), named);
        assert_eq!(routed("/b", LastPart::Named), Some(("/".to_owned(), Some("b".to_owned()))));
        assert_eq!(routed("/a/b/", LastPart::Named), Some(("/a/b/".to_owned(), None)));
        assert_eq!(routed("/a/b", LastPart::Followed), Some(("/a/b".to_owned(), None)));
    }

    #[test]
    fn what_has_no_name_cannot_be_changed() {
        for path in ["/", "//", "/a/.", "/a/..", "/a/../"] {
            assert_eq!(route(path, LastPart::Changed), None, "{path}");
            assert!(routed(path, LastPart::Named).is_some_and(|(_, name)| name.is_none()), "{path}");
        }
    }

    #[test]
    fn lexical_form_never_leaves_the_root() {
        assert_eq!(lexical("/a/./b//../c"), "/a/c");
        assert_eq!(lexical("/../../etc"), "/etc");
        assert!(is_normal("/a/b") && is_normal("/"));
        for odd in ["", "a", "/a/", "/a//b", "/./a", "/a/.."] {
            assert!(!is_normal(odd), "{odd}");
            assert!(is_normal(&lexical(odd)), "{odd}");
        }
    }
}
