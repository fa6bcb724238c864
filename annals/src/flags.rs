//! Checks of flags that several commands take: what is wrong is named with its flag.

use annals_schemas::{ActionPattern, WorkspaceId};

use crate::exit::Failure;

/// Each `--action` is an action key, or a beginning followed by `*`.
pub(crate) fn check_actions(given: &[String]) -> Result<(), Failure> {
    given.iter().try_for_each(|action| match ActionPattern::parse(action) {
        Ok(_) => Ok(()),
        Err(error) => Err(Failure::usage(format!("--action: {error}"))),
    })
}

/// Each `--workspace` can be a workspace's id.
pub(crate) fn check_workspaces(given: &[String]) -> Result<(), Failure> {
    given.iter().try_for_each(|workspace| match WorkspaceId::new(workspace) {
        Ok(_) => Ok(()),
        Err(error) => Err(Failure::usage(format!("--workspace {workspace}: {error}"))),
    })
}
