//! Every bound of a request's head, each with its reason.

/// Bounds on what a client can make Narrows hold. Sizes in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpLimits {
    /// The target of a request line. The whole argv of an exec is in it.
    pub target_bytes_max: usize,
    /// All header lines together. A token with many groups takes 4 to 8 KiB of them.
    pub fields_bytes_max: usize,
    /// Header lines. hyper's own cap is the same.
    pub fields_max: usize,
}

impl Default for HttpLimits {
    fn default() -> HttpLimits {
        HttpLimits { target_bytes_max: 64 << 10, fields_bytes_max: 64 << 10, fields_max: 100 }
    }
}
