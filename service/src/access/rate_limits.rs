//! How many requests a caller and a workspace may make in a minute. Off unless configured.
//!
//! The generic cell rate algorithm: a minute's requests may come at once, then they come back one
//! by one. What is remembered is one number a caller and a workspace, and forgotten once it says
//! nothing.

use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::num::NonZeroU32;

/// Keys remembered before those that say nothing are forgotten.
const REMEMBERED: usize = 10_000;

/// The limits of one installation.
#[derive(Default)]
pub struct RateLimits {
    per_caller: Option<Limit>,
    per_workspace: Option<Limit>,
}

/// What is left of the limit that comes nearest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateState {
    /// Requests a minute.
    pub limit: u32,
    /// How many more are admitted now.
    pub remaining: u32,
    /// Seconds until all of them are again.
    pub reset_seconds: u64,
}

/// A request too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OverLimit {
    /// The limit.
    pub limit: u32,
    /// Seconds until the next one is admitted.
    pub retry_after_seconds: u64,
}

struct Limit {
    per_minute: NonZeroU32,
    limiter: DefaultKeyedRateLimiter<String, StateInformationMiddleware>,
}

impl RateLimits {
    /// Requests a minute for each caller and for each workspace; 0 is no limit.
    pub fn per_minute(per_caller: u32, per_workspace: u32) -> Self {
        let limit = |count| NonZeroU32::new(count).map(Limit::new);
        Self { per_caller: limit(per_caller), per_workspace: limit(per_workspace) }
    }

    /// Counts a request, of a workspace if it is about one. `None` without limits.
    pub fn admit(
        &self,
        caller: &str,
        workspace: Option<&str>,
    ) -> Result<Option<RateState>, OverLimit> {
        let of_caller = self.per_caller.as_ref().map(|limit| limit.admit(caller));
        let of_caller = of_caller.transpose()?;
        let of_workspace = self.per_workspace.as_ref().zip(workspace);
        let of_workspace = of_workspace.map(|(limit, workspace)| limit.admit(workspace));
        let of_workspace = of_workspace.transpose()?;
        let states = of_caller.into_iter().chain(of_workspace);
        Ok(states.min_by_key(|state| state.remaining))
    }
}

impl Limit {
    fn new(per_minute: NonZeroU32) -> Self {
        let limiter = RateLimiter::keyed(Quota::per_minute(per_minute));
        Self { per_minute, limiter: limiter.with_middleware() }
    }

    fn admit(&self, key: &str) -> Result<RateState, OverLimit> {
        if self.limiter.len() >= REMEMBERED {
            self.limiter.retain_recent();
        }
        let limit = self.per_minute.get();
        match self.limiter.check_key(&key.to_owned()) {
            Ok(state) => {
                let remaining = state.remaining_burst_capacity();
                let used = u64::from(limit.saturating_sub(remaining));
                let reset_seconds = (used * 60).div_ceil(u64::from(limit));
                Ok(RateState { limit, remaining, reset_seconds })
            }
            Err(not_until) => {
                let wait = not_until.wait_time_from(DefaultClock::default().now());
                let whole = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
                Err(OverLimit { limit, retry_after_seconds: whole.max(1) })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_limits_everything_is_admitted() {
        let limits = RateLimits::default();
        for _ in 0..1_000 {
            assert_eq!(limits.admit("u1", Some("acme")), Ok(None));
        }
    }

    #[test]
    fn a_minutes_requests_may_come_at_once_and_not_one_more() {
        let limits = RateLimits::per_minute(5, 0);
        for remaining in (0..5).rev() {
            let state = limits.admit("u1", Some("acme")).unwrap().unwrap();
            assert_eq!((state.limit, state.remaining), (5, remaining));
        }
        let over = limits.admit("u1", Some("acme")).unwrap_err();
        assert_eq!(over.limit, 5);
        assert!((1..=12).contains(&over.retry_after_seconds), "{over:?}");
        assert!(limits.admit("u2", Some("acme")).is_ok(), "another caller has its own");
    }

    #[test]
    fn a_workspace_is_limited_over_all_its_callers() {
        let limits = RateLimits::per_minute(0, 3);
        for caller in ["u1", "u2", "u3"] {
            assert!(limits.admit(caller, Some("acme")).is_ok());
        }
        assert!(limits.admit("u4", Some("acme")).is_err());
        assert!(limits.admit("u4", Some("other")).is_ok());
    }
}
