//! Digests of what a replay has written: of the file, and of the partition being read.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use annals_schemas::hex;
use sha2::{Digest, Sha256};

use super::manifest::ReplayManifest;

/// Bytes read of a file at once.
const CHUNK_BYTES: usize = 1 << 20;

/// What was written so far.
#[derive(Default)]
pub(super) struct Written {
    whole: Sha256,
    /// Of the partition being read; `None` while that is all there is of the file.
    part: Option<Sha256>,
}

impl Written {
    /// A file's header, which belongs to no partition.
    pub(super) fn behind(header: &[u8]) -> Self {
        let part = (!header.is_empty()).then(Sha256::new);
        Self { whole: Sha256::new_with_prefix(header), part }
    }

    /// What a file has up to where its state is, since hashing has no state that could be kept.
    /// An error unless it is the file that the state was written beside.
    pub(super) fn again(path: &Path, state: &ReplayManifest) -> io::Result<Self> {
        let wrong = |what: &str| Err(io::Error::new(io::ErrorKind::InvalidData, what));
        let open = state.partitions.iter().find(|state| state.sha256.is_empty());
        let before = state.bytes - open.map_or(0, |state| state.bytes);
        let (mut whole, mut part) = (Sha256::new(), Sha256::new());
        let mut file = BufReader::with_capacity(CHUNK_BYTES, File::open(path)?).take(state.bytes);
        let (mut chunk, mut at) = (vec![0; CHUNK_BYTES], 0);
        loop {
            let length = file.read(&mut chunk)?;
            if length == 0 {
                break;
            }
            whole.update(&chunk[..length]);
            let skipped = usize::try_from(before.saturating_sub(at)).unwrap_or(length).min(length);
            part.update(&chunk[skipped..length]);
            at += length as u64;
        }
        if at < state.bytes {
            return wrong("the file is shorter than its state says");
        }
        let written = Self { whole, part: Some(part) };
        match written.digest() == state.sha256 {
            true => Ok(written),
            false => wrong("the file is not what its state says was written: nothing is changed"),
        }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.part.iter_mut().for_each(|part| part.update(bytes));
        self.whole.update(bytes);
    }

    /// Of everything so far, in hexadecimal.
    pub(super) fn digest(&self) -> String {
        hex(&self.whole.clone().finalize())
    }

    /// Of the partition, in hexadecimal; the next one begins.
    pub(super) fn end_part(&mut self) -> String {
        let part = self.part.replace(Sha256::new()).unwrap_or_else(|| self.whole.clone());
        hex(&part.finalize())
    }
}
