//! Which ports of a pod a verdict lets an agent reach.

use std::ops::RangeInclusive;

use crate::kubernetes::ApiAllow;

/// What an agent is told if a port is none of those that it may reach.
pub(super) fn denied(allow: &ApiAllow, port: u16) -> Option<String> {
    if allow.allows_port(port) {
        return None;
    }
    let allowed: Vec<String> = allow.ports.iter().flat_map(|ports| ports.iter().map(written)).collect();
    let allowed = if allowed.is_empty() { "none".to_owned() } else { allowed.join(", ") };
    Some(format!("Narrows: port {port} is denied (rule {}); allowed are {allowed}", allow.rule))
}

fn written(range: &RangeInclusive<u16>) -> String {
    match (range.start(), range.end()) {
        (start, end) if start == end => start.to_string(),
        (start, end) => format!("{start}-{end}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scope;

    #[test]
    fn a_denial_says_which_port_which_rule_and_what_instead() {
        let ports = |ranges: &[RangeInclusive<u16>]| ApiAllow {
            rule: "web".into(),
            approval: None,
            warning: "".into(),
            ports: Some(ranges.into()),
            scope: Scope::Once,
            policy_epoch: 0,
        };
        let some = ports(&[80..=80, 8000..=8099]);
        assert_eq!(denied(&some, 8000), None);
        let message = denied(&some, 22);
        assert_eq!(
            message.as_deref(),
            Some("Narrows: port 22 is denied (rule web); allowed are 80, 8000-8099")
        );
        assert!(denied(&ports(&[]), 80).is_some_and(|message| message.ends_with("allowed are none")));
    }
}
