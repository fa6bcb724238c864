//! How far the five lists of codes go.

use serde::{Deserialize, Serialize};

/// How many codes of each list there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Lengths {
    pub(crate) actors: u32,
    pub(crate) actions: u32,
    pub(crate) types: u32,
    pub(crate) resources: u32,
    pub(crate) names: u32,
}

impl Lengths {
    pub(super) fn to_array(self) -> [u32; 5] {
        [self.actors, self.actions, self.types, self.resources, self.names]
    }

    pub(super) fn from_array([actors, actions, types, resources, names]: [u32; 5]) -> Self {
        Self { actors, actions, types, resources, names }
    }
}
