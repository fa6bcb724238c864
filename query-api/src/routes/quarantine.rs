//! `GET /v1/workspaces/{workspace}/quarantine`: refused records, newest first.

use annals_service::problem::Problem;
use annals_store::{Direction, OrderKey, RefusedPage};
use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::http::header::LINK;

use crate::access::AdministeringWorkspace;
use crate::cursor::{CursorKeys, Place};
use crate::openapi::{ReadProblems, WorkspacePath};
use crate::page_response::link_to;
use crate::parameters::{Pairs, canonical};
use crate::reading_room::ReadingRoom;
use crate::shapes::{PageLinks, QuarantineAnswer};
use crate::state::ApiState;

#[utoipa::path(
    get,
    path = "/quarantine",
    summary = "Refused records, newest first.",
    operation_id = "quarantine",
    security(("bearer" = ["audit:admin"])),
    params(
        WorkspacePath,
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
    AdministeringWorkspace(workspace): AdministeringWorkspace,
    RawQuery(query): RawQuery,
) -> Result<(HeaderMap, Json<QuarantineAnswer>), Problem> {
    let binding = format!("quarantine|{}", workspace.id());
    let (query, now) = (query.unwrap_or_default(), state.clock.unix_seconds());
    let walk = Walk::read(Pairs::parse(&query), &[], &state.cursors, now, binding)?;
    let (before, limit) = (walk.before, walk.limit);
    let room = room.of_workspace(workspace.id().as_str());
    let page = room.read(move || workspace.quarantine(before, limit)).await?;
    Ok(walk.answer(page, &query, &state))
}

/// Where a walk over a quarantine stands; it goes in log order, one partition at a time.
pub(super) struct Walk {
    pub(super) before: Option<u64>,
    pub(super) limit: usize,
    binding: Vec<u8>,
}

impl Walk {
    /// Reads `limit` and `cursor`; names of parameters taken already are in `others`.
    pub(super) fn read(
        mut pairs: Pairs,
        others: &[&str],
        cursors: &CursorKeys,
        now_seconds: u64,
        binding: String,
    ) -> Result<Self, Problem> {
        let limit = pairs.limit();
        let cursor = pairs.one("cursor");
        pairs.finish(&[&["limit", "cursor"], others].concat())?;
        let binding = binding.into_bytes();
        let opened = cursor.map(|text| cursors.open(&text, &binding, now_seconds)).transpose()?;
        Ok(Self { before: opened.map(|place| place.after.seq), limit, binding })
    }

    /// A page, with a link to the next one.
    pub(super) fn answer(
        self,
        page: RefusedPage,
        query: &str,
        state: &ApiState,
    ) -> (HeaderMap, Json<QuarantineAnswer>) {
        let last = page.rows.last().filter(|_| page.more).map(|row| row.position.offset);
        let next = last.map(|offset| {
            // The offset stands where a seq would.
            let after = OrderKey { effective_at: 0, seq: offset };
            let place = Place { direction: Direction::Older, after, snapshot: 0 };
            state.cursors.seal(&place, &self.binding, state.clock.unix_seconds())
        });
        let mut headers = HeaderMap::new();
        if let Some(next) = &next {
            headers.insert(LINK, link_to(&canonical(query, "cursor"), ("cursor", next), "next"));
        }
        let data = page.rows.into_iter().map(Into::into).collect();
        let page = PageLinks { next, prev: None, limit: self.limit };
        (headers, Json(QuarantineAnswer { data, page }))
    }
}

#[cfg(test)]
mod tests {
    use annals_service::problem::ProblemKind;

    use super::*;

    const NOW: u64 = 1_800_000_000;

    fn read(cursor: &str, keys: &CursorKeys, now_seconds: u64) -> Result<Walk, Problem> {
        let pairs = Pairs::parse(&format!("cursor={cursor}"));
        Walk::read(pairs, &[], keys, now_seconds, "quarantine|acme".to_owned())
    }

    /// An expired cursor was answered like a forged one.
    #[test]
    fn an_expired_cursor_is_told_from_a_foreign_one() {
        let keys = CursorKeys::new([1; 32], []);
        let after = OrderKey { effective_at: 0, seq: 17 };
        let place = Place { direction: Direction::Older, after, snapshot: 0 };
        let cursor = keys.seal(&place, b"quarantine|acme", NOW);
        assert_eq!(read(&cursor, &keys, NOW).ok().and_then(|walk| walk.before), Some(17));
        let kind = |cursor: &str, now| read(cursor, &keys, now).err().map(|problem| problem.kind());
        assert_eq!(kind(&cursor, NOW + 8 * 24 * 3600), Some(ProblemKind::CursorExpired));
        let foreign = keys.seal(&place, b"quarantine|other", NOW);
        assert_eq!(kind(&foreign, NOW), Some(ProblemKind::CursorMismatch));
    }
}
