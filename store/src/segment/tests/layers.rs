//! Catalogs over layers in segments: sealing, reopening and merging real events.

use std::sync::Arc;

use annals_schemas::{Event, WorkspaceId};
use sha2::{Digest, Sha256};

use super::super::footer::Footer;
use super::super::group::directory_bytes;
use super::super::merge::{Merge, identity_of};
use super::super::reader::SegmentReader;
use super::super::writer::SegmentWriter;
use super::super::{GroupEnd, GroupLayer, StoredRow, id_hash};
use super::{Built, LEVEL, identity};
use crate::StoreError;
use crate::catalog::{Catalog, LayerSource, OrderKey, merge_layers};
use crate::evidence::hex;
use crate::fixture::{self, Dice};
use crate::fold::{FoldedRow, Status, VisibleRow};
use crate::packed::KeyTable;
use crate::storage::ObjectFile;

/// One workspace whose segments are sealed from a catalog and then lie below it.
struct Sealing {
    workspace: WorkspaceId,
    catalog: Catalog,
    segments: Vec<Arc<SegmentReader>>,
    seq: u64,
    samples: Vec<Vec<u8>>,
}

impl Sealing {
    fn new(samples: &[Vec<u8>]) -> Self {
        Self {
            workspace: fixture::workspace(1),
            catalog: Catalog::default(),
            segments: Vec::new(),
            seq: 0,
            samples: samples.to_vec(),
        }
    }

    fn fold(&mut self, event: &Event) -> FoldedRow {
        self.seq += 1;
        let effective_at = event.occurred_at.map_or(0, |at| at.micros());
        let key = OrderKey { effective_at, seq: self.seq };
        let event_id = event.event_id.into_bytes();
        FoldedRow {
            record: fixture::record(event, self.seq),
            workspace: Some(0),
            previous: None,
            previous_of_key: None,
            status: Status::Visible(VisibleRow {
                key,
                event_id,
                id_hash: id_hash(self.workspace.as_str(), &event_id),
                codes: self.catalog.record(&event.into(), key).unwrap(),
            }),
        }
    }

    /// Folds events and seals them as a segment.
    fn seal(&mut self, events: &[Event]) -> Built {
        let start = self.seq + 1;
        let mut rows: Vec<_> = events.iter().map(|event| self.fold(event)).collect();
        rows.sort_by_key(|row| row.visible().unwrap().key);
        let identity = identity(start, self.seq + 1);
        let mut writer = SegmentWriter::new(Vec::new(), identity, &self.samples, LEVEL).unwrap();
        let mut entries = Vec::new();
        writer.begin(Some(&self.workspace)).unwrap();
        for row in &rows {
            let of = row.visible().unwrap();
            let number = writer.visible(of.key, &of.codes, &StoredRow::to_bytes(row)).unwrap();
            entries.push((of.id_hash, number));
        }
        let end = GroupEnd { last_seq: self.seq, last_offset: Some(self.seq) };
        writer.end(end, &self.catalog.freeze().to_layer()).unwrap();
        let mut ids = Vec::new();
        KeyTable::write(entries, &mut ids);
        let (bytes, written) = writer.finish(&ids).unwrap();
        let built = Built { identity, bytes, written, ids: ids.len() };
        self.segments.push(Arc::new(built.open()));
        self.catalog.set_layers(layers(&self.segments), true).unwrap();
        built
    }
}

fn layers(segments: &[Arc<SegmentReader>]) -> Vec<Arc<dyn LayerSource>> {
    let layer = |segment: &Arc<SegmentReader>| -> Arc<dyn LayerSource> {
        Arc::new(GroupLayer { segment: segment.clone(), group: 0 })
    };
    segments.iter().map(layer).collect()
}

#[test]
fn merged_segments_are_the_one_seal_of_their_events_layers_included() {
    let mut dice = Dice::new(31);
    let events: Vec<_> = (0..600_u32).map(|id| fixture::event(&mut dice, id.into())).collect();
    let samples: Vec<Vec<u8>> =
        events.iter().map(|event| fixture::record(event, 1).value.unwrap().to_vec()).collect();
    let mut in_parts = Sealing::new(&samples);
    for part in [&events[..90], &events[90..91], &events[91..400], &events[400..]] {
        in_parts.seal(part);
    }
    let one = Sealing::new(&samples).seal(&events);

    let writer =
        SegmentWriter::new(Vec::new(), identity_of(&in_parts.segments), &samples, LEVEL).unwrap();
    let mut resource_of = |workspace: &str, name| -> Result<u32, StoreError> {
        assert_eq!(workspace, in_parts.workspace.as_str());
        Ok(in_parts.catalog.view().name(name)?.resource)
    };
    let merge = Merge::new(&in_parts.segments, writer, merge_layers);
    let (bytes, written) = merge.run(&mut resource_of).unwrap();
    assert_eq!(written, one.written);
    assert!(bytes == one.bytes, "the same file");

    let merged = [Arc::new(one.open())];
    let lengths = in_parts.catalog.view().lengths();
    in_parts.catalog.set_layers(layers(&merged), false).unwrap();
    assert_eq!(in_parts.catalog.view().lengths(), lengths);
}

#[test]
fn a_damaged_layer_is_an_error_of_its_segment() {
    let mut dice = Dice::new(32);
    let events: Vec<_> = (0..20_u32).map(|id| fixture::event(&mut dice, id.into())).collect();
    let built = Sealing::new(&[]).seal(&events);
    let at = built.open().groups()[0].layer.at;
    let mut bytes = built.bytes.clone();
    bytes[usize::try_from(at).unwrap()] ^= 1;
    let segment = Arc::new(built.open_bytes(bytes).unwrap());
    // Opening reads no layer: the first one who needs it hears of the damage.
    let catalog = Catalog::over(layers(&[segment])).unwrap();
    match catalog.view().name(0).unwrap_err() {
        StoreError::Corrupt { path, at: found, .. } => {
            assert_eq!((path.as_str(), found), ("segment", at));
        }
        other => panic!("{other}"),
    }
}

/// A layer's lengths stand in the directory as well, so that opening reads no layer.
#[test]
fn a_directory_that_says_other_lengths_than_a_layer_is_found_by_verifying() {
    let mut dice = Dice::new(33);
    let events: Vec<_> = (0..20_u32).map(|id| fixture::event(&mut dice, id.into())).collect();
    let built = Sealing::new(&[]).seal(&events);
    let reader = built.open();
    let mut groups = reader.groups().to_vec();
    let last = groups.last_mut().unwrap();
    let (_, after) = last.lengths.as_mut().unwrap();
    after.names += 1;
    let at = last.layer.at;

    let mut footer = Footer::read(&built.file(), built.identity, &built.written.footer_sha256);
    let footer = footer.as_mut().unwrap();
    let mut bytes = built.bytes[..usize::try_from(footer.directory.at).unwrap()].to_vec();
    let directory = directory_bytes(&groups);
    footer.directory.length = directory.len() as u64;
    footer.directory.crc = crc32c::crc32c(&directory);
    bytes.extend(directory);
    let footer = footer.to_bytes();
    bytes.extend(&footer);
    let file = ObjectFile::in_memory("segment", bytes.into());
    let sha256 = hex(&Sha256::digest(&footer));

    let reader = SegmentReader::open(file, built.identity, &sha256).unwrap();
    match reader.verify().unwrap_err() {
        StoreError::Corrupt { at: found, detail, .. } => {
            assert_eq!(found, at);
            assert!(detail.contains("the directory says"), "{detail}");
        }
        other => panic!("{other}"),
    }
}
