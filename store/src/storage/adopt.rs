//! How a staged file becomes an object.
//!
//! Guarantees what [`Storage`] promises of every object: whole or absent, durable on return, and
//! never in place of another. Crash boundaries are commented where they are.

use std::io::ErrorKind;
use std::path::Path as FilePath;

use bytes::Bytes;
use futures::stream::{self, StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{MultipartUpload, ObjectStoreExt, PutPayload};

use super::blocking::blocking;
use super::staging::Name;
use super::{Created, StagedFile, Storage, storage};
use crate::StoreError;

/// A smaller object goes up in one conditional request, a larger one in parts of this size.
pub(super) const PART_BYTES: u64 = 16 * 1024 * 1024;
/// So many parts are on their way at once.
const PARTS_AT_ONCE: usize = 4;
/// S3 refuses more; parts grow instead.
const MAX_PARTS: u64 = 10_000;

impl Storage {
    /// A new file to write an object into. Nobody sees it before [`adopt`](Self::adopt); dropped,
    /// it is removed. On disk below the root or the cache; in memory where there is neither.
    pub fn stage(&self) -> Result<StagedFile, StoreError> {
        match self.staging() {
            Some(staging) => staging.create(),
            None => Ok(StagedFile::in_memory()),
        }
    }

    /// Makes a staged file the object of this name, unless one exists.
    ///
    /// The bytes are durable when this returns `Mine`. An error may have created the object or
    /// not; the staged file remains, so the same call, or one with another name, may be made
    /// again. Only a failed write or sync of the staged file itself is final: it has to be staged
    /// anew.
    ///
    /// On disk the name is linked, on a remote backend an object up to 16 MiB is created
    /// conditionally: at most one caller creates it. A larger remote object goes up in parts after
    /// a look whether the name is free; parts cannot be completed conditionally, so two callers
    /// must not use one name at the same time. Segment names carry 128 random bits.
    pub async fn adopt(&self, path: &str, staged: &mut StagedFile) -> Result<Created, StoreError> {
        let content = staged.open()?.content();
        if let Some(local) = &self.local {
            return match staged.name().cloned() {
                Some(name) => self.link(&local.root.join(path), staged, name).await,
                None => self.put_if_absent(path, content).await,
            };
        }
        let created = self.upload(path, content).await?;
        if let (Created::Mine, Some(cache)) = (created, &self.cache)
            && let Err(error) = cache.keep(path, staged).await
        {
            tracing::warn!(path, %error, "an object was stored, but is not kept in the cache");
        }
        Ok(created)
    }

    async fn link(
        &self,
        object: &FilePath,
        staged: &mut StagedFile,
        name: Name,
    ) -> Result<Created, StoreError> {
        let file = name.file.clone();
        // Crash before or in this sync: a staging name, cleared at the next start.
        if let Err(error) = blocking(move || file.sync_all()).await {
            return Err(staged.sync_failed(error));
        }
        let target = object.to_path_buf();
        let linked = blocking(move || link_durably(&name.path, &target)).await;
        // Crash after the link: the object and the staging name are one file; clearing the
        // second does not touch the first.
        linked.map_err(|source| StoreError::Write { path: object.display().to_string(), source })
    }

    /// Creates a remote object from bytes that are mapped or in memory; parts share them.
    async fn upload(&self, path: &str, content: Bytes) -> Result<Created, StoreError> {
        if content.len() as u64 <= PART_BYTES {
            return self.put_if_absent(path, content).await;
        }
        if self.length_of(path).await?.is_some() {
            return Ok(Created::Taken);
        }
        let failed = |source| storage("uploading", path, source);
        let length = content.len() as u64;
        let mut upload = self.store.put_multipart(&Path::from(path)).await.map_err(failed)?;
        // Crash in here: parts that no listing shows. The bucket's lifecycle rule removes them.
        if let Err(error) = send_parts(upload.as_mut(), content).await {
            if let Err(error) = upload.abort().await {
                tracing::warn!(path, %error, "parts of a failed upload are left behind");
            }
            return Err(failed(error));
        }
        // The answer counts parts, not bytes: what stands there is looked at before it is trusted.
        match self.length_of(path).await? {
            Some(stored) if stored == length => Ok(Created::Mine),
            stored => {
                let detail = format!("{length} bytes were sent, it has {stored:?}");
                Err(StoreError::corrupt(path, 0, detail))
            }
        }
    }
}

async fn send_parts(upload: &mut dyn MultipartUpload, content: Bytes) -> object_store::Result<()> {
    let length = content.len() as u64;
    let part_bytes = PART_BYTES.max(length.div_ceil(MAX_PARTS));
    let part_bytes = usize::try_from(part_bytes).expect("a part of bytes in memory is addressable");
    let parts = (0..content.len()).step_by(part_bytes).map(|start| {
        let part = content.slice(start..content.len().min(start + part_bytes));
        upload.put_part(PutPayload::from(part))
    });
    stream::iter(parts).buffer_unordered(PARTS_AT_ONCE).try_collect::<()>().await?;
    upload.complete().await.map(|_| ())
}

/// Gives a synced file a second name, which is durable on return.
fn link_durably(staged: &FilePath, object: &FilePath) -> std::io::Result<Created> {
    let directory = object.parent().ok_or(ErrorKind::InvalidInput)?;
    create_directories(directory)?;
    match std::fs::hard_link(staged, object) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(Created::Taken),
        Err(error) => return Err(error),
    }
    sync_directory(directory)?;
    Ok(Created::Mine)
}

/// Makes a directory and those above it; each new name is synced in its parent.
fn create_directories(directory: &FilePath) -> std::io::Result<()> {
    let missing: Vec<_> = directory.ancestors().take_while(|parent| !parent.exists()).collect();
    std::fs::create_dir_all(directory)?;
    for parent in missing.iter().filter_map(|made| made.parent()) {
        sync_directory(parent)?;
    }
    Ok(())
}

fn sync_directory(directory: &FilePath) -> std::io::Result<()> {
    std::fs::File::open(directory)?.sync_all()
}
