//! A real S3 gateway over a temporary directory, on loopback. Never a mock.
//!
//! Compiled into this harness and, by path, into the store's own S3 suite, which may not depend on
//! the harness: so it uses the standard library and `tempfile` alone. The binary is a parameter;
//! `tests/setup/versitygw` builds it.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use super::watched::Watched;

/// A running gateway with one empty bucket. Stopped when dropped.
pub struct S3Gateway {
    service: Watched,
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
        let service =
            Watched::start(binary, "tests/setup/versitygw", |gateway, directory, address| {
                // A directory below the gateway's is a bucket.
                let buckets = directory.join("buckets");
                std::fs::create_dir_all(buckets.join(Self::BUCKET)).expect("a bucket can be made");
                gateway.args(["--port", address, "--quiet", "--health", "/health", "posix"]);
                gateway.arg(&buckets);
                gateway.env("ROOT_ACCESS_KEY", Self::ACCESS_KEY_ID);
                gateway.env("ROOT_SECRET_KEY", Self::SECRET_ACCESS_KEY);
            });
        service.wait_until(answers);
        Self { service }
    }

    /// `http://127.0.0.1:PORT`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.service.address())
    }

    /// The files of all objects.
    ///
    /// # Panics
    /// When they cannot be listed.
    #[allow(dead_code, reason = "not every suite that has a gateway looks behind it")]
    pub fn files(&self) -> Vec<std::path::PathBuf> {
        let mut directories = vec![self.service.directory().join("buckets").join(Self::BUCKET)];
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
}

fn answers(address: &str) -> bool {
    let Ok(mut connection) = TcpStream::connect(address) else { return false };
    let request = format!("GET /health HTTP/1.1\r\nHost: {address}\r\n\r\n");
    let mut status = [0; 12];
    connection.set_read_timeout(Some(Duration::from_secs(5))).is_ok()
        && connection.write_all(request.as_bytes()).is_ok()
        && connection.read_exact(&mut status).is_ok()
        && status == *b"HTTP/1.1 200"
}
