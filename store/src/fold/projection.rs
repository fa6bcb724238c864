//! The state of the fold for one partition, and its one step.

use std::collections::HashMap;

use annals_schemas::{
    EventHead, Instant, LogId, Offset, Reason, Record, Refusal, WorkspaceId, content_hash, decode,
};

use super::decoded::FoundEvent;
use super::record_keeper::RecordKeeper;
use super::{Coming, Counts, Decoded, FoldedRow, Growth, Status, VisibleRow, effective};
use bytes::Bytes;

use crate::StoreError;
use crate::catalog::{Catalog, CatalogView, OrderKey, Sought};
use crate::evidence::{Entry, RecordDigests, RecordFacts, digest_or_zero};

/// What the fold knows of one workspace.
#[derive(Debug, Default)]
pub(crate) struct WorkspaceState {
    pub(crate) catalog: Catalog,
    /// Last sequence number given; 0 before the first.
    pub(crate) last_seq: u64,
    /// Offset of the last record with this workspace's valid key.
    pub(crate) last_offset: Option<Offset>,
    pub(crate) counts: Counts,
    /// The workspace's key and its SHA-256, once they were needed.
    key: Option<(Bytes, [u8; 32])>,
}

/// An event that is looked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sighting<'a> {
    pub(crate) workspace: &'a WorkspaceId,
    /// The workspace's code.
    pub(crate) code: u32,
    pub(crate) event_id: &'a [u8; 16],
    /// `segment::id_hash` of the two.
    pub(crate) id_hash: u64,
}

/// Answers whether an event is known already, over the whole history.
pub(crate) trait KnownEvent {
    /// Content hash of the earlier visible event with this identity.
    /// `catalog` is its workspace's.
    fn known(
        &self,
        sighting: Sighting<'_>,
        catalog: &CatalogView<'_>,
    ) -> Result<Option<[u8; 32]>, StoreError>;
}

/// The fold of one partition. Codes of workspaces are this process's own, names of events are not.
#[derive(Debug)]
pub(crate) struct Projection {
    log_id: LogId,
    workspaces: Vec<(WorkspaceId, WorkspaceState)>,
    codes: HashMap<WorkspaceId, u32>,
    /// The workspace of the last record: mostly the next one's too.
    recent: u32,
    keeper: RecordKeeper,
    pub(crate) counts: Counts,
    pub(crate) growth: Growth,
}

impl Projection {
    pub(crate) fn new(log_id: LogId) -> Self {
        Self {
            log_id,
            workspaces: Vec::new(),
            codes: HashMap::new(),
            recent: 0,
            keeper: RecordKeeper::default(),
            counts: Counts::default(),
            growth: Growth::default(),
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

    pub(crate) fn workspace_mut(&mut self, code: u32) -> &mut WorkspaceState {
        &mut self.workspaces[code as usize].1
    }

    pub(crate) fn workspace_id(&self, code: u32) -> &WorkspaceId {
        &self.workspaces[code as usize].0
    }

    /// Codes and ids of all workspaces, in the order in which they were first seen.
    pub(crate) fn workspaces(&self) -> impl Iterator<Item = (u32, &WorkspaceId, &WorkspaceState)> {
        (0..).zip(&self.workspaces).map(|(code, (id, state))| (code, id, state))
    }

    /// The code of a workspace, given now if it has none yet.
    pub(crate) fn intern(&mut self, workspace: &str) -> u32 {
        let recent = self.workspaces.get(self.recent as usize);
        if recent.is_some_and(|(id, _)| id.as_str() == workspace) {
            return self.recent;
        }
        self.recent = self.code(workspace).unwrap_or_else(|| {
            let code = u32::try_from(self.workspaces.len()).expect("fewer than 2^32 workspaces");
            let id = WorkspaceId::new(workspace).expect("a workspace's id was checked before");
            self.workspaces.push((id.clone(), WorkspaceState::default()));
            self.codes.insert(id, code);
            code
        });
        self.recent
    }

    /// Folds the next record, with the digest of its value, of which
    /// [`look_ahead`](Self::look_ahead) has said what is coming: exactly one of visible, duplicate,
    /// quarantined. Says too whose key it has: that workspace's chain of offsets goes through it,
    /// even if the row is nobody's.
    ///
    /// An error leaves the state as it was, except that a workspace may have got its code: what can
    /// fail comes first. The tree takes the record up with [`Growth::catch_up`].
    pub(crate) fn fold(
        &mut self,
        (decoded, value): (Decoded, [u8; 32]),
        Coming { code, sought }: Coming,
        history: &impl KnownEvent,
    ) -> Result<(FoldedRow, Option<u32>), StoreError> {
        let Decoded { record, outcome, .. } = decoded;
        let status = match (outcome, code.zip(sought)) {
            (Ok(found), Some(of)) => self.judge(&found, of, &record, history)?,
            // check_place passed, so the key is the workspace's and lies in its partition.
            (Ok(_), None) => unreachable!("a well-placed event has an owner"),
            (Err(refusal), _) => Status::Quarantined(refusal),
        };
        let (record, digests) = self.keep(record, code, value);
        let (previous, previous_of_key) = self.extend_tree(&record, code, &digests);
        // INV-6: a record that names another workspace than its key is nobody's to see.
        let workspace = code.filter(|_| !is_key_mismatch(&status));
        self.count(&status, workspace);
        Ok((FoldedRow { record, workspace, previous, previous_of_key, status }, code))
    }

    fn judge(
        &mut self,
        found: &FoundEvent,
        (code, sought): (u32, Sought),
        record: &Record,
        history: &impl KnownEvent,
    ) -> Result<Status, StoreError> {
        let FoundEvent { event, id_hash } = found;
        let id = event.event_id();
        let event_id = id.as_bytes();
        let (workspace, state) = &self.workspaces[code as usize];
        let sighting = Sighting { workspace, code, event_id, id_hash: *id_hash };
        let known = history.known(sighting, &state.catalog.view())?;
        let Some(earlier) = known else {
            let (key, codes) =
                self.admit((code, sought), &event.head(record), record.timestamp_ms)?;
            let row = VisibleRow { key, event_id: *event_id, id_hash: *id_hash, codes };
            return Ok(Status::Visible(row));
        };
        // Almost no event comes twice, so only here is it decoded whole.
        let event = decode(record, &self.log_id);
        match event.is_ok_and(|event| earlier == content_hash(&event)) {
            true => Ok(Status::Duplicate),
            false => Ok(Status::Quarantined(Refusal {
                reason: Reason::Conflict,
                detail: format!("event {id} was recorded before with other content"),
                event_id: Some(id),
            })),
        }
    }

    /// Gives an event its sequence number and its codes.
    fn admit(
        &mut self,
        (code, sought): (u32, Sought),
        event: &EventHead<'_>,
        recorded_ms: i64,
    ) -> Result<(OrderKey, crate::codes::EventCodes), StoreError> {
        let state = self.workspace_mut(code);
        let recorded_at = Instant::from_millis_clamped(recorded_ms);
        let occurred_at = event.occurred_at.and_then(Instant::from_micros);
        let (at, _) = effective(occurred_at, recorded_at);
        let key = OrderKey { effective_at: at.micros(), seq: state.last_seq + 1 };
        let codes = state.catalog.record_sought(event, sought, key)?;
        state.last_seq = key.seq;
        Ok((key, codes))
    }

    /// Takes a record into the tail's memory, with its digests: a record of a workspace has that
    /// workspace's key.
    fn keep(
        &mut self,
        record: Record,
        workspace: Option<u32>,
        value: [u8; 32],
    ) -> (Record, RecordDigests) {
        let shared = workspace.zip(record.key.as_deref()).map(|(code, key)| {
            let known = &mut self.workspace_mut(code).key;
            known
                .get_or_insert_with(|| (Bytes::copy_from_slice(key), digest_or_zero(Some(key))))
                .clone()
        });
        let (shared, key) = match shared {
            Some((key, digest)) => (Some(key), digest),
            None => (None, digest_or_zero(record.key.as_deref())),
        };
        let (record, headers) = self.keeper.keep(record, shared);
        (record, RecordDigests { key, value, headers })
    }

    fn extend_tree(
        &mut self,
        record: &Record,
        workspace: Option<u32>,
        digests: &RecordDigests,
    ) -> (Option<Offset>, Option<Offset>) {
        let offset = record.position.offset;
        let previous = self.growth.last_offset();
        assert!(previous.is_none_or(|previous| previous < offset), "INV-3: offsets only grow");
        let state = workspace.map(|code| self.workspace_mut(code));
        let previous_of_key = state.and_then(|state| state.last_offset.replace(offset));
        let offsets = (previous, previous_of_key);
        let facts = RecordFacts::of(record);
        self.growth.push(Entry::with_digests(&facts, digests, &self.log_id, offsets));
        offsets
    }

    fn count(&mut self, status: &Status, workspace: Option<u32>) {
        let one = match status {
            Status::Visible(_) => Counts { visible: 1, ..Counts::default() },
            Status::Duplicate => Counts { duplicate: 1, ..Counts::default() },
            Status::Quarantined(_) => Counts { quarantined: 1, ..Counts::default() },
        };
        self.counts.add(one);
        if let Some(code) = workspace {
            self.workspace_mut(code).counts.add(one);
        }
        // INV-2, the accounting identity: every record folded is in exactly one of the three.
        assert_eq!(self.counts.records(), self.growth.len(), "INV-2: counts equal leaves");
    }
}

fn is_key_mismatch(status: &Status) -> bool {
    matches!(status, Status::Quarantined(refusal) if refusal.reason == Reason::KeyMismatch)
}
