//! One API call from its head to the head of its answer.

use std::{rc::Rc, sync::Arc};

use hyper::{Request, Response, body::Incoming, http::request};
use narrows_wire::kubernetes::{
    Accept, ApiAllow, ApiCall, ApiVerdict, Header, RestoredBody, Status, Token, UpstreamRequest,
};
use serde_json::{Value, json};

use super::{
    answers::{self, request_bytes, user_agent},
    asking::{Patience, decide},
    connection::Connection,
    fold,
    forward::{forward, record_unanswered},
    guard::Busy,
    keeping::Keeping,
    reply::Reply,
    response,
    session::Session,
    upgrade,
    verdict::CallVerdict,
    whole::read_whole,
};
use crate::bounds::PATH_RECORDED_MAX;

/// A call that is allowed, and what its request said beside it.
pub(crate) struct Allowed<'a> {
    pub(crate) session: Rc<Session>,
    pub(crate) call: Arc<ApiCall>,
    pub(crate) allow: Arc<ApiAllow>,
    pub(crate) headers: &'a [Header<'a>],
    pub(crate) accept: Accept,
    /// Under which the recording and the cluster's audit log know it.
    pub(crate) audit_id: String,
    pub(crate) keeping: Keeping,
}

impl Connection {
    /// Answers a request: whatever goes wrong is told by a Status.
    pub(crate) async fn answer(
        self: Rc<Connection>,
        request: Request<Incoming>,
        busy: Busy,
    ) -> Response<Reply> {
        let (head, body) = request.into_parts();
        let response = match self.call(&head, body).await {
            Ok(response) => response,
            Err(status) => answers::refusal(&status).0,
        };
        self.last_if_ended(response).map(|reply| reply.busy(busy))
    }

    async fn call(&self, head: &request::Parts, body: Incoming) -> Result<Response<Reply>, Status> {
        let headers: Vec<Header<'_>> =
            head.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        let uri = head.uri.path_and_query().map_or("/", |uri| uri.as_str());
        let read = ApiCall::read(head.method.as_str(), uri, &headers)
            .and_then(|call| Token::read(&headers).map(|token| (call, token)));
        let (call, token) = match read {
            Ok(read) => read,
            Err(status) => return self.refuse_stray(head, status).await,
        };
        let session = self.session(&call.target, token, user_agent(&headers)).await?;
        let complete = tokio::select! {
            biased;
            status = session.life.ended(&session.ledger) => Err(status),
            complete = self.complete(call, &headers, body) => complete,
        };
        let (call, accept) = match complete {
            Ok(complete) => complete,
            Err(status) => return refuse(&session, head, &status).await,
        };
        let verdict = match fold::verdict(&session, &call) {
            Some(CallVerdict { id, verdict: ApiVerdict::Deny(deny) }) => {
                session
                    .ledger
                    .event(&json!({ "event": "second-request", "verdict": id.0, "path": call.path }));
                return refused(&session, &deny.status()).await;
            }
            Some(allowed) => allowed,
            None => decide(&session, &call, Patience::Waits).await?,
        };
        let request = request_bytes(&call, &headers);
        session.ledger.decided(verdict.id, || verdict.describe(), verdict.denies(), &request);
        match &verdict.verdict {
            ApiVerdict::Deny(deny) => {
                fold::keep(&session, &call, &verdict);
                refused(&session, &deny.status()).await
            }
            ApiVerdict::Allow(allow) => {
                session.ledger.write().await?;
                let (allow, (number, audit_id)) = (Arc::clone(allow), session.next_call());
                let keeping = Keeping::new(allow.record, verdict.id, number);
                let allowed = Allowed { session, call, allow, headers: &headers, accept, audit_id, keeping };
                self.carry_out(allowed, &verdict).await
            }
        }
    }

    /// The session that a token has on a target: the one before, or a new one.
    async fn session(&self, target: &str, token: Token, user_agent: String) -> Result<Rc<Session>, Status> {
        let fingerprint = self.shared.call_verdicts.fingerprint(&token);
        let before = self.session.take();
        let session = match before {
            Some(session) if session.is_for(target, &fingerprint) => session,
            Some(session) => {
                session.ledger.end("the connection went on with another target or token");
                drop(session);
                Session::open(self, target, token, user_agent).await?
            }
            None => Session::open(self, target, token, user_agent).await?,
        };
        *self.session.borrow_mut() = Some(Rc::clone(&session));
        Ok(session)
    }

    /// Reads what the head did not say.
    async fn complete(
        &self,
        call: ApiCall,
        headers: &[Header<'_>],
        body: Incoming,
    ) -> Result<(Arc<ApiCall>, Accept), Status> {
        let accept = Accept::read(&call, headers)?;
        let body = read_whole(body, self.body_bytes_max).await?;
        Ok((Arc::new(call.with_body(body, self.body_bytes_max)?), accept))
    }

    async fn carry_out(
        &self,
        allowed: Allowed<'_>,
        verdict: &CallVerdict,
    ) -> Result<Response<Reply>, Status> {
        if allowed.call.upgrade.is_some() {
            return upgrade::upgrade(self, allowed, verdict).await;
        }
        let Allowed { session, call, allow, headers, accept, audit_id, .. } = &allowed;
        let mut request = UpstreamRequest::build(allow.permit(), call, headers, accept)?;
        if let Some(RestoredBody(body)) = &allow.restored {
            request.body = body.clone();
        }
        let answered = tokio::select! {
            biased;
            status = session.life.ended(&session.ledger) => Err(status),
            answered = forward(session, &request, audit_id) => answered.map_err(|unanswered| {
                record_unanswered(session, &unanswered.why);
                unanswered.status
            }),
        };
        match answered {
            Ok(answered) => response::pass_on(&allowed, answered.response, Some(answered.sender)).await,
            Err(status) => refused(session, &status).await,
        }
    }
}

/// Answers with a status, which is written down first.
pub(crate) async fn refused(session: &Session, status: &Status) -> Result<Response<Reply>, Status> {
    let (response, recorded) = answers::refusal(status);
    session.ledger.reply(&recorded, 0);
    session.ledger.write().await?;
    Ok(response)
}

/// Answers what is no call that anybody could decide about.
pub(crate) async fn refuse(
    session: &Session,
    head: &request::Parts,
    status: &Status,
) -> Result<Response<Reply>, Status> {
    session.ledger.refused(status, &asked_for(head));
    refused(session, status).await
}

/// What is written down of a request that is no call.
pub(crate) fn asked_for(head: &request::Parts) -> Value {
    let path: String = head.uri.path().chars().take(PATH_RECORDED_MAX).collect();
    json!({ "method": head.method.as_str(), "path": path })
}
