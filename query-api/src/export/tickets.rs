//! Tickets of exports that are asked for with POST and then loaded by a browser, which cannot send
//! a token with that: each good once, for a minute.
//!
//! They are in this process' memory: a restart voids them, and in a fleet the node that gave one
//! takes it.

use std::collections::HashMap;
use std::time::Duration;

use annals_schemas::WorkspaceId;
use annals_service::problem::{Problem, ProblemKind};
use parking_lot::Mutex;
use tokio::time::Instant;
use uuid::Uuid;

use super::job::ExportJob;

/// How long a ticket is good.
pub(crate) const VALID: Duration = Duration::from_secs(60);
/// Tickets outstanding at most.
const MAX_TICKETS: usize = 1_000;
/// Tickets of one workspace among them: the others are for its neighbours.
const MAX_TICKETS_EACH: usize = MAX_TICKETS / 2;
const RETRY_AFTER_SECONDS: u64 = 60;

/// Tickets outstanding.
#[derive(Default)]
pub(crate) struct Tickets(Mutex<HashMap<String, (Instant, ExportJob)>>);

impl Tickets {
    /// A ticket for an export, from now on; `rate-limited` if too many are outstanding.
    pub(crate) fn give(&self, job: ExportJob, now: Instant) -> Result<String, Problem> {
        // Two times 122 unpredictable bits.
        let ticket = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        let mut tickets = self.0.lock();
        tickets.retain(|_, (until, _)| *until > now);
        let of_workspace =
            |(_, other): &&(Instant, ExportJob)| other.workspace.id() == job.workspace.id();
        let own = tickets.values().filter(of_workspace).count();
        if tickets.len() >= MAX_TICKETS || own >= MAX_TICKETS_EACH {
            return Err(Problem::new(ProblemKind::RateLimited)
                .detail("too many exports were asked for and not loaded")
                .retry_after(RETRY_AFTER_SECONDS));
        }
        tickets.insert(ticket.clone(), (now + VALID, job));
        Ok(ticket)
    }

    /// The workspace of a ticket that could be redeemed now.
    pub(crate) fn workspace(&self, ticket: &str, now: Instant) -> Option<WorkspaceId> {
        let tickets = self.0.lock();
        let (_, job) = tickets.get(ticket).filter(|(until, _)| *until > now)?;
        Some(job.workspace.id().clone())
    }

    /// The export of a ticket, which is void from now on.
    pub(crate) fn redeem(&self, ticket: &str, now: Instant) -> Option<ExportJob> {
        let (until, job) = self.0.lock().remove(ticket)?;
        (until > now).then_some(job)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use annals_schemas::{Instant as Moment, Labels};
    use annals_service::access::Scope;
    use annals_store::{LogIdentity, Storage, Store, StoreOptions};

    use super::*;
    use crate::access_log::{AccessKind, FilterHash};
    use crate::parameters::{ExportParameters, Pairs};
    use crate::renewal::Renewal;
    use crate::shapes::SnapshotShape;

    const MILLISECOND: Duration = Duration::from_millis(1);

    async fn store() -> Store {
        let identity =
            LogIdentity { topic: "t".into(), partitions: 1, cluster_id: None, topic_id: None };
        let options = StoreOptions::new(|| [7; 16], Arc::new(|| Moment::MIN));
        Store::open(Storage::memory(), identity, options).await.unwrap()
    }

    fn job(store: &Store, workspace: &str, now: Instant) -> ExportJob {
        let workspace = store.workspace(&WorkspaceId::new(workspace).unwrap()).unwrap();
        let renewal = Renewal {
            token: String::new(),
            scope: Scope::Export,
            kind: AccessKind::Exported,
            route: "export".into(),
            filter: FilterHash([0; 32]),
            recorded_at: now,
        };
        ExportJob {
            id: Uuid::now_v7(),
            asked: ExportParameters::read(Pairs::parse("format=csv"), &Labels::default()).unwrap(),
            last_seq: 0,
            snapshot: SnapshotShape::before_reading(&workspace, false),
            with_positions: false,
            renewal,
            language: None,
            workspace,
        }
    }

    #[tokio::test]
    async fn a_ticket_is_good_once_and_for_a_minute() {
        let (store, tickets, now) = (store().await, Tickets::default(), Instant::now());
        let give = || tickets.give(job(&store, "acme", now), now).unwrap();
        let last = now + VALID - MILLISECOND;

        let ticket = give();
        assert_eq!(tickets.workspace(&ticket, last).unwrap().as_str(), "acme");
        assert!(tickets.redeem(&ticket, last).is_some(), "looking at it does not use it up");
        assert!(tickets.redeem(&ticket, last).is_none(), "once");
        assert!(tickets.workspace(&ticket, now).is_none());

        let late = give();
        assert!(tickets.workspace(&late, now + VALID).is_none());
        assert!(tickets.redeem(&late, now + VALID).is_none());
        assert!(tickets.redeem(&late, now).is_none(), "tried too late, it is void");
        let other = give();
        assert!(tickets.redeem("", now).is_none() && tickets.redeem(&other[1..], now).is_none());
    }

    #[tokio::test]
    async fn a_workspace_leaves_tickets_to_its_neighbours_and_old_ones_make_room() {
        let (store, tickets, now) = (store().await, Tickets::default(), Instant::now());
        let give = |workspace: &str, now| tickets.give(job(&store, workspace, now), now);
        for _ in 0..MAX_TICKETS_EACH {
            give("acme", now).unwrap();
        }
        let refused = format!("{:?}", give("acme", now + VALID - MILLISECOND).unwrap_err());
        assert!(refused.contains("not loaded"), "{refused}");
        for _ in MAX_TICKETS_EACH..MAX_TICKETS {
            give("globex", now + MILLISECOND).unwrap();
        }
        assert!(give("initech", now + VALID - MILLISECOND).is_err(), "none is left for anybody");
        give("acme", now + VALID).unwrap();
    }
}
