//! What a store takes up on disk, by part.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use annals_schemas::Record;

use crate::report::{Table, thousands};

/// How large the records are that were stored.
#[derive(Debug, Default)]
pub(super) struct Sizes {
    records: u64,
    values: u64,
}

impl Sizes {
    /// Adds a record.
    pub(super) fn add(&mut self, record: &Record) {
        self.records += record.size_bytes() as u64;
        self.values += record.value.as_ref().map_or(0, |value| value.len()) as u64;
    }
}

/// Prints bytes by the directory that files stand in, their sum, and that of the records.
pub(super) fn print(table: &Table, root: &Path, events: u64, sizes: &Sizes) -> io::Result<()> {
    let mut parts: BTreeMap<String, u64> = BTreeMap::new();
    for (path, size) in files(root)? {
        *parts.entry(part(root, &path)).or_default() += size;
    }
    let sum = parts.values().sum();
    let cells =
        |size: u64| vec![format!("{:.2}", size as f64 / events.max(1) as f64), thousands(size)];
    parts.iter().for_each(|(part, size)| table.row(part, &cells(*size)));
    table.row("all", &cells(sum));
    table.row("the records: key, headers, Avro", &cells(sizes.records));
    table.row("of them Avro", &cells(sizes.values));
    Ok(())
}

/// All files below a directory, with their sizes.
pub(super) fn files(root: &Path) -> io::Result<Vec<(PathBuf, u64)>> {
    let (mut found, mut directories) = (Vec::new(), vec![root.to_owned()]);
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(directory)? {
            let entry = entry?;
            match entry.metadata()? {
                meta if meta.is_dir() => directories.push(entry.path()),
                meta => found.push((entry.path(), meta.len())),
            }
        }
    }
    Ok(found)
}

/// The names of the directories down to a file that are no numbers.
fn part(root: &Path, path: &Path) -> String {
    let below = path.strip_prefix(root).ok().and_then(Path::parent);
    let names = below.into_iter().flat_map(Path::components);
    let names = names.map(|name| name.as_os_str().to_string_lossy().into_owned());
    let names: Vec<String> = names.filter(|name| name.parse::<u64>().is_err()).collect();
    if names.is_empty() { "top level".to_owned() } else { names.join("/") }
}
