//! Every storage format that was frozen is read for ever: a store and an export of it, kept beside
//! the log that they were made of.

use std::path::{Path, PathBuf};

use annals_tests::command;
use annals_tests::environment::wrapped;
use annals_tests::evidence::{text, verify};
use annals_tests::golden::{self, WORKSPACE};
use annals_tests::process::{AnnalsProcess, UpOptions};
use annals_tests::{log_files, store_files};
use serde_json::{Value, json};

/// Formats that are kept, the oldest first.
const FORMATS: [u32; 1] = [1];

fn key(directory: &Path) -> String {
    std::fs::read_to_string(directory.join("key.vkey")).unwrap().trim().to_owned()
}

/// A data directory with the golden store, and the log written anew from the records.
fn restored(directory: &Path, into: &Path) -> PathBuf {
    let data = into.join("data");
    store_files::copy(&directory.join("store"), &data.join("store")).unwrap();
    let identity = std::fs::read(data.join("store/log.json")).unwrap();
    let identity: Value = serde_json::from_slice(&identity).unwrap();
    let meta = json!({
        "format_version": 0,
        "cluster_id": identity["cluster_id"],
        "topic_id": identity["topic_id"],
        "partitions": identity["partitions"],
    });
    std::fs::create_dir_all(log_files::partition(&data, 0)).unwrap();
    std::fs::write(data.join("log/log.meta"), meta.to_string()).unwrap();
    log_files::write(&data, 0, &[&golden::records(directory)]);
    data
}

/// RELIABILITY 21: store and export verify with the key of their time; a changed bit does not.
#[test]
fn every_format_verifies() {
    for format in FORMATS {
        let directory = golden::directory(format);
        let key = key(&directory);
        for target in ["store", "export"] {
            let sound = verify(&directory.join(target), &key);
            assert_eq!(sound.code, Some(0), "format {format}, {target}: {}", sound.stderr);
            let copy = tempfile::tempdir().unwrap();
            store_files::copy(&directory.join(target), copy.path()).unwrap();
            let file = match target {
                // A live one: those that it was merged of are there too, and nobody reads them.
                "store" => store_files::files(&copy.path().join("partitions/0/segments"), "seg")
                    .into_iter()
                    .find(|file| text(file).ends_with("-compacted.seg"))
                    .unwrap(),
                _ => copy.path().join("proofs/records"),
            };
            store_files::flip(&file, 1000, 3).unwrap();
            assert_eq!(verify(copy.path(), &key).code, Some(1), "format {format}, {target}");
        }
    }
}

/// How long a file of an export is says nothing of what it holds: a tail of no bytes takes no
/// memory before it is found to be wrong.
#[test]
fn a_long_file_is_told_in_little_memory() {
    let directory = golden::directory(FORMATS[0]);
    let key = key(&directory);
    for (file, told) in [
        ("proofs/records", "it is no entry of version 1"),
        ("proofs/hashes", "it has more hashes than the leaves need"),
        ("events.ndjson", "there is no record for it"),
        ("manifest.json", "it is longer than"),
        ("checkpoint", "it is longer than"),
        ("README.txt", "it is longer than"),
        ("key.vkey", "it is longer than"),
    ] {
        let copy = tempfile::tempdir().unwrap();
        store_files::copy(&directory.join("export"), copy.path()).unwrap();
        let long = std::fs::File::options().write(true).open(copy.path().join(file)).unwrap();
        long.set_len(200 << 30).unwrap();
        let mut verify = wrapped(&["prlimit".to_owned(), format!("--as={}", 4_u64 << 30)]);
        verify.args(["verify", text(copy.path()), "--key", &key]);
        let found = command::finish(&mut verify);
        assert_eq!(found.code, Some(1), "{file}: {}", found.stderr);
        let said = found.stdout + &found.stderr;
        assert!(said.contains(told), "{file}: {said}");
    }
}

/// INV-5 over versions: the log folded by this binary gives every verdict, seq and root of the
/// store that another version made.
#[test]
fn every_format_is_what_its_log_folds_to() {
    for format in FORMATS {
        let into = tempfile::tempdir().unwrap();
        let data = restored(&golden::directory(format), into.path());
        let checked = command::run(&["rebuild", "--check", "--data", text(&data)]);
        assert_eq!(checked.code, Some(0), "format {format}: {}", checked.stderr);
        let rebuilt = command::run(&["rebuild", "--data", text(&data)]);
        assert_eq!(rebuilt.code, Some(0), "format {format}: {}", rebuilt.stderr);
        let sound = verify(&data, &key(&golden::directory(format)));
        assert_eq!(sound.code, Some(0), "format {format}: {}", sound.stderr);
    }
}

/// A server on the golden store shows the rows that were exported from it, byte for byte.
#[test]
fn every_format_shows_the_rows_it_showed() {
    for format in FORMATS {
        let into = tempfile::tempdir().unwrap();
        let directory = golden::directory(format);
        let data = restored(&directory, into.path());
        let annals = AnnalsProcess::start(&data, &UpOptions::default());
        let client = annals.client("*");
        let expected = std::fs::read_to_string(directory.join("export/events.ndjson")).unwrap();
        let (mut after, mut shown) = ("0".to_owned(), Vec::new());
        loop {
            let path = format!("/v1/workspaces/{WORKSPACE}/feed?after={after}&limit=500");
            let page: Value = client.get_json(&path);
            let rows = page["data"].as_array().unwrap();
            if rows.is_empty() {
                break;
            }
            shown.extend(rows.iter().cloned());
            page["next"].as_str().unwrap().clone_into(&mut after);
        }
        let expected: Vec<Value> =
            expected.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(!expected.is_empty() && shown == expected, "format {format}: the rows differ");
    }
}

/// Format 0 was a preview, never kept: such a store is refused by name, and made anew from its log.
#[test]
fn a_store_of_the_preview_is_refused_by_name_and_made_anew() {
    let directory = golden::directory(FORMATS[0]);
    let (into, key) = (tempfile::tempdir().unwrap(), key(&directory));
    let data = restored(&directory, into.path());
    for segment in store_files::segment_files(&data) {
        let mut bytes = std::fs::read(&segment).unwrap();
        // Before the closing magic.
        let at = bytes.len() - 12;
        bytes[at..at + 4].copy_from_slice(&0_u32.to_le_bytes());
        std::fs::write(&segment, bytes).unwrap();
    }
    let told = "format 0 is read no more: `annals rebuild` makes it anew";
    let refused = verify(&data, &key);
    assert_eq!(refused.code, Some(1));
    let said = refused.stdout + &refused.stderr;
    assert!(said.contains(told), "{said}");
    let rebuilt = command::run(&["rebuild", "--data", text(&data)]);
    assert_eq!(rebuilt.code, Some(0), "{}", rebuilt.stderr);
    let sound = verify(&data, &key);
    assert_eq!(sound.code, Some(0), "{}", sound.stderr);
}
