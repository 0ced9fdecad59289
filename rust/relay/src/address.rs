//! Where a target is.

use std::{
    io,
    net::IpAddr,
    path::{Path, PathBuf},
};

use tokio::net::{TcpStream, UnixStream, lookup_host};

use crate::transport::Socket;

/// Where a target listens.
#[derive(Debug)]
pub(crate) enum Address {
    /// On a port of a host, by name or by number.
    Tcp { host: String, port: u16 },
    /// On a socket in the file system.
    Unix(PathBuf),
}

impl Address {
    /// Reads `host:port`, `[v6]:port`, or the path of a Unix socket or of the directory that holds it.
    ///
    /// # Errors
    /// One sentence: it is none of these.
    pub(crate) fn parse(text: &str) -> Result<Address, String> {
        if text.starts_with('/') {
            let path = Path::new(text);
            let in_directory = path.is_dir().then(|| path.join(".s.PGSQL.5432"));
            return Ok(Address::Unix(in_directory.unwrap_or_else(|| path.to_owned())));
        }
        let wrong = || format!("address: {text:?} is neither host:port nor the path of a Unix socket");
        let (host, port) = text.rsplit_once(':').ok_or_else(wrong)?;
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let port = port.parse().map_err(|_| wrong())?;
        if bare.is_empty() { Err(wrong()) } else { Ok(Address::Tcp { host: bare.to_owned(), port }) }
    }

    /// Whether what is sent there leaves this machine by no network.
    pub(crate) fn stays_on_this_machine(&self) -> bool {
        match self {
            Address::Unix(_) => true,
            Address::Tcp { host, .. } => host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback()),
        }
    }

    /// Dials the addresses of the name in turn.
    pub(crate) async fn connect(&self) -> io::Result<Socket> {
        match self {
            Address::Unix(path) => Ok(Socket::Unix(UnixStream::connect(path).await?)),
            Address::Tcp { host, port } => {
                let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
                for address in lookup_host((host.as_str(), *port)).await? {
                    match TcpStream::connect(address).await {
                        Ok(stream) => return Socket::tcp(stream),
                        Err(error) => last = error,
                    }
                }
                Err(last)
            }
        }
    }
}
