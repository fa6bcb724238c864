//! A 32-byte secret in a file, such as the one that seals cursors.

use super::error::AccessError;
use super::secret_file::{create, random, read};
use std::path::Path;

/// Reads the key of this file name in the directory of secrets, making it first if there is none.
pub fn load_or_create_key(secrets: &Path, file: &str) -> Result<[u8; 32], AccessError> {
    let path = secrets.join(file);
    if read(&path)?.is_none() {
        // Whoever loses the race uses the winner's key: it is read back below.
        create(&path, &random::<32>()?)?;
    }
    let bytes = read(&path)?.unwrap_or_default();
    bytes.try_into().map_err(|_| AccessError::NotAKey { path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_a_damaged_one_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let first = load_or_create_key(directory.path(), "cursor.key").unwrap();
        assert_eq!(load_or_create_key(directory.path(), "cursor.key").unwrap(), first);
        assert_ne!(load_or_create_key(directory.path(), "other.key").unwrap(), first);
        std::fs::write(directory.path().join("cursor.key"), b"short").unwrap();
        assert!(load_or_create_key(directory.path(), "cursor.key").is_err());
    }
}
