//! Which ports of a pod a verdict lets an agent reach.

use std::ops::RangeInclusive;

use crate::kubernetes::{ApiAllow, ApiCall, Reason, Status};

/// Ports of one request: their channels are numbered by a byte, and each has two.
const PORTS_MAX: usize = 128;

/// The ports that a request names, which then are the ones to which it connects: those of the Python client. None
/// for the others, whose streams name a port each.
///
/// # Errors
/// A 400 for what is no port, or for too many; a 403 for one that the verdict does not name.
pub fn requested_ports(call: &ApiCall, allow: &ApiAllow) -> Result<Vec<u16>, Status> {
    let named = call.query.iter().filter(|(name, _)| name == "ports");
    let ports: Option<Vec<u16>> = named.flat_map(|(_, ports)| ports.split(',').map(read_port)).collect();
    let ports = ports.ok_or_else(|| Status::bad_request("ports are numbers from 1 to 65535"))?;
    if ports.len() > PORTS_MAX {
        return Err(Status::bad_request("no more than 128 ports are forwarded by one request"));
    }
    match ports.iter().find_map(|port| denied(allow, *port)) {
        Some(message) => Err(Status::new(Reason::Forbidden, &message)),
        None => Ok(ports),
    }
}

/// A port as the kubelet reads it: decimal digits, from 1.
pub(super) fn read_port(text: &str) -> Option<u16> {
    let is_decimal = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|port| is_decimal && *port != 0)
}

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

    fn allowing(ranges: &[RangeInclusive<u16>]) -> ApiAllow {
        ApiAllow {
            rule: "web".into(),
            approval: None,
            warning: "".into(),
            ports: Some(ranges.into()),
            restored: None,
            record: crate::RecordLevel::Full,
            scope: Scope::Once,
            policy_epoch: 0,
        }
    }

    #[test]
    fn ports_of_a_request_are_held_against_the_verdict() {
        let requested = |query: &str| {
            let headers: [(&str, &[u8]); 2] = [("connection", b"upgrade"), ("upgrade", b"websocket")];
            let uri = format!("/clusters/prod/api/v1/namespaces/a/pods/p/portforward{query}");
            let call = ApiCall::read("GET", &uri, &headers).unwrap();
            requested_ports(&call, &allowing(&[80..=80])).map_err(|status| status.code())
        };
        assert_eq!(requested(""), Ok(vec![]));
        assert_eq!(requested("?ports=80"), Ok(vec![80]));
        assert_eq!(requested("?ports=80,22"), Err(403));
        assert_eq!(requested("?ports=80,,80"), Err(400));
        assert_eq!(requested(&format!("?ports={}80", "80,".repeat(128))), Err(400));
    }

    #[test]
    fn a_port_is_read_as_the_kubelet_reads_it() {
        assert_eq!(["1", "080", "65535"].map(read_port), [Some(1), Some(80), Some(65535)]);
        for odd in ["", "0", "+80", "-1", "65536", "0x50", "8 0", "８０", "80 "] {
            assert_eq!(read_port(odd), None, "{odd}");
        }
    }

    #[test]
    fn a_denial_says_which_port_which_rule_and_what_instead() {
        let some = allowing(&[80..=80, 8000..=8099]);
        assert_eq!(denied(&some, 8000), None);
        let message = denied(&some, 22);
        assert_eq!(
            message.as_deref(),
            Some("Narrows: port 22 is denied (rule web); allowed are 80, 8000-8099")
        );
        assert!(denied(&allowing(&[]), 80).is_some_and(|message| message.ends_with("allowed are none")));
    }
}
