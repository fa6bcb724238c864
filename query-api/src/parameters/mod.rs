//! Query parameters, read strictly: a misspelt filter must never widen a compliance query.

mod export;
mod facets;
mod feed;
mod filter;
mod histogram;
mod list;
mod min_positions;
mod moment;
mod none;
mod pairs;
mod resources;
mod typed;
mod values;

pub(crate) use export::{ExportFormat, ExportParameters};
pub(crate) use facets::FacetParameters;
pub(crate) use feed::FeedParameters;
#[cfg(test)]
pub(crate) use filter::FILTER;
pub(crate) use filter::NamedResource;
pub(crate) use histogram::{BucketLength, HistogramParameters};
#[cfg(test)]
pub(crate) use list::OWN as KNOWN_LIST;
pub(crate) use list::{ListParameters, canonical};
pub(crate) use min_positions::MinPositions;
pub(crate) use moment::Moment;
pub(crate) use none::NoParameters;
pub(crate) use pairs::Pairs;
pub(crate) use resources::ResourceParameters;
pub(crate) use typed::TypedText;
