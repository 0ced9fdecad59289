//! Masking of frames to a server (RFC 6455, section 5.3).

/// Applies `key` to `payload`; the same again undoes it.
pub(super) fn apply(key: [u8; 4], payload: &mut [u8]) {
    let (quads, rest) = payload.as_chunks_mut::<4>();
    let word = u32::from_ne_bytes(key);
    for quad in quads {
        *quad = (u32::from_ne_bytes(*quad) ^ word).to_ne_bytes();
    }
    for (byte, key) in rest.iter_mut().zip(key) {
        *byte ^= key;
    }
}

/// The keys of one connection's frames. They are to be unpredictable for whoever chooses the payload, which the
/// agent does; it sees neither the seed nor what is sent.
#[derive(Debug)]
pub(super) struct MaskKeys(u64);

impl MaskKeys {
    /// Keys that follow from a random seed.
    pub(super) fn new(seed: u64) -> MaskKeys {
        MaskKeys(seed)
    }

    /// The next key (`SplitMix64`, the upper half of it).
    pub(super) fn next_key(&mut self) -> [u8; 4] {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let [a, b, c, d, ..] = (mixed ^ (mixed >> 31)).to_be_bytes();
        [a, b, c, d]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_goes_round_the_payload() {
        // RFC 6455, section 5.7: "Hello".
        let mut hello = *b"\x7f\x9f\x4d\x51\x58";
        apply([0x37, 0xfa, 0x21, 0x3d], &mut hello);
        assert_eq!(&hello, b"Hello");
    }

    #[test]
    fn no_key_is_used_for_long() {
        let mut keys = MaskKeys::new(7);
        let drawn: std::collections::HashSet<[u8; 4]> = (0..1000).map(|_| keys.next_key()).collect();
        assert_eq!(drawn.len(), 1000);
    }
}
