//! TLS over a socket pair: what arrives, what is refused, how it ends.

use std::sync::Arc;

use super::*;
use crate::tls::{self, AskedName, TlsAcceptor, TlsDialer};

struct Pair {
    server: Transport,
    client: Transport,
    asked: Arc<AskedName>,
    early: BytesMut,
}

/// Both ends of a TLS connection over a socket pair.
async fn pair() -> Pair {
    let issued = rcgen::generate_simple_self_signed(["gateway.example".to_owned()]).unwrap();
    let (certificate, key) = (issued.cert.pem(), issued.signing_key.serialize_pem());
    let acceptor = TlsAcceptor::from_pem(certificate.as_bytes(), key.as_bytes(), tls::POSTGRES).unwrap();
    let dialer =
        TlsDialer::new("gateway.example", Some(certificate.as_bytes()), None, tls::POSTGRES).unwrap();
    let (ours, theirs) = UnixStream::pair().unwrap();
    let (mut server, mut client) = (Transport::new(Socket::Unix(ours)), Transport::new(Socket::Unix(theirs)));
    let (records, asked) = acceptor.accept().unwrap();
    let (mut early, mut nothing) = (BytesMut::new(), BytesMut::new());
    let (accepted, connected) = tokio::join!(
        server.handshake(records, &mut early),
        client.handshake(dialer.connect().unwrap(), &mut nothing)
    );
    accepted.unwrap();
    connected.unwrap();
    Pair { server, client, asked, early }
}

fn block_on(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test);
}

#[test]
fn agrees_on_name_and_protocol() {
    block_on(async {
        let Pair { server, client, asked, early } = pair().await;
        assert_eq!(asked.as_str(), Some("gateway.example"));
        assert_eq!(server.tls().unwrap().alpn_protocol(), Some(tls::POSTGRES));
        assert!(client.tls().unwrap().peer_certificates().is_some());
        assert!(early.is_empty());
    });
}

#[test]
fn carries_more_than_the_kernel_buffers_in_both_directions() {
    block_on(async {
        let Pair { mut server, mut client, .. } = pair().await;
        let payload: Vec<u8> = (0..3_000_000_u32).map(|i| (i % 251) as u8).collect();
        let (mut from_client, mut from_server) = (BytesMut::new(), BytesMut::new());
        let send = |transport: &mut Transport| transport.queue(&mut BytesMut::from(&payload[..])).unwrap();
        send(&mut server);
        send(&mut client);
        poll_fn(|cx| {
            let mut done = true;
            for (transport, received) in [(&mut server, &mut from_client), (&mut client, &mut from_server)] {
                done &= transport.poll_flush(cx).map(Result::unwrap).is_ready();
                while received.len() < payload.len() {
                    match transport.poll_read(cx, received) {
                        Poll::Ready(read) => assert!(read.unwrap() > 0),
                        Poll::Pending => break,
                    }
                }
                done &= received.len() == payload.len();
            }
            if done { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        assert!(from_client == payload && from_server == payload);
        assert_eq!((server.backlog(), client.backlog()), (0, 0));
    });
}

#[test]
fn puts_records_together_that_arrive_byte_by_byte() {
    block_on(async {
        let Pair { mut server, mut client, .. } = pair().await;
        client.queue(&mut BytesMut::from(&b"select 1"[..])).unwrap();
        let sealed = std::mem::take(&mut client.outgoing);
        let mut plain = BytesMut::new();
        for byte in sealed {
            // A sealed reply in between must not disturb the record that is still torn.
            server.send(&mut BytesMut::from(&b"notice"[..])).await.unwrap();
            client.outgoing = vec![byte];
            client.flush().await.unwrap();
            poll_fn(|cx| {
                let _ = server.poll_read(cx, &mut plain);
                Poll::Ready(())
            })
            .await;
        }
        while plain.len() < 8 {
            server.read(&mut plain).await.unwrap();
        }
        assert_eq!(plain, &b"select 1"[..]);
    });
}

#[test]
fn last_words_arrive_before_an_orderly_end() {
    block_on(async {
        let Pair { mut server, mut client, .. } = pair().await;
        let mut heard = BytesMut::new();
        // Unread input would turn the close into a reset.
        client.send(&mut BytesMut::from(&vec![b'x'; 100_000][..])).await.unwrap();
        server.queue(&mut BytesMut::from(&b"goodbye"[..])).unwrap();
        let (listened, ()) = tokio::join!(
            async {
                while client.read(&mut heard).await? > 0 {}
                client.finish().await;
                io::Result::Ok(())
            },
            server.finish()
        );
        listened.unwrap();
        assert_eq!(heard, &b"goodbye"[..]);
    });
}

#[test]
fn a_broken_record_is_an_error_and_an_alert() {
    block_on(async {
        let Pair { mut server, mut client, .. } = pair().await;
        client.outgoing = b"\x17\x03\x03\x00\x20this is not what was agreed upon!".to_vec();
        client.flush().await.unwrap();
        assert!(server.read(&mut BytesMut::new()).await.is_err());
        assert!(server.backlog() > 0);
        tokio::join!(server.finish(), async { assert!(client.read(&mut BytesMut::new()).await.is_err()) });
    });
}

#[test]
fn sees_a_hang_up_behind_unread_input() {
    block_on(async {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let ours = Transport::new(Socket::Unix(ours));
        let mut theirs = Transport::new(Socket::Unix(theirs));
        theirs.send(&mut BytesMut::from(&b"unread"[..])).await.unwrap();
        assert!(!ours.has_hung_up());
        drop(theirs);
        while !ours.has_hung_up() {
            tokio::task::yield_now().await;
        }
    });
}

#[test]
fn a_name_that_the_certificate_does_not_bear_is_refused() {
    block_on(async {
        let issued = rcgen::generate_simple_self_signed(["gateway.example".to_owned()]).unwrap();
        let (certificate, key) = (issued.cert.pem(), issued.signing_key.serialize_pem());
        let acceptor = TlsAcceptor::from_pem(certificate.as_bytes(), key.as_bytes(), tls::POSTGRES).unwrap();
        let dialer =
            TlsDialer::new("other.example", Some(certificate.as_bytes()), None, tls::POSTGRES).unwrap();
        let (ours, theirs) = UnixStream::pair().unwrap();
        let (mut server, mut client) =
            (Transport::new(Socket::Unix(ours)), Transport::new(Socket::Unix(theirs)));
        let (mut early, mut nothing) = (BytesMut::new(), BytesMut::new());
        let (accepted, connected) = tokio::join!(
            server.handshake(acceptor.accept().unwrap().0, &mut early),
            client.handshake(dialer.connect().unwrap(), &mut nothing)
        );
        assert!(connected.unwrap_err().to_string().contains("certificate"));
        assert!(accepted.is_err());
    });
}
