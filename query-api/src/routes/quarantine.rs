//! `GET /v1/workspaces/{workspace}/quarantine`: refused records, newest first.

use annals_service::access::Scope;
use annals_service::problem::{Problem, ProblemKind};
use annals_store::{Direction, OrderKey};
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
    let mut pairs = Pairs::parse(&query.unwrap_or_default());
    let limit = pairs.limit();
    let cursor = pairs.one("cursor");
    pairs.finish(&["limit", "cursor"])?;
    let binding = [b"quarantine|", reader.workspace.id().as_str().as_bytes()].concat();
    let now = state.clock.unix_seconds();
    let opened = cursor.map(|text| state.cursors.open(&text, &binding, now)).transpose();
    let place = opened.map_err(|_| Problem::new(ProblemKind::CursorMismatch))?;
    let workspace = reader.workspace.clone();
    let before = place.map(|place| place.after.seq);
    let page = reading(move || workspace.quarantine(before, limit)).await?;
    let last = page.rows.last().filter(|_| page.more).map(|row| row.position.offset);
    let next = last.map(|offset| {
        // The offset stands where a seq would: the quarantine is walked in log order.
        let after = OrderKey { effective_at: 0, seq: offset };
        let place = Place { direction: Direction::Older, after, snapshot: 0 };
        state.cursors.seal(&place, &binding, now)
    });
    let data = page.rows.into_iter().map(Into::into).collect();
    Ok(Json(QuarantineAnswer { data, page: PageLinks { next, prev: None, limit } }))
}
