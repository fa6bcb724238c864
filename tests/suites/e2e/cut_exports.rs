//! Exports that are killed, meet a full disk, or find something in their way.

use std::path::{Path, PathBuf};
use std::time::Duration;

use annals_tests::command::{self, Target};
use annals_tests::environment;
use annals_tests::evidence::{export, imported_and_signed, key_of, settled, text, verify};
use annals_tests::inputs::Input;
use annals_tests::small_disk::SmallDisk;
use annals_tests::wait;

/// Workspace of [`Input::bulk`] that is exported.
const BULK: &str = "bulk-0";
const TRIES: usize = 20;

fn beside(out: &Path) -> PathBuf {
    PathBuf::from(format!("{}.new", out.display()))
}

/// A kill leaves nothing that looks whole, and what it leaves the next export clears away.
#[test]
fn an_export_that_was_killed_is_made_anew() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let input = Input::bulk(directory.path(), 30_000, 3);
    command::import_all(&input.file, Target::Data(&data));
    drop(settled(&data));
    let out = directory.path().join("export.2026");
    let words = ["export", "--data", text(&data), "--workspace", BULK, "--out", text(&out)];
    let was_killed = (0..TRIES).any(|_| {
        let mut running = environment::annals().args(words).spawn().unwrap();
        wait::until("the export to begin", Duration::from_secs(60), || {
            (beside(&out).join("tree").exists() || out.exists()).then_some(())
        });
        running.kill().unwrap();
        running.wait().unwrap();
        // One that was faster is made again.
        !out.exists() || std::fs::remove_dir_all(&out).is_err()
    });
    assert!(was_killed && beside(&out).is_dir(), "no export of {TRIES} was killed in time");
    assert_eq!(command::run(&words).code, Some(0));
    assert!(!beside(&out).exists());
    let verified = verify(&out, &key_of(&data));
    assert_eq!(verified.code, Some(0), "{}", verified.stderr);
}

/// Regression: what bore the name `DIR.new` was removed, whatever it was; and a name with a dot
/// lost what stood behind it.
#[test]
fn a_directory_of_somebody_else_is_not_touched() {
    let directory = tempfile::tempdir().unwrap();
    let (_, data) = imported_and_signed(directory.path(), 41);
    let out = directory.path().join("export.2026");
    for other in [beside(&out), directory.path().join("export.new")] {
        std::fs::create_dir(&other).unwrap();
        std::fs::write(other.join("thesis.txt"), "ten years").unwrap();
    }
    let refused = export(&data, &out, &[]);
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
    assert!(refused.stderr.contains("export.2026.new is in the way: thesis.txt"), "{refused:?}");
    std::fs::rename(beside(&out), directory.path().join("moved")).unwrap();
    assert_eq!(export(&data, &out, &[]).code, Some(0));
    for other in ["moved", "export.new"] {
        assert!(directory.path().join(other).join("thesis.txt").is_file());
    }
}

/// A disk without room: the export names its directory and is not there; with room it is.
#[test]
fn an_export_onto_a_full_disk_is_not_there() {
    let directory = tempfile::tempdir().unwrap();
    let (_, data) = imported_and_signed(directory.path(), 43);
    let disk = SmallDisk::mount(&directory.path().join("disk"), "32m");
    let (out, ballast) = (disk.path.join("export"), disk.path.join("ballast"));
    // As much as fits.
    let _ = std::fs::write(&ballast, vec![7; 64 << 20]);
    let refused = export(&data, &out, &[]);
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
    assert!(refused.stderr.contains(text(&beside(&out))), "{}", refused.stderr);
    assert!(!out.exists());
    std::fs::remove_file(&ballast).unwrap();
    let exported = export(&data, &out, &[]);
    assert_eq!(exported.code, Some(0), "{}", exported.stderr);
    assert_eq!(verify(&out, &key_of(&data)).code, Some(0));
}
