//! The downstream leg from the first byte to the evidence: TLS by request or direct, then startup.

use std::{io, sync::Arc};

use bytes::{Bytes, BytesMut};
use narrows_wire::{
    Limits,
    postgres::{Evidence, Startup, Step, fatal},
};
use rustls::{CommonState, ProtocolVersion};

use crate::{
    error_text::error_text,
    tls::{POSTGRES, TlsAcceptor},
    transport::Transport,
};

/// The first byte of a `ClientHello`: `PostgreSQL` 17 clients may speak TLS without asking first.
const TLS_HANDSHAKE: u8 = 0x16;

/// What an agent came for.
pub(crate) enum Greeting {
    /// To be let in.
    Evidence {
        evidence: Evidence,
        /// The name that TLS asked for.
        server_name: Option<String>,
        tls_version: &'static str,
    },
    /// To cancel what a session runs.
    Cancel { process_id: i32, secret: Bytes },
    /// Nothing: it closed without a byte.
    Nothing,
}

/// Reads what the agent came for. What it was told otherwise is the error.
pub(crate) async fn greet(
    transport: &mut Transport,
    input: &mut BytesMut,
    acceptor: &TlsAcceptor,
    limits: &Arc<Limits>,
) -> Result<Greeting, String> {
    let closed = |_: io::Error| "the agent hung up during startup".to_owned();
    if transport.read(input).await.map_err(closed)? == 0 {
        return Ok(Greeting::Nothing);
    }
    let mut startup = Startup::new(Arc::clone(limits));
    let mut out = BytesMut::new();
    let mut asked = None;
    if input.first() == Some(&TLS_HANDSHAKE) {
        asked = Some(secure(transport, input, acceptor).await?);
        if transport.tls().and_then(|tls| tls.alpn_protocol()) != Some(POSTGRES) {
            let message = "direct TLS needs the ALPN protocol \"postgresql\"";
            fatal(*b"08P01", message, "", "Use sslnegotiation=postgres, or a newer client.", &mut out);
            transport.send(&mut out).await.map_err(closed)?;
            return Err(message.to_owned());
        }
    }
    loop {
        let before = input.len();
        let step = startup.feed(input, transport.tls().is_some(), &mut out);
        let said = out.clone();
        transport.send(&mut out).await.map_err(closed)?;
        match step.map_err(|error| error.to_string())? {
            // A password may have come right behind the StartupMessage.
            Step::ExpectMore if !input.is_empty() && input.len() < before => {}
            Step::ExpectMore => {
                if transport.read(input).await.map_err(closed)? == 0 {
                    return Err("the agent hung up during startup".to_owned());
                }
            }
            Step::StartTls => asked = Some(secure(transport, input, acceptor).await?),
            Step::Cancel { process_id, secret } => return Ok(Greeting::Cancel { process_id, secret }),
            Step::Evidence(evidence) => {
                let tls_version = tls_version(transport);
                return Ok(Greeting::Evidence { evidence, server_name: asked.flatten(), tls_version });
            }
            Step::Close => return Err(error_text(said.get(5..).unwrap_or_default())),
        }
    }
}

/// Does the TLS handshake; returns the name that it asked for.
pub(crate) async fn secure(
    transport: &mut Transport,
    input: &mut BytesMut,
    acceptor: &TlsAcceptor,
) -> Result<Option<String>, String> {
    let (records, asked) = acceptor.accept().map_err(|error| error.to_string())?;
    let shaken = transport.handshake(records, input).await;
    shaken.map_err(|error| format!("the TLS handshake failed: {error}"))?;
    Ok(asked.as_str().map(str::to_owned))
}

/// The version of TLS, as OpenSSL writes it.
pub(crate) fn tls_version(transport: &Transport) -> &'static str {
    match transport.tls().and_then(CommonState::protocol_version) {
        Some(ProtocolVersion::TLSv1_3) => "TLSv1.3",
        Some(ProtocolVersion::TLSv1_2) => "TLSv1.2",
        _ => "none",
    }
}
