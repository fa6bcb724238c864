//! The hash under which a [`super::KeyTable`] finds a key.

use sha2::{Digest, Sha256};

/// 48 bits of SHA-256 over the parts, each after its length: the first six bytes, little-endian.
///
/// Part of the format, so it never changes. Nobody can choose keys that crowd one bucket without
/// the work of finding partial collisions of SHA-256.
pub(crate) fn key_hash(parts: &[&[u8]]) -> u64 {
    let mut digest = Sha256::new();
    for part in parts {
        let len = u32::try_from(part.len()).expect("a part of a key is shorter than 4 GiB");
        digest.update(len.to_le_bytes());
        digest.update(part);
    }
    let mut word = [0; 8];
    word[..6].copy_from_slice(&digest.finalize()[..6]);
    u64::from_le_bytes(word)
}
