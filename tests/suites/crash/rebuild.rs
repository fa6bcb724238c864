//! A second projection of the same log, made from nothing.

use std::path::Path;
use std::process::Command;

use annals_tests::command;

/// Copies a data directory without its segments and manifests. What remains is the log, its
/// identity (`store/log.json`) and the keys: `annals up` on it projects everything anew.
pub fn copy_without_projection(data: &Path, copy: &Path) {
    let finished = command::finish(Command::new("cp").arg("-a").arg(data).arg(copy));
    assert_eq!(finished.code, Some(0), "cp: {}", finished.stderr);
    let partitions = copy.join("store/partitions");
    assert!(partitions.is_dir(), "{} has no partitions", data.display());
    std::fs::remove_dir_all(partitions).expect("the copy can be changed");
    // The address of the server that the copy was taken from.
    let _ = std::fs::remove_file(copy.join("run.json"));
}
