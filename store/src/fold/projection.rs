//! The state of the fold for one partition, and its one step.

use std::collections::HashMap;

use annals_schemas::{Event, Instant, LogId, Offset, Reason, Record, Refusal, WorkspaceId};

use super::{Counts, Decoded, FoldedRow, Status, VisibleRow, effective};
use crate::StoreError;
use crate::catalog::{Catalog, OrderKey};
use crate::evidence::{Entry, Leaf, Tree};

/// What the fold knows of one workspace.
#[derive(Debug, Default)]
pub(crate) struct WorkspaceState {
    pub(crate) catalog: Catalog,
    /// Last sequence number given; 0 before the first.
    pub(crate) last_seq: u64,
    /// Offset of the last record with this workspace's valid key.
    pub(crate) last_offset: Option<Offset>,
    pub(crate) counts: Counts,
}

/// Answers whether an event is known already, over the whole history.
pub(crate) trait KnownEvent {
    /// Content hash of the earlier visible event with this identity.
    fn known(&self, workspace: u32, event_id: &[u8; 16]) -> Result<Option<[u8; 32]>, StoreError>;
}

/// The fold of one partition. Codes of workspaces are this process's own, names of events are not.
#[derive(Debug)]
pub(crate) struct Projection {
    log_id: LogId,
    pub(crate) workspaces: Vec<(WorkspaceId, WorkspaceState)>,
    codes: HashMap<WorkspaceId, u32>,
    pub(crate) counts: Counts,
    pub(crate) tree: Tree,
    /// The last record folded.
    pub(crate) last: Option<LastRecord>,
}

/// What has to be remembered of the last record: it proves later that the log is still the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LastRecord {
    pub(crate) offset: Offset,
    pub(crate) previous: Option<Offset>,
    pub(crate) previous_of_key: Option<Offset>,
    pub(crate) leaf: Leaf,
}

impl Projection {
    pub(crate) fn new(log_id: LogId) -> Self {
        Self {
            log_id,
            workspaces: Vec::new(),
            codes: HashMap::new(),
            counts: Counts::default(),
            tree: Tree::default(),
            last: None,
        }
    }

    pub(crate) fn log_id(&self) -> LogId {
        self.log_id
    }

    /// The code of a workspace seen before.
    pub(crate) fn code(&self, workspace: &str) -> Option<u32> {
        self.codes.get(workspace).copied()
    }

    pub(crate) fn workspace(&self, code: u32) -> &WorkspaceState {
        &self.workspaces[code as usize].1
    }

    pub(crate) fn intern(&mut self, workspace: &WorkspaceId) -> u32 {
        if let Some(&code) = self.codes.get(workspace) {
            return code;
        }
        let code = u32::try_from(self.workspaces.len()).expect("fewer than 2^32 workspaces");
        self.workspaces.push((workspace.clone(), WorkspaceState::default()));
        self.codes.insert(workspace.clone(), code);
        code
    }

    /// Sets what a segment says of a workspace, and gives access to the rest of its state.
    pub(crate) fn restore(
        &mut self,
        workspace: &WorkspaceId,
        last_seq: u64,
        last_offset: Option<Offset>,
    ) -> &mut WorkspaceState {
        let code = self.intern(workspace);
        let state = &mut self.workspaces[code as usize].1;
        state.last_seq = last_seq;
        state.last_offset = last_offset;
        state
    }

    /// Folds the next record: exactly one of visible, duplicate, quarantined.
    ///
    /// An error leaves the state as it was.
    pub(crate) fn fold(
        &mut self,
        decoded: Decoded,
        history: &impl KnownEvent,
    ) -> Result<FoldedRow, StoreError> {
        let Decoded { record, owner, outcome } = decoded;
        let workspace = owner.as_ref().map(|owner| self.intern(owner));
        let verdict = match (outcome, workspace) {
            (Ok((event, hash)), Some(code)) => {
                let known = history.known(code, event.event_id.as_bytes())?;
                Verdict::of(event, hash, known)
            }
            // check_place passed, so the key is the workspace's and lies in its partition.
            (Ok(_), None) => unreachable!("a well-placed event has an owner"),
            (Err(refusal), _) => Verdict::Quarantined(refusal),
        };
        let (previous, previous_of_key) = self.extend_tree(&record, workspace);
        // INV-6: a record that names another workspace than its key is nobody's to see, though its
        // key's chain of offsets goes through it.
        let workspace = workspace.filter(|_| !verdict.is_key_mismatch());
        let status = match (verdict, workspace) {
            (Verdict::Visible(event, hash), Some(code)) => {
                Status::Visible(Box::new(self.admit(code, &event, hash, record.timestamp_ms)))
            }
            (Verdict::Visible(..), None) => unreachable!("a visible event has a workspace"),
            (Verdict::Duplicate, _) => Status::Duplicate,
            (Verdict::Quarantined(refusal), _) => Status::Quarantined(refusal),
        };
        self.count(&status, workspace);
        Ok(FoldedRow { record, workspace, previous, previous_of_key, status })
    }

    fn extend_tree(
        &mut self,
        record: &Record,
        workspace: Option<u32>,
    ) -> (Option<Offset>, Option<Offset>) {
        let offset = record.position.offset;
        let previous = self.last.map(|last| last.offset);
        assert!(previous.is_none_or(|previous| previous < offset), "INV-3: offsets only grow");
        let state = workspace.map(|code| &mut self.workspaces[code as usize].1);
        let previous_of_key = state.and_then(|state| state.last_offset.replace(offset));
        let leaf = Entry::new(record, &self.log_id, previous, previous_of_key).leaf();
        self.tree.append(leaf);
        self.last = Some(LastRecord { offset, previous, previous_of_key, leaf });
        (previous, previous_of_key)
    }

    fn admit(&mut self, code: u32, event: &Event, hash: [u8; 32], recorded_ms: i64) -> VisibleRow {
        let state = &mut self.workspaces[code as usize].1;
        state.last_seq += 1;
        let recorded_at = Instant::from_millis_clamped(recorded_ms);
        let (at, _) = effective(event.occurred_at, recorded_at);
        let key = OrderKey { effective_at: at.micros(), seq: state.last_seq };
        let codes = state.catalog.record(event, key);
        VisibleRow { key, event_id: *event.event_id.as_bytes(), content_hash: hash, codes }
    }

    fn count(&mut self, status: &Status, workspace: Option<u32>) {
        let mut all = vec![&mut self.counts];
        all.extend(workspace.map(|code| &mut self.workspaces[code as usize].1.counts));
        for counts in all {
            match status {
                Status::Visible(_) => counts.visible += 1,
                Status::Duplicate => counts.duplicate += 1,
                Status::Quarantined(_) => counts.quarantined += 1,
            }
        }
        // INV-2, the accounting identity: every record folded is in exactly one of the three.
        assert_eq!(self.counts.records(), self.tree.head_size(), "INV-2: counts equal leaves");
    }
}

enum Verdict {
    Visible(Box<Event>, [u8; 32]),
    Duplicate,
    Quarantined(Refusal),
}

impl Verdict {
    fn is_key_mismatch(&self) -> bool {
        matches!(self, Self::Quarantined(refusal) if refusal.reason == Reason::KeyMismatch)
    }

    fn of(event: Box<Event>, hash: [u8; 32], known: Option<[u8; 32]>) -> Self {
        match known {
            None => Self::Visible(event, hash),
            Some(earlier) if earlier == hash => Self::Duplicate,
            Some(_) => Self::Quarantined(Refusal {
                reason: Reason::Conflict,
                detail: format!("event {} was recorded before with other content", event.event_id),
                event_id: Some(event.event_id),
            }),
        }
    }
}
