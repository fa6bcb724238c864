//! `GET /v1/workspaces/{workspace}/accounting`: records = visible + duplicate + quarantined.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::AdministeringWorkspace;
use crate::openapi::{ReadProblems, WorkspacePath};
use crate::parameters::NoParameters;

/// Records = visible + duplicate + quarantined.
#[derive(Serialize, ToSchema)]
pub(crate) struct AccountingAnswer {
    records: u64,
    visible: u64,
    duplicate: u64,
    quarantined: u64,
}

#[utoipa::path(
    get,
    path = "/accounting",
    summary = "How many records became what.",
    operation_id = "accounting",
    security(("bearer" = ["audit:admin"])),
    params(WorkspacePath),
    responses(
        (status = 200, body = AccountingAnswer),
        ReadProblems
    ),
)]
pub(crate) async fn get(
    AdministeringWorkspace(workspace): AdministeringWorkspace,
    _: NoParameters,
) -> Json<AccountingAnswer> {
    let counts = workspace.counts();
    Json(AccountingAnswer {
        records: counts.records(),
        visible: counts.visible,
        duplicate: counts.duplicate,
        quarantined: counts.quarantined,
    })
}
