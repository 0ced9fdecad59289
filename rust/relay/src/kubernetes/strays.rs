//! Requests that are refused before there is a session they could be of: what is no call, and what has no token.
//!
//! They are written down like a token that was refused, as a session that nobody was admitted to; one for all of a
//! connection.

use std::cell::{Cell, OnceCell};

use hyper::{
    Response,
    header::{CONNECTION, HeaderValue},
    http::request,
};
use narrows_wire::kubernetes::Status;
use serde_json::Value;

use super::{
    answers,
    call::{asked_for, refuse},
    connection::Connection,
    ledger::Ledger,
    reply::Reply,
};
use crate::bounds::STRAYS_MAX;

/// What one connection has sent that is of no session.
#[derive(Default)]
pub(crate) struct Strays {
    ledger: OnceCell<Ledger>,
    count: Cell<u32>,
}

impl Connection {
    /// Answers a request that is of no session, unless the connection has one: then it is written down there.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub(crate) async fn refuse_stray(
        &self,
        head: &request::Parts,
        status: Status,
    ) -> Result<Response<Reply>, Status> {
        let session = self.session.borrow().clone();
        if let Some(session) = session.filter(|session| session.life.has_ended().is_none()) {
            return refuse(&session, head, &status).await;
        }
        self.write_down_stray(&status, &asked_for(head)).await?;
        let (mut response, _) = answers::refusal(&status);
        self.strays.count.set(self.strays.count.get() + 1);
        if self.strays.count.get() >= STRAYS_MAX {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        Ok(response)
    }

    /// Writes down what was refused and is of no session.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub(crate) async fn write_down_stray(&self, status: &Status, what: &Value) -> Result<(), Status> {
        let ledger = self.strays.ledger.get_or_init(|| self.unadmitted());
        ledger.refused(status, what);
        ledger.end(status.message());
        ledger.write().await
    }

    fn unadmitted(&self) -> Ledger {
        let session = self.shared.next_session();
        Ledger::new(&self.shared, self.batch.clone(), session, self.peer.clone())
    }
}
