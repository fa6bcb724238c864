//! Segments against a plain oracle: the rows they were made of, in vectors.

mod compact;
mod damage;
mod layers;
mod merging;
mod oracle;
mod round_trip;

use annals_schemas::{
    Header, Kind, LogId, OffsetRange, Outcome, Position, Reason, Record, Refusal, TimestampType,
    WorkspaceId,
};
use bytes::Bytes;
use uuid::Uuid;

use super::footer::SegmentIdentity;
use super::reader::SegmentReader;
use super::writer::{SegmentWriter, WrittenSegment};
use super::{GroupEnd, Refused, StoredRow, id_hash};
use crate::StoreError;
use crate::catalog::OrderKey;
use crate::codes::{EventCodes, ResourceCodes};
use crate::fixture::Dice;
use crate::fold::{FoldedRow, Status, VisibleRow};
use crate::packed::KeyTable;
use crate::storage::ObjectFile;

const LOG: LogId = LogId([7; 16]);
const LEVEL: i32 = 3;

/// A record with its verdict, and whose it is.
#[derive(Debug, Clone)]
struct Row {
    workspace: Option<WorkspaceId>,
    folded: FoldedRow,
}

impl Row {
    fn offset(&self) -> u64 {
        self.folded.record.position.offset
    }

    fn stored(&self) -> Vec<u8> {
        StoredRow::to_bytes(&self.folded)
    }

    fn visible(&self) -> Option<&VisibleRow> {
        self.folded.visible()
    }
}

/// The resource of a name: names are made so that it can be told.
fn resource_of(name: u32) -> u32 {
    name / 3
}

/// Codes with ties, repeated resources and renames all the time.
fn codes(dice: &mut Dice) -> EventCodes {
    let mut small = |bound| u32::try_from(dice.below(bound)).unwrap();
    let name = |name: u32| ResourceCodes {
        resource_type: resource_of(name) % 4,
        resource: resource_of(name),
        name,
    };
    let count = [0, 1, 1, 1, 1, 1, 2, 4][small(8) as usize];
    EventCodes {
        actor: small(9),
        on_behalf_of: (small(4) == 0).then(|| small(3)),
        action: small(70_000) % 11 * 5_000,
        kind: Kind::ALL[small(Kind::ALL.len() as u64) as usize],
        outcome: Outcome::ALL[small(Outcome::ALL.len() as u64) as usize],
        resources: (0..count).map(|_| name(small(40))).collect(),
    }
}

fn record(dice: &mut Dice, offset: u64) -> Record {
    let bytes = |dice: &mut Dice, text: &str| match dice.below(12) {
        0 => None,
        1 => Some(Bytes::new()),
        // Now and then a block is closed by its bytes.
        2 => Some(format!("{text}{}", dice.below(1 << 40)).repeat(300).into()),
        _ => Some(format!("{{\"what\":\"{text}\",\"number\":{}}}", dice.below(1 << 30)).into()),
    };
    let types = [TimestampType::CreateTime, TimestampType::LogAppendTime];
    Record {
        position: Position { partition: 3, offset },
        timestamp_ms: 1_700_000_000_000 + i64::try_from(offset).unwrap(),
        timestamp_type: dice.pick(&types),
        key: bytes(dice, "key"),
        value: bytes(dice, "value"),
        headers: (0..dice.below(3))
            .map(|number| Header { name: format!("h{number}"), value: bytes(dice, "header") })
            .collect(),
    }
}

/// A log of so many records of so many workspaces, and of nobody.
fn log(seed: u64, records: u64, workspaces: u64) -> Vec<Row> {
    let mut dice = Dice::new(seed);
    let mut seqs = vec![0; usize::try_from(workspaces).unwrap()];
    let mut offset = 10;
    let mut rows = Vec::new();
    for _ in 0..records {
        offset += 1 + dice.below(8) / 7;
        let number = usize::try_from(dice.below(workspaces)).unwrap();
        let nobodys = dice.below(30) == 0;
        let record = record(&mut dice, offset);
        let refusal = |dice: &mut Dice| Refusal {
            reason: dice.pick(Reason::ALL),
            detail: format!("detail {}", dice.below(100)),
            event_id: (dice.below(2) == 0).then(|| Uuid::from_u128(u128::from(dice.below(9)))),
        };
        let status = match dice.below(10) {
            0 => Status::Quarantined(refusal(&mut dice)),
            1 if !nobodys => Status::Duplicate,
            _ if nobodys => Status::Quarantined(refusal(&mut dice)),
            _ => {
                seqs[number] += 1;
                let effective_at = 1_700_000_000 + i64::try_from(dice.below(records)).unwrap() / 4;
                let event_id = u128::from(offset).to_le_bytes();
                Status::Visible(VisibleRow {
                    key: OrderKey { effective_at, seq: seqs[number] },
                    event_id,
                    id_hash: id_hash(&format!("w{number}"), &event_id),
                    codes: codes(&mut dice),
                })
            }
        };
        let previous = (offset > 11).then(|| offset - 1);
        rows.push(Row {
            workspace: (!nobodys).then(|| WorkspaceId::new(&format!("w{number}")).unwrap()),
            folded: FoldedRow {
                record,
                workspace: None,
                previous,
                previous_of_key: previous.filter(|_| dice.below(2) == 0),
                status,
            },
        });
    }
    rows
}

/// The part of a segment that belongs to one workspace.
struct Part<'a> {
    workspace: Option<&'a WorkspaceId>,
    visible: Vec<&'a Row>,
    refused: Vec<&'a Row>,
    end: GroupEnd,
    layer: Vec<u8>,
}

/// What a segment of these rows has to hold, group by group. `before`: rows of earlier segments.
fn parts<'a>(before: &'a [Row], rows: &'a [Row]) -> Vec<Part<'a>> {
    let mut workspaces: Vec<_> = rows.iter().map(|row| row.workspace.as_ref()).collect();
    workspaces.sort();
    workspaces.dedup();
    let part = |workspace: Option<&'a WorkspaceId>| {
        let mine = move |row: &&Row| row.workspace.as_ref() == workspace;
        let mut visible: Vec<&Row> =
            rows.iter().filter(mine).filter(|row| row.visible().is_some()).collect();
        // A stand-in for a layer of which several are merged by appending them.
        let layer = visible.iter().flat_map(|row| row.offset().to_le_bytes()).collect();
        visible.sort_by_key(|row| row.visible().unwrap().key);
        let upto = || before.iter().chain(rows).filter(mine);
        let seqs = upto().filter_map(|row| row.visible()).map(|row| row.key.seq);
        let refused = rows.iter().filter(mine).filter(|row| row.visible().is_none()).collect();
        let end = GroupEnd {
            last_seq: seqs.max().unwrap_or(0),
            last_offset: upto().map(Row::offset).max(),
        };
        Part { workspace, visible, refused, end, layer }
    };
    workspaces.into_iter().map(part).collect()
}

fn refused_as(row: &Row) -> Refused {
    match row.folded.status {
        Status::Duplicate => Refused::Duplicate,
        Status::Quarantined(_) => Refused::Quarantined,
        Status::Visible(_) => panic!("a visible row is not refused"),
    }
}

fn identity(start: u64, end: u64) -> SegmentIdentity {
    SegmentIdentity { log_id: LOG, partition: 3, range: OffsetRange { start, end } }
}

fn samples(rows: &[Row]) -> Vec<Vec<u8>> {
    rows.iter().map(Row::stored).collect()
}

/// A segment's bytes.
struct Built {
    identity: SegmentIdentity,
    bytes: Vec<u8>,
    written: WrittenSegment,
    /// Bytes of the id table.
    ids: usize,
}

impl Built {
    fn file(&self) -> ObjectFile {
        ObjectFile::in_memory("segment", self.bytes.clone().into())
    }

    fn open(&self) -> SegmentReader {
        self.open_bytes(self.bytes.clone()).unwrap()
    }

    /// Opens other bytes in this segment's place.
    fn open_bytes(&self, bytes: Vec<u8>) -> Result<SegmentReader, StoreError> {
        let file = ObjectFile::in_memory("segment", bytes.into());
        SegmentReader::open(file, self.identity, &self.written.footer_sha256)
    }
}

/// Writes a segment of some rows of a log.
fn build(before: &[Row], rows: &[Row], samples: &[Vec<u8>], (start, end): (u64, u64)) -> Built {
    let identity = identity(start, end);
    let mut writer = SegmentWriter::new(Vec::new(), identity, samples, LEVEL).unwrap();
    let mut entries = Vec::new();
    for part in parts(before, rows) {
        writer.begin(part.workspace).unwrap();
        for row in &part.visible {
            let visible = row.visible().unwrap();
            let number = writer.visible(visible.key, &visible.codes, &row.stored()).unwrap();
            entries.push((visible.id_hash, number));
        }
        for row in &part.refused {
            writer.refused(refused_as(row), &row.stored()).unwrap();
        }
        writer.end(part.end, &part.layer).unwrap();
    }
    let mut ids = Vec::new();
    KeyTable::write(entries, &mut ids);
    let (bytes, written) = writer.finish(&ids).unwrap();
    Built { identity, bytes, written, ids: ids.len() }
}

/// A segment of a whole log.
fn build_all(rows: &[Row]) -> Built {
    build(&[], rows, &samples(rows), (5, 1_000_000))
}
