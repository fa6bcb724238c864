//! `kill -9` around the signing of a head and amid the exchange of two stores: what a crash leaves
//! is what docs/EVIDENCE.md says, and the next run goes on from it.

use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;

use annals_tests::command;
use annals_tests::evidence::{
    imported, imported_and_signed, key_of, sealing, settled, text, verify,
};
use annals_tests::process::AnnalsProcess;
use annals_tests::{environment, store_files, wait};

const SIGKILL: i32 = 9;

fn heads(data: &Path) -> usize {
    store_files::head_files(data).len()
}

/// Starts `up`, and sees it die at a boundary.
fn dies_at(data: &Path, boundary: &str) {
    let options = sealing().variable("ANNALS_CRASH_AT", boundary);
    match AnnalsProcess::try_start(data, &options) {
        Ok(mut annals) => {
            let status = annals.wait_for_end(wait::PATIENCE);
            assert_eq!(status.signal(), Some(SIGKILL), "{boundary}");
        }
        Err(ended) => assert_eq!(ended.status.signal(), Some(SIGKILL), "{boundary}: {}", ended.log),
    }
}

/// A manifest whose head was not kept is not decided; the next start signs it. One whose head was
/// kept is whole at once, whoever died before it was served.
#[test]
fn a_crash_around_the_signature_leaves_a_store_that_the_next_start_signs() {
    for (boundary, heads_left, code) in [("head-signed:1", 0, 2), ("head-kept:1", 1, 0)] {
        let directory = tempfile::tempdir().unwrap();
        let (_, data) = imported(directory.path(), 41);
        dies_at(&data, boundary);
        assert_eq!(store_files::manifest_files(&data).len(), 1, "{boundary}");
        assert_eq!(heads(&data), heads_left, "{boundary}");
        let key = key_of(&data);
        let before = verify(&data, &key);
        assert_eq!(before.code, Some(code), "{boundary}: {}", before.stderr);
        let kept = store_files::head_files(&data);
        let kept: Vec<Vec<u8>> = kept.iter().map(|file| std::fs::read(file).unwrap()).collect();
        let annals = settled(&data);
        let served = annals.client("*").get("/v1/log/0/checkpoint").text();
        drop(annals);
        assert!(kept.iter().all(|kept| kept == served.as_bytes()), "{boundary}: signed anew");
        let after = verify(&data, &key);
        assert_eq!(after.code, Some(0), "{boundary}: {}", after.stderr);
    }
}

/// Wherever a rebuild dies, there is one live store, it is whole, and another rebuild succeeds.
#[test]
fn a_crash_amid_a_rebuild_leaves_a_live_store() {
    let directory = tempfile::tempdir().unwrap();
    let (_, original) = imported_and_signed(directory.path(), 42);
    let key = key_of(&original);
    let cases = [("rebuild-folded", 0), ("rebuild-renamed", 1), ("rebuild-exchanged", 1)];
    for (boundary, replaced) in cases {
        let data = directory.path().join(boundary);
        store_files::copy(&original, &data).unwrap();
        let mut rebuild = environment::annals();
        rebuild.args(["rebuild", "--data", text(&data)]);
        rebuild.env("ANNALS_CRASH_AT", format!("{boundary}:1"));
        let died = command::finish(&mut rebuild);
        assert_eq!(died.code, None, "{boundary}: {}", died.stderr);
        assert_eq!(usize::from(data.join("store.replaced-1").exists()), replaced, "{boundary}");
        let left = verify(&data, &key);
        assert_eq!(left.code, Some(0), "{boundary}: {}", left.stderr);
        let again = command::run(&["rebuild", "--data", text(&data)]);
        assert_eq!(again.code, Some(0), "{boundary}: {}", again.stderr);
        assert!(!data.join("store.rebuilding").exists(), "{boundary}");
        let rebuilt = verify(&data, &key);
        assert_eq!(rebuilt.code, Some(0), "{boundary}: {}", rebuilt.stderr);
        drop(settled(&data));
        assert_eq!(heads(&data), heads(&original), "{boundary}");
    }
}
