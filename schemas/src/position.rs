//! Where a record stands in the log: partition and offset, as in Kafka.

/// A partition number.
pub type Partition = u32;

/// An offset within a partition. Offsets grow, but have holes (control records take some).
pub type Offset = u64;

/// One record's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position {
    /// The partition.
    pub partition: Partition,
    /// The offset within it.
    pub offset: Offset,
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.partition, self.offset)
    }
}
