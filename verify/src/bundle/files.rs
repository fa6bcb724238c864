//! The files of a bundle: that there are these and no others, and reading them from front to end,
//! with their digest where nothing else vouches for their bytes.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek};
use std::ops::Range;
use std::path::Path;

use annals_schemas::hex;
use memchr::memchr;
use sha2::{Digest, Sha256};

use super::FILES;
use crate::VerifyError;

/// Longest line and longest part of a record, in bytes.
pub(super) const MAX_PART_BYTES: usize = 64 << 20;
/// Longest file that is read as a whole, in bytes.
const MAX_TEXT_BYTES: usize = 16 << 20;
/// Bytes read at once.
const WINDOW_BYTES: usize = 1 << 18;

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

/// A file being read from front to end, a window of it at a time.
pub(super) struct Window {
    name: &'static str,
    file: File,
    buffer: Vec<u8>,
    /// What of the buffer was read and not taken.
    unread: Range<usize>,
    is_at_end: bool,
    digest: Option<Sha256>,
    /// Bytes taken.
    pub(super) at: u64,
}

impl Window {
    /// A file whose digest is taken as it is read.
    pub(super) fn hashed(directory: &Path, name: &'static str) -> Result<Self, VerifyError> {
        Ok(Self { digest: Some(Sha256::new()), ..Self::open(directory, name)? })
    }

    /// A file of which something else shows that no byte is another.
    pub(super) fn open(directory: &Path, name: &'static str) -> Result<Self, VerifyError> {
        let file = File::open(directory.join(name));
        let file = file.map_err(|error| VerifyError::undecided(name, error.to_string()))?;
        let buffer = vec![0; WINDOW_BYTES];
        Ok(Self { name, file, buffer, unread: 0..0, is_at_end: false, digest: None, at: 0 })
    }

    /// A whole file as text, and its SHA-256.
    pub(super) fn text(
        directory: &Path,
        name: &'static str,
    ) -> Result<(String, String), VerifyError> {
        let mut file = Self::hashed(directory, name)?;
        while file.more()? {
            if file.unread.len() > MAX_TEXT_BYTES {
                let detail = format!("it is longer than {MAX_TEXT_BYTES} bytes");
                return Err(VerifyError::unsound(name, detail));
            }
        }
        let bytes = file.take(file.unread.len()).to_vec();
        let text = String::from_utf8(bytes);
        let text = text.map_err(|_| VerifyError::unsound(name, "it is not UTF-8"))?;
        Ok((text, file.sha256()))
    }

    /// The SHA-256 of the whole file, which is read a second time for it.
    pub(super) fn hashed_again(mut self) -> Result<String, VerifyError> {
        let rewound = self.file.rewind();
        rewound.map_err(|error| VerifyError::undecided(self.name, error.to_string()))?;
        (self.digest, self.is_at_end, self.unread) = (Some(Sha256::new()), false, 0..0);
        while self.more()? {
            self.unread = 0..0;
        }
        Ok(self.sha256())
    }

    /// The next line with its end; without one at the end of the file, and if it is too long.
    pub(super) fn line(&mut self) -> Result<&[u8], VerifyError> {
        let mut looked = 0;
        loop {
            let unread = &self.buffer[self.unread.clone()];
            if let Some(length) = memchr(b'\n', &unread[looked..]) {
                return Ok(self.take(looked + length + 1));
            }
            looked = unread.len();
            if looked >= MAX_PART_BYTES || !self.more()? {
                return Ok(self.take(looked));
            }
        }
    }

    /// The next bytes, which stay where they are: so many, or those up to the end of the file.
    pub(super) fn peek(&mut self, length: usize) -> Result<&[u8], VerifyError> {
        while self.unread.len() < length && self.more()? {}
        let length = length.min(self.unread.len());
        Ok(&self.buffer[self.unread.start..][..length])
    }

    /// The next bytes of one length; `None` at the end of the file.
    pub(super) fn item<const LENGTH: usize>(
        &mut self,
    ) -> Result<Option<[u8; LENGTH]>, VerifyError> {
        let (name, at) = (self.name, self.at);
        match *self.peek(LENGTH)? {
            [] => return Ok(None),
            ref bytes if bytes.len() < LENGTH => {
                return Err(VerifyError::unsound(format!("{name} byte {at}"), "it is cut"));
            }
            _ => {}
        }
        Ok(self.take(LENGTH).first_chunk().copied())
    }

    /// The next bytes, which are in the window.
    pub(super) fn take(&mut self, length: usize) -> &[u8] {
        let start = self.unread.start;
        self.unread.start += length;
        self.at += length as u64;
        &self.buffer[start..start + length]
    }

    /// Reads on; `false` at the end of the file.
    fn more(&mut self) -> Result<bool, VerifyError> {
        if self.unread.end == self.buffer.len() {
            self.buffer.copy_within(self.unread.clone(), 0);
            self.unread = 0..self.unread.len();
        }
        if self.unread.end == self.buffer.len() {
            self.buffer.resize(2 * self.buffer.len(), 0);
        }
        let end = self.unread.end;
        while !self.is_at_end {
            match self.file.read(&mut self.buffer[end..]) {
                Ok(read) => {
                    if let Some(digest) = &mut self.digest {
                        digest.update(&self.buffer[end..end + read]);
                    }
                    self.unread.end += read;
                    self.is_at_end = read == 0;
                    return Ok(read > 0);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(VerifyError::undecided(self.name, error.to_string())),
            }
        }
        Ok(false)
    }

    /// The SHA-256 of what was read.
    ///
    /// # Panics
    /// If it is not taken.
    pub(super) fn sha256(self) -> String {
        hex(&self.digest.expect("the digest is taken").finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(bytes: &[u8]) -> Window {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("file"), bytes).unwrap();
        Window::open(directory.path(), "file").unwrap()
    }

    #[test]
    fn items_come_one_after_the_other_beyond_a_window_and_a_cut_one_is_told() {
        let bytes: Vec<u8> = (0..=WINDOW_BYTES).map(|at| u8::try_from(at % 251).unwrap()).collect();
        let mut file = opened(&bytes);
        let mut found = Vec::new();
        let error = loop {
            match file.item::<7>() {
                Ok(item) => found.extend(item.unwrap()),
                Err(error) => break error.to_string(),
            }
        };
        let whole = bytes.len() / 7 * 7;
        assert_eq!(found, bytes[..whole]);
        assert!(error.contains(&format!("file byte {whole}: it is cut")), "{error}");
        let mut none = opened(b"");
        assert_eq!(none.item::<7>(), Ok(None));
    }
}
