//! Suite `kafka`: the same whole path on a real Kafka, started by the project's own script.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test, in its helpers too")]

mod bad_input;
mod debezium;
mod evidence;
mod framed;
mod freshness;
mod gateway;
mod platform_client;
mod recorded;
mod schema_registry;
mod sdk;
mod shown;
mod topic;
mod two_projectors;
