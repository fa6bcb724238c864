//! How long after its acknowledgement an event is on the page: measured by two processes.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::command;
use crate::process::AnnalsProcess;
use crate::report;

/// A steady load and the two programs that make and watch it.
pub struct Measurement<'a> {
    /// Path of `freshness-producer`.
    pub producer: &'a str,
    /// Path of `freshness-reader`.
    pub reader: &'a str,
    /// Workspaces written to in turn.
    pub workspaces: u64,
    /// Events a second.
    pub rate: u64,
    /// How long.
    pub seconds: u64,
}

/// Seals are small, so that a run crosses some.
pub const SEAL_BYTES: &str = "2097152";
/// The bound is wide, because the machine is shared: `make bench-path` records the real figure.
const P99_BOUND: Duration = Duration::from_secs(1);
/// Fewer manifests would mean that the run did not cross seals.
const LEAST_MANIFESTS: usize = 3;

impl Measurement<'_> {
    /// Runs, prints the figures of this log, and checks the wide bounds.
    ///
    /// # Panics
    /// As [`run`](Self::run), and when a bound is missed.
    pub fn check(&self, log: &str, annals: &AnnalsProcess) {
        let mut samples = self.run(annals);
        let seals = manifests(annals.data());
        let figures = report::summary(&mut samples);
        report::line(&format!("{log}, 2,000 events/s, {seals} manifests: {figures}"));
        let p99 = report::percentile(&samples, 99.0).expect("there are samples");
        assert!(p99 < P99_BOUND, "p99 is {p99:?}");
        assert!(seals >= LEAST_MANIFESTS, "only {seals} manifests: the run did not cross seals");
    }

    /// Runs producer and reader against a server; one sample an event.
    ///
    /// # Panics
    /// When an event is refused, is not visible in a minute, or a sample is missing.
    pub fn run(&self, annals: &AnnalsProcess) -> Vec<Duration> {
        let token = command::token(annals.data(), "*", &["audit:read", "audit:write"]);
        let token_file = annals.data().with_extension("token");
        std::fs::write(&token_file, &token).expect("a temporary file can be written");
        let mut producer = Command::new(self.producer);
        producer.arg(annals.address());
        producer.args([self.workspaces, self.rate, self.seconds].map(|n| n.to_string()));
        producer.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut producer = producer.spawn().expect("the producer was built with this suite");
        let mut input = producer.stdin.take().expect("a pipe was asked for");
        input.write_all(token.as_bytes()).expect("the producer reads its token");
        drop(input);
        let acknowledged = producer.stdout.take().expect("a pipe was asked for");
        let mut reader = Command::new(self.reader);
        reader.arg(annals.address()).arg(&token_file).stdin(acknowledged);
        let finished = command::finish(&mut reader);
        let produced = producer.wait().expect("the producer ends");
        assert!(produced.success(), "the producer failed: {produced}");
        assert_eq!(finished.code, Some(0), "the reader failed: {}", finished.stderr);
        let samples: Vec<_> = finished.stdout.lines().map(sample).collect();
        assert_eq!(samples.len() as u64, self.rate * self.seconds, "events without a sample");
        samples
    }
}

/// How many manifests the partitions under a data directory have: one a seal.
pub fn manifests(data: &Path) -> usize {
    let partitions = std::fs::read_dir(data.join("store/partitions"));
    let partitions = partitions.into_iter().flatten().flatten();
    partitions
        .filter_map(|partition| std::fs::read_dir(partition.path().join("manifests")).ok())
        .map(|manifests| manifests.flatten().count())
        .sum()
}

fn sample(line: &str) -> Duration {
    let micros: i64 = line.parse().unwrap_or_else(|_| panic!("no sample: {line}"));
    // The wall clock may step back by a little; no sample is below zero.
    Duration::from_micros(micros.max(0).unsigned_abs())
}
