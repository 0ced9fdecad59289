//! One stream, whichever protocol it speaks.

use std::sync::Arc;

use bytes::BytesMut;

use super::StreamActions;
use super::forward_channels::ChannelForwards;
use super::forward_spdy::SpdyForwards;
use super::multiplex::Multiplex;
use super::output::OutputMasks;
use super::process::Process;
use super::process_channels::{ProcessChannels, Version};
use super::process_spdy::SpdyProcess;
use super::protocol::StreamProtocol;
use super::tunnel::Tunnel;
use crate::kubernetes::{ApiAllow, Status};
use crate::{Error, Side};

/// What is known of a stream when both peers have agreed to it.
#[derive(Debug)]
pub struct StreamTerms {
    /// What they speak.
    pub protocol: StreamProtocol,
    /// What let the request go up; for ports, also which.
    pub allow: Arc<ApiAllow>,
    /// What is looked for in output; `None`: nothing.
    pub masks: Option<OutputMasks>,
    /// Those of [`requested_ports`](super::requested_ports).
    pub ports: Vec<u16>,
    /// Random: the masking keys of frames to the target follow from it.
    pub seed: u64,
}

/// The state of a stream between two sockets, without the sockets.
#[derive(Debug)]
pub struct StreamInspector(Kind);

#[derive(Debug)]
enum Kind {
    Channels(Box<ProcessChannels>),
    Spdy(Box<Multiplex<SpdyProcess>>),
    PortChannels(Box<ChannelForwards>),
    PortSpdy(Box<Multiplex<SpdyForwards>>),
    PortTunnel(Box<Tunnel<SpdyForwards>>),
}

impl StreamInspector {
    /// A stream of which nothing has passed.
    #[must_use]
    pub fn new(terms: StreamTerms, out: &mut StreamActions) -> StreamInspector {
        let StreamTerms { protocol, allow, masks, ports, seed } = terms;
        let channels = |version, masks| {
            Kind::Channels(Box::new(ProcessChannels::new(Process::new(masks), version, seed)))
        };
        StreamInspector(match protocol {
            StreamProtocol::ChannelsV4 => channels(Version::V4, masks),
            StreamProtocol::ChannelsV5 => channels(Version::V5, masks),
            StreamProtocol::Spdy => {
                Kind::Spdy(Box::new(Multiplex::new(SpdyProcess::new(Process::new(masks)))))
            }
            StreamProtocol::PortChannels => {
                Kind::PortChannels(Box::new(ChannelForwards::new(&ports, masks, seed, &mut out.records)))
            }
            StreamProtocol::PortSpdy => {
                Kind::PortSpdy(Box::new(Multiplex::new(SpdyForwards::new(allow, masks))))
            }
            StreamProtocol::PortTunnel => {
                let multiplex = Multiplex::new(SpdyForwards::new(allow, masks));
                Kind::PortTunnel(Box::new(Tunnel::new(multiplex, seed)))
            }
        })
    }

    /// Takes what can be taken off the front of `input` and appends what follows from it to `out`.
    ///
    /// # Errors
    /// The side broke the protocol or a limit. The session cannot go on; what was appended to `out` before is
    /// still to be performed, and the agent can be told by [`StreamInspector::end`].
    pub fn feed(&mut self, from: Side, input: &mut BytesMut, out: &mut StreamActions) -> Result<(), Error> {
        match &mut self.0 {
            Kind::Channels(channels) => channels.feed(from, input, out),
            Kind::Spdy(multiplex) => multiplex.feed(from, input, out),
            Kind::PortChannels(forwards) => forwards.feed(from, input, out),
            Kind::PortSpdy(multiplex) => multiplex.feed(from, input, out),
            Kind::PortTunnel(tunnel) => tunnel.feed(from, input, out),
        }
    }

    /// Ends the stream in its own voice: a process fails with this Status, a connection with its message.
    pub fn end(&mut self, why: &Status, out: &mut StreamActions) {
        match &mut self.0 {
            Kind::Channels(channels) => channels.end(why, out),
            Kind::Spdy(multiplex) => multiplex.end(why, out),
            Kind::PortChannels(forwards) => forwards.end(why, out),
            Kind::PortSpdy(multiplex) => multiplex.end(why, out),
            Kind::PortTunnel(tunnel) => tunnel.end(why, out),
        }
    }

    /// One of the two peers is gone: what was kept back goes to the agent, and what was open is recorded as closed.
    pub fn finish(&mut self, out: &mut StreamActions) {
        match &mut self.0 {
            Kind::Channels(channels) => channels.finish(out),
            Kind::Spdy(multiplex) => multiplex.finish(out),
            Kind::PortChannels(forwards) => forwards.finish(out),
            Kind::PortSpdy(multiplex) => multiplex.finish(out),
            Kind::PortTunnel(tunnel) => tunnel.finish(out),
        }
    }

    /// How many values have been masked.
    #[must_use]
    pub fn masked_values(&self) -> u64 {
        match &self.0 {
            Kind::Channels(channels) => channels.process.masked_values(),
            Kind::Spdy(multiplex) => multiplex.carried().process.masked_values(),
            Kind::PortChannels(forwards) => forwards.masked_values,
            Kind::PortSpdy(multiplex) => multiplex.carried().masked_values,
            Kind::PortTunnel(tunnel) => tunnel.carried().masked_values,
        }
    }
}
