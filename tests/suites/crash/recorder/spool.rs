//! A host whose spool is in trouble: the disk is full, rots, or does not take an fsync.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use annals_tests::small_disk::SmallDisk;

use super::*;

/// Emitted while the log is away: far more than queue and disk hold.
const FLOOD: u64 = 60_000;

/// What neither the queue nor a disk of 2 MiB held is lost, told on the log, and nothing else.
#[test]
fn a_full_disk_loses_exactly_what_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let disk = SmallDisk::mount(&directory.path().join("spool"), "2m");
    let mut host = spawn(directory.path(), &["later", "load", "1", &FLOOD.to_string()]);
    let mut lines = BufReader::new(host.stdout.take().unwrap()).lines();
    let line = lines.next().unwrap().unwrap();
    let lost: u64 = line.strip_prefix("lost ").unwrap().parse().unwrap();
    // The queue holds more than the disk has room for.
    let more = disk.path.join("more");
    wait::until("the disk to be full", wait::PATIENCE, || {
        let written = std::fs::write(&more, vec![7; 256 << 10]);
        let _ = std::fs::remove_file(&more);
        written.err()
    });
    std::fs::write(directory.path().join("there"), "").unwrap();
    assert!(lines.next().unwrap().unwrap().starts_with("ended in "));
    finish(host);
    // It ended once everything was safe: what was still in the spool goes to the log now.
    finish(start(directory.path(), "up", FLOOD, 1));

    let log = directory.path().join("log");
    let distinct = firsts_on_the_log(&log);
    report::line(&format!("{lost} of {FLOOD} lost, {} delivered", distinct.len()));
    assert_eq!(distinct.len() as u64 + lost, FLOOD + 1);
    let told = events_on_the_log(&log).into_iter().filter(|e| e.action == "annals.events_lost");
    let told = told.map(|event| {
        let metadata: serde_json::Value =
            serde_json::from_str(event.metadata.unwrap().as_str()).unwrap();
        metadata["events"].as_u64().unwrap()
    });
    assert_eq!(told.sum::<u64>(), lost);
}

/// Wherever a byte is flipped, the next host starts, what it records is on the log, what the spool
/// still has is there unchanged and in order, and a spool that lost something is kept aside.
#[test]
fn a_spool_that_rots_never_stops_a_host_and_never_makes_events_up() {
    let directory = tempfile::tempdir().unwrap();
    finish(start(directory.path(), "away", 0, 200));
    let mut random = Random::new(environment::seed("spool bytes"));
    let files = files_of(&directory.path().join("spool/events"));
    assert!(files.len() >= 3, "{files:?}");
    let mut damaged = 0;
    for round in 0..24 {
        let copy = directory.path().join(format!("copy-{round}"));
        let file = &files[round % files.len()];
        copy_spool(directory.path(), &copy);
        let path = copy.join("spool/events").join(file);
        let mut bytes = std::fs::read(&path).unwrap();
        let Some(at) = u64::try_from(bytes.len()).ok().filter(|length| *length > 0) else {
            continue;
        };
        let at = usize::try_from(random.below(at)).unwrap();
        bytes[at] ^= 1 << random.below(8);
        std::fs::write(&path, bytes).unwrap();

        let told = finish(start(&copy, "up", 1_000, 5));
        let what = format!("{} at {at}", file.display());
        assert_eq!(told, ["1000", "1001", "1002", "1003", "1004"], "{what}");
        let numbers = firsts_on_the_log(&copy.join("log"));
        assert!(numbers.ends_with(&[1_000, 1_001, 1_002, 1_003, 1_004]), "{what}: {numbers:?}");
        let old = &numbers[..numbers.len() - 5];
        assert!(old.is_sorted() && old.iter().all(|number| *number < 200), "{what}: {old:?}");
        if old.len() < 200 {
            assert!(copy.join("spool/damaged-1").is_dir(), "{what}: some are missing, none kept");
            damaged += 1;
        }
    }
    assert!(damaged > 3, "only {damaged} of 24 flipped bytes were met");
}

/// A disk that takes one fsync and then none, in either way: nothing after the first event is
/// called safe, every caller is answered in time, and the host ends.
#[test]
fn nothing_is_safe_on_a_disk_that_does_not_take_an_fsync() {
    for (fault, what) in [("error=EIO", "fails"), ("delay_enter=15s", "returns too late")] {
        let directory = tempfile::tempdir().unwrap();
        finish(start(directory.path(), "away", 0, 1));
        let mut host = Command::new("strace");
        host.args(["-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync", "-e"]);
        // Of each thread the second and every later one: the first of each opens the spool, or
        // makes the first event safe.
        host.arg(format!("inject=fdatasync:{fault}:when=2+"));
        host.arg(environment::recorder_host()).arg(directory.path());
        host.args(["away", "first-alone", "20"]);
        let output = host.stdin(Stdio::null()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let late = (2..=20).map(|number| format!("late {number}"));
        let expected: Vec<_> = std::iter::once("1".to_owned()).chain(late).collect();
        assert_eq!(said.lines().collect::<Vec<_>>(), expected, "an fsync that {what}");
        assert!(output.status.success(), "an fsync that {what}: {}", output.status);
    }
}

/// The files below a directory, sorted, without the one that is only locked.
fn files_of(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut left = vec![directory.to_path_buf()];
    while let Some(next) = left.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => left.push(path),
                false => files.push(path.strip_prefix(directory).unwrap().to_path_buf()),
            }
        }
    }
    files.retain(|file| !file.ends_with("lock"));
    files.sort();
    files
}

fn copy_spool(from: &Path, to: &Path) {
    let (from, to) = (from.join("spool/events"), to.join("spool/events"));
    for file in files_of(&from) {
        let copied = to.join(&file);
        std::fs::create_dir_all(copied.parent().unwrap()).unwrap();
        std::fs::copy(from.join(file), copied).unwrap();
    }
}
