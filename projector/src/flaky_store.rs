//! A storage backend that fails when told to: before the write, or after it (the lost reply).

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use async_trait::async_trait;
use futures::stream::BoxStream;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};

/// What a put comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Puts {
    Work = 0,
    /// Nothing is written.
    Fail = 1,
    /// It is written, the answer is lost.
    LoseReply = 2,
}

/// In memory; shared by clones.
#[derive(Debug, Clone, Default)]
pub(crate) struct FlakyStore {
    inner: Arc<InMemory>,
    puts: Arc<AtomicU8>,
    failed: Arc<AtomicU64>,
}

impl FlakyStore {
    pub(crate) fn set(&self, puts: Puts) {
        self.puts.store(puts as u8, Ordering::SeqCst);
    }

    /// Puts that failed so far.
    pub(crate) fn failed(&self) -> u64 {
        self.failed.load(Ordering::SeqCst)
    }

    fn failure(&self) -> Error {
        self.failed.fetch_add(1, Ordering::SeqCst);
        Error::Generic { store: "flaky", source: "no space left on device".into() }
    }
}

impl fmt::Display for FlakyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FlakyStore")
    }
}

#[async_trait]
impl ObjectStore for FlakyStore {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        let puts = self.puts.load(Ordering::SeqCst);
        if puts == Puts::Fail as u8 {
            return Err(self.failure());
        }
        let done = self.inner.put_opts(location, payload, options).await?;
        if puts == Puts::LoseReply as u8 { Err(self.failure()) } else { Ok(done) }
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(location, options).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.inner.get_opts(location, options).await
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}
