//! Every bound of an SFTP session, each with its reason.

/// Bounds on what the two sides of one SFTP channel can make Narrows hold. Sizes in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SftpLimits {
    /// One packet without its length field. OpenSSH's own cap (`SFTP_MAX_MSG_LENGTH`) is the same.
    pub packet_bytes_max: usize,
    /// One path. Linux's `PATH_MAX`.
    pub path_bytes_max: usize,
    /// One handle, as the specification has it.
    pub handle_bytes_max: usize,
    /// Handles that are open or being opened.
    pub handles_max: usize,
    /// Requests that the target has yet to answer. The agent is not read from while there are so many.
    pub outstanding_max: usize,
    /// Requests that wait for a path or a verdict. The agent is not read from while there are so many.
    pub held_max: usize,
    /// Verdicts that are kept for reuse.
    pub verdicts_max: usize,
}

impl Default for SftpLimits {
    fn default() -> SftpLimits {
        SftpLimits {
            packet_bytes_max: 256 << 10,
            path_bytes_max: 4096,
            handle_bytes_max: 256,
            handles_max: 1024,
            outstanding_max: 1024,
            held_max: 128,
            verdicts_max: 1024,
        }
    }
}
