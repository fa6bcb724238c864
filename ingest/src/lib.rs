//! How events get onto the log: the producer SDK ([`Recorder`]) and the HTTP gateway.
//!
//! Guarantees: the gateway answers `accepted` only after the log has acknowledged; the recorder
//! never blocks, never panics into its host, and counts and tells what it had to drop.
//! Deliberately not here: reading, the fold (it decides what is a duplicate), and the schema.
//!
//! By default this is the recorder alone; the features `kafka`, `registry`, `http`,
//! `axum` and `gateway` add the rest.

mod builder;
#[cfg(feature = "axum")]
pub mod capture;
mod changes;
#[cfg(feature = "http")]
pub mod client;
mod events_lost;
#[cfg(feature = "registry")]
mod framing;
#[cfg(feature = "gateway")]
pub mod gateway;
mod metrics;
mod record;
mod recorder;
mod spool;
#[cfg(test)]
mod vectors_tests;

#[cfg(feature = "kafka")]
pub use annals_broker::kafka::{DeferredProducer, KafkaOptions};
pub use annals_schemas::{Labels, Principal, new_record};
pub use builder::{BuildError, EventBuilder};
#[cfg(feature = "registry")]
pub use framing::{FramingProducer, SrSettings};
pub use record::new_event;
pub use recorder::{NotSafe, Overflow, Recorder, RecorderOptions, SpoolOptions, StartError};
