//! What the suites take from their environment: this is the only file that reads it.

use std::path::{Path, PathBuf};
use std::process::Command;

const BINARY: &str = "ANNALS_BIN";

/// The binary under test as a command. It refuses variables that it does not know, so those of the
/// suites do not begin with `ANNALS_`, and the one that does is taken away.
pub fn annals() -> Command {
    let mut command = Command::new(annals_binary());
    command.env_remove(BINARY);
    command
}

/// The same behind another program, such as `prlimit --as=…`.
pub fn wrapped(wrapper: &[String]) -> Command {
    let Some((program, arguments)) = wrapper.split_first() else { return annals() };
    let mut command = Command::new(program);
    command.args(arguments).arg(annals_binary()).env_remove(BINARY);
    command
}

/// The binary under test: `ANNALS_BIN`, else the dev-profile build of this checkout.
pub fn annals_binary() -> PathBuf {
    let binary =
        variable(BINARY).map_or_else(|| target_directory().join("debug/annals"), PathBuf::from);
    assert!(
        binary.is_file(),
        "{} is missing: `cargo build -p annals --features failpoints` makes it",
        binary.display()
    );
    binary
}

/// A host of the recorder, beside the binary under test.
///
/// # Panics
/// When it was not built.
pub fn recorder_host() -> PathBuf {
    let host = annals_binary().with_file_name("recorder-host");
    assert!(host.is_file(), "{} is missing: build the workspace", host.display());
    host
}

/// A tool of other people that reads what Annals writes.
///
/// # Panics
/// When it is not installed.
pub fn python_tool(name: &str) -> PathBuf {
    let tool = target_directory().join("tools/python/bin").join(name);
    assert!(tool.is_file(), "{} is missing: `tests/setup/python` makes it", tool.display());
    tool
}

/// The Python that the clients are tested with, and what of other people's they need.
///
/// # Panics
/// When it is not installed.
pub fn clients_python() -> PathBuf {
    let python = target_directory().join("tools/clients-python/bin/python");
    assert!(python.is_file(), "{} is missing: `tests/setup/clients` makes it", python.display());
    python
}

/// A tool that a script of `tests/setup` builds.
///
/// # Panics
/// When it is not there.
pub fn tool(name: &str) -> PathBuf {
    let tool = target_directory().join("tools/bin").join(name);
    assert!(tool.is_file(), "{} is missing: `make setup-test` makes it", tool.display());
    tool
}

/// The repository's root.
pub fn repository() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("the tests directory has a parent").to_path_buf()
}

/// The recorded data beside the repository, if it is there: `TEST_ANNALS_DATA`, else
/// `../shared/data`.
pub fn recorded_data() -> Option<PathBuf> {
    let directory = variable("TEST_ANNALS_DATA")
        .map_or_else(|| repository().join("../shared/data"), PathBuf::from);
    directory.join("to_annals.py").is_file().then_some(directory)
}

/// A number that a person or the soak run may raise, such as `TEST_ANNALS_QUERIES`.
pub fn number(name: &str, default: u64) -> u64 {
    variable(name).map_or(default, |text| {
        text.parse().unwrap_or_else(|_| panic!("{name}={text} is not a number"))
    })
}

/// The seed of this run: `TEST_ANNALS_SEED`, else the clock's; printed, so that a failure can be
/// run again.
pub fn seed(what: &str) -> u64 {
    let seed = number("TEST_ANNALS_SEED", crate::clock::now().timestamp_micros().unsigned_abs());
    crate::report::line(&format!("{what}: TEST_ANNALS_SEED={seed}"));
    seed
}

fn target_directory() -> PathBuf {
    variable("CARGO_TARGET_DIR").map_or_else(|| repository().join("target"), PathBuf::from)
}

#[expect(clippy::disallowed_methods, reason = "the suites have no configuration of their own")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}
