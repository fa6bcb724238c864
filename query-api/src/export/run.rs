//! An export at work: the next batch is read and written while the last one is hashed and sent.
//!
//! Each batch takes a place of the reading room for as long as it is read and written, and none
//! while the client is slow: then the export waits at its channel. Batches are bounded by rows and
//! by bytes, so memory is that of a few batches whatever the export's length; and by the records
//! looked at, so that one which hardly finds any leaves the workspace's pages their turns.

use std::time::Duration;

use annals_service::problem::Problem;
use annals_store::{Budget, CountMode, Direction, OrderKey, PageRequest, WalkPart};
use axum::body::{Body, Bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use tokio::sync::mpsc::{self, Sender};

use super::ExportPlace;
use super::body::{ExportBody, Part};
use super::job::ExportJob;
use super::manifest::Manifest;
use super::row_writer::RowWriter;
use super::totals::Tally;
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

/// Why an export was cut whose client no longer listens.
const GONE: &str = "the client has gone";

/// Rows of one export that follow each other; some batches have none and are not the last.
struct Batch {
    rows: Vec<OrderKey>,
    bytes: Bytes,
    /// Where the next one begins; none if this is the last.
    after: Option<OrderKey>,
}

/// Starts an export in its place and answers with its stream. What fails before the first row is a
/// problem.
pub(crate) async fn start(
    served: Served,
    job: ExportJob,
    place: ExportPlace,
) -> Result<Response, Problem> {
    let writer = RowWriter {
        format: job.asked.format,
        labels: served.api.labels.get(),
        language: job.language.clone(),
        with_positions: job.with_positions,
    };
    let stretch = Stretch { after: None, rows: FIRST_ROWS, room: 0 };
    let first = read(&served, &job, &writer, stretch).await?;
    let (sender, receiver) = mpsc::channel(QUEUED_BATCHES);
    let headers = headers(&job, &served.api.base_path);
    tokio::spawn(run(served, job, (writer, first), sender, place));
    let mut response = Body::from_stream(ExportBody::new(receiver)).into_response();
    response.headers_mut().extend(headers);
    Ok(response)
}

async fn run(
    served: Served,
    job: ExportJob,
    begun: (RowWriter, Batch),
    sender: Sender<Part>,
    _place: ExportPlace,
) {
    let running = metrics::ExportRunning::start();
    let mut renewal = job.renewal.clone();
    let sent = tokio::select! {
        sent = send(&served, &job, begun, &sender) => sent,
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
    (writer, first): (RowWriter, Batch),
    sender: &Sender<Part>,
) -> Result<u64, &'static str> {
    let (mut tally, head) = (Tally::default(), writer.head());
    tally.add(&[], &head);
    pass(sender, Part::Bytes(head.into())).await?;
    let mut batch = Some(first);
    while let Some(Batch { rows, bytes, after }) = batch.take() {
        let room = bytes.len() + bytes.len() / 8;
        let next = async {
            match after {
                None => Ok(None),
                after => {
                    let stretch = Stretch { after, rows: BATCH_ROWS, room };
                    read(served, job, &writer, stretch).await.map(Some)
                }
            }
        };
        let (counted, next) = tokio::join!(count(tally, rows, bytes.clone()), next);
        tally = counted;
        pass(sender, Part::Bytes(bytes)).await?;
        batch = next.map_err(|_| "reading failed")?;
    }
    let (totals, sha256) = tally.finish();
    keep(served, job, &Manifest::new(job, totals, sha256)).await?;
    pass(sender, Part::End).await?;
    Ok(totals.rows)
}

/// Where a batch begins, and how large it may be.
struct Stretch {
    after: Option<OrderKey>,
    rows: usize,
    /// Bytes that it will have, about.
    room: usize,
}

/// Reads and writes the next batch of the export's snapshot. There is no limit on an export's
/// steps, as it is as long as it is; a batch is bounded by rows, by bytes and by records tested.
async fn read(
    served: &Served,
    job: &ExportJob,
    writer: &RowWriter,
    stretch: Stretch,
) -> Result<Batch, Problem> {
    let (workspace, filter) = (job.workspace.clone(), job.asked.filter.clone());
    let (snapshot, writer) = (Some(job.last_seq), writer.clone());
    let work = move || {
        let Stretch { after, rows: limit, room } = stretch;
        let mut bytes = Vec::with_capacity(room);
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
        let WalkPart { rows, after } = workspace.walk_part(&request, BATCH_BYTES, |row| {
            writer.write(row, &mut bytes);
            row.key()
        })?;
        Ok(Batch { rows, bytes: bytes.into(), after })
    };
    served.room.of_workspace(job.workspace.id().as_str()).read(work).await
}

async fn count(mut tally: Tally, rows: Vec<OrderKey>, bytes: Bytes) -> Tally {
    let counting = tokio::task::spawn_blocking(move || {
        tally.add(&rows, &bytes);
        tally
    });
    match counting.await {
        Ok(tally) => tally,
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    }
}

async fn pass(sender: &Sender<Part>, part: Part) -> Result<(), &'static str> {
    // An empty chunk would end a chunked body. The client may have gone all the same.
    if matches!(&part, Part::Bytes(bytes) if bytes.is_empty()) {
        return if sender.is_closed() { Err(GONE) } else { Ok(()) };
    }
    match tokio::time::timeout(STALLED_AFTER, sender.send(part)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(GONE),
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
