//! Sealed keyset cursors: where a walk stands, readable by nobody else.
//!
//! XChaCha20-Poly1305 with a nonce derived from key, place and binding, so that the same place
//! gives the same text. The associated data is workspace ‖ filter: used anywhere else, a cursor
//! does not open, and that answer does not differ from the one to a forged cursor.

use annals_service::problem::{Problem, ProblemKind};
use annals_store::{Direction, OrderKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// How long a cursor opens, at least 24 hours by contract.
const VALID_SECONDS: u64 = 7 * 24 * 3600;
/// How long a place in a feed opens.
const FEED_VALID_SECONDS: u64 = 90 * 24 * 3600;
const NONCE_BYTES: usize = 24;
const MAX_TEXT_BYTES: usize = 512;
const VERSION: u8 = 1;

/// Where a walk stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) direction: Direction,
    /// Rows strictly beyond this key come next.
    pub(crate) after: OrderKey,
    /// Last seq of the walk's snapshot.
    pub(crate) snapshot: u64,
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    version: u8,
    newer: bool,
    effective_at: i64,
    seq: u64,
    snapshot: u64,
    /// Start of the hour it was made in: equal places of one hour give equal texts.
    made_seconds: u64,
}

/// Why a cursor does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CursorError {
    /// Altered, forged, of another workspace or another filter.
    Mismatch,
    /// Too old.
    Expired,
}

impl From<CursorError> for Problem {
    fn from(error: CursorError) -> Self {
        match error {
            CursorError::Mismatch => Self::new(ProblemKind::CursorMismatch)
                .parameter("cursor", "was not made for this workspace and these filters"),
            CursorError::Expired => Self::new(ProblemKind::CursorExpired)
                .parameter("cursor", "is too old; begin again without it"),
        }
    }
}

/// The keys of an installation: the newest seals, all open.
pub struct CursorKeys {
    keys: Vec<[u8; 32]>,
}

impl CursorKeys {
    /// Newest first; at least one.
    pub fn new(newest: [u8; 32], older: impl IntoIterator<Item = [u8; 32]>) -> Self {
        Self { keys: std::iter::once(newest).chain(older).collect() }
    }

    /// Seals a place for one workspace and filter.
    pub(crate) fn seal(&self, place: &Place, binding: &[u8], now_seconds: u64) -> String {
        let sealed = Sealed {
            version: VERSION,
            newer: place.direction == Direction::Newer,
            effective_at: place.after.effective_at,
            seq: place.after.seq,
            snapshot: place.snapshot,
            made_seconds: now_seconds - now_seconds % 3600,
        };
        let plain = postcard::to_stdvec(&sealed).expect("a place is plain data");
        let key = &self.keys[0];
        let nonce = nonce(key, &plain, binding);
        let cipher = XChaCha20Poly1305::new(&(*key).into());
        let payload = Payload { msg: &plain, aad: binding };
        let body = cipher.encrypt(&XNonce::from(nonce), payload).expect("a short text seals");
        URL_SAFE_NO_PAD.encode([nonce.as_slice(), &body].concat())
    }

    /// Opens a cursor made for this workspace and filter.
    pub(crate) fn open(
        &self,
        text: &str,
        binding: &[u8],
        now_seconds: u64,
    ) -> Result<Place, CursorError> {
        let sealed = self.unseal(text, binding, (now_seconds, VALID_SECONDS))?;
        Ok(Place {
            direction: if sealed.newer { Direction::Newer } else { Direction::Older },
            after: OrderKey { effective_at: sealed.effective_at, seq: sealed.seq },
            snapshot: sealed.snapshot,
        })
    }

    /// Seals a place in a feed.
    pub(crate) fn seal_feed(&self, seq: u64, binding: &[u8], now_seconds: u64) -> String {
        let after = OrderKey { effective_at: 0, seq };
        let place = Place { direction: Direction::Newer, after, snapshot: seq };
        self.seal(&place, binding, now_seconds)
    }

    /// The seq of a place in a feed. It is good for longer than a cursor: a consumer that was away
    /// should find the place again.
    pub(crate) fn open_feed(
        &self,
        text: &str,
        binding: &[u8],
        now_seconds: u64,
    ) -> Result<u64, CursorError> {
        Ok(self.unseal(text, binding, (now_seconds, FEED_VALID_SECONDS))?.seq)
    }

    /// What was sealed to this binding, unless that was longer ago than it is valid.
    fn unseal(
        &self,
        text: &str,
        binding: &[u8],
        (now_seconds, valid_seconds): (u64, u64),
    ) -> Result<Sealed, CursorError> {
        let sealed = self.decrypt(text, binding).ok_or(CursorError::Mismatch)?;
        match now_seconds.saturating_sub(sealed.made_seconds) > valid_seconds {
            true => Err(CursorError::Expired),
            false => Ok(sealed),
        }
    }

    fn decrypt(&self, text: &str, binding: &[u8]) -> Option<Sealed> {
        if text.len() > MAX_TEXT_BYTES {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (nonce, body) = bytes.split_first_chunk::<NONCE_BYTES>()?;
        let payload = || Payload { msg: body, aad: binding };
        let plain = self.keys.iter().find_map(|key| {
            let cipher = XChaCha20Poly1305::new(&(*key).into());
            cipher.decrypt(&XNonce::from(*nonce), payload()).ok()
        })?;
        let sealed: Sealed = postcard::from_bytes(&plain).ok()?;
        (sealed.version == VERSION).then_some(sealed)
    }
}

fn nonce(key: &[u8; 32], plain: &[u8], binding: &[u8]) -> [u8; NONCE_BYTES] {
    let mut hasher = Sha256::new();
    hasher.update(b"annals cursor nonce");
    hasher.update(key);
    hasher.update((binding.len() as u64).to_le_bytes());
    hasher.update(binding);
    hasher.update(plain);
    let digest: [u8; 32] = hasher.finalize().into();
    digest[..NONCE_BYTES].try_into().expect("24 of 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        let after = OrderKey { effective_at: 1_792_888_200_000_123, seq: 981_273 };
        Place { direction: Direction::Older, after, snapshot: 981_300 }
    }

    #[test]
    fn a_cursor_opens_only_where_it_was_made() {
        let keys = CursorKeys::new([1; 32], []);
        let text = keys.seal(&place(), b"acme|filter", 10_000);
        assert_eq!(keys.open(&text, b"acme|filter", 10_000), Ok(place()));
        for binding in [&b"other|filter"[..], b"acme|filter2", b""] {
            assert_eq!(keys.open(&text, binding, 10_000), Err(CursorError::Mismatch));
        }
        let elsewhere = CursorKeys::new([2; 32], []);
        assert_eq!(elsewhere.open(&text, b"acme|filter", 10_000), Err(CursorError::Mismatch));
        let rotated = CursorKeys::new([2; 32], [[1; 32]]);
        assert_eq!(rotated.open(&text, b"acme|filter", 10_000), Ok(place()));
    }

    #[test]
    fn any_flipped_bit_closes_it() {
        let keys = CursorKeys::new([1; 32], []);
        let text = keys.seal(&place(), b"acme", 10_000);
        let bytes = URL_SAFE_NO_PAD.decode(&text).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut altered = bytes.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            let text = URL_SAFE_NO_PAD.encode(altered);
            assert_eq!(keys.open(&text, b"acme", 10_000), Err(CursorError::Mismatch), "{bit}");
        }
        for text in ["", "x", "%%%", &"A".repeat(4096)] {
            assert_eq!(keys.open(text, b"acme", 10_000), Err(CursorError::Mismatch));
        }
    }

    #[test]
    fn a_cursor_lives_a_week() {
        let keys = CursorKeys::new([1; 32], []);
        let text = keys.seal(&place(), b"acme", 7200);
        assert!(keys.open(&text, b"acme", 7200 + 7 * 24 * 3600).is_ok());
        let late = keys.open(&text, b"acme", 7201 + 7 * 24 * 3600);
        assert_eq!(late, Err(CursorError::Expired));
    }

    #[test]
    fn a_place_in_a_feed_lives_ninety_days() {
        let keys = CursorKeys::new([1; 32], []);
        let text = keys.seal_feed(17, b"feed", 7200);
        assert_eq!(keys.open_feed(&text, b"feed", 7200 + 90 * 24 * 3600), Ok(17));
        let late = keys.open_feed(&text, b"feed", 7201 + 90 * 24 * 3600);
        assert_eq!(late, Err(CursorError::Expired));
        assert_eq!(keys.open_feed(&text, b"other", 7200), Err(CursorError::Mismatch));
    }

    #[test]
    fn equal_places_of_one_hour_give_equal_texts() {
        let keys = CursorKeys::new([1; 32], []);
        assert_eq!(keys.seal(&place(), b"acme", 7200), keys.seal(&place(), b"acme", 7300));
    }
}
