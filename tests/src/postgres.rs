//! A real PostgreSQL of the machine's own, for the product's side of the outbox. Never a mock.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::command::{self, Finished};
use crate::{ports, wait};

/// A server on a free port of loopback; stopped when dropped.
pub struct Postgres {
    directory: TempDir,
    port: u16,
}

impl Postgres {
    /// A new cluster with the tables of the outbox.
    ///
    /// # Panics
    /// When PostgreSQL is missing or does not start: a suite on it never passes without it.
    pub fn start() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory can be made");
        let postgres = Self { directory, port: ports::free(1) };
        postgres.give_away();
        let data = postgres.data();
        let data = data.to_str().expect("temporary paths are text");
        finish(program("initdb").args(["-D", data, "-U", "product", "-A", "trust", "--no-sync"]));
        postgres.start_again();
        let table = command::run(&["outbox", "--print-table"]);
        assert_eq!(table.code, Some(0), "annals outbox --print-table: {}", table.stderr);
        postgres.run(&table.stdout);
        postgres
    }

    /// Starts it after [`Postgres::stop`], on the same port with the same data.
    pub fn start_again(&self) {
        let log = self.directory.path().join("log");
        let settings = format!(
            "-c listen_addresses=127.0.0.1 -c port={} -c fsync=off -c wal_level=logical -k ''",
            self.port
        );
        let mut start = program("pg_ctl");
        start.arg("-D").arg(self.data()).arg("-l").arg(&log).args(["-w", "-o", &settings, "start"]);
        finish(start.stdout(Stdio::null()));
    }

    /// Ends it at once, as a crash would.
    pub fn stop(&self) {
        finish(program("pg_ctl").arg("-D").arg(self.data()).args(["-m", "immediate", "stop"]));
    }

    /// Where it is.
    pub fn dsn(&self) -> String {
        format!("postgresql://product@127.0.0.1:{}/postgres?sslmode=disable", self.port)
    }

    /// Its port on loopback.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Runs statements; what they answer, a line a row.
    pub fn run(&self, statements: &str) -> Vec<String> {
        let Finished { stdout, .. } = finish(self.psql().arg("-c").arg(statements));
        stdout.lines().map(str::to_owned).collect()
    }

    /// `psql` as the product, to be given statements.
    pub fn psql(&self) -> Command {
        let mut psql = Command::new("psql");
        psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", &self.dsn()]);
        psql
    }

    /// Rows that have not been taken to the log.
    pub fn waiting(&self) -> u64 {
        self.run("SELECT count(*) FROM annals_outbox")[0].parse().expect("a count")
    }

    /// Waits until everything has been taken.
    pub fn wait_until_taken(&self) {
        wait::until("the outbox to be empty", wait::PATIENCE, || {
            (self.waiting() == 0).then_some(())
        });
    }

    fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    /// The superuser may not run it: then the user that the system's package made does.
    fn give_away(&self) {
        if is_root() {
            finish(Command::new("chown").arg("postgres").arg(self.directory.path()));
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let mut stop = program("pg_ctl");
        stop.arg("-D").arg(self.data()).args(["-m", "immediate", "stop"]);
        let _ = stop.output();
    }
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout == b"0\n")
}

/// A program of the newest PostgreSQL that is installed.
fn program(name: &str) -> Command {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> =
        versions.map(|version| version.path().join("bin").join(name)).collect();
    found.retain(|path| path.is_file());
    found.sort();
    let program = found.pop().unwrap_or_else(|| PathBuf::from(name));
    if !is_root() {
        return Command::new(program);
    }
    let mut as_user = Command::new("setpriv");
    as_user.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
    // It may not look into the superuser's directories.
    as_user.current_dir("/");
    as_user
}

fn finish(command: &mut Command) -> Finished {
    let finished = command::finish(command);
    assert_eq!(finished.code, Some(0), "{command:?}: {}{}", finished.stdout, finished.stderr);
    finished
}
