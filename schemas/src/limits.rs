//! How large an event and its parts may be: the fold's constants and the gateway's defaults.

use serde::Deserialize;

/// Largest batch a gateway takes, in events.
pub const BATCH_MAX_EVENTS: usize = 1_000;
/// Largest batch a gateway takes, in bytes.
pub const BATCH_MAX_BYTES: usize = 4 * 1024 * 1024;
/// Largest sum of header names and values of a record, in bytes (fold version 1).
pub const HEADERS_MAX_BYTES: usize = 16 * 1024;

/// The limits that an installation may lower. [`Limits::HARD`] is part of fold version 1: the fold
/// reads no configuration, so what these constants let in is let in for ever.
///
/// Values above the hard ones have no effect; [`Limits::checked`] reports them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// An event on the wire, in bytes.
    pub event_bytes: usize,
    /// Resources of one event.
    pub resources: usize,
    /// Names of actors and resources, in characters.
    pub name_characters: usize,
    /// Nesting of the event JSON as a whole: the event itself is level 1.
    pub depth: usize,
    /// An action key, in characters.
    pub action_characters: usize,
    /// A workspace id, in bytes.
    pub workspace_bytes: usize,
}

/// A configured limit above the hard one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("limit {name} is {value}, but it can be at most {hard}")]
pub struct LimitTooHigh {
    /// Name of the limit.
    pub name: &'static str,
    /// The configured value.
    pub value: usize,
    /// The hard limit.
    pub hard: usize,
}

impl Limits {
    /// The fold's constants (fold version 1).
    pub const HARD: Self = Self {
        event_bytes: 512 * 1024,
        resources: 32,
        name_characters: 1_000,
        depth: 32,
        action_characters: 128,
        workspace_bytes: 128,
    };

    /// What gateway and SDK accept unless configured otherwise.
    pub const GATEWAY: Self = Self { event_bytes: 64 * 1024, ..Self::HARD };

    /// These limits, unless one of them is above the hard one.
    pub fn checked(self) -> Result<Self, LimitTooHigh> {
        for ((name, value), (_, hard)) in self.named().into_iter().zip(Self::HARD.named()) {
            if value > hard {
                return Err(LimitTooHigh { name, value, hard });
            }
        }
        Ok(self)
    }

    /// These limits, none of them above the hard one.
    pub(crate) fn capped(self) -> Self {
        let hard = Self::HARD;
        Self {
            event_bytes: self.event_bytes.min(hard.event_bytes),
            resources: self.resources.min(hard.resources),
            name_characters: self.name_characters.min(hard.name_characters),
            depth: self.depth.min(hard.depth),
            action_characters: self.action_characters.min(hard.action_characters),
            workspace_bytes: self.workspace_bytes.min(hard.workspace_bytes),
        }
    }

    fn named(self) -> [(&'static str, usize); 6] {
        [
            ("event_bytes", self.event_bytes),
            ("resources", self.resources),
            ("name_characters", self.name_characters),
            ("depth", self.depth),
            ("action_characters", self.action_characters),
            ("workspace_bytes", self.workspace_bytes),
        ]
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::GATEWAY
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_can_only_be_lowered() {
        let lower = Limits { depth: 8, event_bytes: 512 * 1024, ..Limits::GATEWAY };
        assert_eq!(lower.checked(), Ok(lower));
        let higher = Limits { resources: 33, ..Limits::GATEWAY };
        assert_eq!(
            higher.checked().map_err(|e| e.to_string()),
            Err("limit resources is 33, but it can be at most 32".to_owned())
        );
        assert_eq!(higher.capped(), Limits::GATEWAY);
    }
}
