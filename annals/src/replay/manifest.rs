//! What a replay covered: `F.manifest.json`, and while it runs the file it is resumed from.

use annals_broker::LogDescription;
use annals_schemas::{LogId, Offset, OffsetRange, Partition, SchemaRef};
use serde::{Deserialize, Serialize};

use crate::cli::{ReplayArguments, ReplayFormat};

/// Gaps listed a partition; further ones are only counted.
const GAPS_LISTED: usize = 1000;

/// The whole replay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReplayManifest {
    pub(super) complete: bool,
    topic: String,
    log_id: Option<String>,
    selected: Selected,
    /// How far the other topic was when this was written, by partition.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) other_topic_ends: Vec<Offset>,
    /// Of the file, with what belongs to no partition.
    pub(super) bytes: u64,
    /// Of these bytes.
    pub(super) sha256: String,
    pub(super) partitions: Vec<PartitionState>,
}

/// The flags that decide what is in the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Selected {
    format: ReplayFormat,
    by: String,
    from: Option<String>,
    to: Option<String>,
    workspace: Vec<String>,
    action: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to_topic: Option<String>,
}

/// One partition: what was there, what was read, what was written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PartitionState {
    pub(super) partition: Partition,
    /// The first offset that the log held.
    pub(super) first_offset: Offset,
    /// The next one to read.
    pub(super) next_offset: Offset,
    /// The log's end when the replay began.
    pub(super) end_offset: Offset,
    /// Records read: the sum of the three that follow.
    pub(super) read: u64,
    pub(super) visible: u64,
    pub(super) duplicate: u64,
    pub(super) quarantined: u64,
    /// Records in the file, or sent to the other topic.
    pub(super) records: u64,
    /// Offsets that the log has no record at.
    pub(super) gaps: Vec<Gap>,
    pub(super) gap_count: u64,
    /// Schemas of a registry by which records were read, or refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) schemas: Vec<SchemaRef>,
    /// Of its part of the file.
    pub(super) bytes: u64,
    pub(super) sha256: String,
}

/// `start ..  end` without a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Gap {
    start: Offset,
    end: Offset,
}

impl ReplayManifest {
    pub(super) fn new(
        arguments: &ReplayArguments,
        log: &LogDescription,
        log_id: Option<LogId>,
        ranges: &[OffsetRange],
    ) -> Self {
        let state = |(partition, range): (Partition, &OffsetRange)| PartitionState {
            partition,
            first_offset: range.start,
            next_offset: range.start,
            end_offset: range.end,
            ..PartitionState::default()
        };
        Self {
            complete: false,
            topic: log.topic.clone(),
            log_id: log_id.map(|id| id.to_string()),
            selected: Selected {
                format: arguments.format,
                by: arguments.by.to_string(),
                from: arguments.from.clone(),
                to: arguments.to.clone(),
                workspace: arguments.workspace.clone(),
                action: arguments.action.clone(),
                to_topic: arguments.to_topic.clone(),
            },
            other_topic_ends: Vec::new(),
            bytes: 0,
            sha256: String::new(),
            partitions: (0..).zip(ranges).map(state).collect(),
        }
    }

    /// Whether it is the same replay, further on.
    pub(super) fn continues(&self, fresh: &Self) -> bool {
        (&self.topic, &self.log_id, &self.selected)
            == (&fresh.topic, &fresh.log_id, &fresh.selected)
            && self.partitions.len() == fresh.partitions.len()
    }

    /// Partitions that are not read to their end.
    pub(super) fn unfinished(&self) -> Vec<Partition> {
        let rest = self.partitions.iter().filter(|state| !state.is_finished());
        rest.map(|state| state.partition).collect()
    }

    /// Offsets that will be read.
    pub(super) fn remaining(&self) -> u64 {
        let rest = self.partitions.iter().filter(|state| !state.is_finished());
        rest.map(|state| state.end_offset - state.first_offset).sum()
    }
}

impl PartitionState {
    /// Its digest is taken once it has been read to its end.
    fn is_finished(&self) -> bool {
        !self.sha256.is_empty()
    }

    /// Moves on to a record, or to the end; what lies between is a gap.
    pub(super) fn advance(&mut self, offset: Offset) {
        if self.next_offset < offset {
            self.gap_count += 1;
            if self.gaps.len() < GAPS_LISTED {
                self.gaps.push(Gap { start: self.next_offset, end: offset });
            }
        }
    }
}
