//! Which keys are trusted: those that were given, never one that lies beside the data unless told
//! so.

use std::path::Path;

use annals_verify::{VerifierKey, VerifyError};

use crate::cli::VerifyArguments;

pub(super) fn read(
    arguments: &VerifyArguments,
    is_bundle: bool,
) -> Result<Vec<VerifierKey>, VerifyError> {
    if arguments.trust_embedded && is_bundle {
        let keys = from_file(&Path::new(&arguments.target).join("key.vkey"))?;
        for key in &keys {
            super::say(format!("trusting the key that lies there, SHA-256 {}", key.fingerprint()));
        }
        return Ok(keys);
    }
    if arguments.key.is_empty() {
        let detail = "without --key nothing can be told; a key beside the data proves nothing";
        return Err(VerifyError::undecided("no key", detail));
    }
    given(&arguments.key)
}

/// Keys as they are given on the command line: vkey lines, or files of them.
pub(crate) fn given(arguments: &[String]) -> Result<Vec<VerifierKey>, VerifyError> {
    let mut keys = Vec::new();
    for given in arguments {
        // Every vkey line has a plus, so that anything else is a file that is not there.
        match given.contains('+') && !Path::new(given).is_file() {
            true => keys.extend(from_text(given)?),
            false => keys.extend(from_file(Path::new(given))?),
        }
    }
    Ok(keys)
}

fn from_file(path: &Path) -> Result<Vec<VerifierKey>, VerifyError> {
    let text = std::fs::read_to_string(path);
    from_text(&text.map_err(|e| VerifyError::undecided(path.display().to_string(), e.to_string()))?)
}

fn from_text(text: &str) -> Result<Vec<VerifierKey>, VerifyError> {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let keys: Vec<_> = lines.map(VerifierKey::parse).collect::<Result<_, _>>()?;
    match keys.is_empty() {
        true => Err(VerifyError::undecided("key", "there is none")),
        false => Ok(keys),
    }
}
