//! Where a segment is written to: one pass, in large pieces, hashed on the way.

use std::io::Write;

use sha2::{Digest, Sha256};

use super::group::Section;
use crate::StoreError;
use crate::evidence::hex;

/// Bytes gathered before they are hashed and written.
const PIECE_BYTES: usize = 256 * 1024;

/// A writer that knows its position and its hash.
pub(super) struct Output<W> {
    out: W,
    /// For errors.
    name: String,
    position: u64,
    digest: Sha256,
    gathered: Vec<u8>,
}

impl<W: Write> Output<W> {
    pub(super) fn new(out: W, name: String) -> Self {
        let gathered = Vec::with_capacity(PIECE_BYTES);
        Self { out, name, position: 0, digest: Sha256::new(), gathered }
    }

    /// Where the next byte goes.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.position += bytes.len() as u64;
        if self.gathered.len() + bytes.len() > PIECE_BYTES {
            self.pass_on()?;
        }
        if bytes.len() > PIECE_BYTES {
            return self.write(bytes);
        }
        self.gathered.extend_from_slice(bytes);
        Ok(())
    }

    /// Appends the bytes as a section.
    pub(super) fn section(&mut self, bytes: &[u8]) -> Result<Section, StoreError> {
        let at = self.position;
        self.append(bytes)?;
        Ok(Section { at, length: bytes.len() as u64, crc: crc32c::crc32c(bytes) })
    }

    /// Flushes, and gives the writer back with length and SHA-256 of everything.
    pub(super) fn finish(mut self) -> Result<(W, u64, String), StoreError> {
        self.pass_on()?;
        self.out.flush().map_err(|source| failed(&self.name, source))?;
        Ok((self.out, self.position, hex(&self.digest.finalize())))
    }

    fn pass_on(&mut self) -> Result<(), StoreError> {
        let gathered = std::mem::take(&mut self.gathered);
        let written = self.write(&gathered);
        self.gathered = gathered;
        self.gathered.clear();
        written
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.digest.update(bytes);
        self.out.write_all(bytes).map_err(|source| failed(&self.name, source))
    }
}

fn failed(name: &str, source: std::io::Error) -> StoreError {
    StoreError::Write { path: name.to_owned(), source }
}
