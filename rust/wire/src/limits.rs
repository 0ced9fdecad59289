//! Every bound of the data path, each with its reason.

/// Bounds on what a peer can make Narrows hold. Sizes in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// A StartupMessage. The server's own cap (`MAX_STARTUP_PACKET_LENGTH`) is 10,000.
    pub startup_bytes_max: usize,
    /// A PasswordMessage or SASL response. The server's own cap is 65,535.
    pub password_bytes_max: usize,
    /// SQL text in Query or Parse: it is judged whole, so it is held whole.
    pub statement_bytes_max: usize,
    /// A Bind: its parameters may have to be judged or shown to an approver.
    pub bind_bytes_max: usize,
    /// A DataRow that has to be rewritten, or any other reply that is read whole.
    pub reply_bytes_max: usize,
    /// Prepared statements plus portals that one session may have at a time.
    pub names_max: usize,
    /// Bytes of SQL text and names that those may keep alive.
    pub names_bytes_max: usize,
    /// Any other message of the agent: names and little else.
    pub control_bytes_max: usize,
    /// Replies that a session may have outstanding (the depth of a pipeline).
    pub pipeline_max: usize,
    /// Bytes of an unfinished span kept back from the target before they are released.
    pub span_bytes_max: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            startup_bytes_max: 10_000,
            password_bytes_max: 65_535,
            statement_bytes_max: 1 << 20,
            bind_bytes_max: 16 << 20,
            reply_bytes_max: 16 << 20,
            names_max: 10_000,
            names_bytes_max: 16 << 20,
            control_bytes_max: 64 << 10,
            pipeline_max: 65_536,
            span_bytes_max: 64 << 10,
        }
    }
}
