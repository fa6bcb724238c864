//! A bar on a terminal, one closing line everywhere.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};

/// Events taken, bytes read, time passed.
pub(super) struct Progress {
    bar: ProgressBar,
    bytes: Arc<AtomicU64>,
    events: AtomicU64,
    started: Instant,
}

impl Progress {
    pub(super) fn new(files: &[PathBuf]) -> Self {
        let sizes = files.iter().map(|file| std::fs::metadata(file).map(|meta| meta.len()));
        let bar = match sizes.collect::<Result<Vec<_>, _>>() {
            Ok(sizes) => ProgressBar::new(sizes.iter().sum())
                .with_style(style("{bar:30} {bytes}/{total_bytes} {msg} eta {eta}")),
            Err(_) => ProgressBar::new_spinner().with_style(style("{spinner} {bytes} {msg}")),
        };
        Self { bar, bytes: Arc::default(), events: AtomicU64::new(0), started: Instant::now() }
    }

    /// Counter of bytes read from the files.
    pub(super) fn bytes(&self) -> Arc<AtomicU64> {
        self.bytes.clone()
    }

    /// One more event is in the log.
    pub(super) fn event(&self) {
        let events = self.events.fetch_add(1, Ordering::Relaxed) + 1;
        if events.is_multiple_of(500) {
            self.bar.set_position(self.bytes.load(Ordering::Relaxed));
            self.bar.set_message(format!("{events} events, {:.0}/s", self.rate()));
        }
    }

    /// A line for people, above the bar.
    pub(super) fn say(&self, line: &str) {
        self.bar.suspend(|| say(line));
    }

    /// The closing line.
    pub(super) fn finish(&self, refused: u64) {
        self.bar.finish_and_clear();
        let events = self.events.load(Ordering::Relaxed);
        let seconds = self.started.elapsed().as_secs_f64();
        let rate = self.rate();
        say(&format!("{events} events in {seconds:.1} s ({rate:.0}/s), {refused} lines refused"));
    }

    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    fn rate(&self) -> f64 {
        let events = self.events.load(Ordering::Relaxed) as f64;
        events / self.started.elapsed().as_secs_f64().max(0.001)
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("the template is a constant")
}

#[expect(clippy::print_stderr, reason = "progress is for people")]
fn say(line: &str) {
    eprintln!("{line}");
}
