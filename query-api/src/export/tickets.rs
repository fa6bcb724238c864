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
    /// A ticket for an export; `rate-limited` if too many are outstanding.
    pub(crate) fn give(&self, job: ExportJob) -> Result<String, Problem> {
        // Two times 122 unpredictable bits.
        let ticket = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        let now = Instant::now();
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
    pub(crate) fn workspace(&self, ticket: &str) -> Option<WorkspaceId> {
        let tickets = self.0.lock();
        let (_, job) = tickets.get(ticket).filter(|(until, _)| *until > Instant::now())?;
        Some(job.workspace.id().clone())
    }

    /// The export of a ticket, which is void from now on.
    pub(crate) fn redeem(&self, ticket: &str) -> Option<ExportJob> {
        let (until, job) = self.0.lock().remove(ticket)?;
        (until > Instant::now()).then_some(job)
    }
}
