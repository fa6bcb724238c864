//! `actions.json`: read at start, read again whenever it changes.

use std::path::{Path, PathBuf};
use std::time::Duration;

use annals_ingest::gateway::ActionSchemas;
use annals_query_api::SharedLabels;
use annals_schemas::Labels;

use crate::exit::Failure;

/// How often the file is looked at.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// Reads and checks the file, the schemas of its actions too.
pub(crate) fn read_labels(file: &Path) -> Result<Labels, Failure> {
    read_actions(file).map(|(labels, _)| labels)
}

/// The same, with the schemas made ready.
pub(crate) fn read_actions(file: &Path) -> Result<(Labels, ActionSchemas), Failure> {
    let wrong = |error: &dyn std::fmt::Display| {
        Failure::usage(format!("registry.file {}: {error}", file.display()))
    };
    let text = std::fs::read_to_string(file).map_err(|error| wrong(&error))?;
    let labels = Labels::parse(&text).map_err(|error| wrong(&error))?;
    let schemas = ActionSchemas::compile(&labels).map_err(|error| wrong(&error))?;
    Ok((labels, schemas))
}

/// Replaces the labels when the file changes; a broken file changes nothing.
pub(super) async fn keep_reloading(file: PathBuf, labels: SharedLabels) {
    let stamp =
        || std::fs::metadata(&file).and_then(|meta| Ok((meta.modified()?, meta.len()))).ok();
    let mut seen = stamp();
    loop {
        tokio::time::sleep(LOOK_INTERVAL).await;
        let now = stamp();
        if now == seen {
            continue;
        }
        seen = now;
        match read_labels(&file) {
            Ok(read) => {
                tracing::info!(file = %file.display(), "labels reloaded");
                labels.set(read);
            }
            Err(failure) => {
                tracing::error!(?failure, "labels not reloaded, the old ones stay");
            }
        }
    }
}
