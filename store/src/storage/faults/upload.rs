//! Uploads in parts, with faults.

use std::sync::Arc;

use async_trait::async_trait;
use object_store::path::Path;
use object_store::{MultipartUpload, PutPayload, PutResult, Result, UploadPart};

use super::{Fault, Inner, Operation, Work};

/// An upload of another backend. Its parts are no object before it is completed.
#[derive(Debug)]
pub(super) struct FaultingUpload {
    inner: Arc<Inner>,
    path: Path,
    /// Gone once its completion was put off.
    upload: Option<Box<dyn MultipartUpload>>,
}

impl FaultingUpload {
    pub(super) fn new(inner: Arc<Inner>, path: Path, upload: Box<dyn MultipartUpload>) -> Self {
        Self { inner, path, upload: Some(upload) }
    }
}

#[async_trait]
impl MultipartUpload for FaultingUpload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        let (inner, path) = (self.inner.clone(), self.path.clone());
        let part = self.upload.as_mut().map(|upload| upload.put_part(data));
        Box::pin(async move {
            let fault = inner.begin(Operation::Part).await;
            match (fault, part) {
                (None, Some(part)) => part.await,
                (Some(fault @ Fault::ReplyLost), Some(part)) => {
                    part.await?;
                    Err(fault.error(Operation::Part, &path))
                }
                (fault, _) => Err(fault.unwrap_or(Fault::Refused).error(Operation::Part, &path)),
            }
        })
    }

    async fn complete(&mut self) -> Result<PutResult> {
        let fault = self.inner.begin(Operation::Complete).await;
        match (fault, self.upload.take()) {
            (None, Some(mut upload)) => upload.complete().await,
            (Some(Fault::ReplyLost), Some(mut upload)) => {
                upload.complete().await?;
                Err(Fault::ReplyLost.error(Operation::Complete, &self.path))
            }
            (Some(Fault::LandsLate), Some(upload)) => {
                self.inner.put_off(Work::Complete(upload));
                Err(Fault::LandsLate.error(Operation::Complete, &self.path))
            }
            (fault, upload) => {
                self.upload = upload;
                Err(fault.unwrap_or(Fault::Refused).error(Operation::Complete, &self.path))
            }
        }
    }

    async fn abort(&mut self) -> Result<()> {
        match self.upload.as_mut() {
            Some(upload) => upload.abort().await,
            None => Ok(()),
        }
    }
}
