//! Tree heads that somebody has kept: files of signed checkpoints.

use std::path::PathBuf;

use annals_verify::{Checkpoint, VerifierKey, VerifyError};

/// Each with its file's name; signed by one of the keys.
pub(crate) fn read(
    files: &[PathBuf],
    keys: &[VerifierKey],
) -> Result<Vec<(String, Checkpoint)>, VerifyError> {
    let read = |path: &PathBuf| {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path);
        let text = text.map_err(|error| VerifyError::undecided(&name, error.to_string()))?;
        Ok((name.clone(), Checkpoint::verified(&text, keys, &name)?))
    };
    files.iter().map(read).collect()
}
