//! Where segments and manifests live: the only room of this crate that writes.
//!
//! Guarantees: an object is whole or absent, durable once a call returned (file and directory are
//! synced on local disk), and `put_if_absent` creates for at most one caller.

mod boundary;
mod file;

use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures::TryStreamExt;
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions};

pub use boundary::{Boundary, BoundaryHook};
pub(crate) use file::ObjectFile;

use crate::StoreError;

/// A flat space of named objects.
#[derive(Debug, Clone)]
pub struct Storage {
    store: Arc<dyn ObjectStore>,
    local_root: Option<PathBuf>,
}

/// What an attempt to create an object came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Created {
    /// This call made it, or its answer was lost: only reading back decides which.
    Mine,
    /// Something stood there already (or the backend believed so).
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
        Ok(Self { store: Arc::new(store), local_root: Some(root) })
    }

    /// In memory, for tests.
    pub fn memory() -> Self {
        Self::over(Arc::new(InMemory::new()))
    }

    /// Any backend that creates objects conditionally. Objects are read whole.
    pub fn over(store: Arc<dyn ObjectStore>) -> Self {
        Self { store, local_root: None }
    }

    /// Removes what writes cut off by a crash left on local disk: `NAME#<n>`, which no listing
    /// shows. The caller is the only writer.
    pub fn clear_staging(&self) -> Result<(), StoreError> {
        let Some(root) = &self.local_root else { return Ok(()) };
        let mut directories = vec![root.clone()];
        while let Some(directory) = directories.pop() {
            let failed =
                |source| StoreError::Read { path: directory.display().to_string(), source };
            for entry in std::fs::read_dir(&directory).map_err(failed)? {
                let path = entry.map_err(failed)?.path();
                if path.is_dir() {
                    directories.push(path);
                } else if is_staging(&path) {
                    std::fs::remove_file(&path).map_err(failed)?;
                }
            }
        }
        Ok(())
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
        match self.store.delete(&Path::from(path)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(source) => Err(storage("deleting", path, source)),
        }
    }

    /// Opens an object for positioned reads.
    pub(crate) async fn open(&self, path: &str) -> Result<ObjectFile, StoreError> {
        match &self.local_root {
            Some(root) => ObjectFile::open(path, &root.join(path)),
            None => match self.get(path).await? {
                Some(bytes) => Ok(ObjectFile::in_memory(path, bytes)),
                None => Err(StoreError::corrupt(path, 0, "the file is missing")),
            },
        }
    }
}

fn is_staging(path: &FilePath) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.rsplit_once('#').is_some_and(|(_, number)| number.parse::<u64>().is_ok())
}

fn storage(operation: &'static str, path: &str, source: object_store::Error) -> StoreError {
    StoreError::Storage { operation, path: path.to_owned(), source }
}

#[cfg(test)]
mod tests;
