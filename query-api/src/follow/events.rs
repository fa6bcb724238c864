//! The feed as server-sent events: one event a row, named `audit`, its id the place after it.
//!
//! A comment goes out when nothing else has for fifteen seconds; it carries no place. The stream
//! ends when access is withdrawn, a read fails or the process stops: clients come back by
//! themselves with `Last-Event-ID`.

use std::convert::Infallible;
use std::time::Duration;

use annals_service::problem::Problem;
use annals_store::Row;
use axum::http::header::{CACHE_CONTROL, HeaderName};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures::{Stream, StreamExt, stream};

use super::follower::{Follower, News};

const EVENT: &str = "audit";
/// Silence ends with a comment.
const COMMENT_EVERY: Duration = Duration::from_secs(15);
/// When a client may come back after the stream's end.
const RETRY: Duration = Duration::from_secs(2);
/// Proxies are asked not to hold events back.
const UNBUFFERED: (HeaderName, &str) = (HeaderName::from_static("x-accel-buffering"), "no");

/// The stream. What fails before the first rows is a problem.
pub(crate) async fn stream(mut follower: Follower) -> Result<Response, Problem> {
    let first = follower.next(Duration::ZERO).await?;
    let head = stream::iter([Event::default().retry(RETRY).comment("follows")]);
    let news = head.chain(stream::iter(events(&follower, &first))).chain(later(follower));
    let headers = [(CACHE_CONTROL, "no-store"), UNBUFFERED];
    Ok((headers, Sse::new(news.map(Ok::<_, Infallible>))).into_response())
}

/// Rows as they come.
fn later(follower: Follower) -> impl Stream<Item = Event> {
    let batches = stream::unfold(follower, |mut follower| async move {
        let news = follower.next(COMMENT_EVERY).await.ok()?;
        if follower.check_access().is_err() || follower.is_stopping() {
            return None;
        }
        let events = match news.rows.is_empty() {
            true => vec![Event::default().comment("nothing new")],
            false => events(&follower, &news),
        };
        Some((stream::iter(events), follower))
    });
    batches.flatten()
}

fn events(follower: &Follower, news: &News) -> Vec<Event> {
    let labels = follower.labels();
    let text = follower.text(&labels);
    let event = |row: &Row| {
        let mut data = Vec::new();
        text.write(&row.view(), &mut data);
        let data = String::from_utf8(data).expect("JSON is UTF-8");
        Event::default().event(EVENT).id(follower.token_at(row.seq)).data(data)
    };
    news.rows.iter().map(event).collect()
}
