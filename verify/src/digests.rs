//! SHA-256 of many messages, two of them in turns.
//!
//! Within a message each of a processor's SHA instructions waits for the one before; those of two
//! messages do not wait for each other. Guarantees: the same hashes as one message after the other.

use sha2::block_api::compress256;

use crate::Hash;

/// Bytes of a block.
const BLOCK: usize = 64;
/// Bytes of the mark and the length that end a message.
const END: usize = 9;
/// State before the first block, FIPS 180-4 section 5.3.3.
const START: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// The SHA-256 of each message, in order.
pub fn digests<'m>(messages: impl IntoIterator<Item = &'m [u8]>) -> Vec<Hash> {
    let mut messages = messages.into_iter();
    let (least, most) = messages.size_hint();
    let mut hashes = Vec::with_capacity(most.unwrap_or(least));
    let mut next = |hashes: &mut Vec<Hash>| {
        let message = messages.next()?;
        hashes.push([0; 32]);
        Some(Hashing::new(message, hashes.len() - 1))
    };
    let (mut one, mut other) = (next(&mut hashes), next(&mut hashes));
    while let (Some(first), Some(second)) = (&mut one, &mut other) {
        first.in_turns_with(second);
        for hashing in [&mut one, &mut other] {
            if let Some(done) = hashing.take_if(|hashing| hashing.is_done()) {
                hashes[done.place] = hash_of(done.state);
                *hashing = next(&mut hashes);
            }
        }
    }
    if let Some(mut last) = one.or(other) {
        last.go_on();
        hashes[last.place] = hash_of(last.state);
    }
    hashes
}

/// The SHA-256 of each message, in order, where all have one length and take so many blocks.
pub(crate) fn digests_of_length<const LENGTH: usize, const BLOCKS: usize>(
    messages: impl ExactSizeIterator<Item = [u8; LENGTH]>,
) -> Vec<Hash> {
    let mut messages = messages.map(|message| padded::<LENGTH, BLOCKS>(&message));
    let mut hashes = Vec::with_capacity(messages.len());
    while let Some(one) = messages.next() {
        let (mut state, mut other_state) = (START, START);
        match messages.next() {
            Some(other) => {
                for (block, other_block) in one.iter().zip(&other) {
                    compress256(&mut state, std::slice::from_ref(block));
                    compress256(&mut other_state, std::slice::from_ref(other_block));
                }
                hashes.extend([hash_of(state), hash_of(other_state)]);
            }
            None => {
                compress256(&mut state, &one);
                hashes.push(hash_of(state));
            }
        }
    }
    hashes
}

/// Blocks that a message and its end take.
const fn blocks_of(length: usize) -> usize {
    (length + END).div_ceil(BLOCK)
}

/// A message with its end.
fn padded<const LENGTH: usize, const BLOCKS: usize>(
    message: &[u8; LENGTH],
) -> [[u8; BLOCK]; BLOCKS] {
    const { assert!(blocks_of(LENGTH) == BLOCKS) };
    let mut blocks = [[0; BLOCK]; BLOCKS];
    let bytes = blocks.as_flattened_mut();
    bytes[..LENGTH].copy_from_slice(message);
    write_end(bytes, LENGTH as u64, LENGTH);
    blocks
}

/// Writes the mark at the end of a message's last bytes, and the length of all of it to the end of
/// their blocks.
fn write_end(bytes: &mut [u8], message_bytes: u64, mark_at: usize) {
    bytes[mark_at] = 0x80;
    let bits = 8 * message_bytes;
    *bytes.last_chunk_mut().expect("an end has room for a length") = bits.to_be_bytes();
}

fn hash_of(state: [u32; 8]) -> Hash {
    let mut hash = [0; 32];
    for (bytes, word) in hash.as_chunks_mut().0.iter_mut().zip(state) {
        *bytes = word.to_be_bytes();
    }
    hash
}

/// A message of which some blocks are hashed.
struct Hashing<'m> {
    /// Which message it is.
    place: usize,
    state: [u32; 8],
    /// Its whole blocks that are left.
    blocks: &'m [[u8; BLOCK]],
    /// What comes after them.
    last: [[u8; BLOCK]; 2],
    /// Which blocks of that are left.
    last_blocks: std::ops::Range<usize>,
}

impl<'m> Hashing<'m> {
    fn new(message: &'m [u8], place: usize) -> Self {
        let (blocks, rest) = message.as_chunks::<BLOCK>();
        let count = blocks_of(rest.len());
        let mut last = [[0; BLOCK]; 2];
        let bytes = &mut last.as_flattened_mut()[..count * BLOCK];
        bytes[..rest.len()].copy_from_slice(rest);
        write_end(bytes, message.len() as u64, rest.len());
        Self { place, state: START, blocks, last, last_blocks: 0..count }
    }

    /// Hashes blocks of both in turns, until one of them has to look for its next.
    fn in_turns_with(&mut self, other: &mut Self) {
        let ((one_state, ones), (other_state, others)) = (self.coming(), other.coming());
        let turns = ones.len().min(others.len());
        for (one, other) in ones.iter().zip(others) {
            compress256(one_state, std::slice::from_ref(one));
            compress256(other_state, std::slice::from_ref(other));
        }
        self.pass(turns);
        other.pass(turns);
    }

    /// Hashes what is left.
    fn go_on(&mut self) {
        while !self.is_done() {
            let (state, blocks) = self.coming();
            let count = blocks.len();
            compress256(state, blocks);
            self.pass(count);
        }
    }

    /// The state, and the next blocks that lie side by side.
    fn coming(&mut self) -> (&mut [u32; 8], &[[u8; BLOCK]]) {
        match self.blocks {
            [] => (&mut self.state, &self.last[self.last_blocks.clone()]),
            blocks => (&mut self.state, blocks),
        }
    }

    fn pass(&mut self, count: usize) {
        match self.blocks {
            [] => self.last_blocks.start += count,
            blocks => self.blocks = &blocks[count..],
        }
    }

    fn is_done(&self) -> bool {
        self.last_blocks.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sha2::{Digest, Sha256};

    use super::*;

    fn hashes_of(messages: &[Vec<u8>]) -> Vec<Hash> {
        digests(messages.iter().map(Vec::as_slice))
    }

    #[test]
    fn messages_around_the_ends_of_blocks_have_their_hashes() {
        let messages: Vec<Vec<u8>> = (0..200).map(|length| vec![length; length.into()]).collect();
        for messages in [&messages[..], &messages[..1], &[]] {
            let expected: Vec<Hash> =
                messages.iter().map(|message| Sha256::digest(message).into()).collect();
            assert_eq!(hashes_of(messages), expected);
        }
    }

    proptest! {
        #[test]
        fn each_message_has_its_own_hash(
            messages in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..400), 0..20),
        ) {
            let expected: Vec<Hash> =
                messages.iter().map(|message| Sha256::digest(message).into()).collect();
            prop_assert_eq!(hashes_of(&messages), expected);
        }

        #[test]
        fn messages_of_one_length_have_their_hashes(
            nodes in prop::collection::vec(any::<[u8; 65]>(), 0..5),
            entries in prop::collection::vec(any::<[u8; 152]>(), 0..5),
            full in any::<[u8; BLOCK - END]>(),
        ) {
            let expected = |message: &[u8]| Hash::from(Sha256::digest(message));
            let of_nodes: Vec<Hash> = nodes.iter().map(|node| expected(node)).collect();
            prop_assert_eq!(digests_of_length::<_, 2>(nodes.into_iter()), of_nodes);
            let of_entries: Vec<Hash> = entries.iter().map(|entry| expected(entry)).collect();
            prop_assert_eq!(digests_of_length::<_, 3>(entries.into_iter()), of_entries);
            prop_assert_eq!(digests_of_length::<_, 1>([full].into_iter()), [expected(&full)]);
        }
    }
}
