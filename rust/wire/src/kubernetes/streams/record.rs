//! What the recording keeps of a stream, in order.

use bytes::Bytes;
use sha2::{Digest as _, Sha256};

/// A stream of a process, numbered as the channels of `v4.channel.k8s.io` are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ProcessStream {
    /// What the process reads.
    Stdin = 0,
    /// What it writes.
    Stdout = 1,
    /// What it complains of.
    Stderr = 2,
    /// How it ended: a Status, as JSON.
    Error = 3,
    /// The size of the terminal, as JSON, whenever it changes.
    Resize = 4,
}

impl ProcessStream {
    const ALL: [ProcessStream; 5] = [Self::Stdin, Self::Stdout, Self::Stderr, Self::Error, Self::Resize];

    /// The stream of a channel's number.
    #[must_use]
    pub fn of_channel(number: u8) -> Option<ProcessStream> {
        Self::ALL.into_iter().find(|stream| *stream as u8 == number)
    }

    /// The stream of a SPDY header `streamtype`.
    #[must_use]
    pub fn of_type(name: &str) -> Option<ProcessStream> {
        Self::ALL.into_iter().find(|stream| stream.name() == name)
    }

    /// As `streamtype` has it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            ProcessStream::Stdin => "stdin",
            ProcessStream::Stdout => "stdout",
            ProcessStream::Stderr => "stderr",
            ProcessStream::Error => "error",
            ProcessStream::Resize => "resize",
        }
    }

    /// Whether it leads to the process. The others come from it.
    #[must_use]
    pub const fn is_input(self) -> bool {
        matches!(self, ProcessStream::Stdin | ProcessStream::Resize)
    }
}

/// One entry for the recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StreamRecord {
    /// What the agent sends to a process.
    Input {
        /// Which stream of it.
        stream: ProcessStream,
        /// As it goes up.
        bytes: Bytes,
    },
    /// What the agent is sent, masked.
    Output {
        /// From which stream.
        stream: ProcessStream,
        /// As it goes down.
        bytes: Bytes,
    },
    /// A connection to a port of the pod.
    Opened {
        /// Names it within the session.
        connection: u32,
        /// Where it leads.
        port: u16,
    },
    /// A connection to a port that the verdict does not name. Nothing of it goes up.
    Refused {
        /// Where it would have led.
        port: u16,
    },
    /// The target has said why a connection fails; masked.
    Failed {
        /// The port.
        port: u16,
        /// As the agent is told.
        message: Bytes,
    },
    /// A connection has ended.
    Closed {
        /// As in `Opened`.
        connection: u32,
        /// As in `Opened`.
        port: u16,
        /// What the agent sent.
        to_target: Passed,
        /// What the agent was sent.
        to_agent: Passed,
    },
}

/// What went one way through a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passed {
    /// How many bytes.
    pub bytes: u64,
    /// SHA-256 of them.
    pub sha256: [u8; 32],
}

/// One direction of a connection, counted and hashed as it goes.
#[derive(Debug, Default)]
pub(super) struct Flow {
    bytes: u64,
    hash: Sha256,
}

impl Flow {
    pub(super) fn take(&mut self, data: &[u8]) {
        self.bytes += data.len() as u64;
        self.hash.update(data);
    }

    pub(super) fn passed(self) -> Passed {
        Passed { bytes: self.bytes, sha256: self.hash.finalize().into() }
    }
}
