//! A real S3 gateway over a temporary directory, on loopback. Never a mock.
//!
//! Compiled into this harness and, by path, into the store's own S3 suite, which may not depend on
//! the harness: so it uses the standard library and `tempfile` alone. The binary is a parameter;
//! `tests/setup/versitygw` builds it.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long it may take to answer for the first time, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Ends the gateway when its own standard input ends: also if the process that started it was
/// killed and could not.
const WATCH: &str = r#""$@" & gateway=$!; read -r _; kill "$gateway"; wait "$gateway""#;

/// A running gateway with one empty bucket. Stopped when dropped.
pub struct S3Gateway {
    watch: Child,
    directory: TempDir,
    address: String,
}

impl S3Gateway {
    /// The bucket.
    pub const BUCKET: &str = "annals";
    /// The access key id that it accepts.
    pub const ACCESS_KEY_ID: &str = "annals-tests";
    /// The secret key of that id: of this fixture, and no secret.
    pub const SECRET_ACCESS_KEY: &str = "annals-tests-secret";

    /// Starts the binary on a free port and waits until it answers.
    ///
    /// # Panics
    /// When there is no binary or it does not answer: a suite on S3 never passes without S3.
    pub fn start(binary: &Path) -> Self {
        assert!(
            binary.is_file(),
            "{} is missing: `tests/setup/versitygw` makes it",
            binary.display()
        );
        let directory = tempfile::tempdir().expect("a temporary directory can be made");
        // A directory below the gateway's is a bucket.
        let buckets = directory.path().join("buckets");
        std::fs::create_dir_all(buckets.join(Self::BUCKET)).expect("a bucket can be made");
        let address = free_address();
        let log = std::fs::File::create(directory.path().join("log")).expect("a log can be made");
        let mut watch = Command::new("bash");
        watch.args(["-c", WATCH, "bash"]).arg(binary);
        watch.args(["--port", &address, "--quiet", "--health", "/health", "posix"]).arg(&buckets);
        watch.env("ROOT_ACCESS_KEY", Self::ACCESS_KEY_ID);
        watch.env("ROOT_SECRET_KEY", Self::SECRET_ACCESS_KEY);
        let errors = log.try_clone().expect("a log can be shared");
        let watch = watch.stdin(Stdio::piped()).stdout(log).stderr(errors).spawn();
        let gateway = Self { watch: watch.expect("bash can be run"), directory, address };
        gateway.wait_until_it_answers();
        gateway
    }

    /// `http://127.0.0.1:PORT`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The files of all objects.
    ///
    /// # Panics
    /// When they cannot be listed.
    #[allow(dead_code, reason = "not every suite that has a gateway looks behind it")]
    pub fn files(&self) -> Vec<std::path::PathBuf> {
        let mut directories = vec![self.directory.path().join("buckets").join(Self::BUCKET)];
        let mut files = Vec::new();
        while let Some(directory) = directories.pop() {
            let entries = std::fs::read_dir(&directory).expect("a bucket can be listed");
            for entry in entries {
                let path = entry.expect("a bucket can be listed").path();
                if path.is_dir() { directories.push(path) } else { files.push(path) }
            }
        }
        files.sort_unstable();
        files
    }

    /// What it has said so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.directory.path().join("log")).unwrap_or_default()
    }

    fn wait_until_it_answers(&self) {
        let started = Instant::now();
        while !self.answers() {
            assert!(started.elapsed() < PATIENCE, "no answer from the gateway: {}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn answers(&self) -> bool {
        let Ok(mut connection) = TcpStream::connect(&self.address) else { return false };
        let request = format!("GET /health HTTP/1.1\r\nHost: {}\r\n\r\n", self.address);
        let mut status = [0; 12];
        connection.set_read_timeout(Some(Duration::from_secs(5))).is_ok()
            && connection.write_all(request.as_bytes()).is_ok()
            && connection.read_exact(&mut status).is_ok()
            && status == *b"HTTP/1.1 200"
    }
}

impl Drop for S3Gateway {
    fn drop(&mut self) {
        // The end of its input is the watch's sign to end the gateway and itself.
        drop(self.watch.stdin.take());
        // It can only have ended already.
        let _ = self.watch.wait();
    }
}

fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    listener.local_addr().expect("a listener has an address").to_string()
}
