//! The forms a replay is written in.

use super::avro::Container;
use super::judge::Judged;
use super::{csv, ndjson};
use crate::cli::ReplayFormat;

/// Turns records into bytes.
pub(super) enum Encoder {
    Ndjson,
    Csv,
    Avro(Container),
}

impl Encoder {
    pub(super) fn new(format: ReplayFormat) -> Self {
        match format {
            ReplayFormat::Ndjson => Self::Ndjson,
            ReplayFormat::Csv => Self::Csv,
            ReplayFormat::Avro => Self::Avro(Container::new()),
        }
    }

    /// What a file begins with.
    pub(super) fn write_header(&self, out: &mut Vec<u8>) {
        match self {
            Self::Ndjson => {}
            Self::Csv => csv::write_header(out),
            Self::Avro(container) => container.write_header(out),
        }
    }

    pub(super) fn write(&mut self, judged: &Judged<'_>, out: &mut Vec<u8>) {
        match self {
            Self::Ndjson => ndjson::write(judged, out),
            Self::Csv => csv::write(judged, out),
            Self::Avro(container) => container.write(judged),
        }
    }

    /// Makes what was written so far whole.
    pub(super) fn flush(&mut self, out: &mut Vec<u8>) {
        if let Self::Avro(container) = self {
            container.end_block(out);
        }
    }
}
