//! A service of somebody else, run over a temporary directory on loopback. Ends with whoever
//! started it, also if that was killed.
//!
//! Compiled into this harness and, by path, into the store's own suites, which may not depend on
//! the harness: so it uses `ports`, the standard library and `tempfile` alone.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::ports;

/// How long it may take to answer for the first time, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Ends the service when its own standard input ends: also if the process that started it was
/// killed and could not.
const WATCH: &str = r#""$@" & service=$!; read -r _; kill "$service"; wait "$service""#;

/// A running service. Stopped when dropped.
pub struct Watched {
    watch: Child,
    directory: TempDir,
    address: String,
}

impl Watched {
    /// Starts a program on a free port; `arrange` adds what it needs, of its directory and its
    /// address.
    ///
    /// # Panics
    /// When there is no program, as `setup` would make it: a suite never passes without its
    /// service.
    pub fn start(
        program: &Path,
        setup: &str,
        arrange: impl FnOnce(&mut Command, &Path, &str),
    ) -> Self {
        assert!(program.is_file(), "{} is missing: `{setup}` makes it", program.display());
        let directory = tempfile::tempdir().expect("a temporary directory can be made");
        let address = format!("127.0.0.1:{}", ports::free(1));
        let log = std::fs::File::create(directory.path().join("log")).expect("a log can be made");
        let errors = log.try_clone().expect("a log can be shared");
        let mut watch = Command::new("bash");
        watch.args(["-c", WATCH, "bash"]).arg(program);
        arrange(&mut watch, directory.path(), &address);
        let watch = watch.stdin(Stdio::piped()).stdout(log).stderr(errors).spawn();
        Self { watch: watch.expect("bash can be run"), directory, address }
    }

    /// Waits until it answers.
    ///
    /// # Panics
    /// When it does not.
    pub fn wait_until(&self, answers: impl Fn(&str) -> bool) {
        let started = Instant::now();
        while !answers(&self.address) {
            assert!(started.elapsed() < PATIENCE, "no answer from the service: {}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// `127.0.0.1:PORT`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Where its files are.
    #[allow(dead_code, reason = "not every service is looked behind")]
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// What it has said so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.directory.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        // The end of its input is the watch's sign to end the service and itself.
        drop(self.watch.stdin.take());
        // It can only have ended already.
        let _ = self.watch.wait();
    }
}
