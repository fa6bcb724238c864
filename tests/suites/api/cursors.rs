//! Cursors: sealed to workspace, filter and snapshot, alive across restarts (A4.5, A3.2).

use std::path::Path;

use annals_tests::freshness::manifests;
use annals_tests::http::{Http, encode};
use annals_tests::list::{List, RawPage};
use annals_tests::process::{AnnalsProcess, UpOptions};
use annals_tests::store_files::{Manifest, SegmentEntry, segment_files};
use annals_tests::{metrics, wait};
use serde_json::{Value, json};

use crate::server::{Server, numbered};

fn server() -> Server {
    let events: Vec<_> = (0..100)
        .map(|n| numbered(n, json!({"actor": {"kind": "user", "id": format!("u{}", n % 2)}})))
        .collect();
    Server::with_events(&events)
}

#[test]
fn a4_5_back_and_forth_gives_the_identical_page() {
    let server = server();
    let pages = server.list().walk("", 9);
    assert_eq!(pages.len(), 12);
    assert_eq!(pages[0].page.prev, None);
    for at in (1..pages.len()).rev() {
        let cursor = pages[at].page.prev.as_deref().unwrap();
        let before = server.list().follow("limit=9", cursor);
        assert_eq!(before.bytes(), pages[at - 1].bytes(), "back from page {at}");
        let again = server.list().follow("limit=9", before.page.next.as_deref().unwrap());
        assert_eq!(again.bytes(), pages[at].bytes(), "forth to page {at}");
    }
}

#[test]
fn a4_5_a_cursor_survives_a_restart_and_a_rebuild() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let options = UpOptions::default().variable("ANNALS_STORAGE_SEAL_BYTES", "20000");
    let annals = AnnalsProcess::start(&data, &options);
    let client = annals.client("acme");
    let events: Vec<_> = (0..300)
        .map(|n| {
            let metadata = json!({"n": n, "fill": "x".repeat(200)});
            json!({"workspace_id": "acme", "action": "a.b", "metadata": metadata})
        })
        .collect();
    assert_eq!(client.post("/v1/events:batch", &events.into()).status, 202);
    List::of(&client, "acme").settle();
    // Something has to be sealed, or there is nothing to restart from and to rebuild.
    wait::until("a seal", wait::PATIENCE, || (manifests(&data) > 0).then_some(()));
    let first = List::of(&client, "acme").page("limit=10");
    let cursor = first.page.next.unwrap();
    let expected = List::of(&client, "acme").follow("limit=10", &cursor);
    assert!(annals.stop().success());
    let annals = AnnalsProcess::start(&data, &options);
    let client = annals.client("acme");
    let after_restart = follow_once_read(&client, "limit=10", &cursor);
    assert_eq!(after_restart.bytes(), expected.bytes());
    assert!(annals.stop().success());
    std::fs::remove_dir_all(data.join("store/partitions")).unwrap();
    let annals = AnnalsProcess::start(&data, &options);
    let client = annals.client("acme");
    let after_rebuild = follow_once_read(&client, "limit=10", &cursor);
    assert_eq!(after_rebuild.bytes(), expected.bytes());
}

/// Walks that the name index, the lists of users and both have a part in.
const FILTERED: [&str; 3] =
    ["limit=7&resource_name=pipe", "limit=7&actor=u1", "limit=7&resource_name=pipe&actor=u1"];

/// A walk in the middle: where it stands and the pages that are left of it.
struct Walk {
    query: &'static str,
    cursor: String,
    rest: Vec<Vec<String>>,
}

impl Walk {
    fn begin(client: &Http, query: &'static str) -> Self {
        let cursor = List::of(client, "acme").page(query).page.next.unwrap();
        let rest = Self::follow(client, query, &cursor);
        assert!(rest.len() > 3, "{query}: {} pages", rest.len());
        Self { query, cursor, rest }
    }

    fn follow(client: &Http, query: &str, cursor: &str) -> Vec<Vec<String>> {
        let (mut pages, mut next) = (Vec::new(), Some(cursor.to_owned()));
        while let Some(cursor) = next {
            let page = follow_once_read(client, query, &cursor);
            pages.push(page.bytes().into_iter().map(str::to_owned).collect());
            next = page.page.next;
        }
        pages
    }

    /// The pages that were left are the same ones still.
    fn check(&self, client: &Http) {
        assert_eq!(Self::follow(client, self.query, &self.cursor), self.rest, "{}", self.query);
    }
}

/// A server without compaction on several segments, and walks begun there.
fn walks_over_segments(data: &Path) -> Vec<Walk> {
    let options = sealing().variable("ANNALS_STORAGE_COMPACTION", "false");
    let annals = AnnalsProcess::start(data, &options);
    let client = annals.client("acme");
    for part in 0..5 {
        let events: Vec<_> = (0..60).map(|n| piped(part * 60 + n)).collect();
        assert_eq!(client.post("/v1/events:batch", &events.into()).status, 202);
        // Each part in a segment of its own.
        wait::until("a seal", wait::PATIENCE, || (live(data) > part).then_some(()));
    }
    List::of(&client, "acme").settle();
    wait::until("the index to be fed", wait::PATIENCE, || names_fed(&annals));
    let walks = FILTERED.map(|query| Walk::begin(&client, query)).into();
    assert!(annals.stop().success());
    walks
}

fn sealing() -> UpOptions {
    UpOptions::default().variable("ANNALS_STORAGE_SEAL_BYTES", "20000")
}

/// Event `n`: one of two users did something with one of three resources.
fn piped(n: usize) -> Value {
    let name = ["Data Pipeline", "PIPELINE-7", "Segment"][n % 3];
    json!({
        "workspace_id": "acme", "action": "a.b",
        "actor": {"kind": "user", "id": format!("u{}", n % 2)},
        "resources": [{"type": "source", "id": format!("s{}", n % 3), "name": name}],
        "metadata": {"n": n, "fill": "x".repeat(400)},
    })
}

/// How many names this process has fed to its index; `None` before the first.
fn names_fed(annals: &AnnalsProcess) -> Option<f64> {
    metrics::value(&annals.anonymous(), "annals_projector_names_fed_total")
}

/// How many live segments there are.
fn live(data: &Path) -> usize {
    Manifest::newest(data).map_or(0, |manifest| manifest.segments.len())
}

#[test]
fn a4_5_a_filtered_cursor_survives_a_new_index() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let walks = walks_over_segments(&data);
    let index = data.join("index");
    std::fs::remove_dir_all(&index).unwrap();
    let annals = AnnalsProcess::start(&data, &sealing());
    let client = annals.client("acme");
    // Before it is there again, and after.
    walks.iter().for_each(|walk| walk.check(&client));
    wait::until("the index to be fed again", wait::PATIENCE, || names_fed(&annals));
    assert!(index.is_dir(), "it is there again");
    walks.iter().for_each(|walk| walk.check(&client));
}

#[test]
fn a4_5_a_filtered_cursor_survives_a_compaction() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let walks = walks_over_segments(&data);
    let before = live(&data);
    let options = UpOptions::default()
        .variable("ANNALS_STORAGE_COMPACTION_TIERS", "120,4000")
        .variable("ANNALS_STORAGE_GRACE_SECONDS", "1");
    let annals = AnnalsProcess::start(&data, &options);
    let client = annals.client("acme");
    wait::until("merged segments, the others removed", 2 * wait::PATIENCE, || {
        let manifest = Manifest::newest(&data)?;
        let is_merged = |segment: &SegmentEntry| segment.path.contains("-compacted");
        let live = manifest.segments.len();
        let is_done = manifest.segments.iter().any(is_merged) && live < before;
        (is_done && segment_files(&data).len() == live).then_some(())
    });
    walks.iter().for_each(|walk| walk.check(&client));
}

/// While the tail is folded again a walk was answered from what was there: a page without the
/// newest rows, and a smaller snapshot for the rest of the walk. It has to wait instead.
fn follow_once_read(client: &Http, query: &str, cursor: &str) -> RawPage {
    let list = List::of(client, "acme");
    wait::until("the cursor's snapshot", wait::PATIENCE, || {
        let answer = list.answer(&format!("{query}&cursor={}", encode(cursor)));
        assert!(answer.status == 200 || answer.problem() == "behind", "{}", answer.text());
        (answer.status == 200).then_some(())
    });
    list.follow(query, cursor)
}

#[test]
fn a4_5_a_cursor_with_other_filters_is_refused() {
    let server = server();
    let cursor = server.list().page("actor=u1&limit=5").page.next.unwrap();
    let cursor = encode(&cursor);
    assert_eq!(server.list().answer(&format!("actor=u1&limit=5&cursor={cursor}")).status, 200);
    for filter in ["", "actor=u0", "actor=u1&actor=u0", "actor=u1&kind=update"] {
        let answer = server.list().answer(&format!("{filter}&limit=5&cursor={cursor}"));
        assert_eq!(
            (answer.status, answer.problem()),
            (400, "cursor-mismatch".to_owned()),
            "{filter}"
        );
    }
}

/// Every single changed character of a cursor, and things that never were one.
#[test]
fn a3_2_an_altered_cursor_is_refused() {
    let server = server();
    let cursor = server.list().page("limit=5").page.next.unwrap();
    let refused = |text: &str| {
        let answer = server.list().answer(&format!("limit=5&cursor={}", encode(text)));
        assert_eq!(
            (answer.status, answer.problem()),
            (400, "cursor-mismatch".to_owned()),
            "{text}"
        );
    };
    for at in 0..cursor.len() - 1 {
        let mut altered = cursor.clone().into_bytes();
        altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
        refused(std::str::from_utf8(&altered).unwrap());
    }
    for text in ["x", "AAAA", "../..", &cursor[..cursor.len() - 4]] {
        refused(text);
    }
}

#[test]
fn a3_2_a_cursor_of_another_workspace_is_refused() {
    let server = server();
    let events: Vec<_> = (0..20)
        .map(|n| json!({"workspace_id": "other", "action": "a.b", "metadata": {"n": n}}))
        .collect();
    assert_eq!(server.admin.post("/v1/events:batch", &events.into()).status, 202);
    List::of(&server.admin, "other").settle();
    let cursor = List::of(&server.admin, "other").page("limit=5").page.next.unwrap();
    let answer = server.list().answer(&format!("limit=5&cursor={}", encode(&cursor)));
    assert_eq!((answer.status, answer.problem()), (400, "cursor-mismatch".to_owned()));
}

/// RFC 8288: the links are in the header too.
#[test]
fn the_link_header_leads_to_the_next_page() {
    let server = server();
    let answer = server.list().answer("actor=u1&limit=5");
    let link = answer.header("link").to_owned();
    let next = link.split(',').find(|link| link.contains(r#"rel="next""#)).expect("a next link");
    let target = next.split(['<', '>']).nth(1).unwrap();
    // A link may be relative to the address that was asked.
    let path = match target.strip_prefix('?') {
        Some(query) => server.list().path(query),
        None => target.strip_prefix(server.admin.address()).unwrap_or(target).to_owned(),
    };
    let by_link = server.admin.get(&path);
    assert_eq!(by_link.status, 200, "{path}: {}", by_link.text());
    let cursor = answer.json()["page"]["next"].as_str().unwrap().to_owned();
    let by_cursor = server.list().follow("actor=u1&limit=5", &cursor);
    let rows: annals_tests::list::RawPage = by_link.parse();
    assert_eq!(rows.bytes(), by_cursor.bytes());
}
