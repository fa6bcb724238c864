//! Reading ahead of use: places that do not depend on each other are fetched from memory together,
//! where the work on each would wait for its own.
//!
//! Deliberately not here: any effect beside that.

use std::hint::black_box;

/// What the processor fetches at a time.
const LINE_BYTES: usize = 64;

/// Reads a byte of each line of some bytes.
#[inline]
pub(crate) fn touch(bytes: &[u8]) {
    let lines = bytes.iter().step_by(LINE_BYTES).chain(bytes.last());
    black_box(lines.fold(0, |sum, byte| sum | byte));
}
