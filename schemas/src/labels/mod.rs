//! What actions are called: `actions.json`, and a readable form of any key it lacks.

mod accept_language;
mod file;
mod humanise;
mod secrets;

pub use file::{ActionEntry, Labels, LabelsError};
pub use humanise::humanise;

#[cfg(test)]
mod tests;
