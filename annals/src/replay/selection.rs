//! Which records are written.

use annals_schemas::{ActionPattern, Instant, LentEvent};

use super::judge::Judged;
use crate::cli::{ReplayArguments, ReplayTime};
use crate::exit::Failure;
use crate::flags::{check_actions, check_workspaces};

/// What was asked for. Different flags are and-ed, repeated ones or-ed.
pub(super) struct Selection {
    from: Instant,
    to: Instant,
    by: ReplayTime,
    workspaces: Vec<String>,
    actions: Vec<String>,
}

impl Selection {
    pub(super) fn new(arguments: &ReplayArguments) -> Result<Self, Failure> {
        let moment = |flag: &str, text: &Option<String>, absent| match text {
            None => Ok(absent),
            Some(text) => Instant::parse(text)
                .map_err(|error| Failure::usage(format!("--{flag} {text}: {error}"))),
        };
        check_workspaces(&arguments.workspace)?;
        check_actions(&arguments.action)?;
        let from = moment("from", &arguments.from, Instant::MIN)?;
        let to = moment("to", &arguments.to, Instant::MAX)?;
        if arguments.to.is_some() && from >= to {
            return Err(Failure::usage("--from has to be before --to"));
        }
        let (workspaces, actions) = (arguments.workspace.clone(), arguments.action.clone());
        Ok(Self { from, to, by: arguments.by, workspaces, actions })
    }

    /// Refused records have no action; their workspace is the key's, their time the log's.
    pub(super) fn wants(&self, judged: &Judged<'_>) -> bool {
        self.is_in_time(judged) && self.is_of_workspace(judged) && self.is_of_action(judged)
    }

    fn is_in_time(&self, judged: &Judged<'_>) -> bool {
        let recorded = Instant::from_millis_clamped(judged.record.timestamp_ms);
        let occurred = judged.event().and_then(LentEvent::occurred_at);
        let at = match self.by {
            ReplayTime::LogTime => recorded,
            ReplayTime::Occurred => occurred.unwrap_or(recorded),
        };
        self.from <= at && (at < self.to || self.to == Instant::MAX)
    }

    fn is_of_workspace(&self, judged: &Judged<'_>) -> bool {
        let key = judged.record.key.as_deref();
        let is_key = |workspace: &String| key == Some(workspace.as_bytes());
        self.workspaces.is_empty() || self.workspaces.iter().any(is_key)
    }

    fn is_of_action(&self, judged: &Judged<'_>) -> bool {
        let action = judged.event().map(LentEvent::action);
        let is_of = |pattern: &String| {
            action.is_some_and(|action| ActionPattern::of(pattern).covers(action))
        };
        self.actions.is_empty() || self.actions.iter().any(is_of)
    }
}
