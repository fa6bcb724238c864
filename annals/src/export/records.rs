//! The records of a workspace in the order of the log, and its rows beside them.

use annals_query_api::OfflineExport;
use annals_schemas::{Offset, Record};
use annals_store::{Budget, FeedRequest, Row, SealedPlace, SealedSegment, WorkspaceReader};
use annals_verify::{HeldRecord, RecordFrame, headers_bytes};

use super::Source;
use super::tree_files::TreeFiles;
use crate::exit::Failure;
use crate::sealed_places::damage;

/// Records read, and rows asked for, at once.
const AT_ONCE: usize = 1024;

/// Shows each record's frame, with its row and the record itself where the export has one.
pub(super) fn each(
    source: &Source,
    tree: &TreeFiles,
    mut show: impl FnMut(RecordFrame, Option<(Row, Record)>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let reader = source.store.workspace(&source.workspace).map_err(|error| damage(&error))?;
    let mut rows = Rows { reader, asked: &source.asked, after: 0, read: Vec::new().into_iter() };
    let mut next = rows.next()?;
    for segment in source.partition.sealed_segments() {
        let places = segment.places_of(source.workspace.as_str()).map_err(|e| damage(&e))?;
        for places in places.chunks(AT_ONCE) {
            for record in records_of(&segment, places, source)? {
                let offset = record.position.offset;
                let row = next.take_if(|row| row.position.offset == offset);
                if row.is_some() {
                    next = rows.next()?;
                }
                let shown = row.map(|row| (row, record));
                let held = shown.as_ref().map(|(_, record)| record);
                show(frame(tree, offset, held)?, shown)?;
            }
        }
    }
    match next {
        None => Ok(()),
        Some(row) => {
            Err(Failure::no(format!("offset {} has a row and no record", row.position.offset)))
        }
    }
}

fn records_of(
    segment: &SealedSegment,
    places: &[SealedPlace],
    source: &Source,
) -> Result<Vec<Record>, Failure> {
    let records = segment.records(places).map_err(|error| damage(&error))?;
    let records = records.into_iter().map(|sealed| sealed.record);
    let key = source.workspace.as_str().as_bytes();
    Ok(records.filter(|record| record.key.as_deref() == Some(key)).collect())
}

fn frame(tree: &TreeFiles, offset: Offset, held: Option<&Record>) -> Result<RecordFrame, Failure> {
    let failed = |error: std::io::Error| Failure::config(&error);
    let missing = || Failure::no(format!("offset {offset} is not in the tree"));
    let index = tree.index_of(offset).map_err(failed)?.ok_or_else(missing)?;
    let entry = tree.entry(index).map_err(failed)?;
    let held = held.map(|record| HeldRecord {
        value: record.value.as_deref().unwrap_or_default().to_vec(),
        headers: headers_bytes(&record.headers),
    });
    Ok(RecordFrame { index, entry, held })
}

/// The rows that match, in the order of their arrival.
struct Rows<'a> {
    reader: WorkspaceReader,
    asked: &'a OfflineExport,
    after: u64,
    read: std::vec::IntoIter<Row>,
}

impl Rows<'_> {
    fn next(&mut self) -> Result<Option<Row>, Failure> {
        loop {
            if let Some(row) = self.read.next() {
                return Ok(Some(row));
            }
            let request = FeedRequest {
                filter: &self.asked.filter,
                after: self.after,
                limit: AT_ONCE,
                budget: Budget::UNLIMITED,
            };
            let page = self.reader.feed(&request).map_err(|error| damage(&error))?;
            if page.rows.is_empty() && page.through >= page.last_seq {
                return Ok(None);
            }
            self.after = page.through;
            self.read = page.rows.into_iter();
        }
    }
}
