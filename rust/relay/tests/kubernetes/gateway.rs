//! The data plane, a control plane that decides as it is told, and agents.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use narrows_journal::{Frame, Settings};
use narrows_relay::{
    ClusterAdmission, ClusterUpstream, ClusterUpstreamConfig, Event, Plane, PlaneConfig,
    event::{ApiCallAsked, SessionClosed},
};
use narrows_wire::{
    Scope,
    kubernetes::{ApiAllow, ApiDeny, Reason, Status},
};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};

use crate::cluster::Cluster;

/// A TLS connection of an agent.
pub(crate) type Agent = StreamOwned<ClientConnection, TcpStream>;

/// How calls are decided.
pub(crate) type Policy = dyn Fn(&Plane, &ApiCallAsked) + Send + Sync;

pub(crate) const TOKEN: &str = "good";

/// A gateway before one cluster.
pub(crate) struct Gateway {
    pub(crate) plane: Arc<Plane>,
    pub(crate) journal: PathBuf,
    address: String,
    ca: String,
    asked: Arc<Mutex<Vec<String>>>,
    others: mpsc::Receiver<Event>,
}

impl Gateway {
    /// One that lets everything through.
    pub(crate) fn before(cluster: &Cluster) -> Gateway {
        Gateway::deciding(cluster, allow)
    }

    /// One that admits the token `good` and decides calls by `policy`.
    pub(crate) fn deciding(
        cluster: &Cluster,
        policy: impl Fn(&Plane, &ApiCallAsked) + Send + Sync + 'static,
    ) -> Gateway {
        Gateway::start(upstream(cluster), Box::new(policy), 0)
    }

    /// One that lets everything through, under the set of masks number 1.
    pub(crate) fn masking(cluster: &Cluster) -> Gateway {
        Gateway::start(upstream(cluster), Box::new(allow), 1)
    }

    fn start(upstream: Arc<ClusterUpstream>, policy: Box<Policy>, mask_set: u64) -> Gateway {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let journal = std::env::temp_dir().join(format!("narrows-kube-{}-{number}", std::process::id()));
        let config = PlaneConfig {
            journal: &journal,
            workers: 1,
            queue_max: 1024,
            settings: Settings::default(),
            ask_deadline: Duration::from_secs(2),
            statement_bytes_max: 1 << 20,
        };
        let plane = Arc::new(Plane::start(&config).unwrap());
        let key = rcgen::generate_simple_self_signed(["gateway".to_owned()]).unwrap();
        let (certificate, private) = (key.cert.pem(), key.signing_key.serialize_pem());
        let tls = (certificate.as_bytes(), private.as_bytes());
        let deadline = Duration::from_millis(500);
        let address = plane.listen_kubernetes("127.0.0.1:0", tls, 100, deadline, 1 << 20).unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (sender, others) = mpsc::channel();
        let (decides, asks) = (Arc::clone(&plane), Arc::clone(&asked));
        thread::spawn(move || control(&decides, &upstream, &policy, mask_set, &asks, &sender));
        Gateway { plane, journal, address: address.to_string(), ca: certificate, asked, others }
    }

    /// A connection to it.
    pub(crate) fn connect(&self) -> Agent {
        self.connect_offering(&[b"http/1.1"]).unwrap()
    }

    /// A connection that offers other protocols.
    pub(crate) fn connect_offering(&self, protocols: &[&[u8]]) -> std::io::Result<Agent> {
        dial(&self.address, &self.ca, "gateway", protocols)
    }

    /// Verb and path of the calls that were asked about.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// Waits for the next event that `wanted` takes.
    pub(crate) fn event<T>(&self, wanted: impl Fn(Event) -> Option<T>) -> T {
        let give_up = Instant::now() + Duration::from_secs(10);
        loop {
            let left = give_up.saturating_duration_since(Instant::now());
            if let Some(found) = wanted(self.others.recv_timeout(left).unwrap()) {
                return found;
            }
        }
    }

    /// Waits for the end of a session.
    pub(crate) fn closed(&self) -> SessionClosed {
        self.event(|event| match event {
            Event::SessionClosed(closed) => Some(closed),
            _ => None,
        })
    }

    /// Everything in the journal.
    pub(crate) fn frames(&self) -> Vec<Frame> {
        narrows_journal::read(&self.journal, None).unwrap()
    }

    /// Everything in the journal, as text.
    pub(crate) fn recorded(&self) -> String {
        self.frames()
            .iter()
            .map(|frame| String::from_utf8_lossy(&frame.payload).into_owned() + "\n")
            .collect()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.plane.shutdown(Duration::from_secs(5));
        let report = narrows_journal::verify(&self.journal).unwrap();
        let problems: Vec<_> = report.problems.iter().map(ToString::to_string).collect();
        fs::remove_dir_all(&self.journal).unwrap();
        if !thread::panicking() {
            assert_eq!(problems, Vec::<String>::new());
        }
    }
}

/// A TLS connection whose other end is of that name.
pub(crate) fn dial(address: &str, ca: &str, name: &str, protocols: &[&[u8]]) -> std::io::Result<Agent> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(ca.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    stream.set_nodelay(true)?;
    let mut agent = StreamOwned::new(ClientConnection::new(Arc::new(config), name).unwrap(), stream);
    while agent.conn.is_handshaking() {
        agent.conn.complete_io(&mut agent.sock)?;
    }
    Ok(agent)
}

fn upstream(cluster: &Cluster) -> Arc<ClusterUpstream> {
    let config = ClusterUpstreamConfig {
        address: &cluster.address,
        ca_pem: Some(cluster.ca.as_bytes()),
        token: Some(b"upstream-secret"),
        deadline: Duration::from_secs(5),
        answer_deadline: Duration::from_millis(400),
        ..ClusterUpstreamConfig::default()
    };
    Arc::new(ClusterUpstream::new(&config).unwrap())
}

fn control(
    plane: &Plane,
    upstream: &Arc<ClusterUpstream>,
    policy: &Policy,
    mask_set: u64,
    asked: &Mutex<Vec<String>>,
    others: &mpsc::Sender<Event>,
) {
    loop {
        let events = plane.drain(64);
        if events.is_empty() {
            thread::sleep(Duration::from_millis(1));
        }
        for event in events {
            match event {
                Event::ClusterOpenAsked(open) => {
                    let token = String::from_utf8(open.evidence.take().to_vec()).unwrap();
                    if token == "mute" {
                        continue;
                    }
                    let Some(principal) = token.strip_prefix(TOKEN) else {
                        let _ = plane.refuse_cluster(open.ask, Status::unauthorized("who are you?"));
                        continue;
                    };
                    let milliseconds = principal.parse().unwrap_or(3_600_000);
                    let _ = plane.admit_cluster(
                        open.ask,
                        ClusterAdmission {
                            upstream: Arc::clone(upstream),
                            principal: principal.to_owned(),
                            target: open.target,
                            mask_set,
                            expires_ms: now_ms() + milliseconds,
                            document: r#"{"admitted":true}"#.to_owned(),
                        },
                    );
                }
                Event::ApiCallAsked(call) => {
                    let what = format!("{} {}", call.call.verb.as_str(), call.call.path);
                    asked.lock().unwrap().push(what);
                    policy(plane, &call);
                }
                other => drop(others.send(other)),
            }
        }
    }
}

fn now_ms() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    u64::try_from(now.as_millis()).unwrap()
}

/// Lets a call go, once.
pub(crate) fn allow(plane: &Plane, asked: &ApiCallAsked) {
    let _ = plane.allow_call(asked.ask, allowing(asked, Scope::Once));
}

/// What lets a call go.
pub(crate) fn allowing(asked: &ApiCallAsked, scope: Scope) -> ApiAllow {
    ApiAllow {
        rule: "read".into(),
        approval: None,
        warning: "".into(),
        ports: None,
        restored: None,
        record: narrows_wire::RecordLevel::Full,
        scope,
        policy_epoch: asked.policy_epoch,
    }
}

/// Denies a call.
pub(crate) fn deny(plane: &Plane, asked: &ApiCallAsked) {
    let deny = ApiDeny {
        rule: "never".into(),
        reason: "it is not to be done".into(),
        hint: "ask an operator".into(),
        answer: Reason::Forbidden,
        scope: Scope::Once,
        policy_epoch: asked.policy_epoch,
    };
    let _ = plane.deny_call(asked.ask, deny);
}

/// A call with the good token.
pub(crate) fn get(path: &str) -> String {
    format!("GET /clusters/prod{path} HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {TOKEN}\r\n\r\n")
}

/// A write with the good token.
pub(crate) fn post(path: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST /clusters/prod{path} HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {TOKEN}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

/// An answer as an agent reads it.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: u16,
    pub(crate) head: String,
    pub(crate) body: String,
    /// The body ended as its framing says.
    pub(crate) whole: bool,
}

/// Sends bytes and reads one answer.
pub(crate) fn exchange(agent: &mut Agent, request: &str) -> Answer {
    agent.write_all(request.as_bytes()).unwrap();
    read_answer(agent)
}

/// Reads one answer.
pub(crate) fn read_answer(agent: &mut impl Read) -> Answer {
    let head = read_head(agent);
    let code: u16 = head[9..12].parse().unwrap();
    let lower = head.to_lowercase();
    let field = |name: &str| lower.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let mut body = Vec::new();
    let mut whole = true;
    if field("transfer-encoding:") == Some("chunked") {
        whole = read_chunks(agent, &mut body).is_some();
    } else if let Some(length) = field("content-length:") {
        body.resize(length.parse().unwrap(), 0);
        agent.read_exact(&mut body).unwrap();
    }
    Answer { code, head, body: String::from_utf8(body).unwrap(), whole }
}

/// Reads the head of an answer.
pub(crate) fn read_head(agent: &mut impl Read) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        agent.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}

/// Reads chunks to the last; `None` when they break off.
fn read_chunks(agent: &mut impl Read, body: &mut Vec<u8>) -> Option<()> {
    loop {
        let chunk = read_chunk(agent)?;
        if chunk.is_empty() {
            return Some(());
        }
        body.extend_from_slice(&chunk);
    }
}

/// Reads one chunk; empty is the last, `None` when it breaks off.
pub(crate) fn read_chunk(agent: &mut impl Read) -> Option<Vec<u8>> {
    let mut line = Vec::new();
    while !line.ends_with(b"\r\n") {
        let mut byte = [0];
        agent.read_exact(&mut byte).ok()?;
        line.push(byte[0]);
    }
    let size = usize::from_str_radix(std::str::from_utf8(&line).unwrap().trim(), 16).unwrap();
    let mut chunk = vec![0; size + 2];
    agent.read_exact(&mut chunk).ok()?;
    chunk.truncate(size);
    Some(chunk)
}
