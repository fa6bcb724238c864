//! The directory that an export is made in, beside the one that it becomes.
//!
//! `DIR.new` until everything in it is durable, then renamed to `DIR`. What an export that was cut
//! off left there, the next one to `DIR` removes; anything else that bears the name stays.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use annals_verify::FILES;

use crate::exit::Failure;

/// Where the tree lies while the export is made.
const TREE: &str = "tree";

/// The directory.
pub(super) struct Beside {
    path: PathBuf,
}

impl Beside {
    /// Makes it, in the place of one that was left.
    pub(super) fn make(out: &Path) -> Result<Self, Failure> {
        let mut name = out.as_os_str().to_owned();
        name.push(".new");
        let beside = Self { path: PathBuf::from(name) };
        if beside.path.exists() {
            beside.check_is_left_over()?;
            std::fs::remove_dir_all(&beside.path).map_err(|error| beside.failed(&error))?;
        }
        std::fs::create_dir_all(beside.path.join("proofs"))
            .map_err(|error| beside.failed(&error))?;
        Ok(beside)
    }

    /// Nothing is in it but what an export writes.
    fn check_is_left_over(&self) -> Result<(), Failure> {
        let path = self.path.display();
        let entries = std::fs::read_dir(&self.path).map_err(|error| self.failed(&error))?;
        for entry in entries {
            let name = entry.map_err(|error| self.failed(&error))?.file_name();
            let is_ours = |known: &&str| known.split('/').next().is_some_and(|known| name == known);
            if name != TREE && !FILES.iter().any(is_ours) {
                let name = name.display();
                return Err(Failure::usage(format!(
                    "{path} is in the way: {name} in it is not an export's; move it, or choose \
                     another --out"
                )));
            }
        }
        Ok(())
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn tree(&self) -> PathBuf {
        self.path.join(TREE)
    }

    /// Makes it the export.
    pub(super) fn become_whole(self, out: &Path) -> Result<(), Failure> {
        let parent = out.parent().filter(|parent| !parent.as_os_str().is_empty());
        sync(&self.path.join("proofs"))
            .and_then(|()| sync(&self.path))
            .and_then(|()| std::fs::rename(&self.path, out))
            .and_then(|()| sync(parent.unwrap_or(Path::new("."))))
            .map_err(|error| Failure::usage(format!("{}: {error}", out.display())))
    }

    fn failed(&self, error: &io::Error) -> Failure {
        Failure::usage(format!("{}: {error}", self.path.display()))
    }
}

/// Makes a directory's entries durable.
fn sync(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}
