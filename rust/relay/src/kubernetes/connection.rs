//! One connection from accept to close: TLS, calls one after another, perhaps a stream, the end.

use std::{
    cell::RefCell,
    convert::Infallible,
    future::poll_fn,
    pin::{Pin, pin},
    rc::Rc,
    sync::Arc,
    task::Poll,
};

use bytes::BytesMut;
use hyper::{
    Request, Response,
    body::Incoming,
    header::{CONNECTION, HeaderValue},
    server::conn::http1,
    service::Service,
};
use serde_json::json;
use tokio::time::timeout;

use super::{
    answers::last_words, guard::Guard, http_io::HttpIo, reply::Reply, session::Session, strays::Strays,
    streams::Stream,
};
use crate::{
    batch::Batch,
    bounds::HTTP_BUFFER_BYTES_MAX,
    greeting::{secure, tls_version},
    listener::{Accepted, Listener},
    session::Leg,
    shared::Shared,
    transport::{Socket, Transport},
};

/// What the calls of one connection share.
pub(crate) struct Connection {
    pub(crate) shared: Arc<Shared>,
    pub(crate) batch: Rc<Batch>,
    pub(crate) listener: Arc<Listener>,
    pub(crate) peer: Arc<str>,
    pub(crate) server_name: Option<Arc<str>>,
    pub(crate) tls_version: &'static str,
    pub(crate) body_bytes_max: usize,
    pub(crate) guard: Rc<Guard>,
    /// What its last call belonged to.
    pub(crate) session: RefCell<Option<Rc<Session>>>,
    /// What it becomes once its last answer, a 101, is sent.
    pub(crate) stream: RefCell<Option<Stream>>,
    /// What was refused before there was a session.
    pub(crate) strays: Strays,
}

/// Serves one connection to its end, and its last words after that.
pub(crate) async fn serve(accepted: Accepted, body_bytes_max: usize) {
    let Accepted { stream, peer, listener, shared, batch, place: _place, mut stopping } = accepted;
    let Ok(socket) = tokio::net::TcpStream::from_std(stream).and_then(Socket::tcp) else { return };
    let mut transport = Transport::new(socket);
    let mut input = BytesMut::new();
    let secured = secure(&mut transport, &mut input, &listener.tls);
    let Ok(Ok(server_name)) = timeout(listener.handshake_deadline, secured).await else {
        transport.finish().await;
        return;
    };
    let guard = Rc::new(Guard::new(listener.handshake_deadline));
    let connection = Rc::new(Connection {
        tls_version: tls_version(&transport),
        server_name: server_name.map(Into::into),
        peer: peer.to_string().into(),
        guard: Rc::clone(&guard),
        session: RefCell::default(),
        stream: RefCell::default(),
        strays: Strays::default(),
        shared,
        batch,
        listener,
        body_bytes_max,
    });
    let io = HttpIo::downstream(transport, input, guard);
    let mut http = http1::Builder::new()
        .max_buf_size(HTTP_BUFFER_BYTES_MAX)
        .serve_connection(io, Calls(Rc::clone(&connection)));
    let mut stopped = pin!(stopping.wait_for(|stopping| *stopping));
    poll_fn(|cx| {
        if http.poll_without_shutdown(cx).is_ready() {
            return Poll::Ready(());
        }
        if connection.guard.is_busy() {
            return Poll::Pending;
        }
        if stopped.as_mut().poll(cx).is_ready() || connection.guard.poll_overdue(cx).is_ready() {
            return Poll::Ready(());
        }
        connection.poll_session(cx)
    })
    .await;
    let http1::Parts { io, read_buf, .. } = http.into_parts();
    let (transport, rest) = io.into_parts();
    let mut input = BytesMut::from(&read_buf[..]);
    input.extend_from_slice(&rest);
    let mut downstream = Leg { transport, input };
    connection.go_on(&mut downstream).await;
    drop(connection);
    downstream.transport.finish().await;
}

impl Connection {
    /// Does what follows behind HTTP: a stream, or a word on what was wrong with the last request.
    async fn go_on(&self, downstream: &mut Leg) {
        let stream = self.stream.take();
        if let Some(stream) = stream {
            return stream.splice(downstream).await;
        }
        if self.guard.is_busy() {
            return;
        }
        if let Some(status) = self.guard.refusal() {
            if self.write_down_stray(&status, &json!({})).await.is_err() {
                return;
            }
            // It is sent with the goodbye; whether the agent is still there to hear it changes nothing.
            drop(downstream.transport.queue_bytes(&last_words(&status)));
        }
    }

    /// Ready once the session that the connection waits with has ended.
    fn poll_session(&self, cx: &mut std::task::Context<'_>) -> Poll<()> {
        let session = self.session.borrow();
        match &*session {
            Some(session) => session.life.poll_ended(cx, &session.ledger).map(drop),
            None => Poll::Pending,
        }
    }

    /// Has the agent go when its session has ended.
    pub(crate) fn last_if_ended(&self, mut response: Response<Reply>) -> Response<Reply> {
        let ended = self.session.borrow().as_ref().is_some_and(|session| session.life.has_ended().is_some());
        if ended {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

/// Has hyper's requests answered.
struct Calls(Rc<Connection>);

impl Service<Request<Incoming>> for Calls {
    type Response = Response<Reply>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Reply>, Infallible>>>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let connection = Rc::clone(&self.0);
        let busy = connection.guard.busy();
        Box::pin(async move { Ok(connection.answer(request, busy).await) })
    }
}
