//! Everything that can be read from a segment, compared with the rows it was made of.

use super::super::reader::SegmentReader;
use super::super::stored_row::StoredStatus;
use super::super::{BlockCache, Refused, SegmentRows, StoredRow, id_hash};
use super::{Part, Row, parts};
use crate::StoreError;
use crate::catalog::OrderKey;
use crate::codes::EventCodes;
use crate::fold::Status;
use crate::packed::{Direction, NO_KEY};
use crate::rows::{Column, Dimension, Rows};

pub(super) const DIMENSIONS: [Dimension; 7] = [
    Dimension::Actor,
    Dimension::OnBehalfOf,
    Dimension::Action,
    Dimension::Kind,
    Dimension::Outcome,
    Dimension::Type,
    Dimension::Resource,
];

/// The segment holds exactly these rows.
pub(super) fn check(reader: &SegmentReader, before: &[Row], rows: &[Row]) {
    let parts = parts(before, rows);
    assert_eq!(reader.groups().len(), parts.len());
    let mut first_row = 0;
    for (number, part) in (0..).zip(&parts) {
        let group = &reader.groups()[number as usize];
        let workspace = part.workspace.map_or("", |workspace| workspace.as_str());
        assert_eq!((reader.group(workspace), group.first_row), (Some(number), first_row));
        assert_eq!(group.workspace, workspace);
        assert_eq!(group.visible as usize, part.visible.len());
        assert_eq!(group.refused() as usize, part.refused.len());
        assert_eq!(group.end, part.end);
        assert_eq!(reader.layer(number).unwrap(), part.layer);
        let key = |row: Option<&&Row>| row.map(|row| row.visible().unwrap().key);
        assert_eq!(group.oldest, key(part.visible.first()).unwrap_or_default());
        assert_eq!(group.newest, key(part.visible.last()).unwrap_or_default());
        check_columns(&reader.rows(number).unwrap(), part);
        check_lists(&reader.rows(number).unwrap(), part);
        check_stored(reader, number, part);
        first_row += group.visible;
    }
    let visible = rows.iter().filter(|row| row.visible().is_some()).count();
    assert_eq!(reader.counts().visible, visible as u64);
    assert_eq!(reader.counts().records(), rows.len() as u64);
    assert_eq!(reader.group("nobody's"), None);
    reader.verify().unwrap();
}

/// A row's code of a column, as columns store it.
fn code(codes: &EventCodes, column: Column) -> u32 {
    let first = codes.resources.first();
    match column {
        Column::Actor => codes.actor,
        Column::OnBehalfOf => codes.on_behalf_of.map_or(0, |code| code + 1),
        Column::Action => codes.action,
        Column::Kind => codes.kind.code(),
        Column::Outcome => codes.outcome.code(),
        Column::Type => first.map_or(0, |first| first.resource_type + 1),
        Column::Name => first.map_or(0, |first| first.name + 1),
    }
}

fn keys(codes: &EventCodes, dimension: Dimension) -> Vec<u32> {
    match dimension {
        Dimension::Actor => vec![codes.actor],
        Dimension::OnBehalfOf => codes.on_behalf_of.into_iter().collect(),
        Dimension::Action => vec![codes.action],
        Dimension::Kind => vec![codes.kind.code()],
        Dimension::Outcome => vec![codes.outcome.code()],
        Dimension::Type => codes.resources.iter().map(|of| of.resource_type).collect(),
        Dimension::Resource => codes.resources.iter().map(|of| of.resource).collect(),
    }
}

fn check_columns(rows: &SegmentRows<'_>, part: &Part<'_>) {
    let expected: Vec<_> = part.visible.iter().map(|row| row.visible().unwrap()).collect();
    assert_eq!(rows.len() as usize, expected.len());
    assert_eq!(rows.last_seq(), expected.iter().map(|row| row.key.seq).max().unwrap_or(0));
    let has_further = expected.iter().any(|row| row.codes.resources.len() > 1);
    assert_eq!(rows.has_further(), has_further);
    for column in super::super::columns::COLUMNS {
        let all: Vec<u32> = expected.iter().map(|row| code(&row.codes, column)).collect();
        let one_by_one: Vec<u32> = (0..rows.len()).map(|row| rows.code(column, row)).collect();
        assert_eq!(one_by_one, all, "{column:?}");
        let mut copied = vec![0; all.len() / 2];
        let start = all.len() / 3;
        rows.codes(column, u32::try_from(start).unwrap(), &mut copied);
        assert_eq!(copied, all[start..start + copied.len()], "{column:?}");
    }
    for (row, of) in (0..).zip(&expected) {
        assert_eq!(rows.key(row), of.key);
        let further: Vec<_> = rows.further(row).iter().collect();
        let resources = of.codes.resources.iter().skip(1);
        let resources: Vec<_> = resources.map(|of| (of.resource_type, of.name)).collect();
        assert_eq!((rows.further(row).len() as usize, &further), (resources.len(), &resources));
        for end in [row, row + 1, row + 7, rows.len()] {
            let range = row..end.min(rows.len());
            let mut found = Vec::new();
            rows.each_further(range.clone(), |row, of_type, name| found.push((row, of_type, name)));
            let each = range.flat_map(|row| {
                let further = rows.further(row).iter().collect::<Vec<_>>();
                further.into_iter().map(move |(of_type, name)| (row, of_type, name))
            });
            assert_eq!(found, each.collect::<Vec<_>>());
        }
        for seq in [of.key.seq - 1, of.key.seq, of.key.seq + 1] {
            let key = OrderKey { seq, ..of.key };
            let below = expected.iter().filter(|row| row.key < key).count();
            assert_eq!(rows.lower_bound(key) as usize, below);
        }
    }
    assert_eq!(rows.lower_bound(OrderKey { effective_at: i64::MAX, seq: 0 }), rows.len());
    assert_eq!(rows.lower_bound(OrderKey { effective_at: i64::MIN, seq: 9 }), 0);
}

fn check_lists(rows: &SegmentRows<'_>, part: &Part<'_>) {
    assert!(rows.has_lists());
    for dimension in DIMENSIONS {
        let mut pairs: Vec<(u32, u32)> = (0..)
            .zip(&part.visible)
            .flat_map(|(number, row)| {
                let keys = keys(&row.visible().unwrap().codes, dimension);
                keys.into_iter().map(move |key| (key, number))
            })
            .collect();
        pairs.sort_unstable();
        pairs.dedup();
        let mut expected: Vec<(u32, Vec<u32>)> = Vec::new();
        for (key, row) in pairs {
            match expected.last_mut() {
                Some((last, rows)) if *last == key => rows.push(row),
                _ => expected.push((key, vec![row])),
            }
        }
        let lengths: Vec<_> =
            expected.iter().map(|(key, rows)| (*key, u32::try_from(rows.len()).unwrap())).collect();
        assert_eq!(rows.list_lengths(dimension), lengths, "{dimension:?}");
        for (key, list) in &expected {
            assert_eq!(&listed(rows, dimension, *key), list, "{dimension:?} {key}");
        }
        assert!(rows.list(dimension, NO_KEY - 1).is_none());
    }
}

fn listed(rows: &SegmentRows<'_>, dimension: Dimension, key: u32) -> Vec<u32> {
    let list = rows.list(dimension, key).unwrap();
    let mut cursor = list.cursor(0..rows.len(), Direction::Forward);
    std::iter::from_fn(|| {
        let row = cursor.peek()?;
        cursor.advance();
        Some(row)
    })
    .collect()
}

fn check_stored(reader: &SegmentReader, number: u32, part: &Part<'_>) {
    let mut cache = BlockCache::default();
    let mut bytes = vec![1, 2, 3];
    let all: Vec<_> = part.visible.iter().chain(&part.refused).collect();
    // Out of order, so that blocks are left and come back to.
    for step in [all.len(), 1] {
        for (row, expected) in (0..).zip(&all).step_by(step.div_ceil(7).max(1)) {
            let stored = reader.row(number, row, &mut cache).unwrap();
            let folded = &expected.folded;
            let previous = (stored.previous, stored.previous_of_key);
            assert_eq!(previous, (folded.previous, folded.previous_of_key));
            assert_eq!(stored.offset, expected.offset());
            let seq = folded.visible().map(|row| row.key.seq);
            assert_eq!(seq_of(&stored), seq);
            let (refusal, verdict) = match &folded.status {
                Status::Visible(_) => (None, None),
                Status::Duplicate => (None, Some(Refused::Duplicate)),
                Status::Quarantined(refusal) => (Some(refusal), Some(Refused::Quarantined)),
            };
            assert_eq!(stored.refusal().as_ref(), refusal);
            assert_eq!(StoredRow::verdict(&expected.stored()), verdict);
            assert_eq!(stored.whole_record(3).unwrap(), folded.record);
            reader.row_bytes(number, row, &mut cache, &mut bytes).unwrap();
            assert_eq!(bytes, expected.stored());
        }
    }
    let beyond = u32::try_from(all.len()).unwrap();
    assert!(matches!(reader.row(number, beyond, &mut cache), Err(StoreError::Corrupt { .. })));
    for (row, expected) in (0..).zip(&part.visible) {
        let hash = expected.visible().unwrap().id_hash;
        assert_eq!(reader.candidates(hash).unwrap(), [(number, row)]);
    }
    assert_eq!(reader.candidates(id_hash("nobody", &[9; 16])).unwrap(), []);
}

fn seq_of(row: &StoredRow<'_>) -> Option<u64> {
    match row.status {
        StoredStatus::Visible { seq } => Some(seq),
        _ => None,
    }
}
