//! One line into an event.

use annals_schemas::{Event, Limits, parse_cloud_event, parse_event};
use uuid::Uuid;

use crate::cli::ImportFormat;
use crate::sink::describe;

/// `context.origin` of a backfilled event: its row carries no mark for being late.
const HISTORIC_ORIGIN: &str = "import";

/// Reads a line; the error names every fault in it.
pub(super) fn convert(line: &[u8], format: ImportFormat) -> Result<Event, String> {
    let parsed = match format {
        ImportFormat::Annals => parse_event(line, &Limits::HARD, Uuid::now_v7),
        ImportFormat::Cloudevents => parse_cloud_event(line, &Limits::HARD),
        ImportFormat::Csv => return Err("a row of a table is read by its map".to_owned()),
    };
    parsed.map_err(|violation| describe(&violation))
}

/// Marks an event as backfilled.
pub(super) fn mark_historic(event: &mut Event) {
    event.context.origin = Some(HISTORIC_ORIGIN.to_owned());
}
