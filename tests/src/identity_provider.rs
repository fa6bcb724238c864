//! A real OpenID provider as a process of its own; see `tests/identity-provider/provider.mjs`.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;

use serde_json::Value;

use crate::environment::repository;
use crate::http::Http;
use crate::wait::PATIENCE;

/// A running provider. Killed when dropped.
pub struct IdentityProvider {
    child: Child,
    client: Http,
}

impl IdentityProvider {
    /// Starts one on a free port.
    ///
    /// # Panics
    /// When it does not start: `tests/setup/npm` installs what it needs.
    pub fn start() -> Self {
        let directory = repository().join("tests/identity-provider");
        let mut command = Command::new("node");
        command.arg("provider.mjs").current_dir(&directory);
        let errors = tempfile::NamedTempFile::new().expect("a temporary file can be made");
        let stderr = errors.reopen().expect("it can be opened again");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(stderr);
        let mut child = command.spawn().unwrap_or_else(|error| panic!("node: {error}"));
        let stdout = child.stdout.take().expect("stdout was asked for");
        let (tell, told) = mpsc::channel();
        std::thread::spawn(move || {
            // Read to its end, so that the child never writes to nobody.
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if let Some(address) = line.strip_prefix("listening on ") {
                    // The receiver is gone once the address was taken.
                    let _ = tell.send(address.trim().to_owned());
                }
            }
        });
        let address = told.recv_timeout(PATIENCE).unwrap_or_else(|error| {
            let ended = child.try_wait();
            let _ = child.kill();
            let said = std::fs::read_to_string(errors.path()).unwrap_or_default();
            panic!("the provider did not start ({error}, {ended:?}): run tests/setup/npm\n{said}")
        });
        Self { client: Http::new(&address, None), child }
    }

    /// Its address, which is its issuer too.
    pub fn address(&self) -> &str {
        self.client.address()
    }

    /// An access token as the provider gives it to one of its clients.
    ///
    /// # Panics
    /// When it gives none.
    pub fn token(&self, client: &str) -> String {
        let form = format!("grant_type=client_credentials&client_id={client}&client_secret=secret");
        let media_type = "application/x-www-form-urlencoded";
        let answer = self.client.post_bytes("/token", media_type, form.into_bytes());
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["access_token"].as_str().expect("a token is text").to_owned()
    }

    /// Name and text of tokens made by a forger, and one named `good`.
    pub fn forged(&self) -> Vec<(String, String)> {
        let cases: Vec<Value> = self.client.get_json("/control/forged");
        let text = |case: &Value, member: &str| case[member].as_str().expect("text").to_owned();
        cases.iter().map(|case| (text(case, "name"), text(case, "token"))).collect()
    }

    /// Makes a new signing key; the old one stays in the key set.
    pub fn rotate(&self) {
        assert_eq!(self.client.post("/control/rotate", &Value::Null).status, 200);
    }

    /// Takes the old signing keys out of the key set.
    pub fn retire(&self) {
        assert_eq!(self.client.post("/control/retire", &Value::Null).status, 200);
    }

    /// How often its key set was fetched, and how often what forged tokens point at.
    pub fn fetches(&self) -> (u64, u64) {
        let counters: Value = self.client.get_json("/control/counters");
        let count = |member: &str| counters[member].as_u64().expect("a number");
        (count("jwks"), count("attacker"))
    }

    /// SIGKILL.
    pub fn kill(mut self) {
        self.end();
    }

    fn end(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for IdentityProvider {
    fn drop(&mut self) {
        self.end();
    }
}
