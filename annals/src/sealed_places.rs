//! The live store, opened to be checked: what it says of every record, in the order of the log.

use std::sync::Arc;

use annals_schemas::Instant;
use annals_service::clock::SystemClock;
use annals_service::with_causes;
use annals_store::{PartitionStore, SealedPlace, SealedSegment, Store, StoreError, StoreOptions};

use crate::config::Config;
use crate::data_directory::DataDirectory;
use crate::exit::Failure;
use crate::up::random;

/// The usual options of a store that this process has for itself.
pub(crate) fn store_options() -> StoreOptions {
    let clock = SystemClock::shared();
    let now = move || Instant::from_micros(clock.unix_micros()).unwrap_or(Instant::MIN);
    StoreOptions::new(random, Arc::new(now))
}

/// Opens the live store, writing nothing; `None` if there is none.
pub(crate) async fn open_live(
    config: &Config,
    data: &DataDirectory,
) -> Result<Option<Store>, Failure> {
    if !config.storage.is_there(data) {
        return Ok(None);
    }
    let storage = config.storage.open(data)?;
    let opened = Store::open_read_only(storage, store_options()).await;
    let Some(store) = opened.map_err(|error| damage(&error))? else { return Ok(None) };
    match store.unavailable().into_iter().next() {
        Some((partition, reason)) => Err(Failure::no(format!("partition {partition}: {reason}"))),
        None => Ok(Some(store)),
    }
}

/// What a store's error means to a check: damage is an answer, the rest is out of reach.
pub(crate) fn damage(error: &StoreError) -> Failure {
    if error.is_retryable() { Failure::dependency(error) } else { Failure::no(with_causes(error)) }
}

/// Places of the live segments' records by offset, one segment in memory at a time.
pub(crate) struct SealedPlaces {
    segments: std::vec::IntoIter<SealedSegment>,
    places: std::vec::IntoIter<SealedPlace>,
}

impl SealedPlaces {
    pub(crate) fn of(partition: &PartitionStore) -> Self {
        let segments = partition.sealed_segments().into_iter();
        Self { segments, places: Vec::new().into_iter() }
    }

    /// The next record's place; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<SealedPlace>, Failure> {
        loop {
            if let Some(place) = self.places.next() {
                return Ok(Some(place));
            }
            let Some(segment) = self.segments.next() else { return Ok(None) };
            self.places = segment.places().map_err(|error| damage(&error))?.into_iter();
        }
    }
}
