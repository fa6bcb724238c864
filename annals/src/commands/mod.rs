//! Small commands, one a file.

pub(crate) mod apikey;
pub(crate) mod config_check;
pub(crate) mod keys;
pub(crate) mod token;
pub(crate) mod topic;

use std::collections::BTreeSet;

use annals_service::access::{Grants, Scope};

use crate::exit::Failure;
use crate::flags::check_workspaces;

/// `*` alone grants everything.
fn grants(workspaces: &[String]) -> Result<Grants, Failure> {
    if workspaces.iter().any(|workspace| workspace == "*") {
        return match workspaces {
            [_] => Ok(Grants::All),
            _ => Err(Failure::usage("--workspace '*' stands alone")),
        };
    }
    check_workspaces(workspaces)?;
    Ok(Grants::Workspaces(workspaces.iter().cloned().collect()))
}

fn scopes(names: &[String]) -> Result<BTreeSet<Scope>, Failure> {
    let parsed = names.iter().map(|name| Scope::parse(name));
    parsed.collect::<Result<_, _>>().map_err(|error| Failure::config(&error))
}
