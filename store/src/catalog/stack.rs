//! The stack of one workspace: writable at its top, and the part of it that does not change.

use std::collections::VecDeque;
use std::sync::Arc;

use super::delta::Generation;
use super::kept_names::KeptNames;
use super::name_ring::RingCell;
use super::record::PlannedResource;
use super::stacked_layer::StackedLayer;
use super::{CatalogView, Delta, LayerSource, Lengths};
use crate::StoreError;

/// Recent deltas of one workspace: each is asked for what the newer ones do not know.
const RECENT_DELTAS: usize = 6;

/// The stack of one workspace, writable at its top.
#[derive(Debug, Default)]
pub(crate) struct Catalog {
    pub(super) sealed: SealedCatalog,
    pub(super) live: Delta,
    /// Deltas that lie in layers by now, the newest first: a cache of what was touched lately.
    recent: VecDeque<(Generation, Arc<Delta>)>,
    /// Room for the plan of one event, kept for the next.
    pub(super) plan: Vec<PlannedResource>,
}

/// The part of a catalog that does not change. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct SealedCatalog {
    layers: Arc<[StackedLayer]>,
    frozen: Option<Arc<Delta>>,
    /// Shared by all that read this part, and gone with it.
    ring: Arc<RingCell>,
    /// Shared by this part and all that follow it.
    kept: Arc<KeptNames>,
}

impl Catalog {
    /// A catalog over these layers, oldest first, with nothing in memory.
    pub(crate) fn over(layers: Vec<Arc<dyn LayerSource>>) -> Result<Self, StoreError> {
        let layers = StackedLayer::stack(layers)?;
        let sealed = SealedCatalog { layers, ..SealedCatalog::default() };
        let live = Delta::continuing(sealed.view().lengths());
        Ok(Self { sealed, live, recent: VecDeque::new(), plan: Vec::new() })
    }

    /// Makes the live delta the frozen one; a fresh one takes its place. There must be no frozen
    /// one.
    pub(crate) fn freeze(&mut self) -> Arc<Delta> {
        assert!(self.sealed.frozen.is_none(), "a catalog has at most one frozen delta");
        let live = self.live.next();
        let frozen = Arc::new(std::mem::replace(&mut self.live, live));
        self.sealed.frozen = Some(frozen.clone());
        self.sealed.ring = Arc::new(self.sealed.ring.following());
        frozen
    }

    /// Replaces the layers, oldest first; `thaw` says that the frozen delta is among them: it is
    /// recent from then on, and given back. Layers that do not fit are an error, and then nothing
    /// changes.
    pub(crate) fn set_layers(
        &mut self,
        layers: Vec<Arc<dyn LayerSource>>,
        thaw: bool,
    ) -> Result<Option<Arc<Delta>>, StoreError> {
        let frozen = self.sealed.frozen.as_ref().filter(|_| !thaw).cloned();
        let layers = StackedLayer::stack(layers)?;
        let end = layers.last().map_or(Lengths::default(), |layer| layer.after);
        let expected = frozen.as_ref().map_or(self.live.before(), |frozen| frozen.before());
        if end != expected {
            let path = layers.last().map_or("catalog", |layer| layer.path());
            let detail = format!("its catalog ends at {end:?}, expected {expected:?}");
            return Err(StoreError::corrupt(path, 0, detail));
        }
        let ring = Arc::new(self.sealed.ring.following());
        let kept = self.sealed.kept.clone();
        let sealed = SealedCatalog { layers, frozen, ring, kept };
        let before = std::mem::replace(&mut self.sealed, sealed);
        let recent = before.frozen.filter(|delta| thaw && !delta.is_empty());
        if let Some(delta) = &recent {
            self.recent.push_front((delta.generation(), delta.clone()));
            self.recent.truncate(RECENT_DELTAS);
        }
        self.keep_from_oldest();
        Ok(recent)
    }

    /// Forgets a recent delta, if it is the oldest that is left.
    pub(crate) fn forget(&mut self, delta: &Arc<Delta>) {
        self.recent.pop_back_if(|(_, oldest)| Arc::ptr_eq(oldest, delta));
        self.keep_from_oldest();
    }

    fn keep_from_oldest(&mut self) {
        let frozen = self.sealed.frozen.as_ref().map(|frozen| frozen.generation());
        let oldest = self.recent.back().map(|(generation, _)| *generation).or(frozen);
        self.live.keep_from(oldest.unwrap_or(self.live.generation()));
    }

    /// A delta that is kept.
    #[inline]
    pub(super) fn delta(&self, generation: Generation) -> Option<&Delta> {
        if generation == self.live.generation() {
            return Some(&self.live);
        }
        older_delta(&self.sealed, &self.recent, generation)
    }

    /// The live delta, and an older one that is kept.
    #[inline]
    pub(super) fn live_and_older(&mut self, generation: Generation) -> (&mut Delta, &Delta) {
        let older = older_delta(&self.sealed, &self.recent, generation);
        (&mut self.live, older.expect("what was found in a delta is in one that is kept"))
    }

    /// The layers alone.
    pub(super) fn layers(&self) -> CatalogView<'_> {
        CatalogView { frozen: None, ..self.sealed.view() }
    }

    /// Everything, live delta included: under the partition's lock.
    pub(crate) fn view(&self) -> CatalogView<'_> {
        CatalogView { live: Some(&self.live), ..self.sealed.view() }
    }

    /// Frozen delta and layers: good without a lock, for codes given before the freeze.
    pub(crate) fn sealed(&self) -> SealedCatalog {
        self.sealed.clone()
    }
}

fn older_delta<'a>(
    sealed: &'a SealedCatalog,
    recent: &'a VecDeque<(Generation, Arc<Delta>)>,
    generation: Generation,
) -> Option<&'a Delta> {
    let frozen = sealed.frozen.as_deref().filter(|frozen| frozen.generation() == generation);
    let recent = || recent.iter().find(|(of, _)| *of == generation).map(|(_, delta)| &**delta);
    frozen.or_else(recent)
}

impl SealedCatalog {
    pub(crate) fn view(&self) -> CatalogView<'_> {
        let Self { frozen, layers, ring, kept } = self;
        CatalogView { live: None, frozen: frozen.as_deref(), layers, ring, kept }
    }
}
