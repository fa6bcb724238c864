//! What `Recorder::emit` asks of the system, as strace sees it: nothing that can block the host's
//! thread, whatever the log in front and the spool's disk do.
//!
//! The host makes its events first, then emits them between two lines on stderr. Its allocator
//! takes no locks, so that a thread that waits for one waits for the recorder.

use std::collections::{BTreeMap, BTreeSet};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use annals_tests::command;
use annals_tests::environment;
use annals_tests::report;
use annals_tests::small_disk::SmallDisk;

/// Calls in each state; `make soak` asks for more.
const CALLS: u64 = 20_000;
/// In a namespace of its own: the kernel drops without a word what goes there.
const NOWHERE: &str = "198.51.100.1:9092";

#[test]
fn emit_asks_nothing_that_blocks_of_the_system_whatever_the_log_does() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = silent.local_addr().unwrap().to_string();
    // A port that nobody may listen on without asking.
    for log in ["up", "127.0.0.1:1", &silent, NOWHERE] {
        let directory = tempfile::tempdir().unwrap();
        let trace = assert_never_blocks(log, directory.path());
        // Between two runs the worker sleeps, and has to be woken.
        assert!(trace.asked.contains_key("write to an event"), "log {log}: nothing was seen");
    }
}

#[test]
fn emit_asks_nothing_that_blocks_of_the_system_on_a_full_disk() {
    let directory = tempfile::tempdir().unwrap();
    let disk = SmallDisk::mount(&directory.path().join("spool"), "1m");
    assert_never_blocks("127.0.0.1:1", directory.path());
    let more = std::fs::write(disk.path.join("more"), vec![7; 256 << 10]);
    assert!(more.is_err(), "the disk was not full");
}

/// So that a check that sees nothing is noticed: who asks for `Overflow::Block` waits.
#[test]
fn a_call_that_blocks_is_seen() {
    let directory = tempfile::tempdir().unwrap();
    let trace = Trace::of("127.0.0.1:1", directory.path(), &["block", "2000"]);
    let blocking = trace.blocking();
    assert!(blocking.contains("futex wait"), "{blocking:?}");
}

/// A call that another thread's interrupts is written in two lines.
#[test]
fn a_trace_tells_an_event_from_a_file_however_its_lines_are_cut() {
    let trace = Trace::read(
        "8 eventfd2(0, EFD_CLOEXEC|EFD_NONBLOCK <unfinished ...>\n\
         7 eventfd2(0, EFD_CLOEXEC <unfinished ...>\n\
         8 <... eventfd2 resumed>)           = 9\n\
         7 <... eventfd2 resumed>)           = 10\n\
         7 eventfd2(0, EFD_CLOEXEC|EFD_NONBLOCK) = 11\n\
         7 write(2, \"calls begin\\n\", 12) = 12\n\
         7 write(9, \"\\1\", 8 <unfinished ...>\n\
         8 write(12, \"x\", 1) = 1\n\
         7 <... write resumed>) = 8\n\
         7 write(10, \"\\1\", 8) = 8\n\
         7 write(11, \"\\1\", 8) = 8\n\
         7 write(2, \"calls end\\n\", 10) = 10\n",
    );
    let asked = [("write to 10", 1), ("write to an event", 2)];
    assert_eq!(trace.asked, asked.map(|(name, calls)| (name.to_owned(), calls)).into());
}

fn assert_never_blocks(log: &str, directory: &Path) -> Trace {
    let calls = environment::number("TEST_ANNALS_EMIT_CALLS", CALLS);
    let trace = Trace::of(log, directory, &["calls", &calls.to_string()]);
    report::line(&format!("log {log}: {calls} calls of emit, and {:?}", trace.asked));
    assert_eq!(trace.blocking(), BTreeSet::new(), "log {log}");
    trace
}

/// What the emitting thread asked for during its calls, and how often.
struct Trace {
    asked: BTreeMap<String, u64>,
}

impl Trace {
    /// Runs a host on this log under strace.
    fn of(log: &str, directory: &Path, verb: &[&str]) -> Self {
        let file = directory.join("trace");
        let mut host = Command::new("strace");
        // Each call asks which process this is, and may: what is not traced runs at full speed.
        host.args(["-f", "--seccomp-bpf", "-qq", "-e", "trace=!getpid", "-e", "signal=none"]);
        host.arg("-o").arg(&file);
        if log == NOWHERE {
            // Who is not root becomes it in a user namespace.
            host.args(["unshare", "--map-root-user", "--net", "sh", "-c"]);
            host.arg(
                "ip link set lo up && ip route add 198.51.100.0/24 dev lo && exec \"$0\" \"$@\"",
            );
        }
        host.arg(environment::recorder_host()).arg(directory).arg(log).args(verb);
        let finished = command::finish(&mut host);
        assert_eq!(finished.code, Some(0), "{}", finished.stderr);
        Self::read(&std::fs::read_to_string(file).unwrap())
    }

    fn read(text: &str) -> Self {
        let (mut asked, mut emitting) = (BTreeMap::new(), None);
        // The numbers of events that never block, and the threads that wait for one's number.
        let (mut events, mut opening) = (BTreeSet::new(), BTreeSet::new());
        for line in text.lines() {
            let Some((thread, call)) = line.split_once(' ') else { continue };
            let call = call.trim_start();
            let opens = call.starts_with("eventfd2(") && call.contains("EFD_NONBLOCK");
            if opens && call.ends_with("<unfinished ...>") {
                opening.insert(thread);
            } else if opens || call.starts_with("<... eventfd2") && opening.remove(thread) {
                events.extend(call.rsplit_once("= ").map(|(_, number)| number.to_owned()));
            } else if call.starts_with("write(2, \"calls begin") {
                emitting = Some(thread.to_owned());
            } else if call.starts_with("write(2, \"calls end") {
                emitting = None;
            } else if emitting.as_deref() == Some(thread) && !call.starts_with("<...") {
                *asked.entry(name_of(call, &events)).or_default() += 1;
            }
        }
        Self { asked }
    }

    /// What can block, of what was asked for.
    fn blocking(&self) -> BTreeSet<&str> {
        const HARMLESS: [&str; 8] = [
            // Wakes the worker: a counter in the kernel, opened so that it never blocks.
            "write to an event",
            "futex wake",
            // Memory.
            "mmap",
            "munmap",
            "mprotect",
            "madvise",
            "brk",
            "clock_gettime",
        ];
        self.asked.keys().map(String::as_str).filter(|name| !HARMLESS.contains(name)).collect()
    }
}

/// The call's name, or what kind of it this is where that matters.
fn name_of(call: &str, events: &BTreeSet<String>) -> String {
    let (name, arguments) = call.split_once('(').unwrap_or((call, ""));
    let first = arguments.split([',', ')']).next().unwrap_or_default();
    match name {
        "write" if events.contains(first) => "write to an event".to_owned(),
        "write" => format!("write to {first}"),
        "futex" if arguments.contains("FUTEX_WAKE") => "futex wake".to_owned(),
        "futex" => "futex wait".to_owned(),
        _ => name.to_owned(),
    }
}
