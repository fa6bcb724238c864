//! `GET /v1/workspaces/{workspace}/quarantine`: refused records, newest first.

use annals_service::access::Scope;
use annals_service::problem::{Problem, ProblemKind};
use annals_store::{Direction, OrderKey, RefusedPage};
use axum::Json;
use axum::extract::{RawQuery, State};

use super::reading;
use crate::access::Reading;
use crate::cursor::Place;
use crate::parameters::Pairs;
use crate::shapes::{PageLinks, QuarantineAnswer};
use crate::state::ApiState;

pub(crate) async fn list(
    State(state): State<ApiState>,
    reader: Reading,
    RawQuery(query): RawQuery,
) -> Result<Json<QuarantineAnswer>, Problem> {
    reader.require(Scope::Admin)?;
    let binding = format!("quarantine|{}", reader.workspace.id());
    let walk = Walk::read(Pairs::parse(&query.unwrap_or_default()), &[], &state, binding)?;
    let (before, limit) = (walk.before, walk.limit);
    let page = reading(move || reader.workspace.quarantine(before, limit)).await?;
    Ok(Json(walk.answer(page, &state)))
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
        state: &ApiState,
        binding: String,
    ) -> Result<Self, Problem> {
        let limit = pairs.limit();
        let cursor = pairs.one("cursor");
        pairs.finish(&[&["limit", "cursor"], others].concat())?;
        let binding = binding.into_bytes();
        let now = state.clock.unix_seconds();
        let opened = cursor.map(|text| state.cursors.open(&text, &binding, now)).transpose();
        let place = opened.map_err(|_| Problem::new(ProblemKind::CursorMismatch))?;
        Ok(Self { before: place.map(|place| place.after.seq), limit, binding })
    }

    pub(super) fn answer(self, page: RefusedPage, state: &ApiState) -> QuarantineAnswer {
        let last = page.rows.last().filter(|_| page.more).map(|row| row.position.offset);
        let next = last.map(|offset| {
            // The offset stands where a seq would.
            let after = OrderKey { effective_at: 0, seq: offset };
            let place = Place { direction: Direction::Older, after, snapshot: 0 };
            state.cursors.seal(&place, &self.binding, state.clock.unix_seconds())
        });
        let data = page.rows.into_iter().map(Into::into).collect();
        QuarantineAnswer { data, page: PageLinks { next, prev: None, limit: self.limit } }
    }
}
