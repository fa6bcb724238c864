//! What `annals-bench store` is told.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::{Parser, ValueEnum};

use crate::generator::{IdVersion, Plan};

/// Figures of the storage engine.
#[derive(Debug, Parser)]
pub(super) struct Options {
    /// How many events.
    #[arg(long, default_value_t = 10_000_000)]
    pub(super) events: u64,
    /// How many resources; by default one for 30 events, and then one for two.
    #[arg(long)]
    pub(super) resources: Option<u64>,
    /// What the events follow from.
    #[arg(long, default_value_t = 20_261_123)]
    pub(super) seed: u64,
    /// Which event ids.
    #[arg(long, value_enum, default_value = "v7")]
    pub(super) ids: IdVersion,
    /// The directory to make stores in, on a real disk.
    #[arg(long, default_value = ".")]
    pub(super) within: PathBuf,
    /// One step alone, on `--store`.
    #[arg(long, value_enum)]
    pub(super) step: Option<Step>,
    /// The store of a step.
    #[arg(long)]
    pub(super) store: Option<PathBuf>,
    /// Leave out the questions that do not depend on how many resources there are.
    #[arg(long)]
    pub(super) brief: bool,
    /// With `--step ask`: only the questions whose label contains this.
    #[arg(long)]
    pub(super) only: Option<String>,
}

/// A step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Step {
    /// Fold, build and write.
    Load,
    /// Open what was written.
    Open,
    /// Pages, counts.
    Ask,
    /// Fold a tenth again.
    Again,
}

impl Options {
    /// The plan of the events.
    pub(super) fn plan(&self) -> Plan {
        let events = self.events.max(1);
        let resources = self.resources.unwrap_or(events / Plan::EVENTS_PER_RESOURCE);
        Plan { events, resources, seed: self.seed, ids: self.ids }
    }

    /// The arguments of the process that does a step.
    pub(super) fn arguments(step: Step, plan: Plan, store: &Path, brief: bool) -> Vec<OsString> {
        let name = |value: &dyn Fn() -> Option<clap::builder::PossibleValue>| {
            value().map(|value| value.get_name().to_owned()).unwrap_or_default()
        };
        let pairs: [(&str, OsString); 6] = [
            ("--step", name(&|| step.to_possible_value()).into()),
            ("--events", plan.events.to_string().into()),
            ("--resources", plan.resources.to_string().into()),
            ("--seed", plan.seed.to_string().into()),
            ("--ids", name(&|| plan.ids.to_possible_value()).into()),
            ("--store", store.into()),
        ];
        let pairs = pairs.into_iter().flat_map(|(key, value)| [key.into(), value]);
        pairs.chain(brief.then(|| "--brief".into())).collect()
    }
}
