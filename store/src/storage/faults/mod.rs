//! A backend that fails as object stores do, by a script that a seed repeats exactly.
//!
//! Guarantees that one seed and one order of operations give the same faults. Deliberately not
//! here: time. What lands late lands at a later operation.

mod script;
mod upload;

use std::fmt::{Display, Formatter};
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt};
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, GetResultPayload, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, ObjectStoreExt, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};
use parking_lot::Mutex;

use script::Script;
pub use script::{Fault, FaultRate, FaultScript, Operation, PlannedFault};
use upload::FaultingUpload;

/// Another backend, with faults. Clones share the script.
#[derive(Debug, Clone)]
pub struct FaultingStore(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Arc<dyn ObjectStore>,
    script: Mutex<Script>,
    late: Mutex<Vec<Late>>,
}

/// What was answered with an error and is still to happen.
#[derive(Debug)]
struct Late {
    /// Before the operation of this number.
    due: u64,
    work: Work,
}

#[derive(Debug)]
enum Work {
    Put(Path, PutPayload, PutOptions),
    Complete(Box<dyn MultipartUpload>),
    Delete(Path),
}

impl FaultingStore {
    /// Plays a script over another backend.
    pub fn over(store: Arc<dyn ObjectStore>, script: FaultScript) -> Self {
        let script = Mutex::new(Script::new(script));
        Self(Arc::new(Inner { store, script, late: Mutex::default() }))
    }

    /// Lets the next operation of a kind fail.
    pub fn plan_next(&self, operation: Operation, fault: Fault) {
        self.plan_after(operation, 0, fault);
    }

    /// Lets an operation of a kind fail after so many that do not.
    pub fn plan_after(&self, operation: Operation, others: u64, fault: Fault) {
        self.0.script.lock().plan_after(operation, others, fault);
    }

    /// Ends all faults, chances and plans; what is late lands before this returns.
    pub async fn calm(&self) {
        self.0.script.lock().calm();
        self.0.land(u64::MAX).await;
    }

    /// How many operations of a kind were asked for.
    pub fn count(&self, operation: Operation) -> u64 {
        self.0.script.lock().count(operation)
    }

    /// How many faults there were.
    pub fn injected(&self) -> u64 {
        self.0.script.lock().injected()
    }
}

impl Inner {
    /// Lets what is late land, then decides how this operation fails.
    async fn begin(&self, operation: Operation) -> Option<Fault> {
        let number = self.script.lock().operations();
        self.land(number).await;
        self.script.lock().next(operation)
    }

    async fn land(&self, number: u64) {
        let due: Vec<_> = self.late.lock().extract_if(.., |late| late.due <= number).collect();
        for Late { work, .. } in due {
            // Nobody waits for the answer.
            let _ = match work {
                Work::Put(path, payload, options) => {
                    self.store.put_opts(&path, payload, options).await.map(drop)
                }
                Work::Complete(mut upload) => upload.complete().await.map(drop),
                Work::Delete(path) => self.store.delete(&path).await,
            };
        }
    }

    fn put_off(&self, work: Work) {
        let due = self.script.lock().landing();
        self.late.lock().push(Late { due, work });
    }

    async fn delete(&self, path: &Path) -> Result<()> {
        let Some(fault) = self.begin(Operation::Delete).await else {
            return self.store.delete(path).await;
        };
        match fault {
            Fault::ReplyLost => self.store.delete(path).await?,
            Fault::LandsLate => self.put_off(Work::Delete(path.clone())),
            _ => {}
        }
        Err(fault.error(Operation::Delete, path))
    }
}

impl Display for FaultingStore {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(f, "FaultingStore({})", self.0.store)
    }
}

#[async_trait]
impl ObjectStore for FaultingStore {
    async fn put_opts(
        &self,
        path: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        let store = &self.0.store;
        let Some(fault) = self.0.begin(Operation::Put).await else {
            return store.put_opts(path, payload, options).await;
        };
        match fault {
            Fault::ReplyLost => {
                store.put_opts(path, payload, options).await?;
            }
            Fault::LandsLate => self.0.put_off(Work::Put(path.clone(), payload, options)),
            Fault::Torn => {
                let bytes = Bytes::from(payload);
                let half = PutPayload::from(bytes.slice(..bytes.len() / 2));
                store.put_opts(path, half, options).await?;
            }
            Fault::Refused | Fault::NoSpace | Fault::FalseConflict => {}
        }
        Err(fault.error(Operation::Put, path))
    }

    async fn put_multipart_opts(
        &self,
        path: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        let upload = self.0.store.put_multipart_opts(path, options).await?;
        Ok(Box::new(FaultingUpload::new(self.0.clone(), path.clone(), upload)))
    }

    async fn get_opts(&self, path: &Path, options: GetOptions) -> Result<GetResult> {
        let fault = self.0.begin(Operation::Get).await;
        let is_look = options.head;
        match fault {
            None => self.0.store.get_opts(path, options).await,
            Some(Fault::Torn) if !is_look => cut(self.0.store.get_opts(path, options).await?).await,
            Some(fault) => Err(fault.error(Operation::Get, path)),
        }
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        let inner = self.0.clone();
        let deleted = locations.then(move |path| {
            let inner = inner.clone();
            async move {
                let path = path?;
                inner.delete(&path).await.map(|()| path)
            }
        });
        deleted.boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        let (inner, prefix) = (self.0.clone(), prefix.cloned());
        let listing = stream::once(async move {
            match inner.begin(Operation::List).await {
                None => inner.store.list(prefix.as_ref()),
                Some(fault) => {
                    let error = fault.error(Operation::List, &prefix.unwrap_or_default());
                    stream::once(async move { Err(error) }).boxed()
                }
            }
        });
        listing.flatten().boxed()
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        match self.0.begin(Operation::List).await {
            None => self.0.store.list_with_delimiter(prefix).await,
            Some(fault) => Err(fault.error(Operation::List, &prefix.cloned().unwrap_or_default())),
        }
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.0.store.copy_opts(from, to, options).await
    }
}

/// The first half of an answer, then an error.
async fn cut(found: GetResult) -> Result<GetResult> {
    let (meta, range) = (found.meta.clone(), found.range.clone());
    let (attributes, extensions) = (found.attributes.clone(), found.extensions.clone());
    let bytes = found.bytes().await?;
    let answer = [
        Ok(bytes.slice(..bytes.len() / 2)),
        Err(Fault::Torn.error(Operation::Get, &meta.location)),
    ];
    let payload = GetResultPayload::Stream(stream::iter(answer).boxed());
    Ok(GetResult { payload, meta, range, attributes, extensions })
}

#[cfg(test)]
mod tests;
