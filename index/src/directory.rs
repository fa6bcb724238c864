//! The directory of an index: taken by one process, proved whole, or begun again.
//!
//! The marker file says what the other files are; it is written last, so that a directory without
//! one was never finished. Only files an index makes are ever removed.

use std::fs;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use tantivy::directory::error::{LockError, OpenDirectoryError};
use tantivy::directory::{DirectoryLock, Lock, MmapDirectory};
use tantivy::index::{SegmentComponent, SegmentMeta};
use tantivy::{Directory, Index, TantivyError};

use crate::IndexError;
use crate::grams::GRAM_VERSION;
use crate::schema::{Fields, register_tokenizers, schema, settings};
use crate::snapshot::Snapshot;

const LOCK: &str = ".annals-names.lock";
const MARKER: &str = "names.format";
const MARKER_UNFINISHED: &str = "names.format.unfinished";

/// The format of everything but the names' fold and grams.
const FORMAT_VERSION: u32 = 1;

/// Tantivy cuts its footer's length from a file's end without asking whether there is that much.
const FILE_BYTES_MIN: u64 = 8;

const COMPONENTS: [SegmentComponent; 6] = [
    SegmentComponent::Terms,
    SegmentComponent::Postings,
    SegmentComponent::Positions,
    SegmentComponent::FastFields,
    SegmentComponent::FieldNorms,
    SegmentComponent::Store,
];

/// An index ready for use.
pub(crate) struct Opened {
    pub(crate) lock: DirectoryLock,
    pub(crate) index: Index,
    pub(crate) fields: Fields,
    pub(crate) snapshot: Snapshot,
}

/// Opens the index in `directory`, or begins one there.
pub(crate) fn open_or_create(directory: &Path, origin: &str) -> Result<Opened, IndexError> {
    fs::create_dir_all(directory).map_err(io_error(directory, "make the directory"))?;
    let files = map_directory(directory)?;
    let lock = take_lock(directory, &files)?;
    let (schema, fields) = schema();
    let marker = marker(origin);
    let begun = match fs::read(directory.join(MARKER)) {
        Ok(found) if found == marker.as_bytes() => {
            open_verified(directory, files, &fields).map(Some).unwrap_or_else(|reason| {
                tracing::warn!(directory = %directory.display(), reason, "name index begun again");
                None
            })
        }
        Ok(_) => {
            let reason = "of another format or origin";
            tracing::warn!(directory = %directory.display(), reason, "name index begun again");
            None
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(io_error(directory, "read its marker")(error)),
    };
    if let Some((index, snapshot)) = begun {
        return Ok(Opened { lock, index, fields, snapshot });
    }
    remove_index_files(directory).map_err(io_error(directory, "remove the old index"))?;
    // Mapped anew: the directory remembers which of the removed files it had open.
    let mut index = Index::create(map_directory(directory)?, schema, settings())
        .map_err(IndexError::engine("begin an index"))?;
    register_tokenizers(&mut index);
    // If we stop here, the next start finds no marker and begins again.
    write_marker(directory, &marker).map_err(io_error(directory, "write its marker"))?;
    Ok(Opened { lock, index, fields, snapshot: Snapshot::empty() })
}

fn marker(origin: &str) -> String {
    let fold = annals_store::FOLD_VERSION;
    format!("annals-names {FORMAT_VERSION}\nfold {fold}\ngrams {GRAM_VERSION}\norigin {origin}\n")
}

fn map_directory(directory: &Path) -> Result<MmapDirectory, IndexError> {
    MmapDirectory::open(directory).map_err(|error| match error {
        OpenDirectoryError::IoError { io_error: cause, .. } => {
            io_error(directory, "open the directory")(io::Error::from(cause.kind()))
        }
        other => IndexError::Engine { action: "open the directory", source: Box::new(other) },
    })
}

fn take_lock(directory: &Path, files: &MmapDirectory) -> Result<DirectoryLock, IndexError> {
    let lock = Lock { filepath: PathBuf::from(LOCK), is_blocking: false };
    files.acquire_lock(&lock).map_err(|error| match error {
        LockError::LockBusy => IndexError::Locked { directory: directory.to_owned() },
        LockError::IoError(cause) => {
            io_error(directory, "lock the directory")(io::Error::from(cause.kind()))
        }
    })
}

/// Opens what is there if it proves to be whole; the error says why not.
fn open_verified(
    directory: &Path,
    files: MmapDirectory,
    fields: &Fields,
) -> Result<(Index, Snapshot), String> {
    // Tantivy trusts what it reads; checksums are verified first, and should it panic all the same
    // over files that no longer agree, they are damaged and nothing else is.
    let verified = catch_unwind(AssertUnwindSafe(|| verify(directory, files, fields)));
    verified.unwrap_or_else(|_| Err("tantivy cannot read it".to_owned()))
}

fn verify(
    directory: &Path,
    files: MmapDirectory,
    fields: &Fields,
) -> Result<(Index, Snapshot), String> {
    let mut index = Index::open(files).map_err(|error| error.to_string())?;
    if index.schema() != schema().0 || *index.settings() != settings() {
        return Err("it has other fields".to_owned());
    }
    register_tokenizers(&mut index);
    let segments = index.searchable_segment_metas().map_err(|error| error.to_string())?;
    for segment in &segments {
        if let Some(file) =
            damaged_file(directory, &index, segment).map_err(|error| describe(&error))?
        {
            return Err(format!("{} is damaged", file.display()));
        }
    }
    let snapshot =
        Snapshot::load(&index, fields, &Snapshot::empty()).map_err(|error| describe(&error))?;
    match snapshot.contradiction().map_err(|error| describe(&error))? {
        Some(contradiction) => Err(contradiction),
        None => Ok((index, snapshot)),
    }
}

fn describe(error: &IndexError) -> String {
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}"));
    format!("{error}{}", cause.unwrap_or_default())
}

/// Reads all files of a segment. Not `Index::validate_checksum`: it leaves out files that the list
/// of managed files does not name.
fn damaged_file(
    directory: &Path,
    index: &Index,
    segment: &SegmentMeta,
) -> Result<Option<PathBuf>, IndexError> {
    for component in COMPONENTS {
        let file = segment.relative_path(component);
        let length = fs::metadata(directory.join(&file))
            .map_err(io_error(directory, "look at a segment's file"))?
            .len();
        let whole = length >= FILE_BYTES_MIN
            && index
                .directory()
                .validate_checksum(&file)
                .map_err(TantivyError::from)
                .map_err(IndexError::engine("verify a segment's file"))?;
        if !whole {
            return Ok(Some(file));
        }
    }
    Ok(None)
}

fn write_marker(directory: &Path, marker: &str) -> io::Result<()> {
    let unfinished = directory.join(MARKER_UNFINISHED);
    let mut file = fs::File::create(&unfinished)?;
    file.write_all(marker.as_bytes())?;
    file.sync_all()?;
    fs::rename(&unfinished, directory.join(MARKER))?;
    fs::File::open(directory)?.sync_all()
}

/// Removes the marker first: what is left of an index without it is removed at the next start.
fn remove_index_files(directory: &Path) -> io::Result<()> {
    for name in [MARKER, MARKER_UNFINISHED, "meta.json", ".managed.json"] {
        match fs::remove_file(directory.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        if name.to_str().is_some_and(is_segment_file) && entry.file_type()?.is_file() {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Files of a segment are named by its id, 32 hexadecimal digits; unfinished ones begin `.tmp`.
fn is_segment_file(name: &str) -> bool {
    let id = name.split('.').next().unwrap_or_default();
    name.starts_with(".tmp") || (id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn io_error(directory: &Path, action: &'static str) -> impl FnOnce(io::Error) -> IndexError {
    let directory = directory.to_owned();
    move |source| IndexError::Io { directory, action, source }
}

#[cfg(test)]
#[path = "directory_tests.rs"]
mod tests;
