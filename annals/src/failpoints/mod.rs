//! For crash tests only: stop the process, as `kill -9` would, at a named boundary.
//!
//! `ANNALS_CRASH_AT=<boundary>:<nth>` with the boundaries of the store's commit protocol and two
//! around the log's append: `log-appended` (accepted, nothing written) and `group-committed`
//! (durable, nothing acknowledged); those of the outbox: `outbox-appended` (on the log, the rows
//! still there) and `outbox-committed`; `head-signed` and `head-kept` around the keeping of a
//! signed head; `rebuild-folded`, `rebuild-renamed` and `rebuild-exchanged` before, amid and after
//! the exchange of two stores. Without the feature nothing of this is there.

#[cfg(feature = "failpoints")]
mod armed;

#[cfg(feature = "failpoints")]
pub(crate) use armed::{hook, reached, wrap};

/// Does nothing.
#[cfg(not(feature = "failpoints"))]
pub(crate) fn reached(_boundary: &str) {}
