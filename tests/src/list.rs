//! The list call: pages, and walks through all of them.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::http::{Answer, Http, encode};

/// A page, its rows unread: a walk through millions of rows need not look into each.
#[derive(Debug, Deserialize)]
pub struct RawPage {
    /// The rows.
    pub data: Vec<Box<RawValue>>,
    /// Its links.
    pub page: Links,
    /// What it was read from.
    pub snapshot: Value,
}

/// A page's links.
#[derive(Debug, Clone, Deserialize)]
pub struct Links {
    /// Cursor of the older page.
    pub next: Option<String>,
    /// Cursor of the newer page.
    pub prev: Option<String>,
    /// The limit in force.
    pub limit: u64,
}

/// What a walk needs of a row.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
pub struct Row {
    /// Its identity.
    pub event_id: String,
    /// Its number in the workspace.
    pub seq: u64,
    /// What it is ordered by.
    pub effective_at: String,
    /// The log's clock.
    pub recorded_at: String,
}

/// A workspace's list seen by one client.
#[derive(Clone, Copy)]
pub struct List<'a> {
    client: &'a Http,
    workspace: &'a str,
}

impl<'a> List<'a> {
    /// The list of a workspace.
    pub fn of(client: &'a Http, workspace: &'a str) -> Self {
        Self { client, workspace }
    }

    /// The path with a query, which is percent-encoded already.
    pub fn path(&self, query: &str) -> String {
        format!("/v1/workspaces/{}/events?{query}", encode(self.workspace))
    }

    /// One answer, whatever its status.
    pub fn answer(&self, query: &str) -> Answer {
        self.client.get(&self.path(query))
    }

    /// One page.
    ///
    /// # Panics
    /// When the status is not 200.
    pub fn page(&self, query: &str) -> RawPage {
        let answer = self.answer(query);
        assert_eq!(answer.status, 200, "GET {}: {}", self.path(query), answer.text());
        answer.parse()
    }

    /// Waits until a page claims to be complete through this moment: what was acknowledged before
    /// the call must then be on it (INV-10).
    pub fn settle(&self) {
        let now = crate::clock::now().timestamp_micros();
        crate::wait::until("complete_through to pass the moment", crate::wait::PATIENCE, || {
            (self.page("limit=1").complete_through() >= now).then_some(())
        });
    }

    /// One page's rows as JSON.
    pub fn rows(&self, query: &str) -> Vec<Value> {
        self.page(query).data.iter().map(|row| parse(row)).collect()
    }

    /// The page behind a cursor, with the filters that the cursor belongs to.
    pub fn follow(&self, query: &str, cursor: &str) -> RawPage {
        self.page(&join(query, &format!("cursor={}", encode(cursor))))
    }

    /// Walks from the first page to the last.
    ///
    /// # Panics
    /// When a page is over its limit, is empty in mid-walk, repeats a row or breaks the order.
    pub fn walk(&self, filter: &str, limit: u64) -> Vec<RawPage> {
        let query = join(filter, &format!("limit={limit}"));
        let mut pages = vec![self.page(&query)];
        let mut check = WalkCheck::default();
        loop {
            let page = pages.last().expect("a walk has a page");
            check.add(page, limit);
            let Some(next) = page.page.next.clone() else { return pages };
            pages.push(self.follow(&query, &next));
        }
    }

    /// All rows of a walk in their order.
    pub fn walk_rows(&self, filter: &str, limit: u64) -> Vec<Row> {
        let pages = self.walk(filter, limit);
        pages.iter().flat_map(|page| &page.data).map(|row| parse(row)).collect()
    }

    /// All rows of a walk in their order, whole.
    pub fn walk_values(&self, filter: &str, limit: u64) -> Vec<Value> {
        let pages = self.walk(filter, limit);
        pages.iter().flat_map(|page| &page.data).map(|row| parse(row)).collect()
    }
}

impl RawPage {
    /// The rows, read as far as a walk needs them.
    pub fn rows(&self) -> Vec<Row> {
        self.data.iter().map(|row| parse(row)).collect()
    }

    /// Microseconds since 1970 through which the page claims to be complete; far in the past while
    /// a server that has just started has not reached the log's end yet.
    pub fn complete_through(&self) -> i64 {
        self.snapshot["complete_through"]["time"].as_str().map_or(i64::MIN, micros)
    }

    /// The rows' exact bytes, to compare pages.
    pub fn bytes(&self) -> Vec<&str> {
        self.data.iter().map(|row| row.get()).collect()
    }

    /// The event ids in order.
    pub fn ids(&self) -> Vec<String> {
        self.rows().into_iter().map(|row| row.event_id).collect()
    }
}

/// Joins two parts of a query, either of which may be empty.
pub fn join(left: &str, right: &str) -> String {
    match (left.is_empty(), right.is_empty()) {
        (true, _) => right.to_owned(),
        (_, true) => left.to_owned(),
        _ => format!("{left}&{right}"),
    }
}

/// Turns RFC 3339 with any number of decimals into microseconds since 1970.
///
/// # Panics
/// When it is no such time, or not in UTC with `Z`.
pub fn micros(time: &str) -> i64 {
    assert!(time.ends_with('Z'), "{time} is not in UTC with Z");
    let parsed = chrono::DateTime::parse_from_rfc3339(time);
    parsed.unwrap_or_else(|error| panic!("{time}: {error}")).timestamp_micros()
}

/// What holds in every walk (INV-8).
#[derive(Default)]
struct WalkCheck {
    seen: HashSet<u64>,
    last: Option<(i64, u64)>,
}

impl WalkCheck {
    fn add(&mut self, page: &RawPage, limit: u64) {
        let rows = page.rows();
        assert!(rows.len() as u64 <= limit, "{} rows on a page of {limit}", rows.len());
        assert!(!rows.is_empty() || self.seen.is_empty(), "an empty page in mid-walk");
        if page.page.next.is_some() {
            assert_eq!(rows.len() as u64, limit, "a short page that is not the last");
        }
        for row in rows {
            let key = (micros(&row.effective_at), row.seq);
            assert!(self.last.is_none_or(|last| key < last), "{row:?} is out of order");
            assert!(self.seen.insert(row.seq), "{row:?} came twice");
            self.last = Some(key);
        }
    }
}

fn parse<T: serde::de::DeserializeOwned>(row: &RawValue) -> T {
    serde_json::from_str(row.get()).unwrap_or_else(|error| panic!("{error} in {}", row.get()))
}
