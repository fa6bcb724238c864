//! The wall clock of the suites: events are stamped and compared with it.

use chrono::{DateTime, SecondsFormat, Utc};

/// The moment.
#[expect(clippy::disallowed_methods, reason = "the harness stands outside the product's clock")]
pub fn now() -> DateTime<Utc> {
    Utc::now()
}

/// The moment in so many minutes (negative: ago) as RFC 3339 with microseconds.
pub fn in_minutes(minutes: i64) -> String {
    let at = now() + chrono::Duration::minutes(minutes);
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}
