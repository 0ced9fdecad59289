//! Patterns of objects' names.

const ANY: char = '*';

/// Whether a name is of a pattern, in which `*` stands for any run of characters.
pub(super) fn is_of(pattern: &str, name: &[u8]) -> bool {
    let Some((front, rest)) = pattern.split_once(ANY) else { return name == pattern.as_bytes() };
    let Some(mut left) = name.strip_prefix(front.as_bytes()) else { return false };
    let mut parts = rest.split(ANY).map(str::as_bytes);
    let end = parts.next_back().unwrap_or_default();
    for part in parts {
        let Some(at) = position(left, part) else { return false };
        left = left.get(at + part.len()..).unwrap_or_default();
    }
    left.ends_with(end)
}

fn position(text: &[u8], part: &[u8]) -> Option<usize> {
    if part.is_empty() {
        return Some(0);
    }
    text.windows(part.len()).position(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::is_of;

    #[test]
    fn a_star_is_any_run_of_characters_and_all_else_is_itself() {
        for (pattern, name, is) in [
            ("held", "held", true),
            ("held", "held-2", false),
            ("sh.helm.release.v1.*", "sh.helm.release.v1.web.v1", true),
            ("sh.helm.release.v1.*", "sh.helm.release.v1", false),
            ("sh.helm.release.v1.*", "shxhelm.release.v1.web.v1", false),
            ("*.v1", "web.v1", true),
            ("*.v1", "web.v10", false),
            ("a*b*c", "abc", true),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "acb", false),
            ("a*a", "a", false),
            ("*", "", true),
            ("**", "any", true),
        ] {
            assert_eq!(is_of(pattern, name.as_bytes()), is, "{pattern} {name}");
        }
    }
}
