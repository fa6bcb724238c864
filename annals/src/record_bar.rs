//! The bar of a command that goes through the records of a log: on a terminal only.

use std::fmt::Write;

use indicatif::{ProgressBar, ProgressState, ProgressStyle};

/// A bar for so many records.
pub(crate) fn record_bar(records: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} records {rate}/s eta {eta}")
        .expect("the template is a constant")
        .with_key("rate", |state: &ProgressState, out: &mut dyn Write| {
            let _ = write!(out, "{:.0}", state.per_sec());
        });
    ProgressBar::new(records).with_style(style)
}
