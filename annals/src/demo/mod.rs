//! The demo's workspace: a marketing-data team whose history and live traffic look like the real
//! thing.
//!
//! Pure and deterministic: the same seed and the same moment give the same events, ids included.
//! No clock, no I/O; the caller appends what comes out.
//!
//! The story: sources feed models, models feed segments, activations sync segments to
//! destinations. Twelve people work on them in office hours, a CI key deploys models, the sync
//! engine runs day and night. Things are renamed and deleted, syncs fail during an outage, somebody
//! without the right is denied, support acts on behalf of a customer, and one person leaves.

mod draft;
mod history;
mod office;
mod people;
mod random;
mod story;
mod traffic;
mod world;

#[cfg(test)]
mod tests;

pub use history::DemoHistory;
pub use traffic::DemoTraffic;

/// The workspace that all demo events belong to.
pub const DEMO_WORKSPACE: &str = "acme";
