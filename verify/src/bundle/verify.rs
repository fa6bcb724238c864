//! Verifying a bundle, record by record.

use std::path::Path;

use annals_schemas::{LogId, Offset, Record, checked_parts, decode_with, partition_of};
use bytes::Bytes;

use super::batch::{Batches, Taken};
use super::files::{Window, check_names};
use super::row::seq_of_parsed;
use super::{Annotations, BundleManifest};
use crate::{
    Checkpoint, EntryFields, Hash, TreeHead, VerifierKey, VerifyError, digest_or_zero, origin,
    root_of_leaves,
};

/// Leaves for which there is room from the beginning, however many a manifest says there are.
const MAX_ROOM: usize = 1 << 20;
/// The file of the rows.
const ROWS: &str = "events.ndjson";

/// What a sound bundle holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleReport {
    /// Its manifest.
    pub manifest: BundleManifest,
    /// Id of the key given that signed it.
    pub signed_by: String,
    /// The signed tree head that everything was led to.
    pub checkpoint: Checkpoint,
}

/// Verifies a directory with keys that the caller trusts.
pub fn verify_bundle(directory: &Path, keys: &[VerifierKey]) -> Result<BundleReport, VerifyError> {
    check_names(directory)?;
    let (text, _) = Window::text(directory, "manifest.json")?;
    let (manifest, signed_by) = BundleManifest::verified(&text, keys)?;
    manifest.check_schemas()?;
    let (note, note_sha256) = Window::text(directory, "checkpoint")?;
    let checkpoint = Checkpoint::verified(&note, keys, "checkpoint")?;
    if (&checkpoint.origin, checkpoint.head.size) != (&manifest.origin, manifest.tree_size) {
        return Err(VerifyError::unsound("checkpoint", "it is not the manifest's"));
    }
    let mut walk = Walk::start(directory, &manifest)?;
    walk.records()?;
    walk.finish(&checkpoint)?;
    manifest.check_file("checkpoint", &note_sha256)?;
    for name in ["README.txt", "key.vkey"] {
        manifest.check_file(name, &Window::text(directory, name)?.1)?;
    }
    Ok(BundleReport { manifest, signed_by, checkpoint })
}

/// Records and rows side by side.
struct Walk<'a> {
    directory: &'a Path,
    manifest: &'a BundleManifest,
    log_id: LogId,
    key: Bytes,
    key_digest: Hash,
    batches: Batches,
    rows: Window,
    annotations: Annotations,
    row_count: u64,
    seqs: Option<(u64, u64)>,
    last: Option<Offset>,
    leaves: Vec<(u64, Hash)>,
}

impl<'a> Walk<'a> {
    fn start(directory: &'a Path, manifest: &'a BundleManifest) -> Result<Self, VerifyError> {
        let wrong = |detail: &str| VerifyError::unsound("manifest.json", detail);
        let log_id = manifest.origin.split('/').nth(1).and_then(LogId::from_hex);
        let log_id = log_id.filter(|id| origin(id, manifest.partition) == manifest.origin);
        let log_id = log_id.ok_or_else(|| wrong("its origin is not one of a partition"))?;
        let key = manifest.workspace.as_bytes();
        if manifest.partitions == 0 || partition_of(key, manifest.partitions) != manifest.partition
        {
            return Err(wrong("the workspace does not belong to the partition"));
        }
        let records = Window::open(directory, "proofs/records")?;
        let room = usize::try_from(manifest.records).unwrap_or(usize::MAX).min(MAX_ROOM);
        let mut annotations = Annotations::default();
        let rows = match manifest.annotations_sha256 {
            Some(_) => Window::open(directory, ROWS)?,
            None => {
                annotations.give_up();
                Window::hashed(directory, ROWS)?
            }
        };
        Ok(Self {
            directory,
            manifest,
            log_id,
            key_digest: digest_or_zero(Some(key)),
            key: key.to_vec().into(),
            leaves: Vec::with_capacity(room),
            batches: Batches::new(records),
            rows,
            annotations,
            row_count: 0,
            seqs: None,
            last: None,
        })
    }

    /// All records, in order: what is wrong with one is said before what comes after it.
    fn records(&mut self) -> Result<(), VerifyError> {
        loop {
            let mut batch = self.batches.next();
            for taken in &mut batch.taken {
                self.record(taken)?;
            }
            if let Some(end) = batch.end {
                return end;
            }
        }
    }

    /// The next record.
    fn record(&mut self, taken: &mut Taken) -> Result<(), VerifyError> {
        let Taken { at, index, entry, leaf, held } = taken;
        let (at, index, leaf, fields) = (*at, *index, *leaf, &entry.fields());
        let offset = fields.offset;
        let wrong = |detail: &str| {
            VerifyError::unsound(format!("proofs/records byte {at}, offset {offset}"), detail)
        };
        let place = (&fields.log_id, fields.partition);
        if place != (&self.log_id, self.manifest.partition) || fields.key != self.key_digest {
            return Err(wrong("the record is not of this log, partition and workspace"));
        }
        if fields.previous_of_key != self.last {
            return Err(wrong("a record of the workspace before it is missing"));
        }
        if self.leaves.last().is_some_and(|(last, _)| *last >= index) {
            return Err(wrong("the records are not in order"));
        }
        self.last = Some(offset);
        self.leaves.push((index, leaf));
        match held.take() {
            Some(held) => {
                let record = held.record(fields, &self.key).map_err(|detail| wrong(&detail))?;
                self.row(&record, fields)
            }
            None => Ok(()),
        }
    }

    /// The next row is this record's.
    fn row(&mut self, record: &Record, fields: &EntryFields) -> Result<(), VerifyError> {
        self.row_count += 1;
        let (number, offset) = (self.row_count, fields.offset);
        let wrong = |detail: String| {
            VerifyError::unsound(format!("events.ndjson line {number}, offset {offset}"), detail)
        };
        let line = self.rows.line()?.strip_suffix(b"\n");
        let line = line.ok_or_else(|| wrong("the row is missing or cut".into()))?;
        let no_event = |refusal| wrong(format!("its record is no event: {refusal}"));
        let parts = checked_parts(record).map_err(no_event)?;
        let annotations = &mut self.annotations;
        let seq = match parts.as_ref().and_then(|parts| annotations.seq(line, parts, record)) {
            Some(seq) => seq,
            None => {
                annotations.give_up();
                let event = decode_with(record, &self.log_id, self.manifest).map_err(no_event)?;
                seq_of_parsed(line, &event, record).map_err(wrong)?
            }
        };
        let (first, last) = self.seqs.unwrap_or((seq, 0));
        if seq <= last {
            return Err(wrong(format!("seq {seq} follows {last}")));
        }
        self.seqs = Some((first, seq));
        Ok(())
    }

    /// After the last record: counts, root, digests.
    fn finish(mut self, checkpoint: &Checkpoint) -> Result<(), VerifyError> {
        let manifest = self.manifest;
        if !self.rows.line()?.is_empty() {
            let position = format!("events.ndjson line {}", self.row_count + 1);
            return Err(VerifyError::unsound(position, "there is no record for it"));
        }
        let found = (self.leaves.len() as u64, self.row_count, self.last);
        let said = (manifest.records, manifest.rows, manifest.last_offset);
        let seqs = (manifest.first_seq, manifest.last_seq);
        if found != said || seqs != self.seqs.unzip() {
            let detail = format!("{found:?} records, rows and last offset, it says {said:?}");
            return Err(VerifyError::unsound("manifest.json", detail));
        }
        let mut file = Window::open(self.directory, "proofs/hashes")?;
        let mut hashes = std::iter::from_fn(|| file.item().transpose());
        let TreeHead { size, root } = checkpoint.head;
        let leads_to_root = match size {
            0 => self.leaves.is_empty() && hashes.next().transpose()?.is_none(),
            _ => root_of_leaves(&self.leaves, size, hashes, "proofs/hashes")? == root,
        };
        if !leads_to_root {
            let detail = "the records do not lead to the signed root";
            return Err(VerifyError::unsound("proofs/hashes", detail));
        }
        // Every entry and every hash led to the root, and every value to an entry: their digests
        // say no more. Nor does that of rows which records and annotations make up; and the
        // annotations say which records those are.
        let Some(said) = &manifest.annotations_sha256 else {
            return manifest.check_file(ROWS, &self.rows.sha256());
        };
        match self.annotations.finish() {
            Some(found) if found == *said => Ok(()),
            Some(_) => {
                let detail = "what its rows say beside their records is not what was signed";
                Err(VerifyError::unsound(ROWS, detail))
            }
            None => manifest.check_file(ROWS, &self.rows.hashed_again()?),
        }
    }
}
