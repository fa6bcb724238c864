//! The ways to ask a question.

use annals_store::{
    Budget, CountMode, Direction, FacetBy, FacetRequest, HistogramRequest, PageRequest, StoreError,
    WorkspaceReader,
};

use super::question::Question;
use crate::generator::Timeline;

const PAGE_ROWS: usize = 50;
/// Buckets of a histogram over the two years.
const BUCKETS: u32 = 104;

/// Answers a question; the number of rows is what came of it.
pub(super) type Ask = fn(&WorkspaceReader, &Question) -> Result<u64, StoreError>;

/// The ways to ask for a page.
pub(super) const PAGES: &[(&str, Ask)] = &[("row addresses", keys), ("50 rows decoded", page)];

/// The ways to ask about all rows that match.
pub(super) const TOTALS: &[(&str, Ask)] = &[
    ("exact count", exact_count),
    ("facets by type and actor", facets),
    ("histogram by week", histogram),
];

fn keys(reader: &WorkspaceReader, question: &Question) -> Result<u64, StoreError> {
    Ok(reader.keys(&request(question))?.len() as u64)
}

fn page(reader: &WorkspaceReader, question: &Question) -> Result<u64, StoreError> {
    Ok(reader.page(&request(question))?.rows.len() as u64)
}

fn exact_count(reader: &WorkspaceReader, question: &Question) -> Result<u64, StoreError> {
    let total = reader.count(&question.filter, None, CountMode::Exact, Budget::UNLIMITED)?;
    Ok(total.map_or(0, |total| total.value))
}

fn facets(reader: &WorkspaceReader, question: &Question) -> Result<u64, StoreError> {
    let facets = reader.facets(&FacetRequest {
        filter: &question.filter,
        snapshot: None,
        by: &[FacetBy::ResourceType, FacetBy::Actor],
        limit: 100,
        budget: Budget::UNLIMITED,
    })?;
    Ok(facets.facets.iter().map(|facet| facet.values.len() as u64).sum())
}

fn histogram(reader: &WorkspaceReader, question: &Question) -> Result<u64, StoreError> {
    let edges: Vec<_> =
        (0..=BUCKETS).map(|edge| Timeline::at(f64::from(edge) / f64::from(BUCKETS))).collect();
    let histogram = reader.histogram(&HistogramRequest {
        filter: &question.filter,
        snapshot: None,
        edges: &edges,
        by: None,
        budget: Budget::UNLIMITED,
    })?;
    Ok(histogram.buckets.iter().map(|bucket| bucket.count).sum())
}

fn request(question: &Question) -> PageRequest<'_> {
    PageRequest {
        filter: &question.filter,
        direction: Direction::Older,
        after: question.after,
        limit: PAGE_ROWS,
        snapshot: None,
        count: CountMode::None,
        budget: Budget::UNLIMITED,
        explain: false,
    }
}
