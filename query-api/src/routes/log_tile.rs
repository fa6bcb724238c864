//! `GET /v1/log/{partition}/tile/…`: hashes and entries of the signed tree, C2SP tlog-tiles.

use annals_service::problem::{Problem, ProblemKind};
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use crate::access::Verifying;
use crate::evidence::{TILE_WIDTH, Tile, TileKind, TilesError, TreeReader};
use crate::openapi::ReadProblems;
use crate::parameters::NoParameters;
use crate::reading_room::ReadingRoom;
use crate::state::ApiState;

#[utoipa::path(
    get,
    path = "/v1/log/{partition}/tile/{*tile}",
    summary = "A tile of the signed tree, C2SP tlog-tiles; entries for admins of everything.",
    operation_id = "log_tile",
    security(("bearer" = ["audit:verify"])),
    params(
        ("partition" = u32, Path, description = "Number of the partition."),
        ("tile" = String, Path, description = "`<level>/<number>[.p/<width>]` or `entries/…`.")
    ),
    responses(
        (status = 200, content_type = "application/octet-stream"),
        ReadProblems
    ),
)]
pub(crate) async fn get(
    State(state): State<ApiState>,
    State(room): State<ReadingRoom>,
    verifying: Verifying,
    _: NoParameters,
    Path((partition, tile)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let missing = || Problem::new(ProblemKind::NotFound);
    let tile = Tile::parse(&tile).ok_or_else(missing)?;
    if tile.kind == TileKind::Entries {
        verifying.administering_all()?;
    }
    let partition = verifying.partition(&partition)?;
    let head = state.evidence.head(&partition).await?;
    if !tile.is_in(head.checkpoint.head.size) {
        return Err(missing());
    }
    let reading = move || state.evidence.with_tiles(&partition, &head, |tiles| read(tiles, &tile));
    let bytes = room.of_proofs(&verifying.identity()).run(reading).await??;
    // A tile never changes; whoever has it need not ask again.
    let headers = [
        (CONTENT_TYPE, "application/octet-stream"),
        (CACHE_CONTROL, "private, max-age=31536000, immutable"),
    ];
    Ok((headers, bytes).into_response())
}

fn read(tree: &TreeReader<'_>, tile: &Tile) -> Result<Vec<u8>, TilesError> {
    match tile.kind {
        TileKind::Hashes(level) => {
            Ok(tree.hashes(level, tile.number * TILE_WIDTH, tile.width)?.concat())
        }
        TileKind::Entries => {
            let entries = tree.entries(tile.number)?;
            let mut bytes = Vec::new();
            let width = usize::try_from(tile.width).unwrap_or(usize::MAX);
            for entry in entries.iter().take(width) {
                let length = u16::try_from(entry.as_bytes().len()).expect("an entry is short");
                bytes.extend_from_slice(&length.to_be_bytes());
                bytes.extend_from_slice(entry.as_bytes());
            }
            Ok(bytes)
        }
    }
}
