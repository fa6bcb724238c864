//! Runs the Python oracle and holds the product's answers against its own.

use std::io::{BufRead as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::http::Http;
use crate::inputs::Input;
use crate::list::{List, Row};
use crate::random::Random;
use crate::{command, environment, report};

/// Clients that ask at the same time.
const READERS: usize = 2;

/// A query with the ids that its pages must hold, in order.
#[derive(Debug, Deserialize)]
struct PlannedQuery {
    workspace: String,
    query: String,
    limit: u64,
    ids: Vec<String>,
}

/// Walks every workspace of the input without filters and checks that each event is listed exactly
/// once under its workspace.
pub fn walk_everything(client: &Http, input: &Input) -> Vec<(String, Vec<Row>)> {
    let mut walks = Vec::new();
    for (workspace, ids) in &input.ids {
        let list = List::of(client, workspace);
        list.settle();
        let rows = list.walk_rows("", 1000);
        let mut listed: Vec<_> = rows.iter().map(|row| row.event_id.as_str()).collect();
        let mut written: Vec<_> = ids.iter().map(String::as_str).collect();
        listed.sort_unstable();
        written.sort_unstable();
        assert!(
            listed == written,
            "{workspace}: {} listed, {} written",
            listed.len(),
            written.len()
        );
        walks.push((workspace.clone(), rows));
    }
    walks
}

/// Has the oracle check the walks, draw `count` queries and answer them; then asks the product.
/// Every page of every query must hold the same ids in the same order, and lead back and forth.
pub fn compare(client: &Http, input: &Input, directory: &Path, count: u64, seed: u64) {
    let walks = walk_everything(client, input);
    let queries = plan(&walks, input, directory, count, seed);
    let started = Instant::now();
    let next = AtomicUsize::new(0);
    let mut first_pages = Vec::with_capacity(queries.len());
    std::thread::scope(|scope| {
        let readers: Vec<_> =
            (0..READERS).map(|_| scope.spawn(|| ask_all(client, &queries, &next, seed))).collect();
        for reader in readers {
            match reader.join() {
                Ok(times) => first_pages.extend(times),
                Err(panicked) => std::panic::resume_unwind(panicked),
            }
        }
    });
    assert_eq!(first_pages.len(), queries.len());
    report::line(&format!(
        "{} queries equal the oracle's answers, in {:.1} s; first page, {}",
        queries.len(),
        started.elapsed().as_secs_f64(),
        report::summary(&mut first_pages)
    ));
}

/// Asks for the first page of each search by name that [`compare`] has planned in this directory
/// once more, with an explanation. Each must hold the oracle's ids. How many had their names from
/// the index.
pub fn compare_explained(client: &Http, directory: &Path) -> usize {
    let queries = read_plan(&plan_file(directory)).into_iter();
    let searches = queries.filter(|query| query.query.contains("resource_name="));
    searches.filter(|query| query.is_by_index(client)).count()
}

fn ask_all(
    client: &Http,
    queries: &[PlannedQuery],
    next: &AtomicUsize,
    seed: u64,
) -> Vec<Duration> {
    let mut times = Vec::new();
    loop {
        let index = next.fetch_add(1, Ordering::Relaxed);
        let Some(query) = queries.get(index) else { return times };
        times.push(query.ask(client, &mut Random::new(seed ^ index as u64)));
    }
}

impl PlannedQuery {
    /// Walks the query's pages; returns how long the first one took.
    fn ask(&self, client: &Http, random: &mut Random) -> Duration {
        let list = List::of(client, &self.workspace);
        let started = Instant::now();
        list.page(&crate::list::join(&self.query, &format!("limit={}", self.limit)));
        let first_page = started.elapsed();
        let pages = list.walk(&self.query, self.limit);
        let ids: Vec<_> = pages.iter().flat_map(crate::list::RawPage::ids).collect();
        if ids != self.ids {
            self.tell_difference(&ids);
        }
        if pages.len() > 1 {
            self.go_back(list, &pages, random);
        }
        assert_eq!(pages[0].page.prev, None, "{self:?}: a page before the first");
        first_page
    }

    /// Whether the names of the first page came from the index; the page must be right.
    fn is_by_index(&self, client: &Http) -> bool {
        let list = List::of(client, &self.workspace);
        let query = crate::list::join(&self.query, &format!("limit={}&explain=true", self.limit));
        let page: Value = client.get_json(&list.path(&query));
        let rows = page["data"].as_array().expect("a page has rows");
        let ids: Vec<_> = rows.iter().filter_map(|row| row["event_id"].as_str()).collect();
        let limit = usize::try_from(self.limit).expect("a page fits in memory");
        let expected: Vec<_> = self.ids.iter().take(limit).map(String::as_str).collect();
        assert_eq!(ids, expected, "{}: its first page", self.query);
        page["plan"]["name"]["index_used"] == true
    }

    /// From some page back to the one before and forth again: the identical rows.
    fn go_back(&self, list: List<'_>, pages: &[crate::list::RawPage], random: &mut Random) {
        let bound = u64::try_from(pages.len() - 1).expect("a count of pages");
        let at = usize::try_from(random.below(bound)).expect("an index of pages") + 1;
        let query = crate::list::join(&self.query, &format!("limit={}", self.limit));
        let prev = pages[at].page.prev.as_deref();
        let before = list.follow(&query, prev.expect("a page after the first leads back"));
        assert_eq!(before.bytes(), pages[at - 1].bytes(), "{}: back to page {at}", self.query);
        let next = before.page.next.as_deref();
        let again = list.follow(&query, next.expect("a page before another leads forth"));
        assert_eq!(again.bytes(), pages[at].bytes(), "{}: forth to page {at}", self.query);
    }

    fn tell_difference(&self, ids: &[String]) -> ! {
        let at = ids.iter().zip(&self.ids).position(|(got, want)| got != want);
        let at = at.unwrap_or_else(|| ids.len().min(self.ids.len()));
        panic!(
            "workspace {} ?{}&limit={}: {} rows, the oracle has {}; first difference at {at}: \
             got {:?}, want {:?}",
            self.workspace,
            self.query,
            self.limit,
            ids.len(),
            self.ids.len(),
            ids.get(at),
            self.ids.get(at)
        );
    }
}

fn plan(
    walks: &[(String, Vec<Row>)],
    input: &Input,
    directory: &Path,
    count: u64,
    seed: u64,
) -> Vec<PlannedQuery> {
    let (rows, plan) = (directory.join("rows.ndjson"), plan_file(directory));
    write_rows(&rows, walks);
    let mut oracle = Command::new("python3");
    oracle.arg(environment::repository().join("tests/oracle/oracle.py"));
    oracle.arg("--input").arg(&input.file).arg("--rows").arg(&rows).arg("--plan").arg(&plan);
    oracle.args(["--queries", &count.to_string(), "--seed", &seed.to_string()]);
    let finished = command::finish(&mut oracle);
    finished.stdout.lines().for_each(report::line);
    assert_eq!(finished.code, Some(0), "the oracle refuses: {}", finished.stderr);
    read_plan(&plan)
}

fn plan_file(directory: &Path) -> PathBuf {
    directory.join("plan.ndjson")
}

fn read_plan(file: &Path) -> Vec<PlannedQuery> {
    let text = std::fs::read(file).expect("the oracle has written its plan");
    let lines = text.lines().map(|line| line.expect("the plan is UTF-8"));
    lines.map(|line| serde_json::from_str(&line).expect("a planned query")).collect()
}

fn write_rows(file: &Path, walks: &[(String, Vec<Row>)]) {
    let out = std::fs::File::create(file).expect("a temporary file can be made");
    let mut out = std::io::BufWriter::new(out);
    for (workspace, rows) in walks {
        for row in rows {
            let line = json!({"workspace_id": workspace, "event_id": row.event_id, "seq": row.seq,
                "recorded_at": row.recorded_at, "effective_at": row.effective_at});
            writeln!(out, "{line}").expect("a temporary file can be written");
        }
    }
    out.flush().expect("a temporary file can be written");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oracle_passes_its_own_cases() {
        let oracle = environment::repository().join("tests/oracle");
        for (script, arguments) in [("selftest.py", &[][..]), ("fold.py", &["--selftest"][..])] {
            let mut run = Command::new("python3");
            let finished = command::finish(run.arg(oracle.join(script)).args(arguments));
            assert_eq!(finished.code, Some(0), "{script}: {}{}", finished.stdout, finished.stderr);
        }
    }
}
