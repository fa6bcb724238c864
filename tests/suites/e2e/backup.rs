//! What docs/OPERATIONS.md says to back up gives everything back, and the signatures with it.

use std::collections::BTreeSet;
use std::path::Path;

use annals_tests::evidence::{imported, key_of, settled, text};
use annals_tests::list::List;
use annals_tests::{command, store_files};

/// What is kept of a data directory.
const KEPT: [&str; 4] = ["log", "secrets", "store/log.json", "store/partitions/0/heads"];

fn keep(data: &Path, into: &Path) {
    for kept in KEPT {
        let (from, to) = (data.join(kept), into.join(kept));
        if from.is_dir() {
            store_files::copy(&from, &to).unwrap();
        } else {
            std::fs::create_dir_all(to.parent().unwrap()).unwrap();
            std::fs::copy(&from, &to).unwrap();
        }
    }
}

fn heads(data: &Path) -> BTreeSet<String> {
    let heads = store_files::head_files(data);
    heads.iter().map(|head| std::fs::read_to_string(head).unwrap()).collect()
}

#[test]
fn a_back_up_gives_back_rows_numbers_and_every_signed_head() {
    let directory = tempfile::tempdir().unwrap();
    let (_, data) = imported(directory.path(), 31);
    let annals = settled(&data);
    let rows = List::of(&annals.client("*"), "acme").walk_values("", 500);
    assert!(annals.stop().success());
    let (restored, key, signed) = (directory.path().join("restored"), key_of(&data), heads(&data));
    keep(&data, &restored);
    std::fs::remove_dir_all(&data).unwrap();

    let annals = settled(&restored);
    assert_eq!(List::of(&annals.client("*"), "acme").walk_values("", 500), rows);
    assert!(annals.stop().success());
    assert!(heads(&restored).is_superset(&signed), "a head was lost or signed otherwise");
    for (number, head) in signed.iter().enumerate() {
        let file = directory.path().join(format!("head-{number}"));
        std::fs::write(&file, head).unwrap();
        let arguments = ["verify", text(&restored), "--key", &key, "--checkpoint", text(&file)];
        let sound = command::run(&arguments);
        assert_eq!(sound.code, Some(0), "{}{}", sound.stdout, sound.stderr);
    }
}
