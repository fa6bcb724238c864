//! Tree heads that somebody has kept, held against exports, stores and the topic.

use std::path::{Path, PathBuf};

use annals_tests::command::{self, Finished, Target};
use annals_tests::evidence::{export, imported_and_signed, key_of, settled, text, verify};
use annals_tests::inputs::Input;
use annals_tests::store_files;
use annals_verify::{Checkpoint, SignerKey, TreeHead, sign_note};

/// A log that was signed, and signed again after more was recorded.
struct Signed {
    data: PathBuf,
    key: String,
    /// Heads, kept elsewhere.
    first: PathBuf,
    second: PathBuf,
    /// An export of the time of the first head.
    early: PathBuf,
}

impl Signed {
    fn new(directory: &Path) -> Self {
        let (_, data) = imported_and_signed(directory, 31);
        let (first, early) = (newest_head(&data, "first"), directory.join("early"));
        assert_eq!(export(&data, &early, &[]).code, Some(0));
        let more = Input::bulk(directory, 300, 5);
        command::import_all(&more.file, Target::Data(&data));
        drop(settled(&data));
        let second = newest_head(&data, "second");
        let key = key_of(&data);
        Self { data, key, first, second, early }
    }

    fn held(&self, target: &Path, heads: &[&Path]) -> Finished {
        held(target, &[&self.key], heads)
    }
}

fn held(target: &Path, keys: &[&str], heads: &[&Path]) -> Finished {
    let mut words = vec!["verify", text(target)];
    words.extend(keys.iter().flat_map(|key| ["--key", *key]));
    words.extend(heads.iter().flat_map(|head| ["--checkpoint", text(head)]));
    command::run(&words)
}

/// Copies the newest head to where its verifier keeps it.
fn newest_head(data: &Path, name: &str) -> PathBuf {
    let kept = data.with_file_name(name);
    let heads = store_files::head_files(data);
    std::fs::copy(heads.last().unwrap(), &kept).unwrap();
    kept
}

fn assert_said(finished: &Finished, code: i32, named: &[&str]) {
    let said = format!("{}{}", finished.stdout, finished.stderr);
    assert_eq!(finished.code, Some(code), "{said}");
    assert!(named.iter().all(|named| said.contains(named)), "{named:?} in {said}");
}

/// An operator who has the key, and signs another history under the same log's name.
fn rewritten(directory: &Path, data: &Path) -> PathBuf {
    let other = directory.join("rewritten");
    store_files::copy(&data.join("secrets"), &other.join("secrets")).unwrap();
    for identity in ["store/log.json", "log/log.meta"] {
        let target = other.join(identity);
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(data.join(identity), target).unwrap();
    }
    let input = Input::fixture(directory, 31);
    let events = std::fs::read_to_string(&input.file).unwrap();
    std::fs::write(&input.file, events.replacen("\"u1\"", "\"u2\"", 1)).unwrap();
    command::import_all(&input.file, Target::Data(&other));
    drop(settled(&other));
    other
}

/// Regression: `--checkpoint` was not looked at for an export. A head of its own size has to have
/// its root; of an older one it has to show that it continues it, which it does if it was asked to;
/// of a newer one nothing can be told.
#[test]
fn a16_3_an_export_is_held_against_kept_heads() {
    let directory = tempfile::tempdir().unwrap();
    let signed = Signed::new(directory.path());
    let (first, second) = (text(&signed.first), text(&signed.second));
    let (plain, late) = (directory.path().join("plain"), directory.path().join("late"));
    assert_eq!(export(&signed.data, &plain, &[]).code, Some(0));
    let shown = export(&signed.data, &late, &["--checkpoint", first, "--checkpoint", second]);
    assert_eq!(shown.code, Some(0), "{}", shown.stderr);
    let both: [&Path; 2] = [&signed.first, &signed.second];
    let early = signed.held(&signed.early, &both[..1]);
    assert_said(&early, 0, &["that log begins with the", first]);
    assert_said(&signed.held(&late, &both), 0, &[first, second]);
    let told = signed.held(&plain, &both);
    assert_said(&told, 2, &["could not tell", first, "annals export --checkpoint"]);
    let before = signed.held(&signed.early, &both);
    assert_said(&before, 2, &["could not tell", second, "it was made before"]);
    // Signed by the same key, but of another history: smaller, of the same size, and larger.
    let other = rewritten(directory.path(), &signed.data);
    let head = newest_head(&other, "of-rewritten");
    let out = directory.path().join("rewritten-early");
    assert_eq!(export(&other, &out, &[]).code, Some(0));
    assert_said(&signed.held(&out, &[&head]), 0, &[]);
    assert_said(&signed.held(&out, &both[..1]), 1, &["not sound", first]);
    let refused = export(&other, &directory.path().join("never"), &["--checkpoint", first]);
    assert_said(&refused, 1, &[first]);
    let more = Input::bulk(directory.path(), 300, 5);
    command::import_all(&more.file, Target::Data(&other));
    drop(settled(&other));
    let refused = export(&other, &directory.path().join("never"), &["--checkpoint", first]);
    assert_said(&refused, 1, &[first, "have another root"]);
    let out = directory.path().join("rewritten-late");
    assert_eq!(export(&other, &out, &["--checkpoint", text(&head)]).code, Some(0));
    assert_said(&signed.held(&out, &both[..1]), 1, &["not sound", first]);
    assert_said(&signed.held(&out, &both[1..]), 1, &["not sound", second]);
}

/// Regression: a head of another log was left out of account. It is refused by its name.
#[test]
fn a_head_of_another_log_is_refused_by_name() {
    let directory = tempfile::tempdir().unwrap();
    let signed = Signed::new(directory.path());
    let elsewhere = directory.path().join("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    let (_, other) = imported_and_signed(&elsewhere, 33);
    let (head, key) = (newest_head(&other, "of-another-log"), key_of(&other));
    let (origin, _) = key.split_once('+').unwrap();
    for target in [&signed.data, &signed.early] {
        assert_said(&held(target, &[&signed.key], &[&head]), 1, &[text(&head), "not signed by"]);
        let refused = held(target, &[&signed.key, &key], &[&signed.first, &head]);
        assert_said(&refused, 2, &["could not tell", text(&head), origin]);
    }
    let refused = export(&signed.data, &directory.path().join("o"), &["--checkpoint", text(&head)]);
    assert_said(&refused, 1, &[text(&head), "not signed by"]);
}

/// Regression: a head of a partition that the topic or store lacks was never looked at. What it
/// covers is gone.
#[test]
fn a_head_of_a_partition_that_is_not_there_is_not_passed_over() {
    let directory = tempfile::tempdir().unwrap();
    let signed = Signed::new(directory.path());
    let (origin, _) = signed.key.split_once('+').unwrap();
    // A log's id may begin with 0 as well.
    let origin = format!("{}/1", origin.strip_suffix("/0").unwrap());
    let seed = std::fs::read(signed.data.join("secrets/signing-1.key")).unwrap();
    let signer = SignerKey::new(&origin, &seed.try_into().unwrap());
    let head = Checkpoint { origin, head: TreeHead { size: 5, root: [7; 32] } };
    let kept = directory.path().join("of-partition-1");
    let key = signer.verifier().to_string();
    std::fs::write(&kept, sign_note(&head.to_string(), &[signer])).unwrap();
    let keys = [signed.key.as_str(), key.as_str()];
    let heads = [signed.first.as_path(), kept.as_path()];
    let store = held(&signed.data, &keys, &heads);
    assert_said(&store, 1, &["not sound", text(&kept), "the store has 1 partition"]);
    assert_said(&held(&signed.early, &keys, &heads), 2, &["could not tell", text(&kept)]);
    let mut words = vec!["replay", "--data", text(&signed.data), "--out", "/dev/null"];
    words.extend(keys.iter().flat_map(|key| ["--key", *key]));
    words.extend(["--checkpoint", text(&signed.first)]);
    assert_said(&command::run(&words), 0, &["records lead to"]);
    words.extend(["--checkpoint", text(&kept)]);
    assert_said(&command::run(&words), 1, &[text(&kept), "the topic has 1 partition"]);
}

/// Regression: a store emptied down to its identity was passed with exit code 0. Nothing can be
/// told of it, and whoever has kept a head sees that something is gone.
#[test]
fn a_store_in_which_nothing_is_left_is_not_sound() {
    let directory = tempfile::tempdir().unwrap();
    let signed = Signed::new(directory.path());
    let partition = signed.data.join("store/partitions/0");
    for gone in ["manifests", "heads"] {
        std::fs::remove_dir_all(partition.join(gone)).unwrap();
    }
    let left = verify(&signed.data, &signed.key);
    assert_said(&left, 2, &["could not tell", "partitions/0/segments", "neither a manifest"]);
    std::fs::remove_dir_all(signed.data.join("store/partitions")).unwrap();
    let empty = verify(&signed.data, &signed.key);
    assert_said(&empty, 2, &["could not tell", "nothing is sealed and signed yet"]);
    let gone = signed.held(&signed.data, &[&signed.first]);
    assert_said(&gone, 1, &["not sound", text(&signed.first), "0 are here"]);
}
