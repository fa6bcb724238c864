//! Rows of a CSV file, plain, gzip or zstd, with a bound on their length.

use std::cell::Cell;
use std::io::{self, BufRead, Read};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use csv::StringRecord;

use super::lines::{Line, MAX_LINE_BYTES, open};

/// Reads row by row.
pub(super) struct Table {
    reader: csv::Reader<Bounded>,
    /// Bytes that the row being read may still have.
    left: Rc<Cell<u64>>,
    header: Vec<String>,
    delimiter: u8,
    /// Whether lines end with CR and LF.
    has_returns: bool,
}

impl Table {
    /// Opens a file by its ending and reads its header; `-` is standard input.
    pub(super) fn open(path: &Path, read: &Arc<AtomicU64>, delimiter: u8) -> io::Result<Self> {
        let left = Rc::new(Cell::new(MAX_LINE_BYTES));
        let source = Bounded { source: open(path, read)?, left: left.clone(), last: b'\n' };
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            // Rows that have other fields than the header are errors of their own.
            .flexible(true)
            // Ended by LF alone a row's line is known; a CR before it is taken off below.
            .terminator(csv::Terminator::Any(b'\n'))
            .from_reader(source);
        let header = reader.headers()?;
        let has_returns = header.iter().next_back().is_some_and(|name| name.ends_with('\r'));
        let plain =
            |name: &str| name.trim_start_matches('\u{feff}').trim_end_matches('\r').to_owned();
        let header = header.iter().map(plain).collect();
        Ok(Self { reader, left, header, delimiter, has_returns })
    }

    /// The names of the columns.
    pub(super) fn columns(&self) -> &[String] {
        &self.header
    }

    /// The next row: its line as it would be written, and its fields.
    pub(super) fn next(&mut self) -> io::Result<Option<(Line, Result<StringRecord, String>)>> {
        loop {
            self.left.set(MAX_LINE_BYTES);
            let mut record = csv::ByteRecord::new();
            if !self.reader.read_byte_record(&mut record)? {
                return Ok(None);
            }
            let fields = self.without_return(&record);
            if fields.len() > 1 || fields.iter().any(|field| !field.is_empty()) {
                return Ok(Some(self.row(&fields)));
            }
        }
    }

    /// The fields without what ends their line.
    fn without_return<'r>(&self, record: &'r csv::ByteRecord) -> Vec<&'r [u8]> {
        let mut fields: Vec<&[u8]> = record.iter().collect();
        if let Some(last) = fields.last_mut().filter(|_| self.has_returns) {
            *last = last.strip_suffix(b"\r").unwrap_or(last);
        }
        fields
    }

    fn row(&self, fields: &[&[u8]]) -> (Line, Result<StringRecord, String>) {
        let ends = fields.iter().flat_map(|field| field.iter()).filter(|byte| **byte == b'\n');
        // The reader stands on the line after the row.
        let after = self.reader.position().line();
        let number = after.saturating_sub(1 + ends.count() as u64);
        let line = Line { number, bytes: written(fields.iter().copied(), self.delimiter) };
        let (found, expected) = (fields.len(), self.header.len());
        if found != expected {
            return (line, Err(format!("it has {found} fields, and the header {expected}")));
        }
        let record = csv::ByteRecord::from(fields.to_vec());
        let record = StringRecord::from_byte_record(record);
        (line, record.map_err(|error| format!("it is no UTF-8: {}", error.utf8_error())))
    }

    /// The header as it would be written.
    pub(super) fn header_line(&self) -> Vec<u8> {
        written(self.header.iter().map(String::as_bytes), self.delimiter)
    }
}

/// A row without its end.
fn written<'f>(fields: impl Iterator<Item = &'f [u8]>, delimiter: u8) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
    // Writing to memory cannot fail.
    let _ = writer.write_record(fields);
    let mut bytes = writer.into_inner().unwrap_or_default();
    bytes.pop();
    bytes
}

/// Ends with an error instead of reading a row without end: a quote that is missing makes all that
/// follows one field.
struct Bounded {
    source: Box<dyn BufRead>,
    left: Rc<Cell<u64>>,
    /// The byte read last.
    last: u8,
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut length = self.source.read(buffer)?;
        if length == 0 && self.last != b'\n' && !buffer.is_empty() {
            // The last row ends like the others.
            (buffer[0], length) = (b'\n', 1);
        }
        self.last = buffer[..length].last().copied().unwrap_or(self.last);
        let taken = u64::try_from(length).unwrap_or(u64::MAX);
        match self.left.get().checked_sub(taken) {
            Some(left) => self.left.set(left),
            None => {
                let detail = "a row has more than 4 MiB: a quote is missing before it";
                return Err(io::Error::other(detail));
            }
        }
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open_text(text: &[u8], delimiter: u8) -> Table {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("table.csv");
        std::fs::write(&path, text).unwrap();
        Table::open(&path, &Arc::default(), delimiter).unwrap()
    }

    #[test]
    fn rows_have_their_line_and_may_span_several() {
        let text =
            "\u{feff}id;note\r\n1;\"two\nlines; and \"\"more\"\"\"\r\n\r\n2;x\r\n".as_bytes();
        let mut table = open_text(text, b';');
        assert_eq!(table.columns(), ["id", "note"]);
        assert_eq!(table.header_line(), b"id;note");
        let (line, fields) = table.next().unwrap().unwrap();
        assert_eq!(&fields.unwrap()[1], "two\nlines; and \"more\"");
        let again = String::from_utf8(line.bytes).unwrap();
        assert_eq!((line.number, again.as_str()), (2, "1;\"two\nlines; and \"\"more\"\"\""));
        let (line, _) = table.next().unwrap().unwrap();
        assert_eq!(line.number, 5);
        assert!(table.next().unwrap().is_none());
        let mut table = open_text(b"a,b\n\n1,\"x\ny\"\n2,z", b',');
        let numbers = std::iter::from_fn(|| table.next().unwrap()).map(|(line, _)| line.number);
        assert_eq!(numbers.collect::<Vec<_>>(), [3, 5]);
    }

    #[test]
    fn rows_of_another_shape_are_told_and_the_next_one_read() {
        let mut table = open_text(b"a,b\n1\n\xff,2\n1,2\n", b',');
        for expected in ["1 fields", "UTF-8"] {
            let (_, fields) = table.next().unwrap().unwrap();
            assert!(fields.unwrap_err().contains(expected));
        }
        assert!(table.next().unwrap().unwrap().1.is_ok());
    }

    #[test]
    fn a_quote_that_is_missing_does_not_fill_the_memory() {
        let mut text = b"a,b\n1,\"".to_vec();
        text.extend(std::iter::repeat_n(b'x', 5 << 20));
        let error = open_text(&text, b',').next().unwrap_err();
        assert!(error.to_string().contains("a quote is missing"), "{error}");
    }
}
