//! `GET /v1/admin/quarantine?partition=`: refused records that are no workspace's, newest first.

use annals_service::problem::Problem;
use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;

use super::quarantine::Walk;
use crate::access::Administering;
use crate::openapi::ReadProblems;
use crate::parameters::Pairs;
use crate::reading_room::ReadingRoom;
use crate::shapes::QuarantineAnswer;
use crate::state::ApiState;

#[utoipa::path(
    get,
    path = "/v1/admin/quarantine",
    summary = "Refused records that are no workspace's.",
    operation_id = "admin_quarantine",
    security(("bearer" = ["audit:admin"])),
    params(
        ("partition" = Option<u32>, Query),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 1000),
        ("cursor" = Option<String>, Query),
    ),
    responses(
        (status = 200, body = QuarantineAnswer, headers(("Link" = String, description = "`next`"))),
        ReadProblems
    ),
)]
pub(crate) async fn list(
    State(state): State<ApiState>,
    State(room): State<ReadingRoom>,
    everything: Administering,
    RawQuery(query): RawQuery,
) -> Result<(HeaderMap, Json<QuarantineAnswer>), Problem> {
    let query = query.unwrap_or_default();
    let mut pairs = Pairs::parse(&query);
    let partitions = everything.partition_count();
    let partition = pairs.read("partition", |text| {
        let number = text.parse().ok().filter(|number| *number < partitions);
        number.ok_or_else(|| format!("`{text}` is no partition, there are {partitions}"))
    });
    let partition = partition.unwrap_or(0);
    let binding = format!("admin quarantine|{partition}");
    let now = state.clock.unix_seconds();
    let walk = Walk::read(pairs, &["partition"], &state.cursors, now, binding)?;
    let (before, limit) = (walk.before, walk.limit);
    let page = room.read(move || everything.ownerless(partition, before, limit)).await?;
    Ok(walk.answer(page, &query, &state))
}
