//! The client's side of SCRAM-SHA-256 (RFC 5802, RFC 7677), with the keys of the last salt kept.
//!
//! All of SCRAM's cost is the thousands of rounds from a password to its keys, and a server uses the same
//! salt for a role at every login. So a gateway that logs in hundreds of times a second derives them once.

use std::sync::{Arc, Mutex, PoisonError};

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

pub(super) const SCRAM_SHA_256: &str = "SCRAM-SHA-256";
pub(super) const SCRAM_SHA_256_PLUS: &str = "SCRAM-SHA-256-PLUS";

/// PostgreSQL asks for 4,096 rounds; this many take some tens of milliseconds of one core.
pub(super) const ITERATIONS_MAX: u32 = 100_000;
/// Bytes of randomness in the client's nonce; RFC 5802 asks for none in particular, libpq takes as many.
pub const NONCE_BYTES: usize = 18;

/// A password of the gateway's own. Its `Debug` shows nothing of it.
pub struct Password {
    prepared: Zeroizing<Vec<u8>>,
    derived: Mutex<Option<Arc<Keys>>>,
}

/// What proves that a password is known, for one salt.
struct Keys {
    salt: Vec<u8>,
    iterations: u32,
    client: [u8; 32],
    server: [u8; 32],
}

/// What the client says of channel binding.
#[derive(Clone, Debug)]
pub(super) enum Binding {
    /// The server offers none.
    NotOffered,
    /// The client can do none.
    Unsupported,
    /// The `tls-server-end-point` hash of the server's certificate (RFC 5929).
    EndPoint(Vec<u8>),
}

/// An exchange of which the first message has been made.
pub(super) struct Started {
    password: Arc<Password>,
    binding: Binding,
    nonce: String,
}

/// An exchange of which the proof has been made.
pub(super) struct Proven {
    keys: Arc<Keys>,
    signed: String,
}

/// Why an exchange cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The challenge is none that answers the first message.
    Challenge,
    /// It asks for too many rounds, or names no number.
    Iterations,
    /// The server does not know the password.
    Signature,
}

impl Password {
    /// Prepares a password as PostgreSQL does: by SASLprep (RFC 4013) where that can be, as it is where not.
    #[must_use]
    pub fn new(password: &[u8]) -> Password {
        let prepared = std::str::from_utf8(password).ok().and_then(|text| stringprep::saslprep(text).ok());
        let prepared = prepared.map_or_else(|| password.to_vec(), |text| text.into_owned().into_bytes());
        Password { prepared: Zeroizing::new(prepared), derived: Mutex::new(None) }
    }

    fn keys(&self, salt: &[u8], iterations: u32) -> Arc<Keys> {
        let mut derived = self.derived.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(keys) = derived.as_ref().filter(|keys| keys.salt == salt && keys.iterations == iterations)
        {
            return Arc::clone(keys);
        }
        let salted = Zeroizing::new(salted(&self.prepared, salt, iterations));
        let keys = Arc::new(Keys {
            salt: salt.to_vec(),
            iterations,
            client: tag(&salted[..], b"Client Key"),
            server: tag(&salted[..], b"Server Key"),
        });
        *derived = Some(Arc::clone(&keys));
        keys
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(..)")
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        self.client.zeroize();
        self.server.zeroize();
    }
}

impl Binding {
    /// The GS2 header (RFC 5802, section 7).
    fn header(&self) -> &'static str {
        match self {
            Binding::NotOffered => "y,,",
            Binding::Unsupported => "n,,",
            Binding::EndPoint(_) => "p=tls-server-end-point,,",
        }
    }

    fn encoded(&self) -> String {
        let mut input = self.header().as_bytes().to_vec();
        if let Binding::EndPoint(hash) = self {
            input.extend_from_slice(hash);
        }
        STANDARD.encode(input)
    }
}

impl Started {
    pub(super) fn new(password: Arc<Password>, binding: Binding, nonce: &[u8; NONCE_BYTES]) -> Started {
        Started { password, binding, nonce: STANDARD.encode(nonce) }
    }

    /// client-first-message. The user's name is the startup message's, so none is given.
    pub(super) fn first_message(&self) -> String {
        format!("{}n=,r={}", self.binding.header(), self.nonce)
    }

    /// Takes server-first-message; the client's final message, and what its answer is checked with.
    pub(super) fn prove(self, challenge: &[u8]) -> Result<(String, Proven), Fault> {
        let challenge = std::str::from_utf8(challenge).map_err(|_| Fault::Challenge)?;
        let mut parts = challenge.split(',');
        let mut part = |name: &str| parts.next().and_then(|part| part.strip_prefix(name));
        let (nonce, salt, iterations) = (part("r="), part("s="), part("i="));
        let longer = nonce.filter(|nonce| nonce.len() > self.nonce.len() && nonce.starts_with(&self.nonce));
        let nonce = longer.ok_or(Fault::Challenge)?;
        let salt = salt.and_then(|salt| STANDARD.decode(salt).ok()).ok_or(Fault::Challenge)?;
        let iterations = iterations.and_then(|digits| digits.parse().ok()).ok_or(Fault::Iterations)?;
        if !(1..=ITERATIONS_MAX).contains(&iterations) {
            return Err(Fault::Iterations);
        }
        let keys = self.password.keys(&salt, iterations);
        let unproven = format!("c={},r={nonce}", self.binding.encoded());
        let signed = format!("n=,r={},{challenge},{unproven}", self.nonce);
        let signature = tag(&Sha256::digest(keys.client), signed.as_bytes());
        let proof: Vec<u8> = keys.client.iter().zip(signature).map(|(key, byte)| key ^ byte).collect();
        Ok((format!("{unproven},p={}", STANDARD.encode(proof)), Proven { keys, signed }))
    }
}

impl Proven {
    /// Takes server-final-message: whether the server knows the password too.
    pub(super) fn verify(&self, last: &[u8]) -> Result<(), Fault> {
        let signature = last.strip_prefix(b"v=").and_then(|text| STANDARD.decode(text).ok());
        let mut mac = keyed(&self.keys.server);
        mac.update(self.signed.as_bytes());
        mac.verify_slice(&signature.ok_or(Fault::Signature)?).map_err(|_| Fault::Signature)
    }
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
    Hmac::new_from_slice(key).expect("a key of any length")
}

fn tag(key: &[u8], text: &[u8]) -> [u8; 32] {
    let mut mac = keyed(key);
    mac.update(text);
    mac.finalize().into_bytes().into()
}

/// `Hi` of RFC 5802: PBKDF2 with HMAC-SHA-256 and one block of output. The key is scheduled once.
fn salted(password: &[u8], salt: &[u8], iterations: u32) -> [u8; 32] {
    let key = keyed(password);
    let mut mac = key.clone();
    mac.update(salt);
    mac.update(&[0, 0, 0, 1]);
    let mut round: [u8; 32] = mac.finalize().into_bytes().into();
    let mut result = round;
    for _ in 1..iterations {
        let mut mac = key.clone();
        mac.update(&round);
        round = mac.finalize().into_bytes().into();
        result.iter_mut().zip(round).for_each(|(byte, other)| *byte ^= other);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn started() -> Started {
        Started::new(Arc::new(Password::new(b"pencil")), Binding::Unsupported, &[7; NONCE_BYTES])
    }

    /// RFC 7677, section 3: the keys of its password, salt and 4,096 rounds give its proof and signature.
    #[test]
    fn the_keys_are_those_of_the_rfc() {
        let salt = STANDARD.decode("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
        let keys = Password::new(b"pencil").keys(&salt, 4096);
        let signed = "n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                      s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
        let signature = tag(&Sha256::digest(keys.client), signed.as_bytes());
        let proof: Vec<u8> = keys.client.iter().zip(signature).map(|(key, byte)| key ^ byte).collect();
        assert_eq!(STANDARD.encode(proof), "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
        let proven = Proven { keys, signed: signed.to_owned() };
        assert_eq!(proven.verify(b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="), Ok(()));
        assert_eq!(proven.verify(b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G5="), Err(Fault::Signature));
        assert_eq!(proven.verify(b"e=other-error"), Err(Fault::Signature));
    }

    #[test]
    fn keys_are_derived_once_for_a_salt() {
        let password = Password::new(b"pencil");
        let first = password.keys(b"salt", 4096);
        assert!(Arc::ptr_eq(&first, &password.keys(b"salt", 4096)));
        assert_ne!(first.client, password.keys(b"pepper", 4096).client);
        assert_ne!(first.client, password.keys(b"salt", 4097).client);
        assert_eq!(first.client, password.keys(b"salt", 4096).client);
    }

    #[test]
    fn a_challenge_must_answer_what_was_sent() {
        let nonce = started().nonce;
        let fails = |challenge: String| started().prove(challenge.as_bytes()).err();
        assert_eq!(fails(format!("r={nonce}more,s=c2FsdA==,i=4096")), None);
        for challenge in [
            String::new(),
            format!("r={nonce},s=c2FsdA==,i=4096"),
            "r=another,s=c2FsdA==,i=4096".to_owned(),
            format!("m=ext,r={nonce}more,s=c2FsdA==,i=4096"),
            format!("r={nonce}more,s=!,i=4096"),
            format!("s=c2FsdA==,r={nonce}more,i=4096"),
        ] {
            assert_eq!(fails(challenge.clone()), Some(Fault::Challenge), "{challenge}");
        }
        for iterations in ["0", "100001", "-1", "many", "4294967296", ""] {
            let challenge = format!("r={nonce}more,s=c2FsdA==,i={iterations}");
            assert_eq!(fails(challenge), Some(Fault::Iterations), "{iterations}");
        }
    }

    #[test]
    fn a_password_is_prepared_where_it_can_be() {
        assert_eq!(&*Password::new("I\u{ad}X".as_bytes()).prepared, b"IX");
        assert_eq!(&*Password::new(b"\xff\x00").prepared, b"\xff\x00");
        assert_eq!(format!("{:?}", Password::new(b"pencil")), "Password(..)");
    }
}
