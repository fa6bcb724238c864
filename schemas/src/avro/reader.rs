//! Avro's primitive encodings, read from bytes nobody vouches for.

/// Bytes that do not follow the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{what} at byte {offset} of the Avro body")]
pub(super) struct BrokenBytes {
    pub what: &'static str,
    pub offset: usize,
}

/// A cursor over an Avro body.
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Whether all bytes are read.
    pub fn is_at_end(&self) -> bool {
        self.at == self.bytes.len()
    }

    /// The bytes that are not read yet.
    pub fn rest(&self) -> &'a [u8] {
        &self.bytes[self.at..]
    }

    /// An error at the current byte.
    pub fn broken(&self, what: &'static str) -> BrokenBytes {
        BrokenBytes { what, offset: self.at }
    }

    /// A zig-zag variable-length integer of at most ten bytes.
    #[inline(always)]
    pub fn long(&mut self) -> Result<i64, BrokenBytes> {
        match self.bytes.get(self.at) {
            Some(&byte) if byte < 0x80 => {
                self.at += 1;
                Ok(i64::from(byte >> 1) ^ -i64::from(byte & 1))
            }
            _ => self.longer(),
        }
    }

    #[inline(never)]
    fn longer(&mut self) -> Result<i64, BrokenBytes> {
        let mut value = 0_u64;
        for i in 0..10 {
            let byte = *self.bytes.get(self.at + i).ok_or_else(|| self.broken("cut off"))?;
            let bits = u64::from(byte & 0x7f);
            if i == 9 && byte > 1 {
                break;
            }
            value |= bits << (7 * i);
            if byte < 0x80 {
                self.at += i + 1;
                return Ok((value >> 1).cast_signed() ^ -(value & 1).cast_signed());
            }
        }
        Err(self.broken("an integer of more than 64 bits"))
    }

    /// The index of an enum symbol or union branch, below `count`.
    pub fn index(&mut self, count: usize, what: &'static str) -> Result<usize, BrokenBytes> {
        let start = self.at;
        let index = usize::try_from(self.long()?).ok().filter(|&index| index < count);
        index.ok_or(BrokenBytes { what, offset: start })
    }

    /// Whether the union of null and something holds something.
    pub fn is_present(&mut self) -> Result<bool, BrokenBytes> {
        Ok(self.index(2, "no such union branch")? == 1)
    }

    /// A string.
    pub fn text(&mut self) -> Result<&'a str, BrokenBytes> {
        let text = self.bytes()?;
        std::str::from_utf8(text)
            .map_err(|_| BrokenBytes { what: "invalid UTF-8", offset: self.at - text.len() })
    }

    /// A string, whether it is UTF-8 or not.
    pub fn bytes(&mut self) -> Result<&'a [u8], BrokenBytes> {
        let start = self.at;
        let length = usize::try_from(self.long()?);
        let length =
            length.map_err(|_| BrokenBytes { what: "a negative length", offset: start })?;
        let rest = &self.bytes[self.at..];
        let text = rest.get(..length).ok_or_else(|| self.broken("cut off"))?;
        self.at += length;
        Ok(text)
    }

    /// A string or null.
    pub fn optional_text(&mut self) -> Result<Option<&'a str>, BrokenBytes> {
        if self.is_present()? { self.text().map(Some) } else { Ok(None) }
    }

    /// A string or null, whether it is UTF-8 or not.
    pub fn optional_bytes(&mut self) -> Result<Option<&'a [u8]>, BrokenBytes> {
        if self.is_present()? { self.bytes().map(Some) } else { Ok(None) }
    }

    /// How many items the next block of an array has; 0 ends the array.
    pub fn block_count(&mut self) -> Result<u64, BrokenBytes> {
        let count = self.long()?;
        if count < 0 {
            // A negative count is followed by the block's size in bytes, of use only to skippers.
            self.long()?;
        }
        Ok(count.unsigned_abs())
    }
}
