//! `GET /v1/workspaces/{workspace}/accounting`: records = visible + duplicate + quarantined.

use axum::Json;
use serde::Serialize;

use crate::access::AdministeringWorkspace;
use crate::parameters::NoParameters;

#[derive(Serialize)]
pub(crate) struct AccountingAnswer {
    records: u64,
    visible: u64,
    duplicate: u64,
    quarantined: u64,
}

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
