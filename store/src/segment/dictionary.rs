//! The zstd dictionary of a segment, trained on rows of this very segment.

/// Rows that a dictionary is trained on; they should be spread over the whole segment.
pub(crate) const SAMPLE_ROWS: usize = 2_000;
const SAMPLES_LEAST: usize = 64;
/// A long record teaches by its beginning: the shared member names stand there.
const SAMPLE_BYTES_EACH: usize = 4096;
const SAMPLE_BYTES: usize = 1024 * 1024;
const DICTIONARY_BYTES: usize = 16 * 1024;
const DICTIONARY_BYTES_LEAST: usize = 1024;
/// A dictionary is stored too: it may take this part of what it was trained on.
const DICTIONARY_SHARE: usize = 16;

/// Trains a dictionary on sample rows; empty if there are too few. Deterministic.
pub(super) fn train(samples: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut lengths = Vec::new();
    let beginning = |sample: &Vec<u8>| sample.len().min(SAMPLE_BYTES_EACH);
    let total: usize = samples.iter().map(beginning).sum();
    // Where all are too much, every n-th: they stay spread over the segment.
    for sample in samples.iter().step_by(total.div_ceil(SAMPLE_BYTES).max(1)) {
        let sample = &sample[..beginning(sample)];
        bytes.extend_from_slice(sample);
        lengths.push(sample.len());
    }
    let capacity = (bytes.len() / DICTIONARY_SHARE).min(DICTIONARY_BYTES);
    if lengths.len() < SAMPLES_LEAST || capacity < DICTIONARY_BYTES_LEAST {
        return Vec::new();
    }
    zstd::dict::from_continuous(&bytes, &lengths, capacity).unwrap_or_default()
}
