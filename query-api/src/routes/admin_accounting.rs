//! `GET /v1/admin/accounting`: the accounting identity of every partition.

use annals_schemas::hex;
use annals_service::problem::{Problem, ProblemKind};
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::Administering;
use crate::openapi::ReadProblems;
use crate::parameters::NoParameters;
use crate::state::ApiState;

/// The identity for each partition.
#[derive(Serialize, ToSchema)]
pub(crate) struct AdminAccounting {
    partitions: Vec<PartitionAccounting>,
}

/// One partition.
#[derive(Serialize, ToSchema)]
struct PartitionAccounting {
    partition: u32,
    records: u64,
    visible: u64,
    duplicate: u64,
    quarantined: u64,
    /// Next offset to fold.
    checkpoint: u64,
    /// Next offset that a manifest has committed.
    committed: u64,
    high_watermark: u64,
    tree_size: u64,
    root: String,
}

#[utoipa::path(
    get,
    path = "/v1/admin/accounting",
    summary = "The accounting identity of every partition.",
    operation_id = "admin_accounting",
    security(("bearer" = ["audit:admin"])),
    responses(
        (status = 200, body = AdminAccounting),
        ReadProblems
    ),
)]
pub(crate) async fn get(
    State(state): State<ApiState>,
    everything: Administering,
    _: NoParameters,
) -> Result<Json<AdminAccounting>, Problem> {
    let mut partitions = Vec::new();
    for figures in everything.accounting() {
        let watermark = state.log.high_watermark(figures.partition).await.map_err(|error| {
            tracing::warn!(%error, "no high watermark");
            Problem::new(ProblemKind::LogUnavailable)
        })?;
        partitions.push(PartitionAccounting {
            partition: figures.partition,
            records: figures.counts.records(),
            visible: figures.counts.visible,
            duplicate: figures.counts.duplicate,
            quarantined: figures.counts.quarantined,
            checkpoint: figures.next,
            committed: figures.committed,
            high_watermark: watermark,
            tree_size: figures.tree.size,
            root: hex(&figures.tree.root),
        });
    }
    Ok(Json(AdminAccounting { partitions }))
}
