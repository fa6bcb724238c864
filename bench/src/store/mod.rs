//! The figures of the storage engine, in process: `make bench-store` runs it.
//!
//! Each step is a process of its own over the same directory, so that memory is that of the step
//! and nothing else. Guarantees: the time to generate events is in no figure.

mod again;
mod answers;
mod asked;
pub(crate) mod classes;
mod combinations;
mod engine;
mod load;
mod needles;
mod opening;
mod options;
mod question;
mod shapes;
mod stored;
mod topics;
mod ways;

use std::error::Error;
use std::path::Path;
use std::process::Command;

use clap::Parser;

use crate::generator::{Plan, World};
use crate::report::{say, thousands};
use options::{Options, Step};

type Outcome = Result<(), Box<dyn Error>>;

/// Runs one step, or all of them one after another.
pub(crate) fn run(arguments: impl Iterator<Item = String>) -> Outcome {
    let options =
        Options::parse_from(std::iter::once("annals-bench store".into()).chain(arguments));
    let Some(step) = options.step else { return all(&options) };
    let world = World::new(options.plan());
    let directory = options.store.as_deref().ok_or("a step needs --store")?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(async {
        match step {
            Step::Load => load::measure(&world, directory).await,
            Step::Open => opening::measure(directory).await,
            Step::Ask => {
                answers::measure(&world, directory, options.brief, options.only.as_deref()).await
            }
            Step::Again => again::measure(&world, directory).await,
        }
    })
}

/// The population asked for; without `--resources` also one with a resource for each two events.
fn all(options: &Options) -> Outcome {
    let plan = options.plan();
    population(options, plan, &[Step::Load, Step::Open, Step::Ask, Step::Again])?;
    if options.resources.is_some() {
        return Ok(());
    }
    let many = Plan { resources: plan.events / 2, ..plan };
    population(options, many, &[Step::Load, Step::Open, Step::Ask])
}

fn population(options: &Options, plan: Plan, steps: &[Step]) -> Outcome {
    say(&format!(
        "\n### {} events, {} resources\n\nSeed {}, event ids {:?}.",
        thousands(plan.events),
        thousands(plan.resources),
        plan.seed,
        plan.ids
    ));
    let directory = tempfile::tempdir_in(&options.within)?;
    for step in steps {
        child(*step, plan, directory.path(), !steps.contains(&Step::Again))?;
    }
    Ok(())
}

fn child(step: Step, plan: Plan, directory: &Path, brief: bool) -> Outcome {
    let arguments = Options::arguments(step, plan, directory, brief);
    let status = Command::new(std::env::current_exe()?).arg("store").args(arguments).status()?;
    if status.success() { Ok(()) } else { Err(format!("step {step:?}: {status}").into()) }
}
