//! WebSocket frames (RFC 6455), read and written; one file per idea.
//!
//! A message is not held until it is whole: its payload is handed on in pieces of [`PIECE_BYTES`], so that
//! memory does not depend on what a peer announces. A piece is waited for, so that where the bytes of a
//! connection are cut makes no difference.

mod close;
mod frame;
mod mask;
mod reader;

pub(super) use close::CloseCode;
pub(super) use frame::{Opcode, put_frame};
pub(super) use mask::MaskKeys;
pub(super) use reader::{Event, Piece, Reader};

/// What is handed on of a frame's payload at a time, in bytes: more than kubectl or the API server puts into
/// one (32 KiB), so that their messages stay whole.
pub(super) const PIECE_BYTES: usize = 64 << 10;

/// Bytes of one message. The API server's own bound (`DefaultMaxPayloadBytes` of golang.org/x/net/websocket).
pub(super) const MESSAGE_BYTES_MAX: u64 = 32 << 20;
