//! Objects of a remote backend, kept on a local disk so that they can be mapped.
//!
//! Guarantees that a kept file is a whole object: it is downloaded under a staging name, synced,
//! and only then renamed; its name carries its length. Objects never change, so a kept file is
//! right for ever; two callers that open one object download it once. The bound is on what is
//! kept: a download under way, and evicted files that somebody still has mapped, come on top.
//! A copy whose checksums turn out wrong is given up: the next to open the object downloads it.
//! Deliberately not here: freshness. An object deleted by another process may still be opened.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path as FilePath, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

use bytes::Bytes;
use futures::stream::{self, StreamExt};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use parking_lot::Mutex;
use sha2::{Digest, Sha256};

use super::blocking::blocking;
use super::kept::Kept;
use super::staging::Staging;
use super::{ObjectFile, StagedFile, metrics, storage};
use crate::StoreError;
use crate::evidence::hex;

/// Parts in which an object is downloaded, and how many are on their way at once.
const PART_BYTES: u64 = 16 * 1024 * 1024;
const PARTS_AT_ONCE: usize = 4;
/// Downloads at once. Objects that share a turn wait for each other; one object always does.
const TURNS: usize = 16;

/// Where a cache lies and how large it may grow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheOptions {
    /// Its directory, for this process alone.
    pub directory: PathBuf,
    /// Bound of the kept files in bytes. A larger object is downloaded for its reader and not kept.
    pub limit_bytes: u64,
}

/// The cache of one process.
#[derive(Debug)]
pub(super) struct Cache {
    staging: Staging,
    objects: PathBuf,
    kept: Mutex<Kept>,
    turns: [tokio::sync::Mutex<()>; TURNS],
    /// Locked for as long as this process uses the directory.
    _lock: File,
}

/// The copy that an open object is read from.
#[derive(Debug)]
pub(super) struct KeptCopy {
    cache: Weak<Cache>,
    path: String,
    is_distrusted: AtomicBool,
}

impl KeptCopy {
    /// Its bytes are not those that were written: whoever opens the object next downloads it.
    pub(super) fn distrust(&self) {
        // Once: what is kept later is another copy.
        if self.is_distrusted.swap(true, Ordering::Relaxed) {
            return;
        }
        if let Some(cache) = self.cache.upgrade() {
            tracing::warn!(path = self.path, "a cached file is damaged, to be fetched again");
            cache.forget(&self.path);
        }
    }
}

impl Cache {
    /// Takes over what an earlier process kept and removes what it left unfinished.
    pub(super) fn open(options: &CacheOptions) -> Result<Self, StoreError> {
        let directory = &options.directory;
        let lock = lock(directory)?;
        let staging = Staging::below(directory);
        staging.clear()?;
        let objects = directory.join("objects");
        let failed = |source| StoreError::Read { path: objects.display().to_string(), source };
        std::fs::create_dir_all(&objects).map_err(failed)?;
        let (kept, evicted) = Kept::load(&objects, options.limit_bytes).map_err(failed)?;
        let kept = Mutex::new(kept);
        let cache = Self { staging, objects, kept, turns: Default::default(), _lock: lock };
        cache.remove(&evicted);
        Ok(cache)
    }

    pub(super) fn staging(&self) -> &Staging {
        &self.staging
    }

    /// Opens an object from its kept file, downloading it if there is none.
    pub(super) async fn open_object(
        self: &Arc<Self>,
        path: &str,
        store: &dyn ObjectStore,
    ) -> Result<ObjectFile, StoreError> {
        let file = self.copy_of(path, store).await?;
        let (cache, path) = (Arc::downgrade(self), path.to_owned());
        Ok(file.of_copy(KeptCopy { cache, path, is_distrusted: AtomicBool::new(false) }))
    }

    async fn copy_of(&self, path: &str, store: &dyn ObjectStore) -> Result<ObjectFile, StoreError> {
        let key = key_of(path);
        if let Some(file) = self.find(path, &key) {
            return Ok(file);
        }
        let _turn = self.turns[turn_of(&key)].lock().await;
        // Whoever had the turn before may have been after the same object.
        if let Some(file) = self.find(path, &key) {
            return Ok(file);
        }
        let mut staged = self.download(path, store).await?;
        let content = staged.open()?.content();
        self.keep(path, &mut staged).await?;
        Ok(ObjectFile::in_memory(path, content))
    }

    /// Keeps a file whose bytes are the object's. One that is larger than the bound is left alone.
    pub(super) async fn keep(&self, path: &str, staged: &mut StagedFile) -> Result<(), StoreError> {
        let length = staged.position();
        let Some(name) = staged.name().cloned() else { return Ok(()) };
        if length > self.kept.lock().limit_bytes() {
            return Ok(());
        }
        // Crash here: a staging name, cleared at the next start. Without the sync a power cut
        // could leave a kept name over bytes that were never written.
        let failed = |source| StoreError::Write { path: name.path.display().to_string(), source };
        let file = name.file.clone();
        blocking(move || file.sync_all()).await.map_err(failed)?;
        let key = key_of(path);
        let mut kept = self.kept.lock();
        self.remove(&kept.make_room(length));
        std::fs::rename(&name.path, self.objects.join(file_name(&key, length))).map_err(failed)?;
        staged.renamed();
        kept.insert(key, length);
        metrics::cache_bytes(kept.total_bytes());
        Ok(())
    }

    /// Removes the file of an object that was deleted, or whose copy is damaged.
    pub(super) fn forget(&self, path: &str) {
        let mut kept = self.kept.lock();
        if let Some(name) = kept.take(&key_of(path)) {
            self.remove(&[name]);
            metrics::cache_bytes(kept.total_bytes());
        }
    }

    /// The kept file, if it is still there and whole.
    fn find(&self, path: &str, key: &str) -> Option<ObjectFile> {
        // Held while the file is opened, so that it is not evicted in between.
        let mut kept = self.kept.lock();
        let length = kept.touch(key)?;
        let name = file_name(key, length);
        match ObjectFile::open(path, &self.objects.join(&name)) {
            Ok(file) if file.length() == length => {
                metrics::cache_hit();
                Some(file)
            }
            damaged => {
                let found = damaged.map(|file| file.length());
                tracing::warn!(path, length, ?found, "a cached file is damaged, fetched again");
                kept.take(key);
                self.remove(&[name]);
                None
            }
        }
    }

    async fn download(
        &self,
        path: &str,
        store: &dyn ObjectStore,
    ) -> Result<StagedFile, StoreError> {
        let failed = |source| storage("downloading", path, source);
        let location = Path::from(path);
        let length = match store.head(&location).await {
            Ok(meta) => meta.size,
            Err(object_store::Error::NotFound { .. }) => {
                return Err(StoreError::corrupt(path, 0, "the file is missing"));
            }
            Err(source) => return Err(failed(source)),
        };
        let mut staged = self.staging.create()?;
        let ranges = (0..length)
            .step_by(usize::try_from(PART_BYTES).expect("a part fits in memory"))
            .map(|start| start..length.min(start + PART_BYTES));
        let mut parts = stream::iter(ranges)
            .map(|range| {
                let location = &location;
                async move { (range.clone(), store.get_range(location, range).await) }
            })
            .buffered(PARTS_AT_ONCE);
        while let Some((range, part)) = parts.next().await {
            write_part(&mut staged, path, range, &part.map_err(failed)?)?;
        }
        metrics::cache_downloaded(length);
        Ok(staged)
    }

    fn remove(&self, names: &[String]) {
        for name in names {
            // A file that cannot be removed is found again at the next start.
            if let Err(error) = std::fs::remove_file(self.objects.join(name)) {
                tracing::warn!(name, %error, "a cached file could not be removed");
            }
        }
    }
}

fn write_part(
    staged: &mut StagedFile,
    path: &str,
    range: std::ops::Range<u64>,
    part: &Bytes,
) -> Result<(), StoreError> {
    let failed = |source| StoreError::Read { path: path.to_owned(), source };
    if part.len() as u64 != range.end - range.start {
        let detail = format!("bytes {range:?} asked for, {} came", part.len());
        return Err(failed(std::io::Error::new(std::io::ErrorKind::UnexpectedEof, detail)));
    }
    staged.write_all(part).map_err(|source| StoreError::Write { path: path.to_owned(), source })
}

fn lock(directory: &FilePath) -> Result<File, StoreError> {
    let name = || directory.display().to_string();
    let failed = |source| StoreError::Write { path: name(), source };
    std::fs::create_dir_all(directory).map_err(failed)?;
    let lock = File::options().create(true).append(true).open(directory.join("lock"));
    let lock = lock.map_err(failed)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(std::fs::TryLockError::WouldBlock) => Err(StoreError::CacheInUse { directory: name() }),
        Err(std::fs::TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// An object's key: its hashed path, so that any path makes a short file name of its own.
fn key_of(path: &str) -> String {
    hex(&Sha256::digest(path))
}

fn turn_of(key: &str) -> usize {
    key.bytes().map(usize::from).sum::<usize>() % TURNS
}

pub(super) fn file_name(key: &str, length: u64) -> String {
    format!("{key}-{length}")
}
