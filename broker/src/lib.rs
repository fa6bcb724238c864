//! The log in front: what may append to it and read from it, and three implementations.
//!
//! Terms: a *record* is acknowledged once the log promises to keep it; the *high watermark* of a
//! partition is the end of what may be read: the first offset not yet acknowledged.
//!
//! Guarantees: every implementation passes the one conformance suite in [`conformance`].
//! Deliberately not here: what a record means (`schemas`), and who has read how far (the manifest
//! of `store` knows; group offsets are advisory).

pub mod conformance;
mod contract;
mod error;
#[cfg(feature = "kafka")]
pub mod kafka;
pub mod local;
pub mod memory;
mod metrics;
mod route;

use std::sync::Arc;

pub use contract::{Appended, Consumer, Log, LogDescription, Producer};
pub use error::BrokerError;

/// The time as a parameter: milliseconds since 1970-01-01T00:00:00Z.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;
