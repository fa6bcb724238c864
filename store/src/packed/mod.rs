//! Bit-packed integers that are read in place.
//!
//! Each kind is a view over `&[u8]` (a mapped section whose checksum has been compared) with a
//! writer that appends to a `Vec<u8>`. `open` compares lengths once. After that no read panics or
//! leaves its section whatever the bytes are: damaged bytes give wrong numbers, never undefined
//! ones. Reading allocates nothing. All integers are little-endian and nothing is aligned.
//!
//! Deliberately not here: checksums, compression, what a column or a key means, and files.

mod bit_writer;
mod bits;
mod blocks;
mod cursor;
mod frames;
mod group;
mod key_hash;
mod key_table;
mod list;
mod postings;
mod rows_by_key;
mod set;
mod sorted_keys;
#[cfg(test)]
mod tests;
mod unpack;

pub(crate) use bits::Bits;
pub(crate) use cursor::{Cursor, Direction};
pub(crate) use frames::Frames;
pub(crate) use key_hash::key_hash;
pub(crate) use key_table::KeyTable;
pub(crate) use list::List;
pub(crate) use postings::{Lists, NO_KEY};
pub(crate) use set::{CodeSet, keep_codes};
