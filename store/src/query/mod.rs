//! Reading: one compiled filter, one snapshot, pages in page order; counts, facets, histograms and
//! resources from the same (docs/STORAGE.md, "A query").
//!
//! Guarantees: order is total, (effective_at desc, seq desc); rows with a seq beyond the snapshot
//! are never seen, so a walk is stable under concurrent writes (INV-8); only one workspace's rows
//! can be reached through a handle (INV-6); a limit on work ends in an error, never in a short
//! answer.

mod batch;
mod budget;
mod checks;
mod compiled;
mod completion;
mod context;
mod context_walk;
mod count;
mod driver;
mod facet_request;
mod facets;
mod feed;
mod feed_request;
mod filter;
mod found_names;
mod gather;
mod histogram;
mod kept;
mod kept_matches;
mod lookups;
mod mask;
mod matched_name;
mod merge;
mod name_codes;
mod name_finding;
mod name_judge;
mod name_resolution;
mod name_state;
mod names;
mod page;
mod page_request;
mod pin;
mod plan;
mod plan_cost;
mod plan_report;
mod refused;
mod resource_best;
mod resource_conditions;
mod resource_detail;
mod resource_events;
mod resource_list;
mod resource_request;
mod resource_row;
mod restriction;
mod row;
mod search;
mod source;
mod span;
mod suggest;
mod suggest_actors;
mod suggest_rank;
mod tally;
mod tally_mask;
mod values;
mod verdicts;
mod visit;
mod walk;
mod work;
mod workspace;

pub use budget::Budget;
pub use count::{CountMode, Total};
pub use facet_request::{Facet, FacetBy, FacetRequest, FacetTerm, FacetValue, Facets};
pub use feed_request::{FeedPage, FeedRequest};
pub use filter::{Filter, NameFilter, NameScope};
pub use histogram::{Bucket, Histogram, HistogramBy, HistogramRequest};
pub use page_request::{Direction, Page, PageRequest, WalkPart};
pub use plan_report::{
    Driver, GroupPlace, GroupPlan, ListDimension, NamePlan, NameTreatment, Plan,
};
pub(crate) use refused::refused;
pub use refused::{RefusedPage, RefusedRow};
pub use resource_request::{ResourceFilter, ResourceKey, ResourcePage, ResourceRequest};
pub use resource_row::{ResourceActor, ResourceName, ResourceRow};
pub use restriction::Restriction;
pub use row::{ResourceNow, Row, RowView};
pub use suggest::NameSuggestion;
pub use suggest_actors::ActorSuggestion;
pub use workspace::{ActorNow, WorkspaceReader};

#[cfg(test)]
mod resource_fixture;
#[cfg(test)]
mod resource_tests;
#[cfg(test)]
mod suggest_tests;
#[cfg(test)]
mod tests;
