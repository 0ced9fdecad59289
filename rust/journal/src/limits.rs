//! Every bound of the journal, by name.

/// Bytes of payload in one frame. A longer payload becomes several frames of the same kind.
pub const PAYLOAD_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Bytes of a frame before its payload.
pub const HEADER_BYTES: usize = 72;

/// Bytes of a segment before its first frame.
pub const SEGMENT_HEADER_BYTES: usize = 32;

/// Bytes of the buffer that an append fills which are kept for the next one.
pub(crate) const BUFFER_BYTES_KEPT: usize = 1024 * 1024;
