//! Access, asked for again while an answer is still being given.
//!
//! An answer that lasts is a read that is repeated: it ends when the credentials that began it are
//! withdrawn or expire, and is recorded again each minute.

use std::time::Duration;

use annals_schemas::WorkspaceId;
use annals_service::access::{Access, Caller, Scope};
use tokio::time::{Instant, sleep};

use crate::access_log::{self, AccessKind, FilterHash};
use crate::state::ApiState;

/// How often it is asked. A revocation is known within two seconds: together less than five.
const ASK_INTERVAL: Duration = Duration::from_secs(2);
/// How often it is recorded again.
const RECORD_INTERVAL: Duration = Duration::from_secs(60);

/// The credentials of a request and what was asked with them.
#[derive(Clone)]
pub(crate) struct Renewal {
    pub(crate) token: String,
    pub(crate) scope: Scope,
    pub(crate) kind: AccessKind,
    pub(crate) route: String,
    pub(crate) filter: FilterHash,
    pub(crate) recorded_at: Instant,
}

impl Renewal {
    /// Whether the credentials still open the workspace.
    pub(crate) fn ask(&mut self, state: &ApiState, workspace: &WorkspaceId) -> bool {
        let caller = state.authenticator.authenticate(&self.token);
        let may = |caller: &Caller| caller.may(workspace.as_str(), self.scope) == Access::Granted;
        let Some(caller) = caller.filter(may) else { return false };
        if self.recorded_at.elapsed() >= RECORD_INTERVAL {
            self.recorded_at = Instant::now();
            let Self { kind, filter, .. } = *self;
            let access = access_log::Access { kind, route: &self.route, filter };
            state.access_log.record(&caller, workspace, access);
        }
        true
    }

    /// Returns once they do not.
    pub(crate) async fn ended(&mut self, state: &ApiState, workspace: &WorkspaceId) {
        loop {
            sleep(ASK_INTERVAL).await;
            if !self.ask(state, workspace) {
                return;
            }
        }
    }
}
