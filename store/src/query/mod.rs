//! Reading: one compiled filter, one snapshot, pages in page order.
//!
//! Guarantees: order is total, (effective_at desc, seq desc); rows with a seq beyond the snapshot
//! are never seen, so a walk is stable under concurrent writes (INV-8); only one workspace's rows
//! can be reached through a handle (INV-6).

mod compiled;
mod count;
mod filter;
mod page;
mod pin;
mod refused;
mod row;
mod source;
mod workspace;

pub use count::{CountMode, Total};
pub use filter::{Filter, NameFilter, NameScope};
pub use page::{Direction, Page, PageRequest};
pub(crate) use refused::refused;
pub use refused::{RefusedPage, RefusedRow};
pub use row::{ResourceNow, Row};
pub use workspace::{ActorNow, WorkspaceReader};

#[cfg(test)]
mod tests;
