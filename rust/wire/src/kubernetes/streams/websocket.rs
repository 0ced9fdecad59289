//! WebSocket frames (RFC 6455), read and written; one file per idea.
//!
//! A message is not held until it is whole: its payload is handed on in pieces of a fixed length, so that
//! memory does not depend on what a peer announces. A piece is waited for, so that where the bytes of a
//! connection are cut makes no difference.

mod close;
mod frame;
mod mask;
mod passage;
mod reader;

pub(super) use close::CloseCode;
pub(super) use passage::{Passage, Said};
pub(super) use reader::Piece;

/// Bytes of one message. The API server's own bound (`DefaultMaxPayloadBytes` of golang.org/x/net/websocket).
const MESSAGE_BYTES_MAX: u64 = 32 << 20;
