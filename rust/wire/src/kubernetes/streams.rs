//! What follows a `101 Switching Protocols`: exec, attach and port-forward, over WebSocket and over SPDY/3.1.
//!
//! The request was decided before the target was dialled. What is inspected here is what then passes: every
//! frame is read, so that output is masked, everything is recorded, and no port is reached that the verdict
//! did not name. Frames are taken apart and made anew; nothing passes that was not understood.

mod websocket;
