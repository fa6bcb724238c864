//! The repository's files, as far as people write them.

use crate::source::SourceFile;
use annals_tests::environment;
use std::path::Path;

/// Directories that tools fill.
const GENERATED: [&str; 9] = [
    ".git",
    ".cache",
    "__pycache__",
    "annals-data",
    "dist",
    "generated",
    "node_modules",
    "snapshots",
    "target",
];
/// Files that tools write; in a second work tree `.git` is one.
const WRITTEN_BY_TOOLS: [&str; 3] = [".git", "Cargo.lock", "package-lock.json"];

/// Every text file that people write, sorted by path.
pub fn repository() -> Vec<SourceFile> {
    let root = environment::repository();
    let mut files = Vec::new();
    walk(&root, &root, &mut files);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

fn walk(root: &Path, directory: &Path, into: &mut Vec<SourceFile>) {
    let entries = std::fs::read_dir(directory)
        .unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    for entry in entries {
        let path = entry.expect("a directory can be listed").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            if !GENERATED.contains(&name.as_str()) {
                walk(root, &path, into);
            }
        } else if !WRITTEN_BY_TOOLS.contains(&name.as_str()) {
            // What is not UTF-8 (an image, golden bytes) is no text of people.
            let Ok(text) = std::fs::read_to_string(&path) else { continue };
            let relative = path.strip_prefix(root).expect("the walk starts at the root");
            into.push(SourceFile::new(&relative.to_string_lossy(), text));
        }
    }
}
