//! Bytes that are not what was written are found, and nothing panics over them.

use std::sync::OnceLock;

use annals_schemas::{LogId, OffsetRange};

use super::super::block_table::BlockTable;
use super::super::reader::SegmentReader;
use super::super::{BlockCache, FORMAT, SegmentIdentity, SegmentRows, StoredRow};
use super::oracle::DIMENSIONS;
use super::{Built, build_all, log};
use crate::StoreError;
use crate::catalog::OrderKey;
use crate::rows::Rows;

fn small() -> Built {
    let mut rows = log(21, 90, 2);
    for row in &mut rows {
        row.folded.record.headers = [].into();
        let value = row.folded.record.value.as_mut();
        value.into_iter().for_each(|value| value.truncate(40));
    }
    build_all(&rows)
}

/// Reads everything that reading can reach.
fn read_all(reader: &SegmentReader) -> Result<(), StoreError> {
    let mut cache = BlockCache::default();
    for (number, group) in (0..).zip(reader.groups()) {
        let rows = reader.rows(number)?;
        let _ = DIMENSIONS.map(|dimension| rows.list_lengths(dimension));
        reader.layer(number)?;
        (0..group.rows()).try_for_each(|row| reader.row(number, row, &mut cache).map(|_| ()))?;
    }
    reader.candidates(77).map(|_| ())
}

/// How a trained dictionary begins (RFC 8878, 5).
const DICTIONARY_MAGIC: [u8; 4] = [0x37, 0xa4, 0x30, 0xec];

/// The same of a dictionary, which a few short rows do not have, and of blocks made with it.
#[test]
fn every_flipped_byte_of_a_dictionary_is_found() {
    let built = build_all(&log(21, 900, 2));
    let begins = |at: &usize| built.bytes[*at..].starts_with(&DICTIONARY_MAGIC);
    let start = (0..built.bytes.len()).find(begins).expect("so many rows train a dictionary");
    let path = built.open().path().to_owned();
    // All of its beginning, and then some of whatever follows.
    let rest = (start + 256..built.bytes.len()).step_by(251);
    for at in (start..start + 256).chain(rest) {
        let mut bytes = built.bytes.clone();
        bytes[at] ^= 0x04;
        let error = built.open_bytes(bytes).and_then(|reader| read_all(&reader)).unwrap_err();
        assert!(names(&error, &path), "byte {at}: {error}");
    }
}

#[test]
fn every_flipped_byte_is_found_by_reading_and_by_verifying() {
    let built = small();
    read_all(&built.open()).unwrap();
    let open = built.open();
    open.verify().unwrap();
    let path = open.path().to_owned();
    assert!(built.bytes.len() < 20_000, "{}", built.bytes.len());
    for (at, mask) in (0..built.bytes.len()).zip([1, 0x80, 0xff, 0x10].into_iter().cycle()) {
        let mut bytes = built.bytes.clone();
        bytes[at] ^= mask;
        let reader = match built.open_bytes(bytes) {
            Err(error) => {
                assert!(names(&error, &path), "byte {at}: {error}");
                continue;
            }
            Ok(reader) => reader,
        };
        let read = read_all(&reader).unwrap_err();
        assert!(names(&read, &path), "byte {at}: {read}");
        let verified = reader.verify().unwrap_err();
        assert!(names(&verified, &path), "byte {at}: {verified}");
    }
}

/// Whether an error says that this file is damaged, or that it claims to be of a later format.
fn names(error: &StoreError, file: &str) -> bool {
    match error {
        StoreError::Corrupt { path, .. } | StoreError::NewerFormat { path, .. } => path == file,
        _ => false,
    }
}

#[test]
fn a_truncated_file_is_not_opened() {
    let built = small();
    for length in 0..built.bytes.len() {
        let error = built.open_bytes(built.bytes[..length].to_vec()).unwrap_err();
        assert!(matches!(error, StoreError::Corrupt { .. }), "{length} bytes: {error}");
    }
}

fn detail(result: Result<SegmentReader, StoreError>) -> String {
    match result.unwrap_err() {
        StoreError::Corrupt { detail, .. } => detail,
        other => panic!("{other}"),
    }
}

#[test]
fn only_the_file_that_the_manifest_means_is_opened() {
    let built = small();
    let other = build_all(&log(22, 50, 2));
    let swapped = detail(built.open_bytes(other.bytes.clone()));
    assert!(swapped.starts_with("the footer's sha256 is "), "{swapped}");
    let open = |identity| SegmentReader::open(built.file(), identity, &built.written.footer_sha256);
    let foreign = [
        SegmentIdentity { log_id: LogId([8; 16]), ..built.identity },
        SegmentIdentity { partition: 4, ..built.identity },
        SegmentIdentity { range: OffsetRange { start: 6, end: 1_000_000 }, ..built.identity },
        SegmentIdentity { range: OffsetRange { start: 5, end: 999_999 }, ..built.identity },
    ];
    for identity in foreign {
        let expected = format!("this is {}, expected {identity}", built.identity);
        assert_eq!(detail(open(identity)), expected);
    }
    let hash = "00".repeat(32);
    let wrong = detail(SegmentReader::open(built.file(), built.identity, &hash));
    let found = &built.written.footer_sha256;
    assert_eq!(wrong, format!("the footer's sha256 is {found}, expected {hash}"));
}

#[test]
fn a_newer_format_and_a_missing_magic_are_told_apart() {
    let built = small();
    let end = built.bytes.len();
    let mut newer = built.bytes.clone();
    newer[end - 12..end - 8].copy_from_slice(&(FORMAT + 1).to_le_bytes());
    match built.open_bytes(newer).unwrap_err() {
        StoreError::NewerFormat { path, found, known } => {
            assert_eq!((path.as_str(), found, known), ("segment", FORMAT + 1, FORMAT));
        }
        other => panic!("{other}"),
    }
    let mut older = built.bytes.clone();
    older[end - 12..end - 8].copy_from_slice(&(FORMAT - 1).to_le_bytes());
    let expected = "format 0 is read no more: `annals rebuild` makes it anew";
    assert_eq!(detail(built.open_bytes(older)), expected);
    for (at, which) in [(0, "opening"), (end - 1, "closing")] {
        let mut other = built.bytes.clone();
        other[at] ^= 1;
        let expected = format!("this is no segment: the {which} magic is missing");
        assert_eq!(detail(built.open_bytes(other)), expected);
    }
}

#[test]
fn sections_that_lie_with_a_right_checksum_do_not_panic() {
    let built = small();
    let reader = built.open();
    let group = &reader.groups()[1];
    let section = |at: u64, length: u64| {
        built.bytes[usize::try_from(at).unwrap()..][..usize::try_from(length).unwrap()].to_vec()
    };
    let columns = section(group.columns.at, group.columns.length);
    let lists = section(group.lists.at, group.lists.length);
    let table = section(group.block_table.at, group.block_table.length);
    for mask in [1, 0x80, 0xff] {
        flip_each(&columns, mask, |columns| {
            let further = OnceLock::new();
            let rows = SegmentRows::open((columns, &lists), group.visible, &further);
            rows.iter().for_each(walk);
        });
        flip_each(&lists, mask, |lists| {
            let further = OnceLock::new();
            let rows = SegmentRows::open((&columns, lists), group.visible, &further);
            rows.iter().for_each(walk);
        });
        flip_each(&table, mask, |table| {
            let Some(table) = BlockTable::open(table, group.rows()) else { return };
            let blocks = (0..group.rows()).filter_map(|row| table.find(row));
            blocks.for_each(|block| assert!(block.rows.end <= group.rows()));
        });
    }
}

#[test]
fn a_damaged_row_does_not_panic_and_a_cut_one_is_none() {
    let stored = log(23, 5, 1)[3].stored();
    for length in 0..stored.len() {
        assert_eq!(StoredRow::read(&stored[..length]), None);
    }
    flip_each(&stored, 0xff, |row| drop(StoredRow::read(row)));
}

fn flip_each(bytes: &[u8], mask: u8, mut read: impl FnMut(&[u8])) {
    let mut bytes = bytes.to_vec();
    for at in 0..bytes.len() {
        bytes[at] ^= mask;
        read(&bytes);
        read(&bytes[..at]);
        bytes[at] ^= mask;
    }
}

fn walk(rows: &SegmentRows<'_>) {
    for row in 0..rows.len() {
        let key = rows.key(row);
        rows.lower_bound(key);
        rows.lower_bound(OrderKey { seq: key.seq.wrapping_add(1), ..key });
        // A damaged side list may be long.
        rows.further(row).iter().take(100).for_each(drop);
    }
    rows.each_further(0..rows.len(), |_, _, _| ());
    for column in super::super::columns::COLUMNS {
        rows.codes(column, 3, &mut [0; 16]);
    }
    for dimension in DIMENSIONS {
        for key in [0, 5, 70_000] {
            rows.list(dimension, key).map(|list| (list.len(), list.last()));
        }
    }
}
