//! How random a text looks: Shannon's entropy of its bytes.

/// Bits per byte; 0 for one byte repeated, 8 at most.
pub(super) fn bits_per_byte(bytes: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in bytes {
        if let Some(count) = counts.get_mut(usize::from(*byte)) {
            *count += 1;
        }
    }
    let total = f64::from(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
    counts
        .into_iter()
        .filter(|count| *count > 0)
        .map(|count| f64::from(count) / total)
        .map(|share| -share * share.log2())
        .sum()
}
