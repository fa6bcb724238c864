//! Collects a group's rows by column and writes them as its columns and its lists.
//!
//! Columns: `last seq u64 | 7 codes | further rows, types, names | times length u32 | times |
//! seqs`. Lists: for each dimension `length u32 | lists`, of length 0 where no row has a key.

use crate::catalog::OrderKey;
use crate::codes::{EventCodes, ResourceCodes};
use crate::packed::{Bits, Frames, Lists, NO_KEY};
use crate::rows::{Column, Dimension};

/// Columns of codes, in this order.
pub(super) const COLUMNS: [Column; 7] = [
    Column::Actor,
    Column::OnBehalfOf,
    Column::Action,
    Column::Kind,
    Column::Outcome,
    Column::Type,
    Column::Name,
];

/// Dimensions, in the order of their lists.
pub(super) const DIMENSIONS: [Dimension; 7] = [
    Dimension::Actor,
    Dimension::OnBehalfOf,
    Dimension::Action,
    Dimension::Kind,
    Dimension::Outcome,
    Dimension::Type,
    Dimension::Resource,
];

/// The visible rows of the group that is being written.
#[derive(Debug, Default)]
pub(super) struct ColumnsWriter {
    times: Vec<i64>,
    seqs: Vec<i64>,
    last_seq: u64,
    codes: [Vec<u32>; 7],
    /// Of each row's first resource; `NO_KEY` for none.
    resources: Vec<u32>,
    further: Vec<(u32, ResourceCodes)>,
}

impl ColumnsWriter {
    pub(super) fn push(&mut self, key: OrderKey, codes: &EventCodes) {
        let first = codes.resources.first();
        let values: [u32; COLUMNS.len()] = [
            codes.actor,
            optional(codes.on_behalf_of),
            codes.action,
            codes.kind.code(),
            codes.outcome.code(),
            optional(first.map(|resource| resource.resource_type)),
            optional(first.map(|resource| resource.name)),
        ];
        if let Some((_, further)) =
            codes.resources.split_first().filter(|(_, rest)| !rest.is_empty())
        {
            let row = u32::try_from(self.times.len()).expect("a group has fewer than 2^32 rows");
            self.further.extend(further.iter().map(|resource| (row, *resource)));
        }
        self.times.push(key.effective_at);
        self.seqs.push(key.seq.cast_signed());
        self.last_seq = self.last_seq.max(key.seq);
        self.codes.iter_mut().zip(values).for_each(|(column, value)| column.push(value));
        self.resources.push(first.map_or(NO_KEY, |resource| resource.resource));
    }

    /// The bytes of the columns section.
    pub(super) fn columns(&self) -> Vec<u8> {
        let mut bytes = self.last_seq.to_le_bytes().to_vec();
        for column in &self.codes {
            Bits::write(column.iter().copied().map(u64::from), &mut bytes);
        }
        let further = self.further.iter();
        Bits::write(further.clone().map(|(row, _)| u64::from(*row)), &mut bytes);
        Bits::write(further.clone().map(|(_, of)| u64::from(of.resource_type)), &mut bytes);
        Bits::write(further.map(|(_, of)| u64::from(of.name)), &mut bytes);
        let mut times = Vec::new();
        Frames::write(&self.times, &mut times);
        bytes.extend_from_slice(&length(&times));
        bytes.extend_from_slice(&times);
        Frames::write(&self.seqs, &mut bytes);
        bytes
    }

    /// The bytes of the lists section.
    pub(super) fn lists(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut part = Vec::new();
        for dimension in DIMENSIONS {
            part.clear();
            self.write_lists(dimension, &mut part);
            bytes.extend_from_slice(&length(&part));
            bytes.extend_from_slice(&part);
        }
        bytes
    }

    /// Ready for the next group, with the memory of this one.
    pub(super) fn clear(&mut self) {
        self.times.clear();
        self.seqs.clear();
        self.last_seq = 0;
        self.codes.iter_mut().for_each(Vec::clear);
        self.resources.clear();
        self.further.clear();
    }

    fn write_lists(&self, dimension: Dimension, out: &mut Vec<u8>) {
        let further = |key: fn(&ResourceCodes) -> u32| -> Vec<(u32, u32)> {
            self.further.iter().map(|(row, of)| (*row, key(of))).collect()
        };
        match dimension {
            Dimension::Actor => write_keys(self.column(Column::Actor), &[], out),
            Dimension::OnBehalfOf => write_keys(&keys(self.column(Column::OnBehalfOf)), &[], out),
            Dimension::Action => write_keys(self.column(Column::Action), &[], out),
            Dimension::Kind => write_keys(self.column(Column::Kind), &[], out),
            Dimension::Outcome => write_keys(self.column(Column::Outcome), &[], out),
            Dimension::Type => {
                let types = keys(self.column(Column::Type));
                write_keys(&types, &further(|of| of.resource_type), out);
            }
            Dimension::Resource => write_keys(&self.resources, &further(|of| of.resource), out),
        }
    }

    fn column(&self, column: Column) -> &[u32] {
        &self.codes[column as usize]
    }
}

/// Nothing at all is written where no row has a key: that costs four bytes.
fn write_keys(keys: &[u32], further: &[(u32, u32)], out: &mut Vec<u8>) {
    // A further resource comes after a first one, so the keys alone decide.
    if keys.iter().any(|key| *key != NO_KEY) {
        Lists::write(keys, further, out);
    }
}

/// A code that may be absent, as columns store it.
fn optional(code: Option<u32>) -> u32 {
    code.map_or(0, |code| code + 1)
}

/// The keys of a column of optional codes: 0 becomes `NO_KEY`.
fn keys(column: &[u32]) -> Vec<u32> {
    column.iter().map(|code| code.wrapping_sub(1)).collect()
}

fn length(bytes: &[u8]) -> [u8; 4] {
    u32::try_from(bytes.len()).expect("a column of 2^24 rows is far below 4 GiB").to_le_bytes()
}
