//! A store whose files are not as they were written: `annals up` starts, says which file it is, and
//! shows no page rather than a wrong one.
//!
//! The embedded log has one partition, so a partition that cannot be opened is all workspaces here.
//! That the others go on is tested where there are several, in the store.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use annals_tests::command::{self, Target};
use annals_tests::http::Http;
use annals_tests::inputs::Input;
use annals_tests::list::List;
use annals_tests::process::{AnnalsProcess, UpOptions};
use annals_tests::random::Random;
use annals_tests::shared::Shared;
use annals_tests::store_files::{self, Manifest, manifest_files};
use annals_tests::{environment, report, wait};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Places in segments where a bit is flipped: one start of the server each.
const FLIPS: u64 = 150;
/// Places in a manifest, alike.
const MANIFEST_FLIPS: u64 = 6;

/// Answers that together read rows, columns, lists and catalog of every segment.
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

#[test]
fn a_missing_segment_is_named_and_nothing_is_shown_until_it_is_back() {
    let case = Case::new();
    let segment = case.segment(1);
    fs::remove_file(&segment).unwrap();
    case.check(&[segment]);
}

#[test]
fn a_truncated_segment_is_named_and_nothing_is_shown_until_it_is_back() {
    let case = Case::new();
    let segment = case.segment(0);
    let length = fs::metadata(&segment).unwrap().len();
    for left in [0, 7, length / 2, length - 1] {
        fs::File::options().write(true).open(&segment).unwrap().set_len(left).unwrap();
        case.check(std::slice::from_ref(&segment));
    }
}

#[test]
fn a_segment_that_has_grown_is_named_and_nothing_is_shown_until_it_is_back() {
    let case = Case::new();
    let segment = case.segment(2);
    let mut bytes = fs::read(&segment).unwrap();
    bytes.push(0);
    fs::write(&segment, bytes).unwrap();
    case.check(&[segment]);
}

#[test]
fn a_flipped_footer_is_named_and_nothing_is_shown_until_it_is_back() {
    let case = Case::new();
    let segment = case.segment(1);
    let length = fs::metadata(&segment).unwrap().len();
    // The magic, the trailer's checksum and length, the footer's end.
    for from_end in [1, 14, 18, 24] {
        store_files::flip(&segment, length - from_end, 3).unwrap();
        case.check(std::slice::from_ref(&segment));
    }
}

#[test]
fn swapped_segments_are_named_and_nothing_is_shown_until_they_are_back() {
    let case = Case::new();
    let (one, other) = (case.segment(0), case.segment(1));
    let between = one.with_extension("between");
    fs::rename(&one, &between).unwrap();
    fs::rename(&other, &one).unwrap();
    fs::rename(&between, &other).unwrap();
    case.check(&[one, other]);
}

/// The same events in the same range, sealed by another installation.
#[test]
fn a_segment_of_another_log_is_named_and_nothing_is_shown_until_its_own_is_back() {
    let case = Case::new();
    let foreign = Sealed::new();
    let segment = case.segment(0);
    let newest = Manifest::newest(&foreign.data).unwrap();
    fs::copy(&newest.segment_files(&foreign.data)[0], &segment).unwrap();
    case.check(&[segment]);
}

#[test]
fn a_segment_of_a_newer_format_is_named_and_nothing_is_shown_until_it_is_back() {
    let case = Case::new();
    let segment = case.segment(0);
    let mut bytes = fs::read(&segment).unwrap();
    let format = bytes.len() - 12..bytes.len() - 8;
    bytes[format].copy_from_slice(&99_u32.to_le_bytes());
    fs::write(&segment, bytes).unwrap();
    let reason = case.check(&[segment]);
    assert!(reason.contains("format 99"), "{reason}");
}

#[test]
fn a_flipped_manifest_is_named_and_nothing_is_shown_until_it_is_back() {
    let case = Case::new();
    let manifest = case.newest_manifest();
    let length = fs::metadata(&manifest).unwrap().len();
    let mut random = Random::new(environment::seed("flips in a manifest"));
    for _ in 0..MANIFEST_FLIPS {
        store_files::flip(&manifest, random.below(length), 1).unwrap();
        case.check(std::slice::from_ref(&manifest));
    }
}

#[test]
fn a_manifest_of_a_newer_format_is_named_and_nothing_is_shown_until_it_is_back() {
    let case = Case::new();
    let manifest = case.newest_manifest();
    let text = fs::read_to_string(&manifest).unwrap();
    let newer = text.replacen("\"format\": 1", "\"format\": 99", 1);
    let newer = newer.replacen("\"format\":1", "\"format\":99", 1);
    assert_ne!(newer, text);
    fs::write(&manifest, newer).unwrap();
    let reason = case.check(&[manifest]);
    assert!(reason.contains("format 99"), "{reason}");
}

/// The log still has what the lost manifests said: it is folded again from the one before, or from
/// the beginning.
#[test]
fn without_its_newest_manifests_the_log_is_folded_again_and_every_page_is_right() {
    let case = Case::new();
    for keep in [1, 0] {
        for manifest in &manifest_files(&case.data)[keep..] {
            fs::remove_file(manifest).unwrap();
        }
        let annals = case.start();
        case.assert_whole(&annals);
        assert!(annals.stop().success());
    }
}

/// Whose store it is cannot be told without `log.json`: there is nothing to serve.
#[test]
fn a_flipped_log_json_is_named_and_the_command_ends() {
    let case = Case::new();
    let file = store_files::store(&case.data).join("log.json");
    let length = fs::metadata(&file).unwrap().len();
    for byte in [0, length / 2, length - 3] {
        store_files::flip(&file, byte, 0).unwrap();
        let ended = AnnalsProcess::try_start(&case.data, &case.options());
        let ended = ended.err().expect("a store of nobody is not opened");
        assert_eq!(ended.status.code(), Some(2), "{}", ended.log);
        assert!(ended.log.contains("log.json"), "{}", ended.log);
        assert!(!ended.log.contains("panicked"), "{}", ended.log);
        case.restore(&file);
    }
    case.assert_whole(&case.start());
}

/// With another `log.json`, the manifest is another log's.
#[test]
fn a_lost_log_json_leaves_a_manifest_of_another_log_which_is_named() {
    let case = Case::new();
    let file = store_files::store(&case.data).join("log.json");
    fs::remove_file(&file).unwrap();
    let annals = case.start();
    case.assert_unavailable(&annals, &[case.newest_manifest()]);
    assert!(annals.stop().success());
    case.restore(&file);
    case.assert_whole(&case.start());
}

/// Nobody has to restart anything; and what was sent meanwhile is in the log.
#[test]
fn a_partition_opens_by_itself_once_its_file_is_back() {
    let case = Case::new();
    let segment = case.segment(1);
    fs::remove_file(&segment).unwrap();
    let annals = case.start();
    case.assert_unavailable(&annals, std::slice::from_ref(&segment));
    let client = annals.client("acme");
    let event = json!({"event_id": "00000000-0000-4000-8000-00000000beef", "workspace_id": "acme",
        "action": "model.created"});
    let answer = client.post("/v1/events:batch", &json!([event]));
    assert_eq!(answer.status, 202, "{}", answer.text());
    case.restore(&segment);
    case.assert_whole_but(&annals, 1);
}

/// A bit anywhere in a segment. Found when it is opened, or by the first answer that needs the
/// place: no answer is ever another one, and a repeated event is never taken for a new one.
#[test]
fn a_bit_flipped_anywhere_in_a_segment_never_makes_a_wrong_answer() {
    let case = Case::new();
    let mut random = Random::new(environment::seed("flips in segments"));
    let (mut at_opening, mut by_an_answer, mut unnoticed) = (0, 0, Vec::new());
    for _ in 0..FLIPS {
        let segment = case.segment(usize::try_from(random.below(3)).unwrap());
        let byte = random.below(fs::metadata(&segment).unwrap().len());
        store_files::flip(&segment, byte, u32::try_from(random.below(8)).unwrap()).unwrap();
        let annals = case.start();
        match case.ask_damaged(&annals, &segment) {
            Found::AtOpening => at_opening += 1,
            Found::ByAnAnswer => by_an_answer += 1,
            Found::Never => unnoticed.push((segment.clone(), byte)),
        }
        assert!(annals.stop().success());
        case.restore_all();
    }
    report::line(&format!(
        "{FLIPS} flips: {at_opening} found at opening, {by_an_answer} by an answer, no answer needed {}",
        unnoticed.len()
    ));
    case.assert_whole(&case.start());
}

/// When a flipped bit was noticed.
enum Found {
    AtOpening,
    ByAnAnswer,
    Never,
}

/// An installation in which everything is sealed, and what it answered.
struct Sealed {
    _directory: TempDir,
    data: PathBuf,
    /// Queries and the rows that they found.
    answers: Vec<(String, Vec<String>)>,
    /// An event that is in the oldest segment.
    repeated: Value,
    visible: u64,
}

impl Sealed {
    fn new() -> Self {
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
        let resource = &List::of(&client, "acme")
            .rows("limit=1&to=2025-01-20T00:00:00Z&action=model.created")[0]["resources"][0];
        let resource = format!(
            "limit=200&resource_type=model&resource_id={}",
            resource["id"].as_str().unwrap()
        );
        let queries = QUERIES.map(ToOwned::to_owned).into_iter().chain([resource]);
        let answers: Vec<_> = queries.map(|query| (query.clone(), rows(&client, &query))).collect();
        assert!(answers.iter().all(|(_, rows)| !rows.is_empty()), "every query finds something");
        let visible = visible(&client);
        assert!(annals.stop().success());
        let text = fs::read_to_string(&input.file).unwrap();
        let mut events = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let repeated = events.find(|event| event["workspace_id"] == "acme").unwrap();
        Self { _directory: directory, data, answers, repeated, visible }
    }
}

/// A copy of it to be damaged.
struct Case {
    sealed: Arc<Sealed>,
    directory: TempDir,
    data: PathBuf,
}

impl Case {
    fn new() -> Self {
        static SEALED: Shared<Sealed> = Shared::new();
        let sealed = SEALED.get(Sealed::new);
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().join("data");
        store_files::copy(&sealed.data, &data).unwrap();
        Self { sealed, directory, data }
    }

    fn segment(&self, number: usize) -> PathBuf {
        let newest = Manifest::newest(&self.sealed.data).unwrap();
        newest.segment_files(&self.data)[number].clone()
    }

    fn newest_manifest(&self) -> PathBuf {
        manifest_files(&self.data).pop().unwrap()
    }

    fn options(&self) -> UpOptions {
        options()
    }

    fn start(&self) -> AnnalsProcess {
        AnnalsProcess::start(&self.data, &self.options())
    }

    /// Puts back what was there.
    fn restore(&self, file: &Path) {
        let place = file.strip_prefix(&self.data).unwrap();
        fs::copy(self.sealed.data.join(place), file).unwrap();
    }

    fn restore_all(&self) {
        fs::remove_dir_all(&self.data).unwrap();
        store_files::copy(&self.sealed.data, &self.data).unwrap();
    }

    /// With one of these files bad nothing is shown; with all of them restored everything is.
    /// Returns the reason that was given.
    fn check(&self, bad: &[PathBuf]) -> String {
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
    fn assert_unavailable(&self, annals: &AnnalsProcess, bad: &[PathBuf]) -> String {
        let client = annals.client("*");
        assert_eq!(client.get("/livez").status, 200);
        let reason = wait::until("readiness to say why", wait::PATIENCE, || {
            let answer = client.get("/readyz");
            (answer.status == 503).then(|| answer.text())
        });
        let named = bad.iter().any(|file| reason.contains(name(file)));
        assert!(named, "{bad:?} in {reason}");
        let event = self.sealed.repeated["event_id"].as_str().unwrap();
        let event = format!("events/{event}");
        for path in
            ["events", "events?resource_name=e", &event, "actions", "quarantine", "accounting"]
        {
            let answer = client.get(&format!("/v1/workspaces/acme/{path}"));
            assert_eq!(answer.status, 503, "{path}: {}", answer.text());
            assert_eq!(answer.problem(), "behind");
        }
        assert_eq!(client.get("/livez").status, 200);
        assert!(!annals.log_tail().contains("panicked"), "{}", annals.log_tail());
        reason
    }

    fn assert_whole(&self, annals: &AnnalsProcess) {
        self.assert_whole_but(annals, 0);
    }

    /// Everything is as it was, with so many events more, which are newer than all others.
    fn assert_whole_but(&self, annals: &AnnalsProcess, more: u64) {
        let client = annals.client("*");
        wait::until("readiness", wait::PATIENCE, || {
            (client.get("/readyz").status == 200).then_some(())
        });
        List::of(&client, "acme").settle();
        assert_eq!(visible(&client), self.sealed.visible + more);
        if more == 0 {
            for (query, expected) in &self.sealed.answers {
                assert!(rows(&client, query) == *expected, "{query}: other rows");
            }
        }
    }

    /// Asks everything of a server on a segment with a flipped bit, and sends a repeated event.
    fn ask_damaged(&self, annals: &AnnalsProcess, segment: &Path) -> Found {
        let client = annals.client("*");
        assert_eq!(client.get("/livez").status, 200);
        let at_opening = client.get(&events("limit=1")).status == 503;
        let mut refused = 0;
        for (query, expected) in &self.sealed.answers {
            refused += u64::from(!self.is_answered(&client, query, expected));
        }
        let answer = client.post("/v1/events:batch", &json!([self.sealed.repeated]));
        assert_eq!(answer.status, 202, "{}", answer.text());
        let list = List::of(&client, "acme");
        let now = annals_tests::clock::now().timestamp_micros();
        let halted = wait::until("the repeated event", wait::PATIENCE, || {
            if client.get("/readyz").status == 503 {
                return Some(true);
            }
            let answer = list.answer("limit=1");
            let page =
                (answer.status == 200).then(|| answer.parse::<annals_tests::list::RawPage>());
            match page {
                Some(page) => (page.complete_through() >= now).then_some(false),
                None => Some(false),
            }
        });
        let accounting = client.get("/v1/workspaces/acme/accounting");
        if accounting.status == 200 {
            assert_eq!(accounting.json()["visible"], self.sealed.visible, "a repeated event");
        }
        assert!(!annals.log_tail().contains("panicked"), "{}", annals.log_tail());
        if refused == 0 && !halted {
            return Found::Never;
        }
        let said = format!("{}{}", annals.log_tail(), client.get("/readyz").text());
        assert!(said.contains(name(segment)), "{} in {said}", name(segment));
        if at_opening { Found::AtOpening } else { Found::ByAnAnswer }
    }

    /// Whether a query was answered, then with the right rows; otherwise by a problem.
    fn is_answered(&self, client: &Http, query: &str, expected: &[String]) -> bool {
        let answer = client.get(&events(query));
        if answer.status == 200 {
            let rows = answer.parse::<annals_tests::list::RawPage>();
            assert!(rows.bytes() == expected, "{query}: other rows");
            return true;
        }
        assert!(matches!(answer.status, 500 | 503), "{query}: {}", answer.text());
        assert!(matches!(answer.problem().as_str(), "internal" | "behind"), "{}", answer.text());
        false
    }
}

/// Without compaction: the segments stay those that were copied.
fn options() -> UpOptions {
    UpOptions::default().variable("ANNALS_STORAGE_COMPACTION", "false")
}

fn events(query: &str) -> String {
    format!("/v1/workspaces/acme/events?{query}")
}

fn rows(client: &Http, query: &str) -> Vec<String> {
    let page = List::of(client, "acme").page(query);
    page.bytes().into_iter().map(ToOwned::to_owned).collect()
}

fn visible(client: &Http) -> u64 {
    let accounting: Value = client.get_json("/v1/workspaces/acme/accounting");
    accounting["visible"].as_u64().unwrap()
}

fn name(file: &Path) -> &str {
    file.file_name().unwrap().to_str().unwrap()
}
