//! Figures: taking them and printing them as tables of Markdown.

mod clock;
mod process;
mod samples;
mod table;

pub(crate) use clock::{ShortClock, Spent, Started, Steps};
pub(crate) use process::{Memory, bytes_read, memory_bytes};
pub(crate) use samples::{Samples, Timings, micros};
pub(crate) use table::{Table, bytes, say, thousands};
