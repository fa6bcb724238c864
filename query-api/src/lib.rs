//! From store and live tail to HTTP: pages for people, and the page they look at.
//!
//! Guarantees: one extractor turns a token into the only handle that can open a workspace's data;
//! an unknown parameter or a bad value is an error naming it, never ignored; cursors are sealed to
//! workspace and filter. Deliberately not here: writing events (`ingest`) and what a row is
//! (`store`).

mod access;
mod access_log;
mod buckets;
mod cursor;
mod evidence;
mod export;
mod fields;
mod follow;
mod metrics;
mod openapi;
mod page_response;
mod pages;
mod parameters;
mod query_limits;
mod reading_room;
mod renewal;
mod router;
mod routes;
mod shapes;
mod state;
mod ui;
mod workspace_places;

pub use access::{Reading, Workspaces};
pub use access_log::{Access, AccessKind, AccessLog, FilterHash};
pub use cursor::CursorKeys;
pub use evidence::{Evidence, KeysOf};
pub use export::{Exports, OfflineExport, SignManifest, write_csv_cell};
pub use query_limits::QueryLimits;
pub use router::{administering, router};
pub use state::{ApiState, PartitionHealth, Readiness, SharedLabels};
