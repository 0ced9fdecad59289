//! An API server that does as it is told, byte for byte.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{PrivateKeyDer, pem::PemObject},
};

/// A connection to it.
pub(crate) type Peer = StreamOwned<ServerConnection, TcpStream>;

/// What it does with each request.
pub(crate) type Script = dyn Fn(&mut Peer, &str) + Send + Sync;

/// An API server on a port of its own.
pub(crate) struct Cluster {
    pub(crate) address: String,
    pub(crate) ca: String,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    requests: Vec<String>,
    connections: usize,
}

impl Cluster {
    /// One that runs `script` for each request. The connection ends when a script shuts it down.
    pub(crate) fn start(script: impl Fn(&mut Peer, &str) + Send + Sync + 'static) -> Cluster {
        let key = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        let private = PrivateKeyDer::from_pem_slice(key.signing_key.serialize_pem().as_bytes()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![key.cert.der().clone()], private)
            .unwrap();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let (config, script) = (Arc::new(config), Arc::<Script>::from(Box::new(script) as Box<Script>));
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap().to_string();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let record = Arc::clone(&seen);
        thread::spawn(move || {
            for stream in socket.incoming() {
                let (config, script, record) =
                    (Arc::clone(&config), Arc::clone(&script), Arc::clone(&record));
                thread::spawn(move || serve(stream.unwrap(), config, &*script, &record));
            }
        });
        Cluster { address, ca: key.cert.pem(), seen }
    }

    /// One that answers every request the same.
    pub(crate) fn answering(answer: impl Into<String>) -> Cluster {
        let answer = answer.into();
        Cluster::start(move |peer, _| peer.write_all(answer.as_bytes()).unwrap_or_default())
    }

    /// The same, looked for at another address.
    pub(crate) fn moved_to(self, address: &str) -> Cluster {
        Cluster { address: address.to_owned(), ..self }
    }

    /// The requests that have come, head and body.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.seen.lock().unwrap().requests.clone()
    }

    /// How many connections have brought a request.
    pub(crate) fn connections(&self) -> usize {
        self.seen.lock().unwrap().connections
    }
}

/// A JSON answer with its length.
pub(crate) fn json(body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}")
}

fn serve(stream: TcpStream, config: Arc<ServerConfig>, script: &Script, seen: &Mutex<Seen>) {
    stream.set_nodelay(true).unwrap();
    let mut peer = StreamOwned::new(ServerConnection::new(config).unwrap(), stream);
    let mut first = true;
    while let Some(request) = read_request(&mut peer) {
        let mut seen = seen.lock().unwrap();
        seen.connections += usize::from(std::mem::take(&mut first));
        seen.requests.push(request.clone());
        drop(seen);
        script(&mut peer, &request);
        if peer.flush().is_err() {
            return;
        }
    }
}

/// Reads a message with a Content-Length or without a body.
pub(crate) fn read_request(peer: &mut impl Read) -> Option<String> {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") {
        if peer.read(&mut byte).unwrap_or(0) == 0 {
            return None;
        }
        request.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&request).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.trim().parse().unwrap())];
    peer.read_exact(&mut body).ok()?;
    request.extend_from_slice(&body);
    Some(String::from_utf8(request).unwrap())
}
