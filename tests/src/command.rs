//! The other subcommands of `annals`, run to their end.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::environment;

/// What a finished command said.
#[derive(Debug)]
pub struct Finished {
    /// Exit code; `None` after a signal.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

/// Where `annals import` puts the events.
#[derive(Debug, Clone, Copy)]
pub enum Target<'a> {
    /// A data directory.
    Data(&'a Path),
    /// A server, with a token that may write.
    Server {
        /// `http://…`.
        address: &'a str,
        /// Bearer token.
        token: &'a str,
    },
    /// Kafka brokers.
    Kafka(&'a str),
}

/// Sends a signal (`-STOP`) to a process.
///
/// # Panics
/// When it cannot be sent.
pub fn signal(pid: u32, signal: &str) {
    let sent = Command::new("kill").args([signal, &pid.to_string()]).status();
    assert!(sent.is_ok_and(|status| status.success()), "kill {signal} {pid} failed");
}

/// Runs `annals ARGUMENTS`.
pub fn run(arguments: &[&str]) -> Finished {
    finish(environment::annals().args(arguments))
}

/// Mints a token of the installation under `data`.
///
/// # Panics
/// When the command fails.
pub fn token(data: &Path, workspace: &str, scopes: &[&str]) -> String {
    let mut command = environment::annals();
    command.arg("token").arg("--data").arg(data).args(["--workspace", workspace, "--ttl", "6h"]);
    command.args(scopes.iter().flat_map(|scope| ["--scope", scope]));
    let finished = finish(&mut command);
    assert_eq!(finished.code, Some(0), "annals token: {}", finished.stderr);
    finished.stdout.trim().to_owned()
}

/// The command `annals import FILE`, to be run or spawned; `-` reads standard input.
pub fn import_command(file: &Path, target: Target<'_>) -> Command {
    let mut command = environment::annals();
    command.arg("import").arg(file).stdin(Stdio::null());
    match target {
        Target::Data(directory) => command.arg("--data").arg(directory),
        Target::Server { address, token } => {
            command.args(["--server", address]).env("ANNALS_TOKEN", token)
        }
        Target::Kafka(brokers) => command.args(["--kafka", brokers]),
    };
    command
}

/// Imports a file.
pub fn import(file: &Path, target: Target<'_>) -> Finished {
    finish(&mut import_command(file, target))
}

/// Imports a file in which every line is good. Lines that bear a used id with other content may be
/// refused: a gateway says so where it knows the first one, and the log has them either way.
///
/// # Panics
/// When any other line is refused.
pub fn import_all(file: &Path, target: Target<'_>) {
    let finished = import(file, target);
    let name = format!("{}:", file.display());
    let mut refused = finished.stderr.lines().filter(|line| line.starts_with(&name));
    let conflicts = refused.all(|line| line.ends_with("was recorded before with other content"));
    let expected = i32::from(finished.stderr.contains("refused lines are in"));
    assert!(conflicts, "annals import: {}", finished.stderr);
    assert_eq!(finished.code, Some(expected), "annals import: {}", finished.stderr);
}

/// Runs any command to its end.
///
/// # Panics
/// When it cannot be started.
pub fn finish(command: &mut Command) -> Finished {
    let Output { status, stdout, stderr } =
        command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    Finished {
        code: status.code(),
        stdout: String::from_utf8_lossy(&stdout).into_owned(),
        stderr: String::from_utf8_lossy(&stderr).into_owned(),
    }
}
