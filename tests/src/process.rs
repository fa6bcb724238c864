//! `annals up` as a process of its own: started, asked for its address, stopped or killed by pid.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use crate::http::Http;
use crate::wait;
use crate::{command, environment};

/// How to start `annals up`.
#[derive(Debug, Clone, Default)]
pub struct UpOptions {
    /// Kafka's address; the embedded log without it.
    pub kafka: Option<String>,
    /// Where it listens, `HOST:PORT`; on a free port of loopback without it.
    pub listen: Option<String>,
    /// Environment variables, `ANNALS_…`.
    pub variables: Vec<(String, String)>,
    /// Program and arguments put before the binary, such as `prlimit --as=…`.
    pub wrapper: Vec<String>,
    /// Further arguments.
    pub arguments: Vec<String>,
    /// Whether reads are recorded, as they are unless the operator says otherwise. Here they are
    /// not by default: most suites compare a log with exactly what they sent to it.
    pub reads_recorded: bool,
}

impl UpOptions {
    /// As an operator gets it who changes nothing: reads are recorded.
    pub fn recording_reads() -> Self {
        Self { reads_recorded: true, ..Self::default() }
    }

    /// With one more environment variable.
    #[must_use]
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// A running `annals up`. Killed when dropped.
pub struct AnnalsProcess {
    child: Child,
    data: PathBuf,
    errors: PathBuf,
    address: String,
    output: Option<JoinHandle<()>>,
}

impl AnnalsProcess {
    /// Starts it on a free port and waits for its address.
    ///
    /// # Panics
    /// When it ends, or says nothing within the suite's patience; its log is shown.
    pub fn start(data: &Path, options: &UpOptions) -> Self {
        Self::try_start(data, options)
            .unwrap_or_else(|failed| panic!("annals up: {:?}\n{}", failed.status, failed.log))
    }

    /// Starts it; an early end (exit or signal) is an answer, not a failure of the test.
    pub fn try_start(data: &Path, options: &UpOptions) -> Result<Self, EndedEarly> {
        let errors = log_path(data);
        let mut child = spawn(data, options, &errors);
        let stdout = child.stdout.take().expect("stdout was asked for");
        let (tell, told) = mpsc::channel();
        let output = std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if let Some((_, address)) = line.split_once("listening on ") {
                    // The receiver is gone once the first address was taken.
                    let _ = tell.send(address.trim().to_owned());
                }
            }
        });
        let address = wait::until("annals up to listen", wait::PATIENCE, || {
            if let Ok(address) = told.try_recv() {
                return Some(Ok(address));
            }
            let status = child.try_wait().expect("a child can be asked for its state")?;
            // It may have printed the address just before it ended.
            Some(told.recv_timeout(Duration::from_secs(1)).map_err(|_| status))
        });
        match address {
            Ok(address) => {
                let data = data.to_path_buf();
                Ok(Self { child, data, errors, address, output: Some(output) })
            }
            Err(status) => Err(EndedEarly { status, log: tail(&errors) }),
        }
    }

    /// `http://127.0.0.1:PORT`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The data directory.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The process id (of the wrapper's child too: the wrappers used here `exec`).
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// A client for one workspace with all scopes that an administrator of it has.
    pub fn client(&self, workspace: &str) -> Http {
        let scopes = ["audit:read", "audit:write", "audit:admin", "audit:verify"];
        Http::new(&self.address, Some(command::token(&self.data, workspace, &scopes)))
    }

    /// A client with exactly these scopes.
    pub fn client_with(&self, workspace: &str, scopes: &[&str]) -> Http {
        Http::new(&self.address, Some(command::token(&self.data, workspace, scopes)))
    }

    /// A client without a token.
    pub fn anonymous(&self) -> Http {
        Http::new(&self.address, None)
    }

    /// Peak resident memory so far, in KiB (`VmHWM`).
    pub fn peak_memory_kib(&self) -> u64 {
        status_kib(self.pid(), "VmHWM:")
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|status| status.is_none())
    }

    /// Waits for it to end by itself.
    pub fn wait_for_end(&mut self, limit: Duration) -> ExitStatus {
        let child = &mut self.child;
        wait::until("annals up to end", limit, || {
            child.try_wait().expect("a child can be asked for its state")
        })
    }

    /// SIGKILL, as a crash would.
    pub fn kill(mut self) {
        self.end();
    }

    /// SIGSTOP: it does nothing until [`thaw`](Self::thaw).
    pub fn freeze(&self) {
        command::signal(self.pid(), "-STOP");
    }

    /// SIGCONT.
    pub fn thaw(&self) {
        command::signal(self.pid(), "-CONT");
    }

    /// SIGTERM; returns how it ended.
    pub fn stop(mut self) -> ExitStatus {
        command::signal(self.pid(), "-TERM");
        let status = self.wait_for_end(wait::PATIENCE);
        self.end();
        status
    }

    /// The last lines of its log.
    pub fn log_tail(&self) -> String {
        tail(&self.errors)
    }

    fn end(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(output) = self.output.take() {
            let _ = output.join();
        }
    }
}

impl Drop for AnnalsProcess {
    fn drop(&mut self) {
        self.end();
        if std::thread::panicking() {
            crate::report::line(&format!("log of annals up:\n{}", self.log_tail()));
        }
    }
}

/// `annals up` ended before it listened.
#[derive(Debug)]
pub struct EndedEarly {
    /// How it ended.
    pub status: ExitStatus,
    /// The last lines of its log.
    pub log: String,
}

/// The log lies beside the data directory, so that a copy of the data does not carry it.
fn log_path(data: &Path) -> PathBuf {
    let mut name = data.file_name().expect("a data directory has a name").to_owned();
    name.push(".stderr");
    data.with_file_name(name)
}

fn spawn(data: &Path, options: &UpOptions, errors: &Path) -> Child {
    let log = File::options().create(true).append(true).open(errors);
    let log = log.unwrap_or_else(|error| panic!("{}: {error}", errors.display()));
    let mut command = environment::wrapped(&options.wrapper);
    command.arg("up").arg("--data").arg(data);
    command.args(["--listen", options.listen.as_deref().unwrap_or("127.0.0.1:0")]);
    if let Some(brokers) = &options.kafka {
        command.args(["--kafka", brokers]);
    }
    command.args(&options.arguments);
    if !options.reads_recorded {
        command.env("ANNALS_AUTH_RECORD_READS", "false");
    }
    command.envs(options.variables.iter().map(|(name, value)| (name, value)));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
    command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

fn tail(file: &Path) -> String {
    let text = std::fs::read(file).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<_> = text.lines().rev().take(30).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("\n")
}

fn status_kib(pid: u32, field: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
