//! Microsoft's own emulator of Azure Blob Storage over a temporary directory, on loopback. Never a
//! mock.
//!
//! Compiled by path into the store's own suite, which may not depend on this harness: so it uses
//! the standard library and `tempfile` alone. `tests/setup/npm` installs the program.

use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use super::watched::Watched;

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
    service: Watched,
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
        let service = Watched::start(program, "tests/setup/npm", |azurite, directory, address| {
            let (host, port) = address.split_once(':').expect("an address has a port");
            azurite.args(["--blobHost", host, "--blobPort", port, "--silent"]);
            azurite.args(["--disableTelemetry", "--skipApiVersionCheck", "--location"]);
            azurite.arg(directory);
        });
        service.wait_until(|address| TcpStream::connect(address).is_ok());
        let azurite = Self { service };
        azurite.make_container();
        azurite
    }

    /// `http://127.0.0.1:PORT/ACCOUNT`.
    pub fn endpoint(&self) -> String {
        format!("http://{}/{}", self.service.address(), Self::ACCOUNT)
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
