//! Every bound of the journal, by name.

/// Bytes of payload in one frame. A longer payload becomes several frames of the same kind.
pub const PAYLOAD_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Bytes of a frame before its payload.
pub const HEADER_BYTES: usize = 72;

/// Bytes of a segment before its first frame.
pub const SEGMENT_HEADER_BYTES: usize = 80;

/// Bytes of memory that [`Frames`](crate::Frames) keep for the next ones: a bulk read's worth.
pub const FRAMES_BYTES_KEPT: usize = 256 * 1024;

/// Payloads shorter than this are not compressed: there is little to gain, and most messages are.
pub const COMPRESSED_FROM_BYTES: usize = 512;

/// How far the clock may go back without stopping the journal: as much as it is slewed within a moment.
pub const CLOCK_BACK_MAX_US: u64 = 1_000_000;
