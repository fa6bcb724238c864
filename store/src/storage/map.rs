//! Files mapped into memory: the only module of the workspace with `unsafe`.
//!
//! Guarantees that a map shows the whole file as it was when it was mapped, and stays readable
//! after the file's name is gone. Deliberately not here: bounds, checksums, names of objects.

#![allow(unsafe_code, reason = "a map is a promise about a file, which no type can check")]

use std::fs::File;

use bytes::Bytes;
use memmap2::Mmap;

/// Maps a whole file for reading. The descriptor may be closed afterwards.
///
/// The caller says that the file is complete: nobody writes to it or cuts it from here on.
pub(super) fn map(file: &File) -> std::io::Result<Bytes> {
    // SAFETY: a mapped file must not change while it is borrowed as bytes. Annals maps two kinds:
    // objects, written once under a staging name, durable before they get the name they are opened
    // by, and never altered, only unlinked, which leaves a map whole; and staged files, which
    // refuse writes from the moment they are mapped. Another program that alters such a file
    // changes bytes under us: checksums find it. One that truncates it makes the next read beyond
    // the new end a SIGBUS, which ends this process: nobody but Annals may write below the root.
    let map = unsafe { Mmap::map(file)? };
    Ok(Bytes::from_owner(map))
}
