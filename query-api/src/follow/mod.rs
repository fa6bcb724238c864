//! Following a workspace as it grows (docs/FEED.md).
//!
//! Guarantees: no row that matches is left out or comes twice along one chain of places; an idle
//! follower costs a little memory and no work; nobody gets rows after access was withdrawn.

mod desk;
mod events;
mod follower;

pub(crate) use desk::Followers;
pub(crate) use events::stream;
pub(crate) use follower::Follower;
