//! A leg as hyper reads and writes it.

use std::{
    future::Future,
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
};

use bytes::{Buf, BytesMut};
use hyper::rt::{Read, ReadBufCursor, Write};
use tokio::time::{Sleep, sleep};

use super::guard::Guard;
use crate::{
    bounds::{BACKLOG_BYTES_MAX, HANG_UP_CHECK, HELD_READ_AHEAD_BYTES},
    transport::{Transport, shrink},
};

/// A leg over which hyper speaks HTTP/1.1.
pub(crate) struct HttpIo {
    transport: Transport,
    /// Plaintext that hyper has not taken yet.
    input: BytesMut,
    /// Of `input`, how much of it hyper may take.
    checked: usize,
    /// Looks at what an agent sends before hyper does.
    guard: Option<Rc<Guard>>,
    /// When to look again for a hang-up behind what is kept back.
    looks_again: Option<Pin<Box<Sleep>>>,
}

impl HttpIo {
    /// The leg to an agent, whose every head is checked. `input` has come with the handshake.
    pub(crate) fn downstream(transport: Transport, input: BytesMut, guard: Rc<Guard>) -> HttpIo {
        HttpIo { transport, input, checked: 0, guard: Some(guard), looks_again: None }
    }

    /// The leg to an API server.
    pub(crate) fn upstream(transport: Transport) -> HttpIo {
        HttpIo { transport, input: BytesMut::new(), checked: 0, guard: None, looks_again: None }
    }

    /// The leg, once hyper is done with it, and what it has not taken.
    pub(crate) fn into_parts(self) -> (Transport, BytesMut) {
        (self.transport, self.input)
    }

    /// Reads once. False at the end of the stream.
    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        if self.keeps_back(cx) && self.input.len() >= HELD_READ_AHEAD_BYTES {
            ready!(self.poll_hung_up(cx));
            return Poll::Ready(Ok(false));
        }
        if ready!(self.transport.poll_read(cx, &mut self.input))? == 0 {
            return Poll::Ready(Ok(false));
        }
        self.check(cx)?;
        Poll::Ready(Ok(true))
    }

    /// Ready once the agent has hung up, whatever it has sent before.
    fn poll_hung_up(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while !self.transport.has_hung_up() {
            let timer = self.looks_again.get_or_insert_with(|| Box::pin(sleep(HANG_UP_CHECK)));
            ready!(timer.as_mut().poll(cx));
            self.looks_again = None;
        }
        Poll::Ready(())
    }

    fn keeps_back(&self, cx: &Context<'_>) -> bool {
        self.guard.as_ref().is_some_and(|guard| guard.keeps_back(cx))
    }

    /// Called while nothing that is checked is left.
    fn check(&mut self, cx: &Context<'_>) -> io::Result<()> {
        if self.keeps_back(cx) {
            return Ok(());
        }
        self.checked = match &self.guard {
            Some(guard) if !self.input.is_empty() => guard.look_at(&self.input)?,
            _ => self.input.len(),
        };
        Ok(())
    }
}

impl Read for HttpIo {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut space: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let leg = self.get_mut();
        if leg.checked == 0 {
            leg.check(cx)?;
        }
        while leg.checked == 0 {
            if !ready!(leg.poll_fill(cx))? {
                return Poll::Ready(Ok(()));
            }
        }
        let taken = leg.checked.min(space.remaining());
        space.put_slice(leg.input.get(..taken).unwrap_or_default());
        leg.input.advance(taken);
        leg.checked -= taken;
        shrink(&mut leg.input);
        Poll::Ready(Ok(()))
    }
}

impl Write for HttpIo {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, plain: &[u8]) -> Poll<io::Result<usize>> {
        let leg = self.get_mut();
        if leg.transport.backlog() >= BACKLOG_BYTES_MAX {
            ready!(leg.transport.poll_flush(cx))?;
        }
        let taken = plain.get(..BACKLOG_BYTES_MAX).unwrap_or(plain);
        leg.transport.queue_bytes(taken)?;
        Poll::Ready(Ok(taken.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().transport.poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().transport.poll_shutdown(cx)
    }
}
