//! Writing the files of a bundle: the manifest last, when all digests are known.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use annals_schemas::{Record, SchemaId, framed_schema_id, hex};
use annals_store::Row;
use annals_verify::{
    Annotations, BundleContinuation, BundleFile, BundleManifest, BundleSchema, FILES, prove_leaves,
};
use sha2::{Digest, Sha256};

use super::tree_files::TreeFiles;
use super::{Source, continuation, records, text};
use crate::exit::Failure;

const MANIFEST: &str = "manifest.json";

/// A file being written, with its digest.
struct Hashed {
    file: BufWriter<File>,
    digest: Sha256,
}

/// What the walk over the records came to.
#[derive(Default)]
struct Totals {
    indexes: Vec<u64>,
    rows: u64,
    seqs: Option<(u64, u64)>,
    last_offset: Option<u64>,
    /// Schemas that values of rows are framed with.
    schema_ids: BTreeSet<SchemaId>,
    annotations: Annotations,
}

impl Totals {
    fn add(&mut self, row: &Row, record: &Record, line: &[u8]) {
        self.rows += 1;
        self.seqs = Some((self.seqs.map_or(row.seq, |(first, _)| first), row.seq));
        self.schema_ids.extend(framed_schema_id(record));
        self.annotations.add(line, record);
    }
}

/// Writes all files into a directory that is there; how many rows there are.
pub(super) fn bundle(source: &Source, tree: &TreeFiles, out: &Path) -> Result<u64, Failure> {
    let failed = |error: std::io::Error| Failure::usage(format!("{}: {error}", out.display()));
    let mut records_file = Hashed::create(out, "proofs/records").map_err(failed)?;
    let mut events = Hashed::create(out, "events.ndjson").map_err(failed)?;
    let mut totals = Totals::default();
    records::each(source, tree, |frame, shown| {
        totals.indexes.push(frame.index);
        totals.last_offset = Some(frame.entry.fields().offset);
        let mut bytes = Vec::new();
        frame.write(&mut bytes);
        records_file.write(&bytes).map_err(failed)?;
        if let Some((row, record)) = shown {
            let line = source.asked.line(&row);
            totals.add(&row, &record, &line);
            events.write(&line).map_err(failed)?;
            events.write(b"\n").map_err(failed)?;
        }
        Ok(())
    })?;
    let size = source.checkpoint.head.size;
    let hashes = prove_leaves(tree, &totals.indexes, size).map_err(failed)?.concat();
    let keys: String = source.keys.iter().map(|key| format!("{key}\n")).collect();
    let continues = continuation::all(source, tree)?;
    let rows = totals.rows;
    let mut manifest = manifest(source, totals, continues);
    let (newest, others) = &source.signers;
    let readme = text::readme(&manifest, &newest.verifier());
    let mut file = |name: &str, sha256: std::io::Result<String>| {
        let sha256 = sha256.map_err(failed)?;
        manifest.files.push(BundleFile { name: name.to_owned(), sha256 });
        Ok::<_, Failure>(())
    };
    file("README.txt", Hashed::whole(out, "README.txt", readme.as_bytes()))?;
    file("checkpoint", Hashed::whole(out, "checkpoint", source.note.as_bytes()))?;
    file("events.ndjson", events.finish())?;
    file("key.vkey", Hashed::whole(out, "key.vkey", keys.as_bytes()))?;
    file("proofs/hashes", Hashed::whole(out, "proofs/hashes", &hashes))?;
    file("proofs/records", records_file.finish())?;
    assert_eq!(manifest.files.len() + 1, FILES.len(), "the manifest names every other file");
    let bytes = manifest.sign(newest, others);
    Hashed::whole(out, MANIFEST, &bytes).map_err(failed)?;
    Ok(rows)
}

fn manifest(source: &Source, totals: Totals, continues: Vec<BundleContinuation>) -> BundleManifest {
    BundleManifest {
        format: String::new(),
        workspace: source.workspace.to_string(),
        filter: source.asked.given.clone(),
        origin: source.checkpoint.origin.clone(),
        partition: source.partition.number(),
        partitions: source.store.partition_count(),
        tree_size: source.checkpoint.head.size,
        rows: totals.rows,
        records: totals.indexes.len() as u64,
        first_seq: totals.seqs.map(|(first, _)| first),
        last_seq: totals.seqs.map(|(_, last)| last),
        last_offset: totals.last_offset,
        schemas: schemas_of(source, &totals),
        continues,
        annotations_sha256: totals.annotations.finish(),
        files: Vec::new(),
        also_signed: Vec::new(),
        key_id: String::new(),
        signature: String::new(),
    }
}

/// Those by which the rows are read.
fn schemas_of(source: &Source, totals: &Totals) -> Vec<BundleSchema> {
    let schemas = source.schemas.iter();
    schemas.filter(|bundled| totals.schema_ids.contains(&bundled.schema.id)).cloned().collect()
}

impl Hashed {
    fn create(directory: &Path, name: &str) -> std::io::Result<Self> {
        let file = File::create(directory.join(name))?;
        Ok(Self { file: BufWriter::with_capacity(1 << 18, file), digest: Sha256::new() })
    }

    fn whole(directory: &Path, name: &str, bytes: &[u8]) -> std::io::Result<String> {
        let mut file = Self::create(directory, name)?;
        file.write(bytes)?;
        file.finish()
    }

    fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.digest.update(bytes);
        self.file.write_all(bytes)
    }

    /// Makes the file durable; its SHA-256.
    fn finish(self) -> std::io::Result<String> {
        let file = self.file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        file.sync_all()?;
        Ok(hex(&self.digest.finalize()))
    }
}
