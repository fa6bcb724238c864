//! The catalog against a plain one, whatever the sealing was, and against damage.

mod damage;
mod former;
mod history;
mod oracle;
mod sealing;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{Catalog, LayerSource, OrderKey};
use crate::StoreError;
use annals_schemas::Event;

/// A layer in memory, which fails on demand.
#[derive(Debug, Default)]
struct InMemory {
    bytes: Vec<u8>,
    fails: AtomicBool,
}

impl InMemory {
    fn source(bytes: Vec<u8>) -> Arc<dyn LayerSource> {
        Arc::new(Self { bytes, fails: AtomicBool::new(false) })
    }
}

impl LayerSource for InMemory {
    fn layer(&self) -> Result<&[u8], StoreError> {
        match self.fails.load(Ordering::Relaxed) {
            true => Err(StoreError::corrupt(self.path(), 7, "damaged on demand")),
            false => Ok(&self.bytes),
        }
    }

    fn path(&self) -> &str {
        "in memory"
    }
}

/// Records events and seals at each of these numbers of events, the last being the end.
fn layers_of(history: &[(Event, OrderKey)], cuts: &[usize]) -> Vec<Arc<dyn LayerSource>> {
    let mut catalog = Catalog::default();
    let mut layers: Vec<Arc<dyn LayerSource>> = Vec::new();
    let mut start = 0;
    for &cut in cuts {
        for (event, key) in &history[start..cut] {
            catalog.record(&event.into(), *key).unwrap();
        }
        layers.push(InMemory::source(catalog.freeze().to_layer()));
        catalog.set_layers(layers.clone(), true).unwrap();
        start = cut;
    }
    layers
}
