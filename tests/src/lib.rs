//! The harness of the black-box suites: real processes, real HTTP, real Kafka.
//!
//! Nothing here links the product: the suites know it by its command line, its HTTP answers and
//! its files. Guarantees that what is started is stopped, by pid, also when a test fails.
//! Deliberately not here: expectations. Those are in `suites/` and in the oracle, which is Python
//! and shares no code with the product.

pub mod bad_records;
pub mod clock;
pub mod command;
pub mod ending;
pub mod environment;
pub mod evidence;
pub mod fold_table;
pub mod freshness;
pub mod golden;
pub mod http;
pub mod identity_provider;
pub mod inputs;
pub mod kafka;
pub mod list;
pub mod log_files;
pub mod metrics;
pub mod oracle;
pub mod outbox;
pub mod ports;
pub mod postgres;
pub mod process;
pub mod random;
pub mod report;
pub mod s3;
pub mod schema_registry;
pub mod shared;
pub mod small_disk;
pub mod store_files;
pub mod wait;
pub mod watched;
