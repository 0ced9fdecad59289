//! TLS driven by hand: records are opened from and sealed into our own buffers, so that the transport
//! decides when to read and to write, and one of each serves a round trip.

use bytes::BytesMut;
use rustls::{
    CommonState, Error,
    client::{ClientConnectionData, UnbufferedClientConnection},
    server::{ServerConnectionData, UnbufferedServerConnection},
    unbuffered::{
        ConnectionState, EncodeError, EncodeTlsData, EncryptError, UnbufferedConnectionCommon,
        UnbufferedStatus,
    },
};

/// One TLS connection without its socket.
pub(crate) struct Records {
    connection: Connection,
    /// Received and not yet whole: the front of a record, or of a handshake message.
    torn: Vec<u8>,
    /// Why nothing more can be done with it.
    broken: Option<Error>,
}

enum Connection {
    Server(Box<UnbufferedServerConnection>),
    Client(Box<UnbufferedClientConnection>),
}

/// What can be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// The handshake needs more from the peer.
    ExpectHandshake,
    /// Data may be sent and received.
    Established,
    /// The peer has said that it sends no more.
    PeerClosed,
}

impl From<UnbufferedServerConnection> for Records {
    fn from(connection: UnbufferedServerConnection) -> Records {
        Records { connection: Connection::Server(Box::new(connection)), torn: Vec::new(), broken: None }
    }
}

impl From<UnbufferedClientConnection> for Records {
    fn from(connection: UnbufferedClientConnection) -> Records {
        Records { connection: Connection::Client(Box::new(connection)), torn: Vec::new(), broken: None }
    }
}

impl Records {
    /// What is kept of an unfinished record: to be put in front of the next bytes received.
    pub(crate) fn torn(&self) -> &[u8] {
        &self.torn
    }

    /// What rustls knows of the connection.
    pub(crate) fn state(&self) -> &CommonState {
        match &self.connection {
            Connection::Server(connection) => connection,
            Connection::Client(connection) => connection,
        }
    }

    /// Opens what was received (`torn` and what followed it), appends plaintext to `plain` and what TLS
    /// itself has to say to `outgoing`.
    ///
    /// # Errors
    /// When the peer broke TLS. An alert that says so is in `outgoing`.
    pub(crate) fn open(
        &mut self,
        received: &mut [u8],
        plain: &mut BytesMut,
        outgoing: &mut Vec<u8>,
    ) -> Result<Progress, Error> {
        self.intact()?;
        let (consumed, result) = match &mut self.connection {
            Connection::Server(connection) => open(&mut ***connection, received, plain, outgoing),
            Connection::Client(connection) => open(&mut ***connection, received, plain, outgoing),
        };
        self.torn.clear();
        self.torn.extend_from_slice(received.get(consumed..).unwrap_or_default());
        self.broken = result.as_ref().err().cloned();
        result
    }

    /// Seals `plain` into records and appends them to `outgoing`.
    ///
    /// # Errors
    /// When the connection is not one on which data may be sent.
    pub(crate) fn seal(&mut self, plain: &[u8], outgoing: &mut Vec<u8>) -> Result<(), Error> {
        self.write(Payload::Data(plain), outgoing)
    }

    /// Appends a `close_notify` to `outgoing`: the peer can tell an end from a cut.
    ///
    /// # Errors
    /// As [`Records::seal`].
    pub(crate) fn close(&mut self, outgoing: &mut Vec<u8>) -> Result<(), Error> {
        self.write(Payload::CloseNotify, outgoing)
    }

    fn intact(&self) -> Result<(), Error> {
        self.broken.clone().map_or(Ok(()), Err)
    }

    fn write(&mut self, payload: Payload<'_>, outgoing: &mut Vec<u8>) -> Result<(), Error> {
        self.intact()?;
        match &mut self.connection {
            Connection::Server(connection) => write(&mut ***connection, &mut self.torn, payload, outgoing),
            Connection::Client(connection) => write(&mut ***connection, &mut self.torn, payload, outgoing),
        }
    }
}

#[derive(Clone, Copy)]
enum Payload<'a> {
    Data(&'a [u8]),
    CloseNotify,
}

/// What rustls has separately on the two kinds of connection.
trait Process {
    type Data;

    fn process<'c, 'i>(&'c mut self, received: &'i mut [u8]) -> UnbufferedStatus<'c, 'i, Self::Data>;
}

impl Process for UnbufferedConnectionCommon<ServerConnectionData> {
    type Data = ServerConnectionData;

    fn process<'c, 'i>(&'c mut self, received: &'i mut [u8]) -> UnbufferedStatus<'c, 'i, Self::Data> {
        self.process_tls_records(received)
    }
}

impl Process for UnbufferedConnectionCommon<ClientConnectionData> {
    type Data = ClientConnectionData;

    fn process<'c, 'i>(&'c mut self, received: &'i mut [u8]) -> UnbufferedStatus<'c, 'i, Self::Data> {
        self.process_tls_records(received)
    }
}

/// Returns how many bytes of `received` are done with, also when it fails.
fn open(
    connection: &mut impl Process,
    received: &mut [u8],
    plain: &mut BytesMut,
    outgoing: &mut Vec<u8>,
) -> (usize, Result<Progress, Error>) {
    let mut consumed = 0;
    let mut closed = false;
    loop {
        let UnbufferedStatus { mut discard, state } =
            connection.process(received.get_mut(consumed..).unwrap_or_default());
        let progress = match state {
            Ok(ConnectionState::ReadTraffic(mut traffic)) => loop {
                match traffic.next_record() {
                    Some(Ok(record)) => {
                        discard += record.discard;
                        plain.extend_from_slice(record.payload);
                    }
                    Some(Err(error)) => break Err(error),
                    None => break Ok(None),
                }
            },
            Ok(ConnectionState::EncodeTlsData(data)) => encode(data, outgoing).map(|()| None),
            Ok(ConnectionState::TransmitTlsData(data)) => {
                data.done();
                Ok(None)
            }
            Ok(ConnectionState::PeerClosed) => {
                closed = true;
                Ok(None)
            }
            Ok(ConnectionState::BlockedHandshake) => Ok(Some(Progress::ExpectHandshake)),
            Ok(ConnectionState::WriteTraffic(_)) => Ok(Some(Progress::Established)),
            Ok(ConnectionState::Closed) => Ok(Some(Progress::PeerClosed)),
            Ok(_) => Err(Error::General("early data was never offered".to_owned())),
            Err(error) => Err(error),
        };
        consumed += discard;
        match progress {
            Ok(None) => {}
            Ok(Some(_)) if closed => return (consumed, Ok(Progress::PeerClosed)),
            Ok(Some(progress)) => return (consumed, Ok(progress)),
            Err(error) => {
                alert(connection, received.get_mut(consumed..).unwrap_or_default(), outgoing);
                return (consumed, Err(error));
            }
        }
    }
}

fn write(
    connection: &mut impl Process,
    torn: &mut Vec<u8>,
    payload: Payload<'_>,
    outgoing: &mut Vec<u8>,
) -> Result<(), Error> {
    loop {
        // rustls may be in the middle of `torn`, so it is shown `torn` even though nothing was received.
        let UnbufferedStatus { discard, state } = connection.process(torn);
        let written = match state? {
            ConnectionState::WriteTraffic(mut traffic) => {
                match payload {
                    Payload::Data(plain) => append(outgoing, |space| traffic.encrypt(plain, space))?,
                    Payload::CloseNotify => append(outgoing, |space| traffic.queue_close_notify(space))?,
                }
                true
            }
            ConnectionState::EncodeTlsData(data) => {
                encode(data, outgoing)?;
                false
            }
            ConnectionState::TransmitTlsData(data) => {
                data.done();
                false
            }
            ConnectionState::PeerClosed => false,
            _ => return Err(Error::HandshakeNotComplete),
        };
        torn.drain(..discard);
        if written {
            return Ok(());
        }
    }
}

/// Encodes the alert that an error has queued, so that the peer learns what it did wrong. Called once:
/// were there nothing queued, rustls would go on in `rest`.
fn alert(connection: &mut impl Process, rest: &mut [u8], outgoing: &mut Vec<u8>) {
    if let Ok(ConnectionState::EncodeTlsData(data)) = connection.process(rest).state {
        // The error is told in any case; the alert is a courtesy.
        drop(encode(data, outgoing));
    }
}

fn encode<Data>(mut data: EncodeTlsData<'_, Data>, outgoing: &mut Vec<u8>) -> Result<(), Error> {
    append(outgoing, |space| match data.encode(space) {
        Ok(written) => Ok(written),
        Err(EncodeError::InsufficientSize(short)) => Err(EncryptError::InsufficientSize(short)),
        Err(EncodeError::AlreadyEncoded) => Ok(0),
    })
}

/// Lets `write` write behind what `outgoing` holds: once to learn the size, once to do it.
fn append(
    outgoing: &mut Vec<u8>,
    mut write: impl FnMut(&mut [u8]) -> Result<usize, EncryptError>,
) -> Result<(), Error> {
    let end = outgoing.len();
    let required = match write(&mut []) {
        Ok(_) => return Ok(()),
        Err(EncryptError::InsufficientSize(short)) => short.required_size,
        Err(EncryptError::EncryptExhausted) => return Err(Error::EncryptError),
    };
    outgoing.resize(end + required, 0);
    let written = write(outgoing.get_mut(end..).unwrap_or_default()).map_err(|_| Error::EncryptError)?;
    outgoing.truncate(end + written);
    Ok(())
}
