//! Lines gathered into batches that the gateway takes in one request.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::SyncSender;

use annals_schemas::Event;

use super::convert::convert;
use super::lines::{Line, Lines};
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
}

/// Reads a file to its end. Stops early, without an error, when nobody takes batches any more.
pub(super) fn read(
    path: &Path,
    format: ImportFormat,
    historic: bool,
    bytes_read: &Arc<AtomicU64>,
    send: &SyncSender<Batch>,
) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::usage(format!("{}: {error}", path.display()));
    let mut lines = Lines::open(path, bytes_read).map_err(failed)?;
    let (mut batch, mut bytes) = (Batch::default(), 0);
    while let Some(line) = lines.next().map_err(failed)? {
        if bytes + line.bytes.len() > MAX_BYTES || batch.events.len() == MAX_EVENTS {
            bytes = 0;
            if send.send(std::mem::take(&mut batch)).is_err() {
                return Ok(());
            }
        }
        bytes += line.bytes.len();
        match convert(&line.bytes, format, historic) {
            Ok(event) => batch.events.push((line, event)),
            Err(error) => batch.refused.push((line, error)),
        }
    }
    let _ = send.send(batch);
    Ok(())
}
