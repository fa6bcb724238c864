//! `GET /v1/log/key`: the public keys that tree heads and exports are signed with.

use annals_service::problem::Problem;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

use crate::access::Verifying;
use crate::openapi::ReadProblems;
use crate::parameters::NoParameters;
use crate::state::ApiState;

/// Texts of the evidence, whichever.
pub(super) const TEXT: [(axum::http::HeaderName, &str); 1] =
    [(CONTENT_TYPE, "text/plain; charset=utf-8")];

#[utoipa::path(
    get,
    path = "/v1/log/key",
    summary = "Public keys as vkey lines, one for each partition and key, the newest first.",
    operation_id = "log_key",
    security(("bearer" = ["audit:verify"])),
    responses(
        (status = 200, body = String, content_type = "text/plain"),
        ReadProblems
    ),
)]
pub(crate) async fn get(
    State(state): State<ApiState>,
    verifying: Verifying,
    _: NoParameters,
) -> Result<Response, Problem> {
    let keys = state.evidence.all_keys(&verifying.log_id());
    let lines: String = keys.iter().map(|key| format!("{key}\n")).collect();
    Ok((TEXT, lines).into_response())
}
