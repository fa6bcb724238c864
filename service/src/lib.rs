//! Boot for every role: configuration, telemetry, shutdown, the clock, who may do what, and HTTP.
//!
//! Holds no domain types and depends on no other crate of the project, so that each role can stand
//! on it. It is the only place that reads the environment (`environment`) and the only one that
//! asks the machine for the time (`clock`).

pub mod access;
mod causes;
pub mod clock;
pub mod config;
pub mod environment;
pub mod http;
pub mod openapi;
pub mod problem;
pub mod shutdown;
pub mod telemetry;

pub use causes::with_causes;
