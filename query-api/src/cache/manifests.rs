//! Manifests of finished exports, one small file each, kept for 30 days.
//!
//! A file is written beside its place and renamed: it is there whole or not at all. Its name is the
//! export's id, whose first bits are its moment (UUIDv7), so that what is too old is known without
//! reading anything. Deliberately not here: what is in a manifest.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use uuid::Uuid;

/// How long a manifest is kept.
const KEPT_SECONDS: u64 = 30 * 24 * 3600;
/// Manifests kept at most; beyond that the oldest go early.
const MAX_KEPT: usize = 100_000;
const EXTENSION: &str = "json";

/// A directory of manifests.
#[derive(Debug)]
pub(crate) struct Manifests {
    directory: PathBuf,
}

impl Manifests {
    pub(crate) fn open(directory: &Path) -> io::Result<Self> {
        fs::create_dir_all(directory)?;
        Ok(Self { directory: directory.to_owned() })
    }

    /// Keeps a manifest, and removes those that are too old or too many.
    pub(crate) fn keep(&self, id: Uuid, bytes: &[u8], now_seconds: u64) -> io::Result<()> {
        let (path, beside) = (self.path(id), self.path(id).with_extension("new"));
        fs::write(&beside, bytes)?;
        // If we stop here, the file beside is removed as too old one day.
        fs::rename(beside, path)?;
        self.tidy(now_seconds);
        Ok(())
    }

    /// The bytes of a manifest; `None` if it is not there or too old.
    pub(crate) fn get(&self, id: Uuid, now_seconds: u64) -> io::Result<Option<Vec<u8>>> {
        if is_too_old(id, now_seconds) {
            return Ok(None);
        }
        match fs::read(self.path(id)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn path(&self, id: Uuid) -> PathBuf {
        self.directory.join(id.to_string()).with_extension(EXTENSION)
    }

    fn tidy(&self, now_seconds: u64) {
        let Ok(entries) = fs::read_dir(&self.directory) else { return };
        let id = |path: &Path| path.file_stem()?.to_str()?.parse::<Uuid>().ok();
        let mut kept: Vec<(Uuid, PathBuf)> = entries
            .flatten()
            .filter_map(|entry| Some((id(&entry.path())?, entry.path())))
            .collect();
        kept.sort_unstable();
        let over = kept.len().saturating_sub(MAX_KEPT);
        for (number, (id, path)) in kept.iter().enumerate() {
            if number < over || is_too_old(*id, now_seconds) {
                // It is tried again with the next one.
                let _ = fs::remove_file(path);
            }
        }
    }
}

/// Ids carry their moment in their first 48 bits, in milliseconds.
fn is_too_old(id: Uuid, now_seconds: u64) -> bool {
    let made_seconds = u64::try_from(id.as_u128() >> 80).unwrap_or(0) / 1000;
    made_seconds.saturating_add(KEPT_SECONDS) < now_seconds
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id_at(seconds: u64) -> Uuid {
        Uuid::from_u128((u128::from(seconds) * 1000) << 80 | 7)
    }

    #[test]
    fn a_manifest_is_kept_for_thirty_days() {
        let directory = tempfile::tempdir().unwrap();
        let manifests = Manifests::open(&directory.path().join("exports")).unwrap();
        let now = 2_000_000_000;
        manifests.keep(id_at(now), b"{}", now).unwrap();
        let reopened = Manifests::open(&directory.path().join("exports")).unwrap();
        assert_eq!(reopened.get(id_at(now), now + KEPT_SECONDS).unwrap().unwrap(), b"{}");
        assert_eq!(reopened.get(id_at(now), now + KEPT_SECONDS + 1).unwrap(), None);
        assert_eq!(reopened.get(id_at(now + 1), now).unwrap(), None);
        let later = now + KEPT_SECONDS + 60;
        reopened.keep(id_at(later), b"{}", later).unwrap();
        assert_eq!(fs::read_dir(directory.path().join("exports")).unwrap().count(), 1);
    }
}
