//! `GET /v1/log/{partition}/checkpoint`: the newest signed tree head.

use annals_service::problem::Problem;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};

use super::log_key::TEXT;
use crate::access::Verifying;
use crate::openapi::ReadProblems;
use crate::parameters::NoParameters;
use crate::state::ApiState;

#[utoipa::path(
    get,
    path = "/v1/log/{partition}/checkpoint",
    summary = "The newest signed tree head of a partition, C2SP tlog-checkpoint.",
    operation_id = "log_checkpoint",
    security(("bearer" = ["audit:verify"])),
    params(("partition" = u32, Path, description = "Number of the partition.")),
    responses(
        (status = 200, body = String, content_type = "text/plain"),
        ReadProblems
    ),
)]
pub(crate) async fn get(
    State(state): State<ApiState>,
    verifying: Verifying,
    _: NoParameters,
    Path(partition): Path<String>,
) -> Result<Response, Problem> {
    let partition = verifying.partition(&partition)?;
    Ok((TEXT, state.evidence.head(&partition).await?.note).into_response())
}
