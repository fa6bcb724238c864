//! What one workspace may use at the same time of something that all share, so that it leaves some
//! to its neighbours.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use tokio::sync::Semaphore;

/// Workspaces whose places are remembered before those that nobody uses are forgotten.
const REMEMBERED_WORKSPACES: usize = 1_024;

/// Places of each workspace that uses some.
pub(crate) struct WorkspacePlaces {
    places_each: usize,
    places: Mutex<HashMap<String, Weak<Semaphore>>>,
}

impl WorkspacePlaces {
    pub(crate) fn new(places_each: usize) -> Self {
        Self { places_each, places: Mutex::default() }
    }

    /// Those of one workspace.
    pub(crate) fn of(&self, workspace: &str) -> Arc<Semaphore> {
        let mut places = self.places.lock();
        if let Some(known) = places.get(workspace).and_then(Weak::upgrade) {
            return known;
        }
        if places.len() >= REMEMBERED_WORKSPACES {
            places.retain(|_, places| places.strong_count() > 0);
        }
        let new = Arc::new(Semaphore::new(self.places_each));
        places.insert(workspace.to_owned(), Arc::downgrade(&new));
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workspaces_that_use_none_are_forgotten() {
        let places = WorkspacePlaces::new(1);
        let kept = places.of("busy").try_acquire_owned().unwrap();
        for number in 0..5 * REMEMBERED_WORKSPACES {
            drop(places.of(&number.to_string()));
        }
        assert!(places.places.lock().len() <= REMEMBERED_WORKSPACES);
        assert!(places.of("busy").try_acquire_owned().is_err(), "its only place is taken");
        drop(kept);
    }
}
