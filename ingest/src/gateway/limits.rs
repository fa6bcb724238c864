//! What the gateway takes at most. Limits can be lowered, never raised beyond the contract's.

use std::time::Duration;

use annals_schemas::{BATCH_MAX_BYTES, BATCH_MAX_EVENTS, LimitTooHigh, Limits};

/// Limits of one gateway.
#[derive(Debug, Clone, Copy)]
pub struct GatewayLimits {
    /// Of one event and its parts.
    pub event: Limits,
    /// Events of one batch; at most 1,000.
    pub batch_events: usize,
    /// Bytes of one request's body; at most 4 MiB.
    pub batch_bytes: usize,
    /// Bytes of bodies being read or waiting for the log, over all requests; then 429.
    pub in_flight_bytes: usize,
    /// How long a body may take to arrive.
    pub body_timeout: Duration,
    /// How long the log may take to acknowledge; then 503.
    pub append_timeout: Duration,
}

/// A limit above what the contract allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidGatewayLimits {
    /// Of an event.
    #[error(transparent)]
    Event(#[from] LimitTooHigh),
    /// Of a batch, or of all requests together.
    #[error("limit {name} is {value}, but it has to be between {least} and {most}")]
    Batch {
        /// Name of the limit.
        name: &'static str,
        /// The configured value.
        value: usize,
        /// The least.
        least: usize,
        /// The most.
        most: usize,
    },
}

impl Default for GatewayLimits {
    fn default() -> Self {
        Self {
            event: Limits::GATEWAY,
            batch_events: BATCH_MAX_EVENTS,
            batch_bytes: BATCH_MAX_BYTES,
            in_flight_bytes: 64 << 20,
            body_timeout: Duration::from_secs(30),
            append_timeout: Duration::from_secs(15),
        }
    }
}

impl GatewayLimits {
    /// These limits, unless one of them is out of bounds.
    pub fn checked(self) -> Result<Self, InvalidGatewayLimits> {
        self.event.checked()?;
        let bounds = [
            ("batch_events", self.batch_events, 1, BATCH_MAX_EVENTS),
            ("batch_bytes", self.batch_bytes, 1, BATCH_MAX_BYTES),
            ("in_flight_bytes", self.in_flight_bytes, self.batch_bytes, 1 << 40),
        ];
        for (name, value, least, most) in bounds {
            if !(least..=most).contains(&value) {
                return Err(InvalidGatewayLimits::Batch { name, value, least, most });
            }
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_can_only_be_lowered() {
        assert!(GatewayLimits::default().checked().is_ok());
        let cases = [
            (
                GatewayLimits { batch_events: 1_001, ..Default::default() },
                "limit batch_events is 1001, but it has to be between 1 and 1000",
            ),
            (
                GatewayLimits { in_flight_bytes: 1_000, ..Default::default() },
                "limit in_flight_bytes is 1000, but it has to be between 4194304 and \
                 1099511627776",
            ),
            (
                GatewayLimits {
                    event: Limits { resources: 33, ..Limits::GATEWAY },
                    ..Default::default()
                },
                "limit resources is 33, but it can be at most 32",
            ),
        ];
        for (limits, message) in cases {
            assert_eq!(limits.checked().unwrap_err().to_string(), message);
        }
    }
}
