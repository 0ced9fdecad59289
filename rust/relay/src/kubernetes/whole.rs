//! Bodies of calls: read whole, because they are judged whole, and sent whole.

use std::{
    convert::Infallible,
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::{Bytes, BytesMut};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use narrows_wire::kubernetes::{Reason, Status};
use tokio::time::timeout;

use crate::bounds::CALL_BODY_DEADLINE;

/// A body that is there already.
#[derive(Debug, Default)]
pub(crate) struct Whole(Option<Bytes>);

impl From<Bytes> for Whole {
    fn from(bytes: Bytes) -> Whole {
        Whole(Some(bytes).filter(|bytes| !bytes.is_empty()))
    }
}

impl Body for Whole {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.as_ref().map_or(0, Bytes::len) as u64)
    }
}

/// Reads a body to its end.
///
/// # Errors
/// A 413 where it is longer than `bytes_max`, a 400 where it breaks off or takes too long.
pub(crate) async fn read_whole(body: Incoming, bytes_max: usize) -> Result<Bytes, Status> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    let seconds = CALL_BODY_DEADLINE.as_secs();
    let late = || Status::bad_request(&format!("the body did not arrive within {seconds} seconds"));
    timeout(CALL_BODY_DEADLINE, collect(body, bytes_max)).await.map_err(|_| late())?
}

async fn collect(mut body: Incoming, bytes_max: usize) -> Result<Bytes, Status> {
    let too_long = || {
        let message = format!(
            "the body is longer than body_bytes_max = {bytes_max}, and would have to be judged whole"
        );
        Status::new(Reason::RequestEntityTooLarge, &message)
    };
    if body.size_hint().lower() > bytes_max as u64 {
        return Err(too_long());
    }
    let mut whole = BytesMut::new();
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        let frame = frame.map_err(|_| Status::bad_request("the body breaks off"))?;
        let Ok(data) = frame.into_data() else { continue };
        if whole.len() + data.len() > bytes_max {
            return Err(too_long());
        }
        whole.extend_from_slice(&data);
    }
    Ok(whole.freeze())
}
