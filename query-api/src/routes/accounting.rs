//! `GET /v1/workspaces/{workspace}/accounting`: records = visible + duplicate + quarantined.

use annals_service::access::Scope;
use annals_service::problem::Problem;
use axum::Json;
use serde::Serialize;

use crate::access::Reading;

#[derive(Serialize)]
pub(crate) struct AccountingAnswer {
    records: u64,
    visible: u64,
    duplicate: u64,
    quarantined: u64,
}

pub(crate) async fn get(reader: Reading) -> Result<Json<AccountingAnswer>, Problem> {
    reader.require(Scope::Admin)?;
    let counts = reader.workspace.counts();
    Ok(Json(AccountingAnswer {
        records: counts.records(),
        visible: counts.visible,
        duplicate: counts.duplicate,
        quarantined: counts.quarantined,
    }))
}
