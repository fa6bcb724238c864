//! A workspace's dictionary: actors, actions, resource types, resources and names as dense codes,
//! given in log order. A stack: live delta, frozen delta, layers of segments (docs/STORAGE.md).
//!
//! Guarantees: codes follow from the log prefix alone, whatever the sealing was. Nothing of a layer
//! is copied to the heap, apart from what the live delta touched and the ring of a workspace whose
//! names are searched. Reading a damaged layer gives an error or wrong facts, never a panic.
//! Deliberately not here: rows.

mod actor_state;
mod ahead;
mod delta;
mod kept_names;
mod layer;
mod lengths;
mod load;
mod name_ring;
mod name_set;
mod names_view;
mod order_key;
mod present_states;
mod profiles;
mod record;
mod resource_state;
mod scan;
mod stack;
mod stacked_layer;
#[cfg(test)]
mod tests;
mod texts_view;
mod view;
mod views;
mod visit;

pub(crate) use ahead::Sought;
pub(crate) use delta::Delta;
pub(crate) use kept_names::BearingNames;
pub(crate) use layer::merge_layers;
pub(crate) use lengths::Lengths;
pub(crate) use name_ring::NameRing;
pub(crate) use name_set::NameSet;
pub(crate) use names_view::NamesView;
pub use order_key::OrderKey;
pub(crate) use profiles::{LayerProfiles, Profile};
pub(crate) use resource_state::{Latest, Present, ResourceState};
pub(crate) use stack::{Catalog, SealedCatalog};
pub(crate) use stacked_layer::{LayerSource, layer_lengths};
pub(crate) use texts_view::TextsView;
pub(crate) use view::CatalogView;
pub(crate) use views::{ActorView, NameView, ResourceView, SearchedName};
pub(crate) use visit::VisitedResource;
