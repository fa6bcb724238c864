//! Named commit boundaries, where a crash test may stop the process.

use std::sync::Arc;

/// A point between two steps of the commit protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Boundary {
    /// The segment's bytes are built, nothing is stored yet.
    SegmentWritten,
    /// The segment is durable, no manifest names it.
    SegmentSynced,
    /// The manifest is durable: committed.
    ManifestCreated,
    /// Readers use the new segment instead of the frozen tail.
    SegmentOpened,
    /// A compaction's segment is built, nothing is stored yet.
    CompactionWritten,
    /// It is durable, no manifest names it.
    CompactionSynced,
    /// Its manifest is durable: the inputs are retired.
    CompactionPublished,
    /// Readers use it instead of the inputs.
    CompactionOpened,
    /// A registry's schema is durable, no ruling names it.
    SchemaStored,
    /// The ruling is durable, no record is folded by it.
    RulingCreated,
}

impl Boundary {
    /// The name used by crash tests.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SegmentWritten => "segment-written",
            Self::SegmentSynced => "segment-synced",
            Self::ManifestCreated => "manifest-created",
            Self::SegmentOpened => "segment-opened",
            Self::CompactionWritten => "compaction-written",
            Self::CompactionSynced => "compaction-synced",
            Self::CompactionPublished => "compaction-published",
            Self::CompactionOpened => "compaction-opened",
            Self::SchemaStored => "schema-stored",
            Self::RulingCreated => "ruling-created",
        }
    }
}

/// Called at each boundary. Production passes one that does nothing.
#[derive(Clone)]
pub struct BoundaryHook(Arc<dyn Fn(Boundary) + Send + Sync>);

impl BoundaryHook {
    /// Wraps a function.
    pub fn new(hook: impl Fn(Boundary) + Send + Sync + 'static) -> Self {
        Self(Arc::new(hook))
    }

    pub(crate) fn reached(&self, boundary: Boundary) {
        (self.0)(boundary);
    }
}

impl Default for BoundaryHook {
    fn default() -> Self {
        Self::new(|_| {})
    }
}

impl std::fmt::Debug for BoundaryHook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BoundaryHook")
    }
}
