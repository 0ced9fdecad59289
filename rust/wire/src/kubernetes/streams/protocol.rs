//! The protocols of streams that are served, by the names with which client and API server agree on one.
//!
//! Older ones are not: `channel.k8s.io` and v2 and v3 of it, whose process does not say in a Status how it ended,
//! and the `base64.` forms, which were for browsers without binary messages.

use crate::kubernetes::{Upgrade, Verb};

/// What two peers have agreed to speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamProtocol {
    /// A process on the channels of a WebSocket.
    ChannelsV4,
    /// The same, where a channel can be closed by itself.
    ChannelsV5,
    /// A process on the streams of a SPDY connection.
    Spdy,
    /// Ports on the channels of a WebSocket.
    PortChannels,
    /// Ports on the streams of a SPDY connection.
    PortSpdy,
    /// The same within a WebSocket.
    PortTunnel,
}

const PROCESS_WEBSOCKET: [(&str, StreamProtocol); 2] =
    [("v5.channel.k8s.io", StreamProtocol::ChannelsV5), ("v4.channel.k8s.io", StreamProtocol::ChannelsV4)];
const PROCESS_SPDY: [(&str, StreamProtocol); 2] =
    [("v5.channel.k8s.io", StreamProtocol::Spdy), ("v4.channel.k8s.io", StreamProtocol::Spdy)];
const PORT_WEBSOCKET: [(&str, StreamProtocol); 2] = [
    ("SPDY/3.1+portforward.k8s.io", StreamProtocol::PortTunnel),
    ("v4.channel.k8s.io", StreamProtocol::PortChannels),
];
const PORT_SPDY: [(&str, StreamProtocol); 1] = [("portforward.k8s.io", StreamProtocol::PortSpdy)];

impl StreamProtocol {
    /// The protocol of a name, if it is served for this verb over this upgrade.
    #[must_use]
    pub fn of_name(verb: Verb, upgrade: Upgrade, name: &str) -> Option<StreamProtocol> {
        served(verb, upgrade).iter().find(|(known, _)| *known == name).map(|(_, protocol)| *protocol)
    }

    /// What a client is told that offers none of those that are served.
    #[must_use]
    pub fn refusal(verb: Verb, upgrade: Upgrade) -> String {
        let names: Vec<&str> = served(verb, upgrade).iter().map(|(name, _)| *name).collect();
        let (verb, upgrade) = (verb.as_str(), upgrade.token());
        if names.is_empty() {
            return format!("Narrows: {verb} is not served over {upgrade}; ask without an upgrade");
        }
        format!("Narrows: {verb} over {upgrade} is served as {}", names.join(" and "))
    }
}

fn served(verb: Verb, upgrade: Upgrade) -> &'static [(&'static str, StreamProtocol)] {
    match (verb, upgrade) {
        (Verb::Exec | Verb::Attach, Upgrade::WebSocket) => &PROCESS_WEBSOCKET,
        (Verb::Exec | Verb::Attach, Upgrade::Spdy) => &PROCESS_SPDY,
        (Verb::PortForward, Upgrade::WebSocket) => &PORT_WEBSOCKET,
        (Verb::PortForward, Upgrade::Spdy) => &PORT_SPDY,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_protocol_is_served_for_what_it_is_for() {
        let of_name = StreamProtocol::of_name;
        let (websocket, spdy) = (Upgrade::WebSocket, Upgrade::Spdy);
        assert_eq!(of_name(Verb::Exec, websocket, "v5.channel.k8s.io"), Some(StreamProtocol::ChannelsV5));
        assert_eq!(of_name(Verb::Attach, spdy, "v4.channel.k8s.io"), Some(StreamProtocol::Spdy));
        assert_eq!(
            of_name(Verb::PortForward, websocket, "v4.channel.k8s.io"),
            Some(StreamProtocol::PortChannels)
        );
        for (verb, upgrade, name) in [
            (Verb::Exec, websocket, "base64.channel.k8s.io"),
            (Verb::Exec, websocket, "v4.base64.channel.k8s.io"),
            (Verb::Exec, websocket, "channel.k8s.io"),
            (Verb::Exec, websocket, ""),
            (Verb::Exec, spdy, "v3.channel.k8s.io"),
            (Verb::Exec, websocket, "SPDY/3.1+portforward.k8s.io"),
            (Verb::PortForward, spdy, "v4.channel.k8s.io"),
            (Verb::Get, websocket, "v5.channel.k8s.io"),
        ] {
            assert_eq!(of_name(verb, upgrade, name), None, "{verb:?} {name}");
        }
    }

    #[test]
    fn a_refusal_says_what_is_served() {
        let refusal = StreamProtocol::refusal(Verb::Exec, Upgrade::WebSocket);
        assert_eq!(
            refusal,
            "Narrows: exec over websocket is served as v5.channel.k8s.io and v4.channel.k8s.io"
        );
        assert_eq!(
            StreamProtocol::refusal(Verb::Watch, Upgrade::WebSocket),
            "Narrows: watch is not served over websocket; ask without an upgrade"
        );
    }
}
