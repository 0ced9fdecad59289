//! `tls-server-end-point` (RFC 5929 section 4): the hash of the server's certificate to which
//! SCRAM-SHA-256-PLUS binds, so that a login cannot be carried over to another TLS connection.

use sha2::{Digest, Sha256, Sha384, Sha512};

/// What a signature algorithm's object identifier says about the hash to use. RFC 5929: that of the
/// certificate's signature, but SHA-256 in place of MD5 and SHA-1.
const SHA256: [&[u8]; 5] = [
    &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x04], // md5WithRSAEncryption
    &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x05], // sha1WithRSAEncryption
    &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01],             // ecdsa-with-SHA1
    &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b], // sha256WithRSAEncryption
    &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],       // ecdsa-with-SHA256
];
const SHA384: [&[u8]; 2] = [
    &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0c], // sha384WithRSAEncryption
    &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03],       // ecdsa-with-SHA384
];
const SHA512: [&[u8]; 2] = [
    &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0d], // sha512WithRSAEncryption
    &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04],       // ecdsa-with-SHA512
];

const SEQUENCE: u8 = 0x30;
const OBJECT_IDENTIFIER: u8 = 0x06;

/// The binding data for a certificate in DER; `None` where the RFC leaves the hash undefined (Ed25519,
/// RSA-PSS) and so no channel can be bound.
pub(crate) fn binding(certificate: &[u8]) -> Option<Vec<u8>> {
    let algorithm = signature_algorithm(certificate)?;
    if SHA256.contains(&algorithm) {
        return Some(Sha256::digest(certificate).to_vec());
    }
    if SHA384.contains(&algorithm) {
        return Some(Sha384::digest(certificate).to_vec());
    }
    SHA512.contains(&algorithm).then(|| Sha512::digest(certificate).to_vec())
}

/// `Certificate ::= SEQUENCE { tbsCertificate SEQUENCE, signatureAlgorithm SEQUENCE { OID, … }, … }`
fn signature_algorithm(certificate: &[u8]) -> Option<&[u8]> {
    let (certificate, _) = element(SEQUENCE, certificate)?;
    let (_, after_tbs) = element(SEQUENCE, certificate)?;
    let (algorithm, _) = element(SEQUENCE, after_tbs)?;
    element(OBJECT_IDENTIFIER, algorithm).map(|(identifier, _)| identifier)
}

/// Content of the DER element at the front, which must have that tag, and what follows it.
fn element(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&[found, first], rest) = der.split_first_chunk::<2>()?;
    if found != tag {
        return None;
    }
    if first < 0x80 {
        return rest.split_at_checked(usize::from(first));
    }
    let (length, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
    if length.len() > 4 {
        return None;
    }
    let length = length.iter().fold(0, |length, &byte| length << 8 | usize::from(byte));
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certificate(algorithm: &'static rcgen::SignatureAlgorithm) -> Vec<u8> {
        let key = rcgen::KeyPair::generate_for(algorithm).unwrap();
        let params = rcgen::CertificateParams::new(["db.example".to_owned()]).unwrap();
        params.self_signed(&key).unwrap().der().to_vec()
    }

    #[test]
    fn hashes_with_the_hash_of_the_signature() {
        let der = certificate(&rcgen::PKCS_ECDSA_P256_SHA256);
        assert_eq!(binding(&der), Some(Sha256::digest(&der).to_vec()));
        let der = certificate(&rcgen::PKCS_ECDSA_P384_SHA384);
        assert_eq!(binding(&der), Some(Sha384::digest(&der).to_vec()));
    }

    #[test]
    fn binds_nothing_where_the_hash_is_undefined() {
        assert_eq!(binding(&certificate(&rcgen::PKCS_ED25519)), None);
    }

    #[test]
    fn damaged_der_binds_nothing() {
        let der = certificate(&rcgen::PKCS_ECDSA_P256_SHA256);
        for length in 0..der.len().min(200) {
            assert_eq!(binding(&der[..length]), None);
        }
        assert_eq!(binding(&[0x30, 0x85, 1, 2, 3, 4, 5]), None);
    }
}
