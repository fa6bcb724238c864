//! `GET /v1/workspaces/{workspace}/events/{event_id}/proof`: that an event is in the signed tree.

use annals_service::problem::{Problem, ProblemKind};
use annals_verify::{TlogProof, inclusion};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};

use super::log_key::TEXT;
use crate::access::ReadingProofs;
use crate::evidence::TreeReader;
use crate::openapi::{EventPath, ReadProblems};
use crate::parameters::NoParameters;
use crate::reading_room::ReadingRoom;
use crate::state::ApiState;

#[utoipa::path(
    get,
    path = "/events/{event_id}/proof",
    summary = "The proof that an event is in the signed tree, C2SP tlog-proof with its entry.",
    operation_id = "event_proof",
    security(("bearer" = ["audit:verify"])),
    params(EventPath),
    responses(
        (status = 200, body = String, content_type = "text/plain"),
        ReadProblems
    ),
)]
pub(crate) async fn get(
    State(state): State<ApiState>,
    State(room): State<ReadingRoom>,
    ReadingProofs { reading, partition }: ReadingProofs,
    _: NoParameters,
    Path((_, event_id)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let missing = || Problem::new(ProblemKind::NotFound);
    let id = super::hyphenated(&event_id).ok_or_else(missing)?;
    let workspace = reading.workspace.clone();
    let found = room.of(&reading).read(move || workspace.event(id)).await?;
    let (row, entry) = found.ok_or_else(missing)?;
    let head = state.evidence.head(&partition).await?;
    let proving = move || {
        let size = head.checkpoint.head.size;
        let path = |tree: &TreeReader<'_>| {
            let index = tree.index_of(row.position.offset)?;
            index.map(|index| Ok((index, inclusion(tree, index, size)?))).transpose()
        };
        let found = state.evidence.with_tiles(&partition, &head, path)?;
        let unsigned = || Problem::new(ProblemKind::NotFound).detail("it is not signed yet");
        let (index, path) = found.ok_or_else(unsigned)?;
        Ok(TlogProof { index, entry, path, checkpoint: head.note })
    };
    let room = room.of_proofs(reading.workspace.id().as_str());
    let proof: Result<TlogProof, Problem> = room.run(proving).await?;
    Ok((TEXT, proof?.to_string()).into_response())
}
