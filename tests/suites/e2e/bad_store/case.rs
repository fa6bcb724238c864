//! An installation in which everything is sealed, and copies of it to be damaged.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use annals_tests::command::{self, Target};
use annals_tests::http::Http;
use annals_tests::inputs::Input;
use annals_tests::list::{List, RawPage};
use annals_tests::process::{AnnalsProcess, UpOptions};
use annals_tests::shared::Shared;
use annals_tests::store_files::{self, Manifest, manifest_files};
use annals_tests::{clock, wait};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Beside walks through all rows: what reads columns, lists and catalog of the segments.
const QUERIES: [&str; 10] = [
    "limit=200&actor=u2",
    "limit=200&actor=u1&resource_type=model",
    "limit=200&on_behalf_of=u2",
    "limit=200&action=segment.renamed",
    "limit=200&kind=delete",
    "limit=200&outcome=denied",
    "limit=200&resource_type=destination&outcome=failure",
    "limit=200&resource_name=e&name_match=contains",
    "limit=200&resource_name=eu&name_scope=event",
    "limit=200&to=2025-01-20T00:00:00Z",
];

/// When a flipped bit was noticed.
pub(super) enum Found {
    /// The partition is not open.
    AtOpening,
    /// An answer was refused, or the repeated event was not folded.
    ByAnAnswer,
    /// Everything was answered, and rightly.
    Never,
}

/// What is asked, by workspace, and the rows of the answers, byte for byte.
type Answers = BTreeMap<(String, String), Vec<String>>;

/// An installation in which everything is sealed, and what it answered.
pub(super) struct Sealed {
    _directory: TempDir,
    pub(super) data: PathBuf,
    answers: Answers,
    /// An event that is in the oldest segment.
    repeated: Value,
    visible: u64,
}

impl Sealed {
    pub(super) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let input = Input::fixture(directory.path(), 20);
        let data = directory.path().join("data");
        let options = options().variable("ANNALS_STORAGE_SEAL_BYTES", "1");
        let annals = AnnalsProcess::start(&data, &options);
        let mut lines = 0;
        for part in input.parts(3) {
            command::import_all(&part, Target::Data(&data));
            lines += fs::read_to_string(part).unwrap().lines().count() as u64;
            wait::until("everything to be sealed", wait::PATIENCE, || {
                Manifest::newest(&data).filter(|newest| newest.end == lines)
            });
        }
        assert!(Manifest::newest(&data).unwrap().segments.len() >= 3);
        let client = annals.client("*");
        List::of(&client, "acme").settle();
        let mut answers: Answers = input.ids.keys().map(|workspace| asked(workspace, "")).collect();
        answers.extend(QUERIES.map(|query| asked("acme", query)));
        let model = List::of(&client, "acme").rows("limit=1&action=model.created");
        let id = model[0]["resources"][0]["id"].as_str().unwrap();
        let history = format!("limit=200&resource_type=model&resource_id={id}");
        answers.extend([asked("acme", &history)]);
        for ((workspace, query), rows) in &mut answers {
            *rows = walk(&client, workspace, query).unwrap();
            assert!(!rows.is_empty(), "{query} finds nothing");
        }
        let visible = visible(&client);
        assert!(annals.stop().success());
        let text = fs::read_to_string(&input.file).unwrap();
        let mut events = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let repeated = events.find(|event| event["workspace_id"] == "acme").unwrap();
        Self { _directory: directory, data, answers, repeated, visible }
    }
}

/// A copy of it to be damaged.
pub(super) struct Case {
    sealed: Arc<Sealed>,
    _directory: TempDir,
    pub(super) data: PathBuf,
}

impl Case {
    pub(super) fn new() -> Self {
        static SEALED: Shared<Sealed> = Shared::new();
        let sealed = SEALED.get(Sealed::new);
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().join("data");
        store_files::copy(&sealed.data, &data).unwrap();
        Self { sealed, _directory: directory, data }
    }

    /// A live segment's file, the oldest range first.
    pub(super) fn segment(&self, number: usize) -> PathBuf {
        let newest = Manifest::newest(&self.sealed.data).unwrap();
        newest.segment_files(&self.data)[number].clone()
    }

    pub(super) fn newest_manifest(&self) -> PathBuf {
        manifest_files(&self.data).pop().unwrap()
    }

    pub(super) fn start(&self) -> AnnalsProcess {
        AnnalsProcess::start(&self.data, &options())
    }

    /// Puts back a file as it was.
    pub(super) fn restore(&self, file: &Path) {
        let place = file.strip_prefix(&self.data).unwrap();
        fs::copy(self.sealed.data.join(place), file).unwrap();
    }

    /// With one of these files bad nothing is shown; with all of them put back everything is.
    /// Returns the reason that was given.
    pub(super) fn check(&self, bad: &[PathBuf]) -> String {
        let annals = self.start();
        let reason = self.assert_unavailable(&annals, bad);
        assert!(annals.stop().success(), "it stops as ever");
        bad.iter().for_each(|file| self.restore(file));
        let annals = self.start();
        self.assert_whole(&annals);
        assert!(annals.stop().success());
        reason
    }

    /// Alive, not ready because of one of these files, and no answer about a workspace.
    pub(super) fn assert_unavailable(&self, annals: &AnnalsProcess, bad: &[PathBuf]) -> String {
        let client = annals.client("*");
        assert_eq!(client.get("/livez").status, 200);
        let reason = wait::until("readiness to say why", wait::PATIENCE, || {
            let answer = client.get("/readyz");
            (answer.status == 503).then(|| answer.text())
        });
        let named = bad.iter().any(|file| reason.contains(name(file)));
        assert!(named, "{bad:?} in {reason}");
        let event = format!("events/{}", self.sealed.repeated["event_id"].as_str().unwrap());
        let search = "events?resource_name=e";
        for path in ["events", search, &event, "actions", "quarantine", "accounting"] {
            let answer = client.get(&format!("/v1/workspaces/acme/{path}"));
            assert_eq!(answer.status, 503, "{path}: {}", answer.text());
            assert_eq!(answer.problem(), "behind");
        }
        assert_eq!(client.get("/livez").status, 200);
        assert!(!annals.log_tail().contains("panicked"), "{}", annals.log_tail());
        reason
    }

    /// Everything is answered as it was.
    pub(super) fn assert_whole(&self, annals: &AnnalsProcess) {
        let client = annals.client("*");
        self.assert_visible(annals, 0);
        for ((workspace, query), expected) in &self.sealed.answers {
            let rows = walk(&client, workspace, query);
            assert!(rows.as_ref() == Some(expected), "{workspace} ?{query}: other rows");
        }
    }

    /// Ready, with so many events more than there were.
    pub(super) fn assert_visible(&self, annals: &AnnalsProcess, more: u64) {
        let client = annals.client("*");
        wait::until("readiness", wait::PATIENCE, || {
            (client.get("/readyz").status == 200).then_some(())
        });
        List::of(&client, "acme").settle();
        assert_eq!(visible(&client), self.sealed.visible + more);
    }

    /// Asks everything of a server on a segment with a flipped bit, and sends a repeated event.
    /// What is answered has to be right; what is not has to name the segment somewhere.
    pub(super) fn ask_damaged(&self, annals: &AnnalsProcess, segment: &Path) -> Found {
        let client = annals.client("*");
        assert_eq!(client.get("/livez").status, 200);
        let at_opening = List::of(&client, "acme").answer("limit=1").status == 503;
        let mut refused = false;
        for ((workspace, query), expected) in &self.sealed.answers {
            match walk(&client, workspace, query) {
                Some(rows) => assert!(rows == *expected, "{workspace} ?{query}: other rows"),
                None => refused = true,
            }
        }
        refused |= !self.is_repeat_recognised(&client);
        assert!(!annals.log_tail().contains("panicked"), "{}", annals.log_tail());
        if !refused {
            return Found::Never;
        }
        let said = format!("{}{}", annals.log_tail(), client.get("/readyz").text());
        assert!(said.contains(name(segment)), "{} in {said}", name(segment));
        if at_opening { Found::AtOpening } else { Found::ByAnAnswer }
    }

    /// Sends an event again. Either the partition stops at it, or it is found to be a repeat.
    fn is_repeat_recognised(&self, client: &Http) -> bool {
        let answer = client.post("/v1/events:batch", &json!([self.sealed.repeated]));
        assert_eq!(answer.status, 202, "{}", answer.text());
        let now = clock::now().timestamp_micros();
        let recognised = wait::until("the repeated event", wait::PATIENCE, || {
            if client.get("/readyz").status == 503 {
                return Some(false);
            }
            let answer = List::of(client, "acme").answer("limit=1");
            if answer.status != 200 {
                return Some(false);
            }
            (answer.parse::<RawPage>().complete_through() >= now).then_some(true)
        });
        let accounting = client.get("/v1/workspaces/acme/accounting");
        if accounting.status == 200 {
            assert_eq!(accounting.json()["visible"], self.sealed.visible, "it is not a new event");
        }
        recognised
    }
}

/// Without compaction: the segments stay those that were copied.
pub(super) fn options() -> UpOptions {
    UpOptions::default().variable("ANNALS_STORAGE_COMPACTION", "false")
}

fn asked(workspace: &str, query: &str) -> ((String, String), Vec<String>) {
    ((workspace.to_owned(), query.to_owned()), Vec::new())
}

/// The rows of a query without a limit from its first page to its last, of another its first page;
/// `None` if a page is refused, which has to be done by a problem.
fn walk(client: &Http, workspace: &str, query: &str) -> Option<Vec<String>> {
    let list = List::of(client, workspace);
    let (mut rows, mut cursor) = (Vec::new(), String::new());
    loop {
        let whole = query.is_empty();
        let page = if whole { format!("limit=1000{cursor}") } else { query.to_owned() };
        let answer = list.answer(&page);
        if answer.status != 200 {
            let problem = (answer.status, answer.problem());
            let known = [(500, "internal".to_owned()), (503, "behind".to_owned())];
            assert!(known.contains(&problem), "?{query}: {}", answer.text());
            return None;
        }
        let page: RawPage = answer.parse();
        rows.extend(page.bytes().into_iter().map(ToOwned::to_owned));
        match page.page.next.filter(|_| whole) {
            Some(next) => cursor = format!("&cursor={}", annals_tests::http::encode(&next)),
            None => return Some(rows),
        }
    }
}

fn visible(client: &Http) -> u64 {
    let accounting: Value = client.get_json("/v1/workspaces/acme/accounting");
    accounting["visible"].as_u64().unwrap()
}

fn name(file: &Path) -> &str {
    file.file_name().unwrap().to_str().unwrap()
}
