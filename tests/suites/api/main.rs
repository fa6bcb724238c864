//! Suite `api`: the contract of the HTTP answers, line by line of the acceptance list. A test's
//! name begins with the number of the line it shows.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test, in its helpers too")]
#![allow(clippy::needless_pass_by_value, reason = "JSON is written where it is used")]

mod access;
mod access_records;
mod actor_filter;
mod administration;
mod answers;
mod api_keys;
mod caching;
mod clocks;
mod combined;
mod correlation;
mod cursors;
mod event;
mod explain;
mod exports;
mod exports_opened;
mod facets;
mod feed;
mod histogram;
mod identity;
mod isolation;
mod labels;
mod limits;
mod name_filter;
mod openapi;
mod operations;
mod order;
mod parameters;
mod people;
mod quarantine;
mod range;
mod rare_answers;
mod reconstruction;
mod resource_names;
mod resource_rows;
mod resource_walks;
mod routes;
mod schema_versions;
mod schemathesis;
mod server;
mod strictness;
mod suggestions;
mod type_filter;
mod viewer_tokens;
