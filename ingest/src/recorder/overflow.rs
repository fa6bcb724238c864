//! What happens to an event for which there is no room.

use annals_schemas::ActionPattern;

use super::RecorderOptions;

/// What an event is worth when the log is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overflow {
    /// It is lost if the queue is full, and never takes room in the spool.
    Drop,
    /// It is lost if neither queue nor spool has room.
    Spool,
    /// `emit` waits for room, up to a deadline: for hosts that would rather be slow.
    Block,
}

impl RecorderOptions {
    /// What is said for an action.
    pub(super) fn overflow_of(&self, action: &str) -> Overflow {
        let fits = |pattern: &str| ActionPattern::of(pattern).covers(action);
        let said = self.overflow_by_action.iter().find(|(pattern, _)| fits(pattern));
        said.map_or(self.overflow, |(_, overflow)| *overflow)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_pattern_that_fits_counts() {
        let by_action = [("key.viewed", Overflow::Drop), ("key.*", Overflow::Block)];
        let by_action = by_action.map(|(pattern, overflow)| (pattern.to_owned(), overflow));
        let options =
            RecorderOptions { overflow_by_action: by_action.into(), ..Default::default() };
        assert_eq!(options.overflow_of("key.viewed"), Overflow::Drop);
        assert_eq!(options.overflow_of("key.revoked"), Overflow::Block);
        assert_eq!(options.overflow_of("keys.revoked"), Overflow::Spool);
    }
}
