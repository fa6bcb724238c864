//! Lines of a file, plain, gzip or zstd, with a bound on their length.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Longest line that is read whole; longer ones are cut and refused.
pub(super) const MAX_LINE_BYTES: u64 = 4 * 1024 * 1024;

/// One line, without its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// From 1.
    pub(super) number: u64,
    pub(super) bytes: Vec<u8>,
}

/// Reads line by line.
pub(super) struct Lines {
    reader: Box<dyn BufRead>,
    number: u64,
}

impl Lines {
    /// Opens a file by its ending; `-` is standard input. Compressed bytes read are counted.
    pub(super) fn open(path: &Path, read: &Arc<AtomicU64>) -> io::Result<Self> {
        Ok(Self { reader: open(path, read)?, number: 0 })
    }

    /// The next line that is not blank.
    pub(super) fn next(&mut self) -> io::Result<Option<Line>> {
        loop {
            let mut bytes = Vec::new();
            let limit = MAX_LINE_BYTES + 1;
            if self.reader.by_ref().take(limit).read_until(b'\n', &mut bytes)? == 0 {
                return Ok(None);
            }
            self.number += 1;
            if bytes.len() as u64 == limit && bytes.last() != Some(&b'\n') {
                self.skip_rest()?;
            }
            while matches!(bytes.last(), Some(b'\n' | b'\r')) {
                bytes.pop();
            }
            if !bytes.iter().all(u8::is_ascii_whitespace) {
                return Ok(Some(Line { number: self.number, bytes }));
            }
        }
    }

    fn skip_rest(&mut self) -> io::Result<()> {
        loop {
            let buffer = self.reader.fill_buf()?;
            if buffer.is_empty() {
                return Ok(());
            }
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let length = end.map_or(buffer.len(), |end| end + 1);
            self.reader.consume(length);
            if end.is_some() {
                return Ok(());
            }
        }
    }
}

/// A file's text: unpacked by its ending, read from standard input for `-`, its bytes counted.
pub(super) fn open(path: &Path, read: &Arc<AtomicU64>) -> io::Result<Box<dyn BufRead>> {
    let source: Box<dyn Read> = match path.to_str() {
        Some("-") => Box::new(io::stdin().lock()),
        _ => Box::new(File::open(path)?),
    };
    let counted = Counted { source, read: read.clone() };
    let ending = path.extension().and_then(|ending| ending.to_str());
    Ok(match ending {
        Some("gz") => Box::new(BufReader::new(flate2::read::MultiGzDecoder::new(counted))),
        Some("zst") => Box::new(BufReader::new(zstd::Decoder::new(counted)?)),
        _ => Box::new(BufReader::with_capacity(256 * 1024, counted)),
    })
}

struct Counted {
    source: Box<dyn Read>,
    read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.source.read(buffer)?;
        self.read.fetch_add(length as u64, Ordering::Relaxed);
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn lines_of(path: &Path) -> Vec<(u64, Vec<u8>)> {
        let mut lines = Lines::open(path, &Arc::default()).unwrap();
        std::iter::from_fn(|| lines.next().unwrap()).map(|line| (line.number, line.bytes)).collect()
    }

    #[test]
    fn plain_gzip_and_zstd_give_the_same_lines() {
        let directory = tempfile::tempdir().unwrap();
        let text = b"{\"a\":1}\r\n\n  \n{\"b\":2}";
        let expected = vec![(1, b"{\"a\":1}".to_vec()), (4, b"{\"b\":2}".to_vec())];
        let plain = directory.path().join("x.ndjson");
        std::fs::write(&plain, text).unwrap();
        let zipped = directory.path().join("x.ndjson.gz");
        let mut encoder =
            flate2::write::GzEncoder::new(File::create(&zipped).unwrap(), Default::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap();
        let zstd = directory.path().join("x.ndjson.zst");
        std::fs::write(&zstd, zstd::encode_all(&text[..], 3).unwrap()).unwrap();
        for path in [plain, zipped, zstd] {
            assert_eq!(lines_of(&path), expected, "{}", path.display());
        }
    }

    #[test]
    fn an_endless_line_is_cut_and_the_next_one_read() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("long");
        let mut text = vec![b'x'; usize::try_from(MAX_LINE_BYTES).unwrap() + 10];
        text.extend_from_slice(b"\n{}\n");
        std::fs::write(&path, text).unwrap();
        let lines = lines_of(&path);
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0].1.len() as u64, MAX_LINE_BYTES + 1);
        assert_eq!(lines[1], (2, b"{}".to_vec()));
    }
}
