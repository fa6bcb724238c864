//! Whether an event made in a program keeps the rules that decoders enforce.

use crate::avro::{Trailing, lend_body, split_single_object};
use crate::{Event, Limits, Reason, SchemaViolation, encode_avro};

/// Prefixes of actions that only Annals itself writes.
const RESERVED_PREFIXES: [&str; 2] = ["audit_log.", "annals."];

impl Event {
    /// Checks an event built by hand: that what [`encode_avro`] makes of it will be decoded, within
    /// these limits, to this same content.
    pub fn check(&self, limits: &Limits) -> Result<(), SchemaViolation> {
        self.checked_avro(limits).map(|_| ())
    }

    /// What [`encode_avro`] makes of it, after the same check.
    pub(crate) fn checked_avro(&self, limits: &Limits) -> Result<Vec<u8>, SchemaViolation> {
        let limits = limits.capped();
        let bytes = encode_avro(self);
        let (size, max) = (bytes.len(), limits.event_bytes);
        if size > max {
            let detail = format!("the event has {size} bytes, the limit is {max}");
            return Err(SchemaViolation::whole(Reason::OverLimit, detail));
        }
        // The codec is the judge, so that the two cannot disagree.
        let body = split_single_object(&bytes).map_or(&[][..], |(_, body)| body);
        lend_body(body, Trailing::Refused, &limits)?;
        Ok(bytes)
    }
}

/// Whether an action is one that only Annals itself may write (gateways refuse it from others).
pub fn is_reserved_action(action: &str) -> bool {
    RESERVED_PREFIXES.iter().any(|prefix| action.starts_with(prefix))
}
