//! Merging segments gives what one segment of the same records would be.

use std::sync::Arc;

use proptest::prelude::*;

use super::super::merge::{Merge, identity_of, merge_segments};
use super::super::reader::SegmentReader;
use super::super::writer::{SegmentWriter, WrittenSegment};
use super::oracle::check;
use super::{Built, LEVEL, Row, build, log, resource_of, samples};
use crate::StoreError;
use crate::catalog::LayerSource;

const END: u64 = 1_000_000;

/// Layers of these tests are merged by appending them.
fn append_layers(layers: &[Arc<dyn LayerSource>]) -> Result<Vec<u8>, StoreError> {
    layers.iter().try_fold(Vec::new(), |mut all, layer| {
        all.extend_from_slice(layer.layer()?);
        Ok(all)
    })
}

/// Segments of the rows before, between and after the cuts.
fn segments(rows: &[Row], cuts: &[usize]) -> Vec<Arc<SegmentReader>> {
    let mut bounds: Vec<usize> = cuts.iter().map(|cut| cut % (rows.len() + 1)).collect();
    bounds.extend([0, rows.len()]);
    bounds.sort_unstable();
    let offset = |index: usize| match rows.get(index) {
        Some(_) if index == 0 => 5,
        Some(row) => row.offset(),
        None => END,
    };
    let part = |pair: &[usize]| {
        let range = (offset(pair[0]), offset(pair[1]));
        let part = &rows[pair[0]..pair[1]];
        Arc::new(build(&rows[..pair[0]], part, &samples(part), range).open())
    };
    bounds.windows(2).map(part).collect()
}

fn merge_with(inputs: &[Arc<SegmentReader>], samples: &[Vec<u8>]) -> (Vec<u8>, WrittenSegment) {
    let writer = SegmentWriter::new(Vec::new(), identity_of(inputs), samples, LEVEL).unwrap();
    let merge = Merge::new(inputs, writer, append_layers);
    merge.run(&mut |_, name| Ok(resource_of(name))).unwrap()
}

fn is_one_segment(rows: &[Row], inputs: &[Arc<SegmentReader>]) {
    let samples = samples(rows);
    let (bytes, written) = merge_with(inputs, &samples);
    let identity = identity_of(inputs);
    let one = build(&[], rows, &samples, (identity.range.start, identity.range.end));
    let reader = Built { identity, bytes: bytes.clone(), written: written.clone(), ids: 0 }.open();
    check(&reader, &[], rows);
    assert_eq!(written, one.written);
    assert_eq!(bytes, one.bytes, "the same samples give the same file");
}

#[test]
fn three_segments_become_the_one_of_all_rows() {
    let rows = log(11, 1_200, 4);
    is_one_segment(&rows, &segments(&rows, &[100, 700]));
}

#[test]
fn merging_in_steps_is_merging_at_once() {
    let rows = log(12, 900, 3);
    let inputs = segments(&rows, &[150, 151, 600]);
    let (bytes, written) = merge_with(&inputs[..3], &samples(&rows));
    let identity = identity_of(&inputs[..3]);
    let merged = Built { identity, bytes, written, ids: 0 }.open();
    is_one_segment(&rows, &[Arc::new(merged), inputs[3].clone()]);
}

#[test]
fn a_lone_input_trains_its_own_dictionary() {
    let rows = log(13, 3_000, 2);
    let inputs = segments(&rows, &[]);
    let mut asked = 0;
    let mut resource = |_: &str, name| {
        asked += 1;
        Ok(resource_of(name))
    };
    let (bytes, written) = merge_segments(&inputs, Vec::new(), 9, &mut resource).unwrap();
    let merged = Built { identity: *inputs[0].identity(), bytes, written, ids: 0 };
    check(&merged.open(), &[], &rows);
    // 40 names in each of two workspaces, each asked for once.
    assert_eq!(asked, 80);
}

#[test]
fn a_name_without_resource_ends_the_merge() {
    let rows = log(14, 100, 2);
    let inputs = segments(&rows, &[50]);
    let writer = SegmentWriter::new(Vec::new(), identity_of(&inputs), &[], LEVEL).unwrap();
    let unknown = StoreError::corrupt("catalog", 3, "no such name");
    let mut unknown = Some(unknown);
    let error = Merge::new(&inputs, writer, append_layers)
        .run(&mut |_, _| Err(unknown.take().unwrap()))
        .unwrap_err();
    assert_eq!(error.to_string(), "catalog is damaged at byte 3: no such name");
}

#[test]
#[should_panic(expected = "inputs of a merge are neighbours")]
fn segments_that_are_not_neighbours_are_not_merged() {
    let rows = log(15, 300, 2);
    let inputs = segments(&rows, &[100, 200]);
    identity_of(&[inputs[0].clone(), inputs[2].clone()]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_cuts_give_the_same_segment(
        seed: u64,
        records in 0_u64..300,
        workspaces in 1_u64..5,
        cuts in proptest::collection::vec(any::<usize>(), 0..8),
    ) {
        let rows = log(seed, records, workspaces);
        is_one_segment(&rows, &segments(&rows, &cuts));
    }
}
