//! A sorted run of one workspace's rows in memory, with columns like a segment's and no lists.

use std::ops::Range;
use std::sync::Arc;

use crate::catalog::OrderKey;
use crate::codes::EventCodes;
use crate::fold::{FoldedRow, VisibleRow};
use crate::packed::List;
use crate::rows::{Column, Dimension, Further, Rows};

/// What is behind a chunk's row.
pub(crate) type TailRow = FoldedRow;

const COLUMNS: usize = 7;

/// Rows of one workspace in page order. Every vector has one entry a row.
#[derive(Debug, Default)]
pub(crate) struct Chunk {
    keys: Vec<OrderKey>,
    /// By `Column as usize`.
    codes: [Vec<u32>; COLUMNS],
    /// (type code, name code) of each resource after the first. An empty box takes no memory.
    further: Vec<Box<[(u32, u32)]>>,
    records: Vec<Arc<TailRow>>,
    with_further: u32,
    last_seq: u64,
}

impl Chunk {
    /// The record and verdict of a row.
    pub(crate) fn record(&self, row: u32) -> &Arc<TailRow> {
        &self.records[row as usize]
    }

    /// All of them, oldest key first.
    pub(super) fn records(&self) -> &[Arc<TailRow>] {
        &self.records
    }

    /// Number of rows.
    pub(super) fn count(&self) -> usize {
        self.keys.len()
    }

    /// Key of the first row in page order.
    pub(super) fn first(&self) -> Option<OrderKey> {
        self.keys.first().copied()
    }

    /// How many rows lie at or after this key.
    pub(super) fn count_from(&self, key: OrderKey) -> usize {
        self.keys.len() - self.place_of(key)
    }

    /// Takes up a visible row at its place, which mostly is the end.
    pub(super) fn insert(&mut self, row: &Arc<TailRow>, visible: &VisibleRow) {
        let place = self.place_of(visible.key);
        self.keys.insert(place, visible.key);
        for (column, code) in self.codes.iter_mut().zip(column_codes(&visible.codes)) {
            column.insert(place, code);
        }
        let further = visible.codes.resources.iter().skip(1);
        let further = further.map(|codes| (codes.resource_type, codes.name)).collect::<Box<[_]>>();
        self.with_further += u32::from(!further.is_empty());
        self.further.insert(place, further);
        self.records.insert(place, row.clone());
        self.last_seq = self.last_seq.max(visible.key.seq);
    }

    /// Takes over another chunk's rows. Costs what the two overlap and the other's length.
    pub(super) fn merge(&mut self, other: Self) {
        let Some(first) = other.first() else { return };
        let from = self.place_of(first);
        let order = interleave(&self.keys[from..], &other.keys);
        weave(&mut self.keys, from, other.keys, &order);
        for (column, others) in self.codes.iter_mut().zip(other.codes) {
            weave(column, from, others, &order);
        }
        weave(&mut self.further, from, other.further, &order);
        weave(&mut self.records, from, other.records, &order);
        self.with_further += other.with_further;
        self.last_seq = self.last_seq.max(other.last_seq);
    }

    fn place_of(&self, key: OrderKey) -> usize {
        match self.keys.last() {
            Some(last) if key <= *last => self.keys.partition_point(|other| *other < key),
            _ => self.keys.len(),
        }
    }

    fn column(&self, column: Column) -> &[u32] {
        &self.codes[column as usize]
    }
}

/// A row's codes in the order of [`Column`].
fn column_codes(codes: &EventCodes) -> [u32; COLUMNS] {
    let first = codes.resources.first();
    [
        codes.actor,
        codes.on_behalf_of.map_or(0, |code| code + 1),
        codes.action,
        codes.kind.code(),
        codes.outcome.code(),
        first.map_or(0, |first| first.resource_type + 1),
        first.map_or(0, |first| first.name + 1),
    ]
}

/// How two sorted runs become one: for each row whether it is the second's.
fn interleave(keys: &[OrderKey], others: &[OrderKey]) -> Vec<bool> {
    let (mut at, mut other) = (0, 0);
    let mut order = Vec::with_capacity(keys.len() + others.len());
    while at < keys.len() && other < others.len() {
        let is_other = others[other] < keys[at];
        order.push(is_other);
        if is_other {
            other += 1;
        } else {
            at += 1;
        }
    }
    order.resize(order.len() + keys.len() - at, false);
    order.resize(order.len() + others.len() - other, true);
    order
}

/// Puts the rows from `from` on and all of `others` in this order.
fn weave<T>(column: &mut Vec<T>, from: usize, others: Vec<T>, order: &[bool]) {
    let own = column.split_off(from);
    column.reserve(order.len());
    let (mut own, mut others) = (own.into_iter(), others.into_iter());
    let next = |is_other: &bool| if *is_other { others.next() } else { own.next() };
    column.extend(order.iter().filter_map(next));
}

impl Rows for Chunk {
    fn len(&self) -> u32 {
        u32::try_from(self.keys.len()).expect("a tail is bounded by its bytes")
    }

    fn key(&self, row: u32) -> OrderKey {
        self.keys[row as usize]
    }

    fn lower_bound(&self, key: OrderKey) -> u32 {
        u32::try_from(self.place_of(key)).expect("a tail is bounded by its bytes")
    }

    fn code(&self, column: Column, row: u32) -> u32 {
        self.column(column)[row as usize]
    }

    fn codes(&self, column: Column, start: u32, codes: &mut [u32]) {
        let start = start as usize;
        codes.copy_from_slice(&self.column(column)[start..start + codes.len()]);
    }

    fn further(&self, row: u32) -> Further<'_> {
        Further::Plain(&self.further[row as usize])
    }

    fn each_further(&self, range: Range<u32>, mut each: impl FnMut(u32, u32, u32)) {
        let rows = &self.further[range.start as usize..range.end as usize];
        for (row, further) in (range.start..).zip(rows) {
            for (resource_type, name) in further.iter() {
                each(row, *resource_type, *name);
            }
        }
    }

    fn has_further(&self) -> bool {
        self.with_further > 0
    }

    fn has_lists(&self) -> bool {
        false
    }

    fn list(&self, _: Dimension, _: u32) -> Option<List<'_>> {
        None
    }

    fn list_lengths(&self, _: Dimension) -> Vec<(u32, u32)> {
        Vec::new()
    }

    fn last_seq(&self) -> u64 {
        self.last_seq
    }
}

#[cfg(test)]
pub(super) mod tests {
    use annals_schemas::{Kind, Outcome, Position, Record, TimestampType};
    use proptest::prelude::*;

    use super::*;
    use crate::codes::ResourceCodes;
    use crate::fold::Status;

    pub(in crate::partition) fn row(effective_at: i64, seq: u64) -> Arc<TailRow> {
        let code = u32::try_from(seq).unwrap();
        let resource = |name| ResourceCodes { resource_type: 2, resource: 9, name };
        let visible = VisibleRow {
            key: OrderKey { effective_at, seq },
            event_id: [0; 16],
            id_hash: 0,
            codes: EventCodes {
                actor: code,
                on_behalf_of: (code % 3 == 0).then_some(code),
                action: code + 1,
                kind: Kind::Update,
                outcome: Outcome::ALL[0],
                resources: (0..code % 4).map(resource).collect(),
            },
        };
        let record = Record {
            position: Position { partition: 0, offset: seq },
            timestamp_ms: 0,
            timestamp_type: TimestampType::LogAppendTime,
            key: None,
            value: None,
            headers: [].into(),
        };
        Arc::new(TailRow {
            record,
            workspace: Some(0),
            previous: None,
            previous_of_key: None,
            status: Status::Visible(visible),
        })
    }

    fn chunk(rows: &[(i64, u64)]) -> Chunk {
        let mut chunk = Chunk::default();
        for &(at, seq) in rows {
            let row = row(at, seq);
            chunk.insert(&row, row.visible().unwrap());
        }
        chunk
    }

    fn assert_is(chunk: &Chunk, mut expected: Vec<(i64, u64)>) {
        expected.sort_unstable();
        assert_eq!(chunk.len() as usize, expected.len());
        for (number, &(effective_at, seq)) in (0..).zip(&expected) {
            let key = OrderKey { effective_at, seq };
            let codes = &row(effective_at, seq).visible().unwrap().codes.clone();
            assert_eq!(chunk.key(number), key);
            assert_eq!(chunk.lower_bound(key), number);
            assert_eq!(chunk.record(number).visible().unwrap().key, key);
            assert_eq!(chunk.code(Column::Actor, number), codes.actor);
            assert_eq!(chunk.code(Column::Action, number), codes.action);
            assert_eq!(chunk.code(Column::Kind, number), Kind::Update.code());
            let behalf = codes.on_behalf_of.map_or(0, |code| code + 1);
            assert_eq!(chunk.code(Column::OnBehalfOf, number), behalf);
            let (types, names) = if codes.resources.is_empty() { (0, 0) } else { (3, 1) };
            assert_eq!(chunk.code(Column::Type, number), types);
            assert_eq!(chunk.code(Column::Name, number), names);
            let further: Vec<_> = chunk.further(number).iter().collect();
            let others = codes.resources.iter().skip(1);
            assert_eq!(further, others.map(|r| (r.resource_type, r.name)).collect::<Vec<_>>());
        }
        let mut actors = vec![0; expected.len()];
        chunk.codes(Column::Actor, 0, &mut actors);
        let seqs: Vec<u64> = actors.into_iter().map(u64::from).collect();
        assert_eq!(seqs, expected.iter().map(|(_, seq)| *seq).collect::<Vec<_>>());
        assert_eq!(chunk.last_seq(), seqs.iter().copied().max().unwrap_or(0));
        assert_eq!(chunk.has_further(), expected.iter().any(|(_, seq)| seq % 4 > 1));
    }

    proptest! {
        #[test]
        fn rows_are_sorted_whatever_order_they_come_in(
            times in prop::collection::vec(0i64..9, 0..60),
        ) {
            let rows: Vec<(i64, u64)> = times.into_iter().zip(1..).collect();
            assert_is(&chunk(&rows), rows);
        }

        #[test]
        fn merging_is_the_same_as_inserting(
            times in prop::collection::vec(0i64..30, 0..80),
            cut in 0usize..80,
        ) {
            let rows: Vec<(i64, u64)> = times.into_iter().zip(1..).collect();
            let cut = cut.min(rows.len());
            let mut merged = chunk(&rows[..cut]);
            merged.merge(chunk(&rows[cut..]));
            assert_is(&merged, rows);
        }
    }
}
