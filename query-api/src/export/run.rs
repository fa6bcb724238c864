//! An export at work: the next batch is read while the last one is written.
//!
//! Each batch takes a place of the reading room for as long as it is read, and none while the
//! client is slow: then the export waits at its channel. Batches are bounded by rows and by bytes,
//! so memory is that of a few batches whatever the export's length.

use std::time::Duration;

use annals_service::problem::Problem;
use annals_store::{Budget, CountMode, Direction, OrderKey, Page, PageRequest, Row};
use axum::body::{Body, Bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use tokio::sync::mpsc::{self, Sender};

use super::ExportPlace;
use super::body::{ExportBody, Part};
use super::encoder::Encoder;
use super::job::ExportJob;
use super::manifest::Manifest;
use crate::metrics;
use crate::page_response::COMPLETE_THROUGH;
use crate::state::Served;

/// Names an export and its manifest.
pub(crate) const EXPORT_ID: HeaderName = HeaderName::from_static("annals-export-id");
/// Rows of a batch at most.
const BATCH_ROWS: usize = 1_000;
/// Rows of the first batch: the answer begins with it.
const FIRST_ROWS: usize = 50;
/// A batch ends with the record that makes it this large.
const BATCH_BYTES: usize = 2 << 20;
/// Batches that wait for the client.
const QUEUED_BATCHES: usize = 2;
/// A client that takes nothing for so long is given up.
const STALLED_AFTER: Duration = Duration::from_secs(300);

/// Starts an export in its place and answers with its stream. What fails before the first row is a
/// problem.
pub(crate) async fn start(
    served: Served,
    job: ExportJob,
    place: ExportPlace,
) -> Result<Response, Problem> {
    let first = read(&served, &job, None, FIRST_ROWS).await?;
    let (sender, receiver) = mpsc::channel(QUEUED_BATCHES);
    let headers = headers(&job, &served.api.base_path);
    tokio::spawn(run(served, job, first, sender, place));
    let mut response = Body::from_stream(ExportBody::new(receiver)).into_response();
    response.headers_mut().extend(headers);
    Ok(response)
}

async fn run(
    served: Served,
    job: ExportJob,
    first: Page,
    sender: Sender<Part>,
    _place: ExportPlace,
) {
    let running = metrics::ExportRunning::start();
    let mut renewal = job.renewal.clone();
    let sent = tokio::select! {
        sent = send(&served, &job, first, &sender) => sent,
        () = renewal.ended(&served.api, job.workspace.id()) => Err("access was withdrawn"),
    };
    match sent {
        Ok(rows) => running.finished(rows),
        // Without an end the body is an error: the client sees that it was cut.
        Err(cut) => tracing::info!(export = %job.id, reason = cut, "an export was cut"),
    }
}

/// Sends everything; an error says why not.
async fn send(
    served: &Served,
    job: &ExportJob,
    first: Page,
    sender: &Sender<Part>,
) -> Result<u64, &'static str> {
    let labels = served.api.labels.get();
    let language = job.language.clone();
    let mut encoder = Encoder::new(job.asked.format, labels, language, job.with_positions);
    pass(sender, Part::Bytes(encoder.head())).await?;
    let mut page = Some(first);
    while let Some(Page { rows, more, .. }) = page.take() {
        let after = rows.last().map(Row::key).filter(|_| more);
        let next = async {
            match after {
                Some(after) => read(served, job, Some(after), BATCH_ROWS).await.map(Some),
                None => Ok(None),
            }
        };
        let (encoded, next) = tokio::join!(encode(encoder, rows), next);
        let bytes;
        (encoder, bytes) = encoded;
        pass(sender, Part::Bytes(bytes)).await?;
        page = next.map_err(|_| "reading failed")?;
    }
    let (totals, sha256) = encoder.finish();
    keep(served, job, &Manifest::new(job, totals, sha256)).await?;
    pass(sender, Part::End).await?;
    Ok(totals.rows)
}

/// Reads the next batch of the export's snapshot. There is no limit on its steps: an export is as
/// long as it is, and their number is bounded.
async fn read(
    served: &Served,
    job: &ExportJob,
    after: Option<OrderKey>,
    limit: usize,
) -> Result<Page, Problem> {
    let (workspace, filter) = (job.workspace.clone(), job.asked.filter.clone());
    let snapshot = Some(job.last_seq);
    let work = move || {
        let request = PageRequest {
            filter: &filter,
            direction: Direction::Older,
            after,
            limit,
            snapshot,
            count: CountMode::None,
            budget: Budget::UNLIMITED,
            explain: false,
        };
        workspace.stretch(&request, BATCH_BYTES)
    };
    served.room.of_workspace(job.workspace.id().as_str()).read(work).await
}

async fn encode(mut encoder: Encoder, rows: Vec<Row>) -> (Encoder, Bytes) {
    let encoding = tokio::task::spawn_blocking(move || {
        let bytes = encoder.rows(&rows);
        (encoder, bytes)
    });
    match encoding.await {
        Ok(encoded) => encoded,
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    }
}

async fn pass(sender: &Sender<Part>, part: Part) -> Result<(), &'static str> {
    // An empty chunk would end a chunked body.
    if matches!(&part, Part::Bytes(bytes) if bytes.is_empty()) {
        return Ok(());
    }
    match tokio::time::timeout(STALLED_AFTER, sender.send(part)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err("the client has gone"),
        Err(_) => Err("the client takes nothing"),
    }
}

/// Keeps the manifest before the client sees the end, so that it finds it then.
async fn keep(served: &Served, job: &ExportJob, manifest: &Manifest) -> Result<(), &'static str> {
    let bytes = served.api.exports.signed(job, manifest);
    let now = served.api.clock.unix_seconds();
    match served.api.exports.manifests.keep(job.id, bytes, now).await {
        Ok(true) => Ok(()),
        Ok(false) => Err("its id was taken"),
        Err(error) => {
            let error = annals_service::with_causes(&error);
            tracing::error!(error, "the manifest of an export cannot be kept");
            Err("its manifest cannot be kept")
        }
    }
}

fn headers(job: &ExportJob, base_path: &str) -> Vec<(HeaderName, HeaderValue)> {
    let name = format!("annals-{}.{}", job.id, job.asked.format.name());
    let texts = [
        (CONTENT_TYPE, job.asked.format.media_type().to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (CACHE_CONTROL, "no-store".to_owned()),
        (EXPORT_ID, job.id.to_string()),
        (
            axum::http::header::LINK,
            format!("<{}>; rel=\"describedby\"", job.manifest_path(base_path)),
        ),
    ];
    let complete = job.snapshot.complete_through().map(|at| (COMPLETE_THROUGH, at.to_owned()));
    let value =
        |(name, text): (HeaderName, String)| Some((name, HeaderValue::try_from(text).ok()?));
    texts.into_iter().chain(complete).filter_map(value).collect()
}
