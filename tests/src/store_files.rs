//! The files of a store below a data directory, as a person with a shell sees them.
//!
//! Knows the names of the files and the newest manifest's list of segments; what is in the
//! segments is the product's.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// What the newest manifest of the embedded log's one partition says.
#[derive(Debug, Clone, Deserialize)]
pub struct Manifest {
    /// Its number.
    pub number: u64,
    /// Offset behind the last record that is in a segment.
    pub end: u64,
    /// Live segments, oldest range first.
    pub segments: Vec<SegmentEntry>,
}

/// A live segment.
#[derive(Debug, Clone, Deserialize)]
pub struct SegmentEntry {
    /// Its path below the store's root.
    pub path: String,
    /// Its length in bytes.
    pub length: u64,
}

impl Manifest {
    /// The newest one, if there is any.
    ///
    /// # Panics
    /// When it cannot be read.
    pub fn newest(data: &Path) -> Option<Self> {
        let file = manifest_files(data).pop()?;
        let text = fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let manifest = serde_json::from_slice(&text);
        Some(manifest.unwrap_or_else(|error| panic!("{}: {error}", file.display())))
    }

    /// The files of the live segments.
    pub fn segment_files(&self, data: &Path) -> Vec<PathBuf> {
        self.segments.iter().map(|segment| store(data).join(&segment.path)).collect()
    }
}

/// The store's root.
pub fn store(data: &Path) -> PathBuf {
    data.join("store")
}

/// The manifests' files, oldest first.
pub fn manifest_files(data: &Path) -> Vec<PathBuf> {
    files(&store(data).join("partitions/0/manifests"), "json")
}

/// The signed tree heads' files, the smallest first.
pub fn head_files(data: &Path) -> Vec<PathBuf> {
    files(&store(data).join("partitions/0/heads"), "")
}

/// How many records the tree of a signed head's file has: its name says so.
///
/// # Panics
/// When it is no such file.
pub fn head_size(head: &Path) -> u64 {
    let name = head.file_name().and_then(|name| name.to_str()?.parse().ok());
    name.unwrap_or_else(|| panic!("{} is no tree head", head.display()))
}

/// The files of all segments, live or not, oldest range first.
pub fn segment_files(data: &Path) -> Vec<PathBuf> {
    files(&store(data).join("partitions/0/segments"), "seg")
}

/// The files of a kind in a directory, by name; none if it is not there. A file that is being
/// written bears another extension.
pub fn files(directory: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let files = entries.map(|entry| entry.path());
    // `NAME#<n>` is NAME while it is being written.
    let is_whole = |file: &PathBuf| !file.to_string_lossy().contains('#');
    let is_of = |file: &PathBuf| file.extension().unwrap_or_default() == extension;
    let mut files: Vec<_> = files.filter(is_whole).filter(is_of).collect();
    files.sort_unstable();
    files
}

/// Copies a directory with everything in it.
pub fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            copy(&source, &target)?;
        } else {
            fs::copy(&source, &target)?;
        }
    }
    Ok(())
}

/// Flips one bit of a file.
///
/// # Panics
/// When the file has no such byte.
pub fn flip(file: &Path, byte: u64, bit: u32) -> io::Result<()> {
    let mut bytes = fs::read(file)?;
    bytes[usize::try_from(byte).expect("a place in a file in memory")] ^= 1 << bit;
    fs::write(file, bytes)
}
