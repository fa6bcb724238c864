//! How far a log has been projected, and the only way to move that forward.
//!
//! Guarantees INV-3: a checkpoint only grows, without a gap. A delta that does not start where the
//! checkpoint ends is an error, and then nothing changes, not even for the other partitions.

use std::collections::BTreeMap;

use crate::{Offset, OffsetRange, Partition};

/// The next offset to project, per partition. A partition never seen stands at its first delta.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checkpoint {
    next: BTreeMap<Partition, Offset>,
}

/// Newly covered ranges, at most one a partition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckpointDelta {
    ranges: BTreeMap<Partition, OffsetRange>,
}

/// Why a delta was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The delta starts elsewhere than the checkpoint (or the delta before it) ends.
    #[error("partition {partition}: expected a range from offset {expected}, got one from {found}")]
    Discontinuous {
        /// The partition concerned.
        partition: Partition,
        /// Where the next range has to start.
        expected: Offset,
        /// Where the offered range starts.
        found: Offset,
    },
}

impl Checkpoint {
    /// The next offset to project, or `None` for a partition never seen.
    pub fn next(&self, partition: Partition) -> Option<Offset> {
        self.next.get(&partition).copied()
    }

    /// Applies a delta whole, or not at all.
    pub fn apply(&mut self, delta: &CheckpointDelta) -> Result<(), CheckpointError> {
        for (&partition, range) in &delta.ranges {
            let expected = self.next(partition).unwrap_or(range.start);
            continues(partition, expected, range.start)?;
        }
        self.next.extend(delta.ranges.iter().map(|(&partition, range)| (partition, range.end)));
        Ok(())
    }

    /// All partitions with their next offsets, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Partition, Offset)> + '_ {
        self.next.iter().map(|(&partition, &offset)| (partition, offset))
    }
}

impl FromIterator<(Partition, Offset)> for Checkpoint {
    fn from_iter<I: IntoIterator<Item = (Partition, Offset)>>(iter: I) -> Self {
        Self { next: iter.into_iter().collect() }
    }
}

impl CheckpointDelta {
    /// Adds a range behind what the delta already covers of that partition.
    pub fn extend(
        &mut self,
        partition: Partition,
        range: OffsetRange,
    ) -> Result<(), CheckpointError> {
        match self.ranges.get_mut(&partition) {
            None => {
                self.ranges.insert(partition, range);
            }
            Some(covered) => {
                continues(partition, covered.end, range.start)?;
                covered.end = range.end;
            }
        }
        Ok(())
    }

    /// The range covered of a partition.
    pub fn range(&self, partition: Partition) -> Option<OffsetRange> {
        self.ranges.get(&partition).copied()
    }
}

fn continues(partition: Partition, expected: Offset, found: Offset) -> Result<(), CheckpointError> {
    if expected == found {
        Ok(())
    } else {
        Err(CheckpointError::Discontinuous { partition, expected, found })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delta(ranges: &[(Partition, Offset, Offset)]) -> CheckpointDelta {
        let mut delta = CheckpointDelta::default();
        for &(partition, start, end) in ranges {
            delta.extend(partition, OffsetRange::new(start, end).unwrap()).unwrap();
        }
        delta
    }

    #[test]
    fn a_delta_with_a_gap_changes_nothing() {
        let mut checkpoint: Checkpoint = [(0, 10), (1, 5)].into_iter().collect();
        let before = checkpoint.clone();
        let refused = checkpoint.apply(&delta(&[(0, 10, 20), (1, 6, 9)]));
        assert_eq!(
            refused,
            Err(CheckpointError::Discontinuous { partition: 1, expected: 5, found: 6 })
        );
        assert_eq!(checkpoint, before);
    }

    #[test]
    fn deltas_that_touch_add_up() {
        let mut checkpoint = Checkpoint::default();
        checkpoint.apply(&delta(&[(0, 3, 7), (0, 7, 7), (0, 7, 12)])).unwrap();
        assert_eq!(checkpoint.next(0), Some(12));
        assert_eq!(checkpoint.next(1), None);
        let replayed = checkpoint.apply(&delta(&[(0, 3, 12)]));
        assert_eq!(
            replayed,
            Err(CheckpointError::Discontinuous { partition: 0, expected: 12, found: 3 })
        );
    }
}
