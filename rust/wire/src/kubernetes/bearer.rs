//! The bearer token of a request: the evidence, which goes no further.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use super::{headers, headers::Header, percent, status::Status};

/// How a browser hands over its token, among the subprotocols of a WebSocket
/// (k8s.io/apiserver/pkg/authentication/request/websocket).
const SUBPROTOCOL: &str = "base64url.bearer.authorization.k8s.io.";

/// Bytes of a token. One with many groups is 4 to 8 KiB.
const TOKEN_BYTES_MAX: usize = 32 << 10;

/// A bearer token. It has no text but for who takes it, and is wiped when it is dropped.
pub struct Token(Zeroizing<Vec<u8>>);

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

impl Token {
    /// Reads the one token of a request, from `Authorization` or from the subprotocols.
    ///
    /// # Errors
    /// A 401 where there is none, where there are two, or where it is no token (RFC 6750, section 2.1).
    pub fn read(headers: &[Header<'_>]) -> Result<Token, Status> {
        let mut tokens = Vec::new();
        for value in headers::values(headers, "authorization") {
            tokens.push(from_authorization(value).ok_or_else(unreadable)?);
        }
        for protocol in headers::members(headers, "sec-websocket-protocol")? {
            if let Some(encoded) = protocol.strip_prefix(SUBPROTOCOL) {
                tokens.push(Zeroizing::new(URL_SAFE_NO_PAD.decode(encoded).map_err(|_| unreadable())?));
            }
        }
        match <[Zeroizing<Vec<u8>>; 1]>::try_from(tokens) {
            Ok([token]) if is_token(&token) => Ok(Token(token)),
            Ok(_) => Err(unreadable()),
            Err(tokens) if tokens.is_empty() => {
                Err(Status::unauthorized("there is no bearer token; run: narrows kubeconfig"))
            }
            Err(_) => Err(Status::unauthorized("there are two bearer tokens; send one")),
        }
    }

    /// The token itself, for who wipes it.
    #[must_use]
    pub fn into_bytes(mut self) -> Vec<u8> {
        std::mem::take(&mut self.0)
    }

    /// The token itself.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

fn from_authorization(value: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let text = std::str::from_utf8(value).ok()?;
    let (scheme, token) = text.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| Zeroizing::new(token.trim().as_bytes().to_vec()))
}

/// `b64token` of RFC 6750, section 2.1.
fn is_token(token: &[u8]) -> bool {
    !token.is_empty()
        && token.len() <= TOKEN_BYTES_MAX
        && token.iter().all(|byte| percent::is_unreserved(*byte) || matches!(byte, b'+' | b'/' | b'='))
}

fn unreadable() -> Status {
    Status::unauthorized("Authorization is no bearer token; run: narrows kubeconfig")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(headers: &[(&str, &str)]) -> Result<String, u16> {
        let headers: Vec<Header<'_>> =
            headers.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
        let token = Token::read(&headers).map_err(|status| status.code())?;
        Ok(String::from_utf8(token.into_bytes()).unwrap())
    }

    fn protocol(token: &str) -> String {
        format!("{SUBPROTOCOL}{}", URL_SAFE_NO_PAD.encode(token))
    }

    #[test]
    fn a_token_comes_in_one_of_two_ways() {
        assert_eq!(read(&[("Authorization", "Bearer a.b-c")]), Ok("a.b-c".into()));
        assert_eq!(read(&[("authorization", "bearer  abc ")]), Ok("abc".into()));
        let protocols = format!("v5.channel.k8s.io, {}", protocol("abc"));
        assert_eq!(read(&[("Sec-WebSocket-Protocol", &protocols)]), Ok("abc".into()));
    }

    #[test]
    fn none_or_two_or_no_token_is_refused() {
        let (a, b) = (protocol("a"), protocol("b"));
        let refused: [&[(&str, &str)]; 12] = [
            &[],
            &[("Authorization", "")],
            &[("Authorization", "Bearer")],
            &[("Authorization", "Bearer ")],
            &[("Authorization", "Basic YTpi")],
            &[("Authorization", "Bearer a b")],
            &[("Authorization", "Bearer a,b")],
            &[("Authorization", "Bearer a"), ("Authorization", "Bearer a")],
            &[("Authorization", "Bearer a"), ("Sec-WebSocket-Protocol", &a)],
            &[("Sec-WebSocket-Protocol", &a), ("sec-websocket-protocol", &b)],
            &[("Sec-WebSocket-Protocol", "base64url.bearer.authorization.k8s.io.YQ==")],
            &[("Sec-WebSocket-Protocol", "base64url.bearer.authorization.k8s.io.")],
        ];
        for headers in refused {
            assert_eq!(read(headers), Err(401), "{headers:?}");
        }
        assert_eq!(
            read(&[("Authorization", &format!("Bearer {}", "a".repeat(TOKEN_BYTES_MAX + 1)))]),
            Err(401)
        );
    }

    #[test]
    fn a_token_is_not_shown() {
        assert_eq!(format!("{:?}", Token(Zeroizing::new(b"secret".to_vec()))), "Token(…)");
    }
}
