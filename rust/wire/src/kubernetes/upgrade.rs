//! Upgrades of the connection, by which a call becomes a stream both ways.

use super::{Method, headers, headers::Header, status::Status};

/// To what the client asks the connection to be upgraded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Upgrade {
    /// RFC 6455.
    WebSocket,
    /// SPDY/3.1, as client-go speaks it.
    Spdy,
}

impl Upgrade {
    /// As events and recordings write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Upgrade::WebSocket => "websocket",
            Upgrade::Spdy => "spdy",
        }
    }

    /// As the header `Upgrade` writes it.
    #[must_use]
    pub const fn token(self) -> &'static str {
        match self {
            Upgrade::WebSocket => "websocket",
            Upgrade::Spdy => "SPDY/3.1",
        }
    }

    /// Reads what upgrade a request asks for, if any.
    ///
    /// # Errors
    /// A 400 for an upgrade to anything else (h2c among it), for an `Upgrade` that `Connection` does not name or
    /// the other way round, and for a WebSocket asked for by another method than GET.
    pub(super) fn read(method: Method, headers: &[Header<'_>]) -> Result<Option<Upgrade>, Status> {
        let wanted = headers::single(headers, "upgrade")?;
        let connection = headers::members(headers, "connection")?;
        let announced = connection.iter().any(|option| option.eq_ignore_ascii_case("upgrade"));
        let Some(wanted) = wanted else {
            let refused = Status::bad_request("Connection names an upgrade and there is no header Upgrade");
            return if announced { Err(refused) } else { Ok(None) };
        };
        if !announced {
            return Err(Status::bad_request("there is a header Upgrade that Connection does not name"));
        }
        let all = [Upgrade::WebSocket, Upgrade::Spdy];
        let known = all.into_iter().find(|upgrade| upgrade.token().eq_ignore_ascii_case(wanted));
        match known {
            None => Err(Status::bad_request("the connection can be upgraded to websocket or SPDY/3.1 only")),
            Some(Upgrade::WebSocket) if method != Method::Get => {
                Err(Status::bad_request("a WebSocket is asked for by GET (RFC 6455, section 4.1)"))
            }
            Some(upgrade) => Ok(Some(upgrade)),
        }
    }
}
