//! What SSH carries: commands, files by SFTP, and the programs that carry files by a command.

pub mod sftp;
pub mod shell;
