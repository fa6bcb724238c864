//! `annals verify`: whether an export or a store is sound, from a public key alone.
//!
//! 0 sound, 1 not (the first bad position is named), 2 could not tell. With "sound" it is printed
//! what is proven and what is not.

pub(crate) mod kept;
pub(crate) mod keys;
mod store;

use std::path::Path;

use annals_verify::{BundleReport, VerifierKey, VerifyError, verify_bundle};

use crate::answer::say;
use crate::cli::{Cli, VerifyArguments};
use crate::config::Config;
use crate::exit::Failure;

/// What no verifier can tell, printed with every sound answer.
const LIMITS: &str = "not proven: that services sent what they should have; anything before the \
    first signed head that somebody outside has kept; what lists show beside the records";

/// What a sound store has shown.
const PROVEN_OF_A_STORE: &str = "proven: every record counted here is what was signed, in its \
    place, and none among them is missing";
/// What it has not, besides.
const LIMITS_OF_A_STORE: &str = "not proven: what became of a record, shown or not (annals \
    rebuild --check holds it against the topic)";

pub(crate) fn run(cli: &Cli, arguments: &VerifyArguments) -> Result<(), Failure> {
    let directory = Path::new(&arguments.target);
    let is_bundle = directory.join("events.ndjson").exists()
        || directory.join("manifest.json").exists()
        || directory.join("proofs").exists();
    let keys = keys::read(arguments, is_bundle).map_err(|error| failure(&error))?;
    match is_bundle {
        true => bundle(directory, arguments, &keys).map_err(|error| failure(&error)),
        false => {
            let config = Config::load(cli.config.as_deref(), &[])?;
            let verifying = store::verify(&config, arguments, &keys);
            let said =
                crate::runtime::start()?.block_on(verifying).map_err(|error| failure(&error))?;
            said.iter().for_each(say);
            say(PROVEN_OF_A_STORE);
            say(LIMITS_OF_A_STORE);
            say(LIMITS);
            Ok(())
        }
    }
}

fn bundle(
    directory: &Path,
    arguments: &VerifyArguments,
    keys: &[VerifierKey],
) -> Result<(), VerifyError> {
    let kept = kept::read(&arguments.checkpoint, keys)?;
    let report = verify_bundle(directory, keys)?;
    kept.iter().try_for_each(|(name, kept)| report.check_kept(kept, name))?;
    let BundleReport { manifest, signed_by, checkpoint } = report;
    let (rows, records, workspace) = (manifest.rows, manifest.records, &manifest.workspace);
    say(format!("sound: {rows} events of workspace {workspace}, signed by {signed_by}"));
    say(format!(
        "proven: each is a record of {} up to size {}; none of the workspace's {records} records \
         up to the last one held is missing from the chain",
        checkpoint.origin, checkpoint.head.size
    ));
    for (name, kept) in &kept {
        let size = kept.head.size;
        say(format!("proven: that log begins with the {size} records of {name}"));
    }
    say(format!(
        "stated by the signature: no later record of the workspace up to size {}; labels, present \
         names and what became of records that are not shown",
        checkpoint.head.size
    ));
    say(LIMITS);
    Ok(())
}

/// What a verifier's error means to a command.
pub(crate) fn failure(error: &VerifyError) -> Failure {
    match error {
        VerifyError::Unsound { .. } => Failure::no(format!("not sound: {error}")),
        VerifyError::Undecided { .. } => Failure::usage(format!("could not tell: {error}")),
    }
}
