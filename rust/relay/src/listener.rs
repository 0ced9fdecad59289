//! Accepts agents and hands them to the worker threads in turn. What an agent does after that, or does
//! not do, keeps nobody else waiting.

use std::{
    io,
    net::SocketAddr,
    rc::Rc,
    sync::{Arc, Condvar, Mutex, PoisonError, atomic::Ordering},
    time::{Duration, Instant},
};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::{net::TcpListener, sync::watch, time::sleep};

use crate::{
    batch::Batch,
    bounds::{ACCEPT_REST, BACKLOG},
    shared::Shared,
    tls::TlsAcceptor,
    worker::Workers,
};

/// What a listener is made with, beside its address.
#[derive(Debug)]
pub(crate) struct Listener {
    /// The address that it is bound to.
    pub(crate) address: Arc<str>,
    /// TLS as offered to agents.
    pub(crate) tls: TlsAcceptor,
    /// Connections at a time.
    pub(crate) connections_max: usize,
    /// From the first byte to the evidence.
    pub(crate) handshake_deadline: Duration,
    connections: Mutex<usize>,
    emptied: Condvar,
}

/// One of the connections that a listener may have; given back when dropped.
#[derive(Debug)]
pub(crate) struct Place(Arc<Listener>);

/// What a connection is served with.
pub(crate) struct Accepted {
    pub(crate) stream: std::net::TcpStream,
    pub(crate) peer: SocketAddr,
    pub(crate) listener: Arc<Listener>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) batch: Rc<Batch>,
    /// Held for as long as the connection lasts.
    pub(crate) place: Place,
    /// True once the plane shuts down.
    pub(crate) stopping: watch::Receiver<bool>,
}

/// Binds a socket that may take over the address of one that has just closed.
pub(crate) fn bind(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

impl Listener {
    pub(crate) fn new(
        address: SocketAddr,
        tls: TlsAcceptor,
        connections_max: usize,
        handshake_deadline: Duration,
    ) -> Listener {
        Listener {
            address: address.to_string().into(),
            tls,
            connections_max,
            handshake_deadline,
            connections: Mutex::new(0),
            emptied: Condvar::new(),
        }
    }

    /// A place for one more connection, if there is one.
    fn place(self: &Arc<Listener>) -> Option<Place> {
        let mut connections = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        if *connections >= self.connections_max {
            return None;
        }
        *connections += 1;
        Some(Place(Arc::clone(self)))
    }

    /// Blocks until every connection is over and its last words have left, or until `give_up`.
    pub(crate) fn wait_until_empty(&self, give_up: Instant) {
        let connections = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        let left = give_up.saturating_duration_since(Instant::now());
        drop(self.emptied.wait_timeout_while(connections, left, |connections| *connections > 0));
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut connections = self.0.connections.lock().unwrap_or_else(PoisonError::into_inner);
        *connections -= 1;
        if *connections == 0 {
            self.0.emptied.notify_all();
        }
    }
}

/// Accepts until `stopping` says otherwise; each connection is served by `serve` on a worker of its own.
pub(crate) async fn accept<Serving>(
    socket: std::net::TcpListener,
    listener: Arc<Listener>,
    shared: Arc<Shared>,
    workers: Workers,
    mut stopping: watch::Receiver<bool>,
    serve: impl Fn(Accepted) -> Serving + Clone + Send + 'static,
) where
    Serving: Future<Output = ()> + 'static,
{
    let Ok(socket) = TcpListener::from_std(socket) else { return };
    loop {
        let accepted = tokio::select! {
            accepted = socket.accept() => accepted,
            _ = stopping.wait_for(|stopping| *stopping) => return,
        };
        match accepted {
            Ok((stream, peer)) => admit(stream, peer, &listener, &shared, &workers, &stopping, serve.clone()),
            Err(_) => sleep(ACCEPT_REST).await,
        }
    }
}

fn admit<Serving>(
    stream: tokio::net::TcpStream,
    peer: SocketAddr,
    listener: &Arc<Listener>,
    shared: &Arc<Shared>,
    workers: &Workers,
    stopping: &watch::Receiver<bool>,
    serve: impl Fn(Accepted) -> Serving + Send + 'static,
) where
    Serving: Future<Output = ()> + 'static,
{
    // Without TLS there is no voice in which to refuse, so a connection too many is just closed.
    let Some(place) = listener.place().filter(|_| !shared.events.is_full()) else {
        shared.stats.connections_refused.fetch_add(1, Ordering::Relaxed);
        return;
    };
    // The socket moves to another thread's runtime.
    let Ok(stream) = stream.into_std() else { return };
    let (listener, shared, stopping) = (Arc::clone(listener), Arc::clone(shared), stopping.clone());
    workers.next().spawn(move |batch| {
        serve(Accepted { stream, peer, listener, shared, batch: Rc::clone(batch), place, stopping })
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn acceptor() -> TlsAcceptor {
        let key = rcgen::generate_simple_self_signed(["gateway".to_owned()]).unwrap();
        let (certificate, key) = (key.cert.pem(), key.signing_key.serialize_pem());
        TlsAcceptor::from_pem(certificate.as_bytes(), key.as_bytes(), crate::tls::POSTGRES).unwrap()
    }

    #[test]
    fn a_place_is_given_back() {
        let address = "127.0.0.1:0".parse().unwrap();
        let listener = Arc::new(Listener::new(address, acceptor(), 2, Duration::from_secs(1)));
        let first = listener.place().unwrap();
        let _second = listener.place().unwrap();
        assert!(listener.place().is_none());
        drop(first);
        assert!(listener.place().is_some());
    }

    #[test]
    fn an_address_can_be_bound_again_at_once() {
        let first = bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = first.local_addr().unwrap();
        assert!(bind(address).is_err());
        drop(first);
        assert!(bind(address).is_ok());
    }
}
