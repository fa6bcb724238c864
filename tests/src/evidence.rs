//! Stores that are sealed and signed, and the commands that check them.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::command::{self, Finished, Target};
use crate::inputs::Input;
use crate::list::List;
use crate::process::{AnnalsProcess, UpOptions};
use crate::wait;

/// A path as an argument.
///
/// # Panics
/// When it is not UTF-8: paths of tests are.
pub fn text(path: &Path) -> &str {
    path.to_str().expect("paths of tests are UTF-8")
}

/// An `up` that seals what is a second old.
pub fn sealing() -> UpOptions {
    UpOptions::default().variable("ANNALS_STORAGE_SEAL_INTERVAL_SECONDS", "1")
}

/// Starts `up`, and waits until all that is in the log is sealed and signed.
pub fn settled(data: &Path) -> AnnalsProcess {
    let annals = AnnalsProcess::start(data, &sealing());
    List::of(&annals.client("*"), "acme").settle();
    signed(&annals, data);
    annals
}

/// Waits until all that is in the log is sealed and signed.
pub fn signed(annals: &AnnalsProcess, data: &Path) {
    let client = annals.client("*");
    wait::until("a signed head of everything", wait::PATIENCE, || {
        let accounting: Value = client.get_json("/v1/admin/accounting");
        let partition = &accounting["partitions"][0];
        let size = partition["tree_size"].as_u64()?;
        let head = data.join(format!("store/partitions/0/heads/{size:020}"));
        (partition["committed"] == partition["high_watermark"] && head.is_file()).then_some(())
    });
}

/// A data directory with the generated fixture in its log.
pub fn imported(directory: &Path, seed: u64) -> (Input, PathBuf) {
    let input = Input::fixture(directory, seed);
    let data = directory.join("data");
    command::import_all(&input.file, Target::Data(&data));
    (input, data)
}

/// The same with all of it sealed and signed; nothing runs there any more.
pub fn imported_and_signed(directory: &Path, seed: u64) -> (Input, PathBuf) {
    let (input, data) = imported(directory, seed);
    drop(settled(&data));
    (input, data)
}

/// The newest public key.
///
/// # Panics
/// When there is none.
pub fn key_of(data: &Path) -> String {
    let shown = command::run(&["keys", "show", "--data", text(data)]);
    assert_eq!(shown.code, Some(0), "{}", shown.stderr);
    shown.stdout.lines().next().expect("there is a key").to_owned()
}

/// `annals verify TARGET --key KEY`.
pub fn verify(target: &Path, key: &str) -> Finished {
    command::run(&["verify", text(target), "--key", key])
}

/// `annals export` of the workspace `acme`.
pub fn export(data: &Path, out: &Path, flags: &[&str]) -> Finished {
    let fixed = ["export", "--data", text(data), "--workspace", "acme", "--out", text(out)];
    command::run(&[&fixed[..], flags].concat())
}
