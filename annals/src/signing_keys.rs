//! The installation's signing keys, `secrets/signing-<n>.key`: the greatest number is the newest.
//!
//! Tree heads are signed by the two newest, so that whoever knows one of them goes on verifying
//! while the other is made known. Older keys sign nothing any more; their public halves stay, since
//! what they have signed stays.

use std::path::{Path, PathBuf};

use annals_service::access::load_or_create_key;
use annals_verify::{SignerKey, VerifierKey};

use crate::exit::Failure;

/// How many sign at the same time.
const OVERLAP: usize = 2;
const PREFIX: &str = "signing-";
const SUFFIX: &str = ".key";

/// The directory that they are in. Nothing is kept in memory: a new key counts at once.
#[derive(Debug, Clone)]
pub(crate) struct SigningKeys {
    secrets: PathBuf,
}

impl SigningKeys {
    pub(crate) fn new(secrets: &Path) -> Self {
        Self { secrets: secrets.to_owned() }
    }

    /// Makes the first key unless there is one.
    pub(crate) fn ensure(&self) -> Result<(), Failure> {
        match self.numbers()?.is_empty() {
            true => self.make(),
            false => Ok(()),
        }
    }

    /// Makes a key that is newer than all others.
    pub(crate) fn make(&self) -> Result<(), Failure> {
        let number = self.numbers()?.first().map_or(1, |newest| newest + 1);
        self.seed(number).map(|_| ())
    }

    /// Those that sign under a name, the newest first.
    pub(crate) fn signers(&self, name: &str) -> Result<Vec<SignerKey>, Failure> {
        let newest = self.numbers()?.into_iter().take(OVERLAP);
        newest.map(|number| Ok(SignerKey::new(name, &self.seed(number)?))).collect()
    }

    /// The public halves of all, the newest first.
    pub(crate) fn verifiers(&self, name: &str) -> Result<Vec<VerifierKey>, Failure> {
        let all = self.numbers()?.into_iter();
        all.map(|number| Ok(SignerKey::new(name, &self.seed(number)?).verifier())).collect()
    }

    fn seed(&self, number: u32) -> Result<[u8; 32], Failure> {
        let file = format!("{PREFIX}{number}{SUFFIX}");
        load_or_create_key(&self.secrets, &file).map_err(|error| Failure::config(&error))
    }

    /// Descending.
    fn numbers(&self) -> Result<Vec<u32>, Failure> {
        let failed =
            |error: std::io::Error| Failure::usage(format!("{}: {error}", self.secrets.display()));
        let entries = match std::fs::read_dir(&self.secrets) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed(error)),
        };
        let mut numbers = Vec::new();
        for entry in entries {
            let name = entry.map_err(failed)?.file_name().to_string_lossy().into_owned();
            let number = name.strip_prefix(PREFIX).and_then(|name| name.strip_suffix(SUFFIX));
            numbers.extend(number.and_then(|number| number.parse::<u32>().ok()));
        }
        numbers.sort_unstable_by(|a, b| b.cmp(a));
        Ok(numbers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_newest_sign_and_all_verify() {
        let directory = tempfile::tempdir().unwrap();
        let keys = SigningKeys::new(&directory.path().join("secrets"));
        keys.ensure().unwrap();
        keys.ensure().unwrap();
        let first = keys.verifiers("n").unwrap();
        assert_eq!(first.len(), 1);
        keys.make().unwrap();
        keys.make().unwrap();
        let all = keys.verifiers("n").unwrap();
        assert_eq!((all.len(), &all[2]), (3, &first[0]));
        let signing: Vec<_> = keys.signers("n").unwrap().iter().map(SignerKey::verifier).collect();
        assert_eq!(signing, all[..2]);
    }
}
