//! What goes through an open file, counted and hashed as it goes.

use sha2::{Digest as _, Sha256};

use super::record::Digest;

/// One direction of an open file.
#[derive(Debug)]
pub(super) struct Flow {
    bytes: u64,
    /// The hash of everything so far; `None` once something came out of order.
    hash: Option<Sha256>,
}

impl Flow {
    pub(super) fn new() -> Flow {
        Flow { bytes: 0, hash: Some(Sha256::new()) }
    }

    /// Data passes that belongs at `offset` of the file.
    pub(super) fn take(&mut self, offset: u64, data: &[u8]) {
        if offset != self.bytes {
            self.hash = None;
        }
        self.append(data);
    }

    /// Data passes that belongs at the end.
    pub(super) fn append(&mut self, data: &[u8]) {
        self.bytes = self.bytes.saturating_add(data.len() as u64);
        if let Some(hash) = &mut self.hash {
            hash.update(data);
        }
    }

    /// Something passes that is not seen, or did not arrive: no hash can be told any more.
    pub(super) fn blur(&mut self) {
        self.hash = None;
    }

    /// What went through.
    pub(super) fn digest(self) -> Digest {
        let sha256 = self.hash.filter(|_| self.bytes > 0).map(|hash| hash.finalize().into());
        Digest { bytes: self.bytes, sha256 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_in_order_has_a_hash() {
        let mut flow = Flow::new();
        flow.take(0, b"ab");
        flow.take(2, b"c");
        let whole: [u8; 32] = Sha256::digest(b"abc").into();
        assert_eq!(flow.digest(), Digest { bytes: 3, sha256: Some(whole) });
    }

    #[test]
    fn what_goes_out_of_order_is_counted_alone() {
        let mut flow = Flow::new();
        flow.take(2, b"c");
        flow.take(0, b"ab");
        assert_eq!(flow.digest(), Digest { bytes: 3, sha256: None });
        assert_eq!(Flow::new().digest(), Digest::default());
    }
}
