//! One connection from accept to close.

use crate::listener::Accepted;

/// Serves one connection to its end.
pub(crate) async fn serve(accepted: Accepted, _body_bytes_max: usize) {
    drop(accepted);
}
