//! What follows a `101 Switching Protocols`: exec, attach and port-forward, over WebSocket and over SPDY/3.1.
//!
//! The request was decided before the target was dialled. What is inspected here is what then passes: every
//! frame is read, so that output is masked, everything is recorded, and no port is reached that the verdict
//! did not name. Frames are taken apart and made anew; nothing passes that was not understood.
//!
//! ```text
//!              what is carried            streams                    frames
//!  exec        process ◄─┬─ process_channels ◄────────────────────── websocket
//!  attach                └─ process_spdy ────► multiplex ◄────────── spdy
//!  port-       forward ◄─┬─ forward_channels ◄────────────────────── websocket
//!  forward               └─ forward_spdy ────► multiplex ◄─┬──────── spdy
//!                                                          └─ tunnel ◄ spdy in websocket
//! ```

use std::convert::Infallible;

use crate::Actions;

mod forward;
mod forward_channels;
mod forward_spdy;
mod inspector;
mod multiplex;
mod output;
mod pair;
mod ports;
mod process;
mod process_channels;
mod process_spdy;
mod protocol;
mod record;
mod spdy;
#[cfg(test)]
mod tests;
mod tunnel;
mod websocket;

pub use inspector::{StreamInspector, StreamTerms};
pub use output::OutputMasks;
pub use ports::requested_ports;
pub use protocol::StreamProtocol;
pub use record::{Passed, ProcessStream, StreamRecord};

/// What an inspector of streams wants done. It asks nothing: all was asked before.
pub type StreamActions = Actions<Infallible, StreamRecord>;

/// What is handed on of a payload at a time, in bytes: more than kubectl or the API server puts into a frame
/// (32 KiB), so that theirs stay whole.
const PIECE_BYTES: usize = 64 << 10;
