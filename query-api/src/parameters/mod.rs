//! Query parameters, read strictly: a misspelt filter must never widen a compliance query.

mod facets;
mod filter;
mod histogram;
mod list;
mod none;
mod pairs;
mod resources;
mod typed;
mod values;

pub(crate) use facets::FacetParameters;
pub(crate) use filter::NamedResource;
pub(crate) use histogram::{BucketLength, HistogramParameters};
pub(crate) use list::ListParameters;
pub(crate) use none::NoParameters;
pub(crate) use pairs::Pairs;
pub(crate) use resources::ResourceParameters;
pub(crate) use typed::TypedText;
