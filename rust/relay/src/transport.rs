//! One leg of a session: a socket, with TLS over it or not.
//!
//! An idle leg holds no buffer: a worker thread reads into one scratch buffer of its own, from which
//! plaintext goes into the session's input. What is to be sent is sealed into one buffer and leaves in
//! one write(2).

use std::{
    cell::RefCell,
    future::poll_fn,
    io,
    pin::Pin,
    task::{Context, Poll, Waker, ready},
};

use bytes::BytesMut;
use rustls::CommonState;
use socket2::{SockRef, TcpKeepalive};
use tokio::{
    io::{AsyncRead, AsyncWrite, Interest, ReadBuf},
    net::{TcpStream, UnixStream},
    time::timeout,
};

use crate::{
    bounds::{BUFFER_BYTES_KEPT, FAREWELL, KEEP_ALIVE, LINGER, READ_BYTES},
    records::{Progress, Records},
};

/// Room in front of what is read, for the unfinished record that it continues: the largest handshake
/// message that rustls joins, and one record.
const TORN_BYTES_MAX: usize = (64 << 10) + (18 << 10);

thread_local! {
    static SCRATCH: RefCell<Vec<u8>> = RefCell::new(vec![0; TORN_BYTES_MAX + READ_BYTES]);
}

/// A connected socket, with TLS over it once [`Transport::handshake`] has been through.
pub(crate) struct Transport {
    socket: Socket,
    tls: Option<Records>,
    /// Sealed bytes, of which the first `sent` are with the kernel.
    outgoing: Vec<u8>,
    sent: usize,
    peer_closed: bool,
    /// The goodbye is queued or sent.
    parting: bool,
}

/// A stream socket.
pub(crate) enum Socket {
    /// TCP.
    Tcp(TcpStream),
    /// A Unix domain socket: the target is on this machine.
    Unix(UnixStream),
}

impl Socket {
    /// A TCP socket that sends at once and notices a dead peer.
    pub(crate) fn tcp(stream: TcpStream) -> io::Result<Socket> {
        stream.set_nodelay(true)?;
        SockRef::from(&stream).set_tcp_keepalive(&TcpKeepalive::new().with_time(KEEP_ALIVE))?;
        Ok(Socket::Tcp(stream))
    }

    fn poll_read(&mut self, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self {
            Socket::Tcp(stream) => Pin::new(stream).poll_read(cx, buffer),
            Socket::Unix(stream) => Pin::new(stream).poll_read(cx, buffer),
        }
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self {
            Socket::Tcp(stream) => Pin::new(stream).poll_write(cx, bytes),
            Socket::Unix(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Socket::Tcp(stream) => Pin::new(stream).poll_shutdown(cx),
            Socket::Unix(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}

impl Transport {
    /// A leg without TLS.
    pub(crate) fn new(socket: Socket) -> Transport {
        Transport { socket, tls: None, outgoing: Vec::new(), sent: 0, peer_closed: false, parting: false }
    }

    /// Makes TLS of the leg. Plaintext that comes with the handshake's end goes to `plain`.
    ///
    /// # Errors
    /// When the peer closes, or breaks TLS, or is not to be trusted; it has been sent the alert.
    pub(crate) async fn handshake(
        &mut self,
        records: impl Into<Records>,
        plain: &mut BytesMut,
    ) -> io::Result<()> {
        let records = self.tls.insert(records.into());
        // A client speaks first, and a server may have been handed the ClientHello already.
        let mut received = std::mem::take(plain);
        let mut progress = records.open(&mut received, plain, &mut self.outgoing).map_err(io::Error::other);
        loop {
            self.flush().await?;
            if progress? == Progress::Established {
                return Ok(());
            }
            progress = match poll_fn(|cx| self.poll_records(cx, plain)).await {
                Ok(None | Some(Progress::PeerClosed)) => Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(Some(progress)) => Ok(progress),
                Err(error) => Err(error),
            };
        }
    }

    /// What rustls knows of the leg; `None` without TLS.
    pub(crate) fn tls(&self) -> Option<&CommonState> {
        self.tls.as_ref().map(Records::state)
    }

    /// Appends plaintext to `plain` and returns how much; 0 when the peer has closed.
    pub(crate) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        plain: &mut BytesMut,
    ) -> Poll<io::Result<usize>> {
        let before = plain.len();
        while !self.peer_closed {
            match ready!(self.poll_records(cx, plain))? {
                None | Some(Progress::PeerClosed) => self.peer_closed = true,
                Some(_) => {}
            }
            if plain.len() > before {
                break;
            }
        }
        Poll::Ready(Ok(plain.len() - before))
    }

    /// As [`Transport::poll_read`].
    pub(crate) async fn read(&mut self, plain: &mut BytesMut) -> io::Result<usize> {
        poll_fn(|cx| self.poll_read(cx, plain)).await
    }

    /// One read(2): `None` at the end of the stream.
    fn poll_records(
        &mut self,
        cx: &mut Context<'_>,
        plain: &mut BytesMut,
    ) -> Poll<io::Result<Option<Progress>>> {
        SCRATCH.with_borrow_mut(|scratch| {
            let Some((room, space)) = scratch.split_at_mut_checked(TORN_BYTES_MAX) else {
                return Poll::Ready(Err(io::ErrorKind::OutOfMemory.into()));
            };
            let mut buffer = ReadBuf::new(space);
            ready!(self.socket.poll_read(cx, &mut buffer))?;
            let received = buffer.filled().len();
            if received == 0 {
                return Poll::Ready(Ok(None));
            }
            let Some(tls) = &mut self.tls else {
                plain.extend_from_slice(buffer.filled());
                return Poll::Ready(Ok(Some(Progress::Established)));
            };
            let torn = tls.torn();
            let start = room.len().checked_sub(torn.len()).ok_or(io::ErrorKind::InvalidData)?;
            if let Some(front) = room.get_mut(start..) {
                front.copy_from_slice(torn);
            }
            let received = scratch.get_mut(start..TORN_BYTES_MAX + received).unwrap_or_default();
            let opened = tls.open(received, plain, &mut self.outgoing);
            Poll::Ready(opened.map(Some).map_err(io::Error::other))
        })
    }

    /// Queues `plain`, emptying it. Nothing is sent before [`Transport::poll_flush`].
    pub(crate) fn queue(&mut self, plain: &mut BytesMut) -> io::Result<()> {
        self.queue_bytes(plain)?;
        plain.clear();
        shrink(plain);
        Ok(())
    }

    /// As [`Transport::queue`], of bytes that stay whose they are.
    pub(crate) fn queue_bytes(&mut self, plain: &[u8]) -> io::Result<()> {
        if plain.is_empty() {
            return Ok(());
        }
        if let Some(tls) = &mut self.tls {
            return tls.seal(plain, &mut self.outgoing).map_err(io::Error::other);
        }
        self.outgoing.extend_from_slice(plain);
        Ok(())
    }

    /// Bytes queued that the kernel has not taken.
    pub(crate) fn backlog(&self) -> usize {
        self.outgoing.len() - self.sent
    }

    /// Gives the kernel what it takes of the queue; ready when nothing is left.
    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(rest) = self.outgoing.get(self.sent..).filter(|rest| !rest.is_empty()) {
            let written = ready!(self.socket.poll_write(cx, rest))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.sent += written;
        }
        self.sent = 0;
        self.outgoing.clear();
        if self.outgoing.capacity() > BUFFER_BYTES_KEPT {
            self.outgoing = Vec::new();
        }
        Poll::Ready(Ok(()))
    }

    /// Waits until the kernel has taken everything.
    pub(crate) async fn flush(&mut self) -> io::Result<()> {
        poll_fn(|cx| self.poll_flush(cx)).await
    }

    /// Queues `plain` and waits until the kernel has taken it.
    pub(crate) async fn send(&mut self, plain: &mut BytesMut) -> io::Result<()> {
        self.queue(plain)?;
        self.flush().await
    }

    /// Whether the peer has closed its direction, though unread input stands before its end.
    pub(crate) fn has_hung_up(&self) -> bool {
        let mut cx = Context::from_waker(Waker::noop());
        let ready = match &self.socket {
            Socket::Tcp(stream) => std::pin::pin!(stream.ready(Interest::READABLE)).poll(&mut cx),
            Socket::Unix(stream) => std::pin::pin!(stream.ready(Interest::READABLE)).poll(&mut cx),
        };
        matches!(ready, Poll::Ready(Ok(ready)) if ready.is_read_closed())
    }

    /// Sends what is queued, then says goodbye, then waits a little for the peer to do the same, so
    /// that what was said last arrives. Bounded in time; errors no longer matter.
    pub(crate) async fn finish(mut self) {
        if timeout(FAREWELL, poll_fn(|cx| self.poll_shutdown(cx))).await.is_ok() {
            drop(timeout(LINGER, self.linger()).await);
        }
    }

    /// Sends what is queued, then says goodbye.
    pub(crate) fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Some(tls) = self.tls.as_mut().filter(|_| !self.parting) {
            // Fails only where the handshake did, and then there is nobody to say goodbye to.
            drop(tls.close(&mut self.outgoing));
        }
        self.parting = true;
        ready!(self.poll_flush(cx))?;
        self.socket.poll_shutdown(cx)
    }

    async fn linger(&mut self) -> io::Result<()> {
        let mut ignored = BytesMut::new();
        while self.read(&mut ignored).await? > 0 {
            ignored.clear();
        }
        Ok(())
    }
}

/// Gives back the memory of an empty buffer that has grown large.
pub(crate) fn shrink(buffer: &mut BytesMut) {
    if buffer.is_empty() && buffer.capacity() > BUFFER_BYTES_KEPT {
        *buffer = BytesMut::new();
    }
}

#[cfg(test)]
mod tests;
