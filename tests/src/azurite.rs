//! Microsoft's own emulator of Azure Blob Storage over a temporary directory, on loopback. Never a
//! mock.
//!
//! Compiled by path into the store's own suite, which may not depend on this harness: so it uses
//! the standard library and `tempfile` alone. `tests/setup/npm` installs the program.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long it may take to answer for the first time, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Ends the service when its own standard input ends: also if the process that started it was
/// killed and could not.
const WATCH: &str = r#""$@" & service=$!; read -r _; kill "$service"; wait "$service""#;

/// Makes a container: a request signed with the account's key.
const MAKE_CONTAINER: &str = r#"
set -euo pipefail
date=$(LC_ALL=C date -u '+%a, %d %b %Y %H:%M:%S GMT')
version=2021-12-02
signed=$(
  printf 'PUT\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:%s\nx-ms-version:%s\n' "$date" "$version"
  printf '/%s/%s/%s\nrestype:container' "$ACCOUNT" "$ACCOUNT" "$CONTAINER"
)
key=$(printf %s "$ACCESS_KEY" | base64 -d | od -An -vtx1 | tr -d ' \n')
signature=$(
  printf %s "$signed" \
    | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | base64 -w0
)
curl -sS --fail-with-body -X PUT -H "x-ms-date: $date" -H "x-ms-version: $version" \
  -H "authorization: SharedKey $ACCOUNT:$signature" "$ENDPOINT/$CONTAINER?restype=container"
"#;

/// A running service with one empty container. Stopped when dropped.
pub struct Azurite {
    watch: Child,
    directory: TempDir,
    address: String,
}

impl Azurite {
    /// The container.
    pub const CONTAINER: &str = "annals";
    /// The account that it has.
    pub const ACCOUNT: &str = "devstoreaccount1";
    /// Its key: the one that every such emulator has, and no secret.
    pub const ACCESS_KEY: &str =
        "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    /// Starts the program on a free port, waits until it answers, and makes the container.
    ///
    /// # Panics
    /// When there is no program or it does not answer: a suite on Azure never passes without it.
    pub fn start(program: &Path) -> Self {
        assert!(
            program.is_file(),
            "{} is missing: `tests/setup/npm` installs it",
            program.display()
        );
        let directory = tempfile::tempdir().expect("a temporary directory can be made");
        let address = free_address();
        let (host, port) = address.split_once(':').expect("an address has a port");
        let log = std::fs::File::create(directory.path().join("log")).expect("a log can be made");
        let mut watch = Command::new("bash");
        watch.args(["-c", WATCH, "bash"]).arg(program);
        watch.args(["--blobHost", host, "--blobPort", port, "--silent", "--disableTelemetry"]);
        watch.args(["--skipApiVersionCheck", "--location"]).arg(directory.path());
        let errors = log.try_clone().expect("a log can be shared");
        let watch = watch.stdin(Stdio::piped()).stdout(log).stderr(errors).spawn();
        let service = Self { watch: watch.expect("bash can be run"), directory, address };
        service.wait_until_it_answers();
        service.make_container();
        service
    }

    /// `http://127.0.0.1:PORT/ACCOUNT`.
    pub fn endpoint(&self) -> String {
        format!("http://{}/{}", self.address, Self::ACCOUNT)
    }

    /// What it has said so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.directory.path().join("log")).unwrap_or_default()
    }

    fn wait_until_it_answers(&self) {
        let started = Instant::now();
        while TcpStream::connect(&self.address).is_err() {
            assert!(started.elapsed() < PATIENCE, "no answer from the service: {}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn make_container(&self) {
        let made = Command::new("bash")
            .args(["-c", MAKE_CONTAINER])
            .env("ACCOUNT", Self::ACCOUNT)
            .env("ACCESS_KEY", Self::ACCESS_KEY)
            .env("CONTAINER", Self::CONTAINER)
            .env("ENDPOINT", self.endpoint())
            .output()
            .expect("bash can be run");
        assert!(made.status.success(), "no container: {made:?}");
    }
}

impl Drop for Azurite {
    fn drop(&mut self) {
        // The end of its input is the watch's sign to end the service and itself.
        drop(self.watch.stdin.take());
        // It can only have ended already.
        let _ = self.watch.wait();
    }
}

fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    listener.local_addr().expect("a listener has an address").to_string()
}
