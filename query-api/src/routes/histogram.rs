//! `GET /v1/workspaces/{workspace}/histogram`: how many rows match in each hour, day or week.

use annals_schemas::Instant;
use annals_service::problem::{Problem, ProblemKind};
use annals_store::{
    Budget, CountMode, Direction, Filter, Histogram, HistogramRequest, PageRequest, StoreError,
    WorkspaceReader,
};
use axum::Json;
use axum::extract::{RawQuery, State};

use crate::access::Reading;
use crate::buckets::{MAX_BUCKETS, TooMany, edges};
use crate::openapi::{FilterQuery, HistogramQuery, ReadProblems, ResourceQuery, WorkspacePath};
use crate::parameters::HistogramParameters;
use crate::reading_room::ReadingRoom;
use crate::shapes::{HistogramAnswer, SnapshotShape};
use crate::state::ApiState;

#[utoipa::path(
    get,
    path = "/histogram",
    summary = "Counts over time.",
    operation_id = "histogram",
    security(("bearer" = ["audit:read"])),
    params(WorkspacePath, FilterQuery, ResourceQuery, HistogramQuery),
    responses(
        (status = 200, body = HistogramAnswer),
        ReadProblems
    ),
)]
pub(crate) async fn get(
    State(state): State<ApiState>,
    State(room): State<ReadingRoom>,
    reader: Reading,
    RawQuery(query): RawQuery,
) -> Result<Json<HistogramAnswer>, Problem> {
    let labels = state.labels.get();
    let asked = HistogramParameters::parse(&query.unwrap_or_default(), &labels)?;
    let snapshot = SnapshotShape::before_reading(&reader.workspace, reader.sees_positions());
    let (workspace, limits) = (reader.workspace.clone(), state.query_limits);
    let told_apart = asked.by.is_some();
    let found = room.of(&reader).read(move || count(&workspace, &asked, limits.begin())).await?;
    let Histogram { buckets, snapshot: seq } = found.map_err(|TooMany| too_many())?;
    Ok(Json(HistogramAnswer::new(buckets, told_apart, snapshot.at(seq))))
}

fn too_many() -> Problem {
    let detail = format!(
        "would give more than {MAX_BUCKETS} buckets: narrow `from` and `to`, or take longer ones"
    );
    Problem::new(ProblemKind::InvalidParameter)
        .detail("wrong: bucket")
        .parameter("bucket", detail.as_str())
}

/// Counts in one snapshot. Without `from` or `to` the range is that of the matching rows.
fn count(
    workspace: &WorkspaceReader,
    asked: &HistogramParameters,
    budget: Budget,
) -> Result<Result<Histogram, TooMany>, StoreError> {
    let filter = &asked.filter.asked;
    let snapshot = workspace.last_seq();
    let end = |direction| end_of_rows(workspace, filter, snapshot, direction, budget);
    let from = match filter.from {
        Some(from) => Some(from),
        None => end(Direction::Newer)?,
    };
    let to = match filter.to {
        Some(to) => Some(to),
        None => end(Direction::Older)?.map(|newest| newest.plus_micros(1)),
    };
    // One end given and no row beyond it: there is nothing to count.
    let Some((from, to)) = from.zip(to).filter(|(from, to)| from < to) else {
        return Ok(Ok(Histogram { buckets: Vec::new(), snapshot }));
    };
    let edges = match edges(asked.bucket, asked.zone, from, to) {
        Ok(edges) => edges,
        Err(TooMany) => return Ok(Err(TooMany)),
    };
    let request =
        HistogramRequest { filter, snapshot: Some(snapshot), edges: &edges, by: asked.by, budget };
    workspace.histogram(&request).map(Ok)
}

/// When the first matching row of a direction took effect.
fn end_of_rows(
    workspace: &WorkspaceReader,
    filter: &Filter,
    snapshot: u64,
    direction: Direction,
    budget: Budget,
) -> Result<Option<Instant>, StoreError> {
    let keys = workspace.keys(&PageRequest {
        filter,
        direction,
        after: None,
        limit: 1,
        snapshot: Some(snapshot),
        count: CountMode::None,
        budget,
        explain: false,
    })?;
    Ok(keys.first().and_then(|key| Instant::from_micros(key.effective_at)))
}
