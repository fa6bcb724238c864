//! Counts over time.

use std::collections::BTreeMap;

use annals_store::Bucket;
use serde::Serialize;
use utoipa::ToSchema;

use super::SnapshotShape;

/// Counts over time.
#[derive(Serialize, ToSchema)]
pub(crate) struct HistogramAnswer {
    buckets: Vec<BucketShape>,
    snapshot: SnapshotShape,
}

/// One stretch of time.
#[derive(Serialize, ToSchema)]
struct BucketShape {
    start: String,
    /// When the next one begins.
    end: String,
    count: u64,
    /// What was counted, by kind or outcome; members without a row are left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<BTreeMap<&'static str, u64>>,
}

impl HistogramAnswer {
    pub(crate) fn new(buckets: Vec<Bucket>, told_apart: bool, snapshot: SnapshotShape) -> Self {
        let shape = |bucket: Bucket| BucketShape {
            start: bucket.start.to_string(),
            end: bucket.end.to_string(),
            count: bucket.count,
            by: told_apart.then(|| bucket.by.into_iter().filter(|(_, count)| *count > 0).collect()),
        };
        Self { buckets: buckets.into_iter().map(shape).collect(), snapshot }
    }
}
