//! A bar on a terminal, the rate limit, and the closing lines.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::ProgressBar;

use super::manifest::ReplayManifest;
use crate::record_bar::record_bar;

/// How far the reading is.
pub(super) struct Progress {
    bar: ProgressBar,
    read: AtomicU64,
    started: Instant,
    /// Records a second at most.
    rate: Option<u64>,
}

impl Progress {
    pub(super) fn new(offsets: u64, rate: Option<u64>) -> Self {
        let bar = record_bar(offsets);
        Self { bar, read: AtomicU64::new(0), started: Instant::now(), rate }
    }

    /// So many more records were read; waits where that was faster than allowed.
    pub(super) async fn read(&self, records: usize) {
        let read = self.read.fetch_add(records as u64, Ordering::Relaxed) + records as u64;
        self.bar.set_position(read);
        if let Some(rate) = self.rate {
            let due = Duration::from_millis(read.saturating_mul(1000) / rate);
            tokio::time::sleep(due.saturating_sub(self.started.elapsed())).await;
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    pub(super) fn finish(&self, manifest: &ReplayManifest) {
        self.bar.finish_and_clear();
        let seconds = self.started.elapsed().as_secs_f64().max(0.001);
        let read = self.read.load(Ordering::Relaxed);
        let written: u64 = manifest.partitions.iter().map(|state| state.records).sum();
        let rate = read as f64 / seconds;
        say(&format!("{read} records read in {seconds:.1} s ({rate:.0}/s), {written} written"));
        for state in manifest.partitions.iter().filter(|state| state.gap_count > 0) {
            let (partition, gaps) = (state.partition, state.gap_count);
            say(&format!("partition {partition}: {gaps} gaps in the offsets"));
        }
    }
}

/// A line for people.
#[expect(clippy::print_stderr, reason = "progress is for people")]
pub(super) fn say(line: &str) {
    eprintln!("{line}");
}
