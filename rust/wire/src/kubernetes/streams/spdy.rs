//! SPDY/3.1 frames as client-go and the kubelet speak them (both are moby/spdystream); one file per idea.
//!
//! Header blocks are compressed with a state that runs through a whole direction. They are inflated here and
//! written anew, so that a frame that must not pass can be left out and both peers stay in step.
//!
//! There is no flow control: spdystream neither sends nor heeds WINDOW_UPDATE. The transport pushes back.

mod dictionary;
mod frame;
mod headers;
mod reader;
mod writer;

pub(super) use headers::Headers;
pub(super) use reader::{Event, Reader};
pub(super) use writer::Writer;
