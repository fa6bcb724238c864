//! Where segments and manifests live: the only room of this crate that writes.
//!
//! The contract of a storage, kept by every backend and checked by one suite (`conformance`):
//!
//! - An object MUST be whole or absent: no reader ever sees a part of it.
//! - An object MUST be durable when the call that created it returns (on local disk the file, its
//!   name and new directories are synced; a remote backend has acknowledged it).
//! - A name MUST be created by at most one caller, and an object MUST never be replaced or changed.
//! - A list MUST show every object created before it was asked for, and no staged file.
//! - Deleting an object that is not there MUST succeed.
//! - An object that was opened MUST stay readable after it was deleted.
//!
//! The callers' part: a name is never used again for other bytes, also after a deletion; after an
//! error or [`Created::Taken`] they read back, since a call that failed may have done its work,
//! may do it later, or may have been refused by mistake.

mod adopt;
#[cfg(feature = "azure")]
mod azure;
mod backend;
mod blocking;
mod boundary;
mod cache;
#[cfg(any(test, feature = "faults"))]
pub mod conformance;
#[cfg(any(test, feature = "faults"))]
pub mod faults;
mod file;
#[cfg(feature = "gcs")]
mod gcs;
mod kept;
mod map;
mod metrics;
#[cfg(any(feature = "s3", feature = "gcs", feature = "azure"))]
mod remote;
mod remote_options;
#[cfg(feature = "s3")]
mod s3;
mod staging;

use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures::TryStreamExt;
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions};

pub use backend::StorageOptions;
pub use boundary::{Boundary, BoundaryHook};
use cache::Cache;
pub use cache::CacheOptions;
pub(crate) use file::ObjectFile;
pub use remote_options::{AzureOptions, GcsOptions, S3Options};
pub use staging::StagedFile;
use staging::Staging;

use crate::StoreError;

/// A flat space of named objects.
#[derive(Debug, Clone)]
pub struct Storage {
    store: Arc<dyn ObjectStore>,
    local: Option<Arc<LocalRoot>>,
    /// For backends that are not local.
    cache: Option<Arc<Cache>>,
}

/// A directory that holds objects as files.
#[derive(Debug)]
struct LocalRoot {
    root: PathBuf,
    staging: Staging,
}

/// What an attempt to create an object came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Created {
    /// This call made it: it is durable, and nobody else made it.
    Mine,
    /// Something stands there, or the backend believed so. Only reading back decides: an earlier
    /// try of the same caller whose answer was lost counts as something, and S3 answers a
    /// conflict of two requests, which both may have failed, like a name that is taken. So what is
    /// there may be one's own, another's, or nothing.
    Taken,
}

impl Storage {
    /// A directory, made if missing. Files and directories are synced.
    pub fn local(root: &FilePath) -> Result<Self, StoreError> {
        let failed = |source| StoreError::Read { path: root.display().to_string(), source };
        std::fs::create_dir_all(root).map_err(failed)?;
        let root = root.canonicalize().map_err(failed)?;
        let store = LocalFileSystem::new_with_prefix(&root)
            .map_err(|source| storage("opening", "", source))?
            .with_fsync(true);
        let local = LocalRoot { staging: Staging::below(&root), root };
        Ok(Self { store: Arc::new(store), local: Some(Arc::new(local)), cache: None })
    }

    /// In memory, for tests.
    pub fn memory() -> Self {
        Self::over(Arc::new(InMemory::new()))
    }

    /// Any backend that creates objects conditionally. Objects are read whole.
    pub fn over(store: Arc<dyn ObjectStore>) -> Self {
        Self { store, local: None, cache: None }
    }

    /// The same backend with a directory where opened objects are kept and mapped. The directory
    /// is this process's alone. Local storage needs none and ignores it.
    pub fn with_cache(mut self, options: &CacheOptions) -> Result<Self, StoreError> {
        if self.local.is_none() {
            self.cache = Some(Arc::new(Cache::open(options)?));
        }
        Ok(self)
    }

    /// Removes what writes cut off by a crash left on local disk: `NAME#<n>`, which no listing
    /// shows. The caller is the only writer. Storage with a cache did so when it was opened.
    pub fn clear_staging(&self) -> Result<(), StoreError> {
        match &self.local {
            Some(local) => staging::clear_below(&local.root),
            None => Ok(()),
        }
    }

    /// Creates an object unless one of that name exists.
    pub async fn put_if_absent(&self, path: &str, bytes: Bytes) -> Result<Created, StoreError> {
        let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        match self.store.put_opts(&Path::from(path), bytes.into(), options).await {
            Ok(_) => Ok(Created::Mine),
            Err(object_store::Error::AlreadyExists { .. }) => Ok(Created::Taken),
            Err(source) => Err(storage("creating", path, source)),
        }
    }

    /// Reads a whole object, `None` if there is none.
    pub async fn get(&self, path: &str) -> Result<Option<Bytes>, StoreError> {
        match self.store.get(&Path::from(path)).await {
            Ok(found) => {
                found.bytes().await.map(Some).map_err(|source| storage("reading", path, source))
            }
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(source) => Err(storage("reading", path, source)),
        }
    }

    /// Names of the objects below a prefix, sorted.
    pub async fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let listing = self.store.list(Some(&Path::from(prefix)));
        let mut names: Vec<String> = listing
            .map_ok(|meta| meta.location.to_string())
            .try_collect()
            .await
            .map_err(|source| storage("listing", prefix, source))?;
        names.sort_unstable();
        Ok(names)
    }

    /// Removes an object that no manifest names.
    pub async fn delete(&self, path: &str) -> Result<(), StoreError> {
        if let Some(cache) = &self.cache {
            cache.forget(path);
        }
        match self.store.delete(&Path::from(path)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(source) => Err(storage("deleting", path, source)),
        }
    }

    /// Opens an object for positioned reads: mapped on local disk and from the cache, otherwise
    /// read into memory.
    pub(crate) async fn open(&self, path: &str) -> Result<ObjectFile, StoreError> {
        if let Some(local) = &self.local {
            return ObjectFile::open(path, &local.root.join(path));
        }
        if let Some(cache) = &self.cache {
            return cache.open_object(path, &*self.store).await;
        }
        match self.get(path).await? {
            Some(bytes) => Ok(ObjectFile::in_memory(path, bytes)),
            None => Err(StoreError::corrupt(path, 0, "the file is missing")),
        }
    }

    /// Gives up a copy of an object that is not what was written, so that opening it again asks the
    /// backend; whether there is a cache at all.
    pub(crate) fn give_up_copy(&self, path: &str) -> bool {
        self.cache.as_ref().inspect(|cache| cache.forget(path)).is_some()
    }

    /// The length of an object, `None` if there is none.
    async fn length_of(&self, path: &str) -> Result<Option<u64>, StoreError> {
        match self.store.head(&Path::from(path)).await {
            Ok(meta) => Ok(Some(meta.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(source) => Err(storage("looking at", path, source)),
        }
    }

    fn staging(&self) -> Option<&Staging> {
        let local = self.local.as_deref().map(|local| &local.staging);
        local.or_else(|| self.cache.as_deref().map(Cache::staging))
    }
}

fn storage(operation: &'static str, path: &str, source: object_store::Error) -> StoreError {
    StoreError::Storage { operation, path: path.to_owned(), source }
}

#[cfg(test)]
mod cache_tests;
#[cfg(test)]
mod tests;
