//! The catalog layer of one group, kept open by its segment.

use std::sync::Arc;

use super::reader::SegmentReader;
use crate::StoreError;
use crate::catalog::{LayerSource, Lengths};

/// The layer of one group, kept open by its segment.
#[derive(Debug, Clone)]
pub(crate) struct GroupLayer {
    pub(crate) segment: Arc<SegmentReader>,
    pub(crate) group: u32,
}

impl LayerSource for GroupLayer {
    fn layer(&self) -> Result<&[u8], StoreError> {
        self.segment.layer(self.group)
    }

    fn path(&self) -> &str {
        self.segment.path()
    }

    fn lengths(&self) -> Option<(Lengths, Lengths)> {
        self.segment.group_at(self.group).lengths
    }
}

/// The same of a segment that is borrowed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BorrowedLayer<'a> {
    pub(super) segment: &'a SegmentReader,
    pub(super) group: u32,
}

impl LayerSource for BorrowedLayer<'_> {
    fn layer(&self) -> Result<&[u8], StoreError> {
        self.segment.layer(self.group)
    }

    fn path(&self) -> &str {
        self.segment.path()
    }
}

/// A layer that is being written.
#[derive(Debug)]
pub(super) struct NewLayer<'a>(pub(super) &'a [u8]);

impl LayerSource for NewLayer<'_> {
    fn layer(&self) -> Result<&[u8], StoreError> {
        Ok(self.0)
    }

    fn path(&self) -> &str {
        "the layer being written"
    }
}
