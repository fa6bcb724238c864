//! Bodies that are sent packed: gzip or zstd, unpacked up to the bound of a plain body.
//!
//! Guarantees: never more than the bound is unpacked, whatever a body claims of itself; a stream
//! that is cut off or damaged is refused whole.

use std::io::{self, Read};

use annals_service::problem::{Problem, ProblemKind};
use axum::http::{HeaderMap, header};
use bytes::Bytes;

/// Largest window of a zstd stream, as a power of two: 8 MiB, what every decoder has to support
/// (RFC 8878 section 3.1.1.1.2). A stream may ask for far more memory than its content has bytes.
const WINDOW_LOG_MAX: u32 = 23;

/// How a body is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Plain,
    Gzip,
    Zstd,
}

/// A body that cannot be unpacked.
#[derive(Debug)]
pub(super) enum Unpackable {
    /// It has more bytes than a body may.
    TooLarge,
    /// It is not what it says it is.
    Broken,
}

impl Encoding {
    /// What the request says of its body.
    pub fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        let mut said = headers.get_all(header::CONTENT_ENCODING).iter();
        let (first, more) = (said.next(), said.next());
        match first.map(|value| value.to_str().unwrap_or_default().trim().to_ascii_lowercase()) {
            None => Ok(Self::Plain),
            Some(name) if more.is_none() && name == "identity" => Ok(Self::Plain),
            Some(name) if more.is_none() && matches!(name.as_str(), "gzip" | "x-gzip") => {
                Ok(Self::Gzip)
            }
            Some(name) if more.is_none() && name == "zstd" => Ok(Self::Zstd),
            Some(_) => Err(Problem::new(ProblemKind::InvalidParameter)
                .detail("the content-encoding is not understood; gzip and zstd are")),
        }
    }

    /// The body as it was before it was packed. Takes milliseconds: not for a thread that serves.
    pub fn unpack(self, body: Bytes, max_bytes: usize) -> Result<Bytes, Unpackable> {
        match self {
            Self::Plain => Ok(body),
            Self::Gzip => all(flate2::read::MultiGzDecoder::new(&body[..]), max_bytes),
            Self::Zstd => {
                let mut decoder =
                    zstd::Decoder::with_buffer(&body[..]).map_err(|_| Unpackable::Broken)?;
                decoder.window_log_max(WINDOW_LOG_MAX).map_err(|_| Unpackable::Broken)?;
                all(decoder, max_bytes)
            }
        }
    }
}

/// One byte more than allowed tells "too large" from "just so".
fn all(source: impl Read, max_bytes: usize) -> Result<Bytes, Unpackable> {
    let mut unpacked = Vec::new();
    let most = u64::try_from(max_bytes).unwrap_or(u64::MAX).saturating_add(1);
    let read: io::Result<usize> = source.take(most).read_to_end(&mut unpacked);
    match read {
        Ok(bytes) if bytes > max_bytes => Err(Unpackable::TooLarge),
        Ok(_) => Ok(unpacked.into()),
        Err(_) => Err(Unpackable::Broken),
    }
}
