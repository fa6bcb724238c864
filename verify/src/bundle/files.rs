//! The files of a bundle: that there are these and no others, and reading them once from front to
//! end while their digest is taken.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use annals_schemas::hex;
use sha2::{Digest, Sha256};

use super::FILES;
use crate::VerifyError;

/// Longest line and longest part of a record, in bytes.
const MAX_PART_BYTES: usize = 64 << 20;

/// Every file is there, and nothing else.
pub(super) fn check_names(directory: &Path) -> Result<(), VerifyError> {
    let mut found = Vec::new();
    for (below, prefix) in [(directory.to_path_buf(), ""), (directory.join("proofs"), "proofs/")] {
        let unreadable = |error: std::io::Error| {
            VerifyError::undecided(below.display().to_string(), error.to_string())
        };
        for entry in std::fs::read_dir(&below).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            let is_file = entry.file_type().map_err(unreadable)?.is_file();
            if is_file || name != "proofs" {
                found.push(name);
            }
        }
    }
    found.sort_unstable();
    if let Some(extra) = found.iter().find(|name| !FILES.contains(&name.as_str())) {
        return Err(VerifyError::unsound(extra, "it does not belong to an export"));
    }
    match FILES.iter().find(|name| !found.iter().any(|found| found == *name)) {
        Some(missing) => Err(VerifyError::unsound(*missing, "it is missing")),
        None => Ok(()),
    }
}

/// A file being read.
pub(super) struct Hashed {
    name: &'static str,
    reader: BufReader<File>,
    digest: Sha256,
    /// Bytes read.
    pub(super) at: u64,
}

impl Hashed {
    pub(super) fn open(directory: &Path, name: &'static str) -> Result<Self, VerifyError> {
        let file = File::open(directory.join(name));
        let file = file.map_err(|error| VerifyError::undecided(name, error.to_string()))?;
        let reader = BufReader::with_capacity(1 << 18, file);
        Ok(Self { name, reader, digest: Sha256::new(), at: 0 })
    }

    /// A whole file as text.
    pub(super) fn text(
        directory: &Path,
        name: &'static str,
    ) -> Result<(String, String), VerifyError> {
        let mut file = Self::open(directory, name)?;
        let mut bytes = Vec::new();
        while file.more(&mut bytes)? {}
        let digest = file.finish();
        let text = String::from_utf8(bytes);
        Ok((text.map_err(|_| VerifyError::unsound(name, "it is not UTF-8"))?, digest))
    }

    fn more(&mut self, into: &mut Vec<u8>) -> Result<bool, VerifyError> {
        let before = into.len();
        let read = self.reader.by_ref().take(1 << 20).read_to_end(into);
        read.map_err(|error| VerifyError::undecided(self.name, error.to_string()))?;
        self.took(&into[before..]);
        Ok(into.len() > before)
    }

    fn took(&mut self, bytes: &[u8]) {
        self.digest.update(bytes);
        self.at += bytes.len() as u64;
    }

    /// The next line with its end; empty at the end of the file.
    pub(super) fn line(&mut self, line: &mut Vec<u8>) -> Result<(), VerifyError> {
        line.clear();
        let bounded = &mut self.reader.by_ref().take(MAX_PART_BYTES as u64);
        bounded
            .read_until(b'\n', line)
            .map_err(|error| VerifyError::undecided(self.name, error.to_string()))?;
        self.took(line);
        Ok(())
    }

    /// Exactly so many bytes; `None` at the end of the file.
    pub(super) fn exact(
        &mut self,
        length: usize,
        bytes: &mut Vec<u8>,
    ) -> Result<Option<()>, VerifyError> {
        let (name, at) = (self.name, self.at);
        let wrong = |detail: &str| VerifyError::unsound(format!("{name} byte {at}"), detail);
        if length > MAX_PART_BYTES {
            return Err(wrong("a length is out of bounds"));
        }
        bytes.clear();
        bytes.resize(length, 0);
        let read = self.fill(bytes)?;
        bytes.truncate(read);
        self.took(bytes);
        match read {
            read if read == length => Ok(Some(())),
            0 => Ok(None),
            _ => Err(wrong("it is cut")),
        }
    }

    /// Reads until the buffer is full or the file ends; how much.
    fn fill(&mut self, bytes: &mut [u8]) -> Result<usize, VerifyError> {
        let mut filled = 0;
        while filled < bytes.len() {
            match self.reader.read(&mut bytes[filled..]) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(VerifyError::undecided(self.name, error.to_string())),
            }
        }
        Ok(filled)
    }

    /// The SHA-256 of what was read.
    pub(super) fn finish(self) -> String {
        hex(&self.digest.finalize())
    }
}
