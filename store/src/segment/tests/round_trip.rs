//! What is written comes back.

use proptest::prelude::*;

use super::super::footer::TRAILER_BYTES;
use super::oracle::check;
use super::{Built, build_all, log};
use crate::rows::Rows;

#[test]
fn every_row_column_list_and_id_comes_back() {
    let rows = log(1, 1_500, 3);
    check(&build_all(&rows).open(), &[], &rows);
}

#[test]
fn a_segment_without_rows_is_one() {
    let reader = build_all(&[]).open();
    check(&reader, &[], &[]);
    assert_eq!(reader.candidates(7).unwrap(), []);
}

#[test]
fn a_group_may_have_refused_rows_only() {
    let mut rows = log(2, 400, 3);
    let gone = rows[0].workspace.clone();
    rows.retain(|row| row.workspace != gone || row.visible().is_none());
    let built = build_all(&rows);
    let reader = built.open();
    check(&reader, &[], &rows);
    let group = &reader.groups()[0];
    assert_eq!((group.visible, group.workspace.as_str()), (0, ""));
    assert_eq!(reader.rows(0).unwrap().len(), 0);
}

#[test]
fn the_same_rows_give_the_same_bytes() {
    let rows = log(3, 300, 2);
    let [one, two] = [build_all(&rows), build_all(&rows)];
    assert_eq!(one.bytes, two.bytes);
    assert_eq!(one.written, two.written);
    assert_eq!(one.written.length, one.bytes.len() as u64);
    let sha256 = crate::evidence::hex(&<sha2::Sha256 as sha2::Digest>::digest(&one.bytes));
    assert_eq!(one.written.sha256, sha256);
}

#[test]
fn opening_reads_two_percent() {
    let rows = log(4, 6_000, 5);
    let built = build_all(&rows);
    let reader = built.open();
    assert_eq!(reader.verified_parts(), 0);
    assert!(opened_bytes(&built) * 50 <= built.written.length, "{}", opened_bytes(&built));
    reader.rows(1).unwrap();
    assert_eq!(reader.verified_parts(), 2);
    reader.rows(1).unwrap();
    reader.candidates(5).unwrap();
    assert_eq!(reader.verified_parts(), 3);
}

/// Magic, directory, footer and trailer: all but the sections.
fn opened_bytes(built: &Built) -> u64 {
    let reader = built.open();
    let sections_end = reader.groups().last().unwrap().layer.end() + built.ids as u64;
    assert!(built.written.length > sections_end + TRAILER_BYTES);
    8 + built.written.length - sections_end
}

#[test]
fn a_block_costs_two_bytes_a_row_and_empty_columns_next_to_nothing() {
    let mut rows = log(5, 5_000, 1);
    for row in &mut rows {
        row.folded.record.value = Some("short".into());
        row.folded.record.headers = [].into();
        if let crate::fold::Status::Visible(visible) = &mut row.folded.status {
            visible.codes.on_behalf_of = None;
            visible.codes.resources.clear();
            visible.codes.actor = 0;
            visible.codes.action = 0;
            visible.codes.kind = annals_schemas::Kind::ALL[0];
            visible.codes.outcome = annals_schemas::Outcome::ALL[0];
        }
    }
    let reader = build_all(&rows).open();
    let group = &reader.groups()[1];
    assert!(group.block_table.length < u64::from(group.rows()) * 2, "{:?}", group.block_table);
    let rows = reader.rows(1).unwrap();
    let keys = (rows.len() / 128 + 1) * 2 * 13 + rows.len() * 4;
    assert!(group.columns.length < u64::from(keys) + 100, "{:?}", group.columns);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_rows_come_back(seed: u64, records in 0_u64..400, workspaces in 1_u64..6) {
        let rows = log(seed, records, workspaces);
        check(&build_all(&rows).open(), &[], &rows);
    }
}
