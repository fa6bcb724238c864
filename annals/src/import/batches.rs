//! What a file holds, gathered into batches that the gateway takes in one request.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::SyncSender;

use annals_schemas::Event;

use super::convert::{convert, mark_historic};
use super::lines::{Line, Lines};
use super::mapping::{Mapping, Spec};
use super::table::Table;
use crate::cli::ImportFormat;
use crate::exit::Failure;

/// Within the gateway's own limits, with room for JSON written differently.
const MAX_EVENTS: usize = 1000;
const MAX_BYTES: usize = 2 * 1024 * 1024;

/// Events with their lines, and lines that are no events.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) events: Vec<(Line, Event)>,
    pub(super) refused: Vec<(Line, String)>,
    bytes: usize,
}

/// How the lines of a file are read.
#[derive(Clone)]
pub(super) enum Reading {
    /// One event a line.
    Lines(ImportFormat),
    /// A table and what its columns mean.
    Table(Spec),
}

/// Takes full batches. They end early, without an error, when nobody takes them any more.
struct Batches<'s> {
    batch: Batch,
    send: &'s SyncSender<Batch>,
}

/// Reads a file to its end.
pub(super) fn read(
    path: &Path,
    reading: &Reading,
    historic: bool,
    bytes_read: &Arc<AtomicU64>,
    send: &SyncSender<Batch>,
) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::usage(format!("{}: {error}", path.display()));
    let mut batches = Batches { batch: Batch::default(), send };
    match reading {
        Reading::Lines(format) => {
            let mut lines = Lines::open(path, bytes_read).map_err(failed)?;
            while let Some(line) = lines.next().map_err(failed)? {
                let event = convert(&line.bytes, *format);
                if !batches.add(line, event, historic) {
                    return Ok(());
                }
            }
        }
        Reading::Table(spec) => {
            let mut table = Table::open(path, bytes_read, spec.delimiter).map_err(failed)?;
            let mapping = Mapping::of(spec, table.columns().to_vec())?;
            while let Some((line, fields)) = table.next().map_err(failed)? {
                let event = fields.and_then(|fields| {
                    let fields: Vec<&str> = fields.iter().collect();
                    mapping.event(&fields)
                });
                if !batches.add(line, event, historic) {
                    return Ok(());
                }
            }
        }
    }
    let _ = send.send(batches.batch);
    Ok(())
}

impl Batches<'_> {
    /// Answers whether anybody still takes batches.
    fn add(&mut self, line: Line, event: Result<Event, String>, historic: bool) -> bool {
        let (batch, bytes) = (&mut self.batch, line.bytes.len());
        let is_full = batch.bytes + bytes > MAX_BYTES || batch.events.len() == MAX_EVENTS;
        if is_full && self.send.send(std::mem::take(batch)).is_err() {
            return false;
        }
        batch.bytes += bytes;
        match event {
            Ok(mut event) => {
                if historic {
                    mark_historic(&mut event);
                }
                batch.events.push((line, event));
            }
            Err(error) => batch.refused.push((line, error)),
        }
        true
    }
}
