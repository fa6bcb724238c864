//! Event ids of a segment: sorted entries in checksummed pages, the first entry of each page held
//! in memory, and a filter in front (binary fuse, 2¼ bytes an event, one false hit in 65,536).

use bytemuck::cast_slice;
use sha2::{Digest, Sha256};
use xorf::{BinaryFuse16, BinaryFuse16Ref, DmaSerializable, Filter, FilterRef};

use super::footer::{Footer, Section};
use crate::StoreError;
use crate::storage::ObjectFile;

/// Event id, index of the workspace in the directory, row number there.
pub(super) type IdEntry = ([u8; 16], u32, u32);

const ENTRY_BYTES: usize = 24;
const ENTRIES_PER_PAGE: usize = 170;

/// First 8 bytes of SHA-256(workspace ‖ 0x00 ‖ event id): keys have to be spread and stable.
pub(super) fn filter_key(workspace: &str, event_id: &[u8; 16]) -> u64 {
    let mut hasher = Sha256::new();
    hasher.update(workspace);
    hasher.update([0]);
    hasher.update(event_id);
    let digest: [u8; 32] = hasher.finalize().into();
    u64::from_le_bytes(digest[..8].try_into().expect("eight of 32 bytes"))
}

/// Writes pages, fences and filter.
pub(super) fn write(
    mut entries: Vec<IdEntry>,
    mut keys: Vec<u64>,
    footer: &mut Footer,
    out: &mut Vec<u8>,
) {
    entries.sort_unstable();
    let mut fences = Vec::new();
    for page in entries.chunks(ENTRIES_PER_PAGE) {
        let mut bytes = Vec::with_capacity(page.len() * ENTRY_BYTES);
        for (id, workspace, row) in page {
            bytes.extend_from_slice(id);
            bytes.extend_from_slice(&workspace.to_le_bytes());
            bytes.extend_from_slice(&row.to_le_bytes());
        }
        fences.extend_from_slice(&bytes[..ENTRY_BYTES]);
        footer.id_pages.push(Section::append(out, &bytes));
    }
    footer.id_fences = Section::append(out, &fences);
    keys.sort_unstable();
    keys.dedup();
    let filter = BinaryFuse16::try_from(&keys).expect("distinct keys always make a filter");
    let mut bytes = vec![0; BinaryFuse16::DESCRIPTOR_LEN];
    filter.dma_copy_descriptor_to(&mut bytes);
    for fingerprint in &filter.fingerprints {
        bytes.extend_from_slice(&fingerprint.to_le_bytes());
    }
    footer.id_filter = Section::append(out, &bytes);
}

/// The part of the id section that is held in memory.
pub(super) struct IdIndex {
    fences: Vec<u8>,
    descriptor: Vec<u8>,
    fingerprints: Vec<u16>,
}

impl IdIndex {
    pub(super) fn read(file: &ObjectFile, footer: &Footer) -> Result<Self, StoreError> {
        let fences = footer.id_fences.read(file)?;
        let filter = footer.id_filter.read(file)?;
        let damaged = || StoreError::corrupt(file.path(), footer.id_filter.at, "id filter");
        let (descriptor, rest) =
            filter.split_at_checked(BinaryFuse16::DESCRIPTOR_LEN).ok_or_else(damaged)?;
        let pairs = rest.chunks_exact(2);
        let fingerprints = pairs.map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
        Ok(Self { fences, descriptor: descriptor.to_vec(), fingerprints })
    }

    /// Whether the key may be here. Never wrongly false.
    pub(super) fn may_contain(&self, key: u64) -> bool {
        let bytes = cast_slice(&self.fingerprints);
        !bytes.is_empty() && BinaryFuse16Ref::from_dma(&self.descriptor, bytes).contains(&key)
    }

    /// The row of this event in the workspace with this directory index.
    pub(super) fn find(
        &self,
        file: &ObjectFile,
        footer: &Footer,
        event_id: &[u8; 16],
        workspace: u32,
    ) -> Result<Option<u32>, StoreError> {
        let wanted = (*event_id, workspace);
        let fences = self.fences.chunks_exact(ENTRY_BYTES);
        let pages_before = fences.take_while(|fence| head(fence) <= wanted).count();
        let Some(page) = pages_before.checked_sub(1).and_then(|i| footer.id_pages.get(i)) else {
            return Ok(None);
        };
        let bytes = page.read(file)?;
        let mut entries = bytes.chunks_exact(ENTRY_BYTES);
        let found = entries.find(|entry| head(entry) == wanted);
        Ok(found.map(|entry| number(&entry[20..24])))
    }
}

fn head(entry: &[u8]) -> ([u8; 16], u32) {
    (entry[..16].try_into().expect("an entry has 24 bytes"), number(&entry[16..20]))
}

fn number(bytes: &[u8]) -> u32 {
    u32::from_le_bytes(bytes.try_into().expect("four bytes"))
}
