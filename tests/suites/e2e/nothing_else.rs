//! An auditor's machine: the binary, an export and a public key, and nothing else.

use std::path::{Path, PathBuf};
use std::process::Command;

use annals_tests::command::{self, Finished, Target};
use annals_tests::evidence::{key_of, sealing, signed, text};
use annals_tests::inputs::Input;
use annals_tests::process::AnnalsProcess;
use annals_tests::{environment, report, store_files};

/// Workspaces that are exported, those with the most events.
const EXPORTED: usize = 4;

/// Issue 8, A16.3: exports of the recorded events verify in a root directory that holds the binary
/// with its libraries, the export and the key, without a network; a changed bit is found there too.
#[test]
fn a16_3_an_export_of_the_recorded_events_verifies_where_there_is_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let input = Input::recorded(directory.path());
    command::import_all(&input.file, Target::Data(&data));
    let annals = AnnalsProcess::start(&data, &sealing());
    signed(&annals, &data);
    assert!(annals.stop().success());
    let mut workspaces: Vec<_> =
        input.ids.iter().map(|(name, ids)| (ids.len(), name.as_str())).collect();
    workspaces.sort_unstable();
    let machine = empty_machine(directory.path());
    std::fs::write(machine.join("key.vkey"), key_of(&data)).unwrap();
    let bundle = machine.join("export");
    let mut events = 0;
    for (count, workspace) in workspaces.into_iter().rev().take(EXPORTED) {
        let _ = std::fs::remove_dir_all(&bundle);
        let flags = ["export", "--data", text(&data), "--workspace", workspace];
        let exported = command::run(&[&flags[..], &["--out", text(&bundle)]].concat());
        assert_eq!(exported.code, Some(0), "{workspace}: {}", exported.stderr);
        let sound = verify_there(&machine);
        assert_eq!(sound.code, Some(0), "{workspace}: {}", sound.stderr);
        let said = format!("sound: {count} events of workspace {workspace}");
        assert!(sound.stdout.starts_with(&said), "{said}, not {}", sound.stdout);
        assert!(sound.stdout.contains("not proven"), "{}", sound.stdout);
        events += count;
    }
    store_files::flip(&bundle.join("events.ndjson"), 70, 0).unwrap();
    let changed = verify_there(&machine);
    assert_eq!(changed.code, Some(1), "{}{}", changed.stdout, changed.stderr);
    let kind = if input.recorded { "recorded" } else { "generated" };
    report::line(&format!("{events} {kind} events verify where there is nothing else"));
}

/// A root directory with the binary and the shared libraries that it names.
fn empty_machine(directory: &Path) -> PathBuf {
    let machine = directory.join("machine");
    let binary = environment::annals_binary();
    std::fs::create_dir(&machine).unwrap();
    std::fs::copy(&binary, machine.join("annals")).unwrap();
    let needed = command::finish(Command::new("ldd").arg(&binary));
    for library in needed.stdout.split_whitespace().filter(|word| word.starts_with('/')) {
        let target = machine.join(library.trim_start_matches('/'));
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(library, target).unwrap();
    }
    machine
}

fn verify_there(machine: &Path) -> Finished {
    let mut there = Command::new("unshare");
    there.args(["--map-root-user", "--net", "chroot", text(machine), "/annals"]);
    there.args(["verify", "/export", "--key", "/key.vkey"]).env_clear();
    there.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    command::finish(&mut there)
}
