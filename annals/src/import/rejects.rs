//! Refused lines: named on stderr, kept byte for byte in a file to be corrected and tried again.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use super::lines::Line;
use super::progress::Progress;
use crate::exit::Failure;

/// Errors shown; the rest are counted.
const SHOWN: u64 = 50;

/// The refused lines of one file.
pub(super) struct Rejects<'a> {
    source: &'a Path,
    path: PathBuf,
    /// The first line, of a table.
    header: Option<Vec<u8>>,
    file: Option<BufWriter<File>>,
    count: u64,
    progress: &'a Progress,
}

impl<'a> Rejects<'a> {
    pub(super) fn new(
        source: &'a Path,
        (path, header): (PathBuf, Option<Vec<u8>>),
        progress: &'a Progress,
    ) -> Self {
        Self { source, path, header, file: None, count: 0, progress }
    }

    /// Names a line's error and keeps the line.
    pub(super) fn add(&mut self, line: &Line, error: &str) -> Result<(), Failure> {
        self.count += 1;
        if self.count <= SHOWN {
            self.progress.say(&format!("{}:{}: {error}", self.source.display(), line.number));
        }
        let failed = |error: std::io::Error| {
            Failure::usage(format!("reject file {}: {error}", self.path.display()))
        };
        let file = match &mut self.file {
            Some(file) => file,
            None => {
                let mut file = BufWriter::new(File::create(&self.path).map_err(failed)?);
                if let Some(header) = &self.header {
                    file.write_all(header).and_then(|()| file.write_all(b"\n")).map_err(failed)?;
                }
                self.file.insert(file)
            }
        };
        file.write_all(&line.bytes).and_then(|()| file.write_all(b"\n")).map_err(failed)
    }

    /// Flushes; the number of refused lines.
    pub(super) fn finish(self) -> Result<u64, Failure> {
        if let Some(mut file) = self.file {
            file.flush().map_err(|error| Failure::usage(format!("reject file: {error}")))?;
            if self.count > SHOWN {
                self.progress.say(&format!("… and {} more", self.count - SHOWN));
            }
            self.progress.say(&format!("refused lines are in {}", self.path.display()));
        }
        Ok(self.count)
    }
}
