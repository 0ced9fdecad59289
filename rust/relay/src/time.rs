//! Between the control plane's time, milliseconds since 1970, and the clock that never jumps.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Far enough: an [`Instant`] cannot hold every time that a number can name.
const YEAR: Duration = Duration::from_secs(366 * 86_400);

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(now.as_millis()).unwrap_or(u64::MAX)
}

/// The instant of a time in milliseconds since 1970: now if it has passed, in a year at the most.
pub(crate) fn instant_of(time_ms: u64) -> Instant {
    Instant::now() + Duration::from_millis(time_ms.saturating_sub(now_ms())).min(YEAR)
}
