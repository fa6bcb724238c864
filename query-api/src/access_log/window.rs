//! Accesses of one reader, kept together for a minute.

use std::collections::BTreeSet;

use annals_schemas::hex;
use annals_service::access::{Caller, CallerKind};
use sha2::{Digest, Sha256};

use super::AccessKind;

/// Different filters and routes that are told apart in one window; more count, unnamed.
const MAX_DISTINCT: usize = 64;

/// A hash of what was asked: path and parameters, without those that only turn pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FilterHash(pub [u8; 32]);

/// Who reads.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Reader {
    pub(super) kind: CallerKind,
    pub(super) subject: String,
    pub(super) name: Option<String>,
    pub(super) email: Option<String>,
}

/// What is kept together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) workspace: String,
    pub(super) reader: Reader,
    pub(super) kind: AccessKind,
}

/// Accesses since the last record of this key.
#[derive(Debug, Clone)]
pub(super) struct Window {
    pub(super) opened_at: i64,
    pub(super) count: u64,
    pub(super) first_at: i64,
    pub(super) last_at: i64,
    filters: BTreeSet<FilterHash>,
    pub(super) routes: BTreeSet<String>,
}

impl Reader {
    pub(super) fn of(caller: &Caller) -> Self {
        Self {
            kind: caller.kind,
            subject: caller.subject.clone(),
            name: caller.profile.name.clone(),
            email: caller.profile.email.clone(),
        }
    }
}

impl FilterHash {
    /// Over the path below the workspace and the query string, in whatever order it was given.
    pub fn of(path: &str, query: &str) -> Self {
        let turns_pages = |part: &&str| {
            let name = part.split('=').next().unwrap_or_default();
            part.is_empty() || matches!(name, "cursor" | "limit" | "after" | "wait")
        };
        let mut parts: Vec<&str> = query.split('&').filter(|part| !turns_pages(part)).collect();
        parts.sort_unstable();
        let mut hasher = Sha256::new();
        hasher.update(path);
        hasher.update("?");
        hasher.update(parts.join("&"));
        Self(hasher.finalize().into())
    }
}

impl Window {
    /// One in which nothing has happened yet.
    pub(super) fn opened_at(now: i64) -> Self {
        let (filters, routes) = (BTreeSet::new(), BTreeSet::new());
        Self { opened_at: now, count: 0, first_at: now, last_at: now, filters, routes }
    }

    pub(super) fn add(&mut self, now: i64, route: &str, filter: FilterHash) {
        if self.count == 0 {
            self.first_at = now;
        }
        self.count += 1;
        self.last_at = now;
        if self.filters.len() < MAX_DISTINCT {
            self.filters.insert(filter);
        }
        if self.routes.len() < MAX_DISTINCT {
            self.routes.insert(route.to_owned());
        }
    }

    /// Whether the minute is over. A clock set back ends it too.
    pub(super) fn is_over(&self, now: i64, length_micros: i64) -> bool {
        !(0..length_micros).contains(&now.saturating_sub(self.opened_at))
    }

    /// Of one filter its hash; of several the hash over theirs in ascending order.
    pub(super) fn filters_sha256(&self) -> String {
        let mut filters = self.filters.iter();
        match (filters.next(), self.filters.len()) {
            (Some(FilterHash(only)), 1) => hex(only),
            _ => {
                let mut hasher = Sha256::new();
                self.filters.iter().for_each(|FilterHash(hash)| hasher.update(hash));
                hex(&hasher.finalize())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_page_do_not_matter_to_a_filters_hash() {
        let one = FilterHash::of("/events", "actor=u1&kind=read&limit=5");
        assert_eq!(one, FilterHash::of("/events", "kind=read&cursor=x&&actor=u1"));
        assert_ne!(one, FilterHash::of("/facets", "actor=u1&kind=read"));
        assert_ne!(one, FilterHash::of("/events", "actor=u2&kind=read"));
    }

    #[test]
    fn a_window_counts_and_remembers_first_and_last() {
        let mut window = Window::opened_at(5);
        let (a, b) = (FilterHash::of("/events", "a=1"), FilterHash::of("/events", "a=2"));
        window.add(7, "events", a);
        assert_eq!(window.filters_sha256(), a.0.map(|byte| format!("{byte:02x}")).concat());
        window.add(9, "facets", b);
        window.add(11, "events", a);
        assert_eq!((window.count, window.first_at, window.last_at), (3, 7, 11));
        assert_eq!(window.routes.len(), 2);
        assert_eq!(window.filters_sha256().len(), 64);
        assert!(!window.is_over(14, 10) && window.is_over(15, 10) && window.is_over(4, 10));
    }

    #[test]
    fn what_is_told_apart_is_bounded() {
        let mut window = Window::opened_at(0);
        for number in 0..1_000 {
            window.add(number, &number.to_string(), FilterHash::of("", &number.to_string()));
        }
        let told = (window.count, window.filters.len(), window.routes.len());
        assert_eq!(told, (1_000, MAX_DISTINCT, MAX_DISTINCT));
    }
}
