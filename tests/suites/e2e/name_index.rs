//! The name index is derived: while it is away, behind, damaged or another's, every answer is the
//! same, and it is fed again by itself.
//!
//! How fast it is fed is a figure of `make bench-store`.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use annals_tests::command::{self, Target};
use annals_tests::ending::Ending;
use annals_tests::http::{Http, encode};
use annals_tests::inputs::Input;
use annals_tests::list::List;
use annals_tests::process::{AnnalsProcess, UpOptions};
use annals_tests::random::Random;
use annals_tests::shared::Shared;
use annals_tests::store_files::{self, Manifest};
use annals_tests::{environment, metrics, oracle, wait};
use serde_json::Value;
use tempfile::TempDir;

/// Searches by name whose answers are compared.
const SEARCHES: u64 = 60;
/// What a search may be long.
const NEEDLE_CHARACTERS: usize = 256;
/// More than all events take: nothing is sealed.
const NEVER: &str = "33554432";
/// Without a name in it: read from the segments whatever becomes of the index.
const TIME_ORDERED: [&str; 3] =
    ["limit=200", "limit=200&to=2025-03-01T00:00:00Z", "limit=200&actor=u1&kind=update"];

/// The directory is removed under a running server, which reads on all the time.
#[test]
fn a17_3_without_its_directory_answers_stay_and_the_index_is_fed_again() {
    let case = Case::new();
    fs::remove_dir_all(case.index()).unwrap();
    let annals = case.start();
    let all = wait::until("the index to be fed", wait::PATIENCE, || fed(&annals));
    let ended = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| case.keep_reading(&annals, &ended));
        let ending = Ending(&ended);
        case.remove_index();
        // Nothing can be made where a file is: every name is scanned until it is gone.
        fs::write(case.index(), "in the way").unwrap();
        wait::until("the index to be missed", wait::PATIENCE, || {
            annals.log_tail().contains("a name index could not be fed").then_some(())
        });
        case.assert_answers(&annals);
        assert_eq!(fed(&annals), Some(all), "there is no index");
        assert_eq!(annals.anonymous().get("/readyz").status, 200, "names are scanned meanwhile");
        fs::remove_file(case.index()).unwrap();
        for times in [2.0, 3.0] {
            wait::until("the index to be fed again", wait::PATIENCE, || {
                (fed(&annals) == Some(times * all)).then_some(())
            });
            case.assert_answers(&annals);
            case.remove_index();
        }
        drop(ending);
        assert!(reader.join().unwrap() > 0, "the reader has read");
    });
    let queries = environment::number("TEST_ANNALS_QUERIES", 300);
    let (client, fixture) = (annals.client("*"), &case.fixture);
    oracle::compare(&client, &fixture.input, case.directory.path(), queries, fixture.seed);
}

/// A flipped byte or a cut in any file of the index.
#[test]
fn a_damaged_file_of_the_index_changes_no_answer() {
    let case = Case::new();
    let mut damaged = 0;
    for file in files(&case.index().join("0")) {
        let whole = fs::read(&file).unwrap();
        if whole.is_empty() {
            continue;
        }
        let mut flipped = whole.clone();
        flipped[whole.len() / 2] ^= 4;
        for bytes in [&flipped[..], &whole[..whole.len() / 2]] {
            fs::write(&file, bytes).unwrap();
            let annals = case.start();
            case.assert_answers(&annals);
            assert_eq!(annals.anonymous().get("/readyz").status, 200);
            assert!(annals.stop().success(), "{}", file.display());
            case.restore_index(&case.fixture.index());
            damaged += 1;
        }
    }
    assert!(damaged >= 10, "an index has some files");
}

/// It was copied before the newest names were sealed: these are fed, and found meanwhile.
#[test]
fn an_index_that_is_behind_changes_no_answer_and_catches_up() {
    let case = Case::new();
    case.restore_index(&case.fixture.early_index());
    let annals = case.start();
    case.assert_answers(&annals);
    let rest = wait::until("the index to catch up", wait::PATIENCE, || fed(&annals));
    assert!(rest < case.fixture.names, "{rest} names are not the rest alone");
    case.assert_answers(&annals);
}

/// Another installation's names have the same codes and mean other resources.
#[test]
fn an_index_of_another_log_is_begun_again() {
    let case = Case::new();
    let other = Fixture::new(environment::seed("another installation's names"));
    case.restore_index(&other.index());
    let annals = case.start();
    case.assert_answers(&annals);
    let all = wait::until("the index to be fed", wait::PATIENCE, || fed(&annals));
    assert!(all >= case.fixture.names, "{all} names are not all");
    case.assert_answers(&annals);
}

/// An installation in which everything is sealed and every name is indexed.
struct Fixture {
    directory: TempDir,
    input: Input,
    seed: u64,
    /// Queries and the rows they found.
    answers: Vec<(String, Vec<String>)>,
    /// How many names are indexed.
    names: f64,
}

impl Fixture {
    fn new(seed: u64) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let input = Input::fixture(directory.path(), seed);
        let answers = Vec::new();
        let mut fixture = Self { directory, input, seed, answers, names: 0.0 };
        let parts = fixture.input.parts(2);
        fixture.seal(&parts[0]);
        store_files::copy(&fixture.index(), &fixture.early_index()).unwrap();
        fixture.seal(&parts[1]);
        // Begun again, so that the first round feeds everything.
        fs::remove_dir_all(fixture.index()).unwrap();
        let annals = start(&fixture.data(), NEVER);
        fixture.names = wait::until("the index to be fed", wait::PATIENCE, || fed(&annals));
        let client = annals.client("acme");
        List::of(&client, "acme").settle();
        for query in fixture.queries() {
            let rows = rows(&client, &query);
            fixture.answers.push((query, rows));
        }
        assert!(annals.stop().success());
        fixture
    }

    /// Imports a file and waits until it is in segments and its names are being indexed.
    fn seal(&self, part: &Path) {
        let before = Manifest::newest(&self.data()).map_or(0, |newest| newest.end);
        let lines = fs::read_to_string(part).unwrap().lines().count() as u64;
        let annals = start(&self.data(), "1");
        command::import_all(part, Target::Data(&self.data()));
        wait::until("everything to be sealed", wait::PATIENCE, || {
            Manifest::newest(&self.data()).filter(|newest| newest.end == before + lines)
        });
        wait::until("the index to be fed", wait::PATIENCE, || fed(&annals));
        assert!(annals.stop().success());
    }

    /// Pages in time order, and searches for parts of names that there are.
    fn queries(&self) -> Vec<String> {
        let text = fs::read_to_string(&self.input.file).unwrap();
        let events = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let names: Vec<Vec<char>> = events
            .filter(|event| event["workspace_id"] == "acme")
            .filter_map(|event| Some(event["resources"][0]["name"].as_str()?.chars().collect()))
            .filter(|name: &Vec<char>| (1..=NEEDLE_CHARACTERS).contains(&name.len()))
            .collect();
        let mut random = Random::new(self.seed);
        let mut below =
            |bound: usize| usize::try_from(random.below(bound as u64)).expect("below an index");
        let mut queries = TIME_ORDERED.map(ToOwned::to_owned).to_vec();
        for number in 0..SEARCHES {
            let name = &names[below(names.len())];
            let from = below(name.len());
            let length = 1 + below((name.len() - from).min(6));
            let (mode, part) = match number % 4 {
                0 => ("exact", &name[..]),
                1 => ("prefix", &name[..length]),
                _ => ("contains", &name[from..from + length]),
            };
            let scope = if number % 3 == 0 { "event" } else { "ever" };
            let part = encode(&part.iter().collect::<String>());
            queries.push(format!(
                "limit=200&resource_name={part}&name_match={mode}&name_scope={scope}"
            ));
        }
        queries
    }

    fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    fn index(&self) -> PathBuf {
        self.data().join("index")
    }

    fn early_index(&self) -> PathBuf {
        self.directory.path().join("early")
    }
}

/// A copy of it.
struct Case {
    fixture: Arc<Fixture>,
    directory: TempDir,
    data: PathBuf,
}

impl Case {
    fn new() -> Self {
        static FIXTURE: Shared<Fixture> = Shared::new();
        let fixture = FIXTURE.get(|| Fixture::new(environment::seed("the name index")));
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().join("data");
        store_files::copy(&fixture.data(), &data).unwrap();
        Self { fixture, directory, data }
    }

    fn index(&self) -> PathBuf {
        self.data.join("index")
    }

    fn start(&self) -> AnnalsProcess {
        start(&self.data, NEVER)
    }

    fn remove_index(&self) {
        // A merge may write a last file meanwhile.
        wait::until("the directory to be gone", wait::PATIENCE, || {
            fs::remove_dir_all(self.index()).ok()
        });
    }

    fn restore_index(&self, from: &Path) {
        fs::remove_dir_all(self.index()).unwrap();
        store_files::copy(from, &self.index()).unwrap();
    }

    fn assert_answers(&self, annals: &AnnalsProcess) {
        let client = annals.client("acme");
        for (query, expected) in &self.fixture.answers {
            assert!(rows(&client, query) == *expected, "{query}: other rows");
        }
    }

    /// Asks everything again and again until it is told to end; how often.
    fn keep_reading(&self, annals: &AnnalsProcess, ended: &AtomicBool) -> usize {
        let mut rounds = 0;
        while !ended.load(Ordering::Relaxed) {
            self.assert_answers(annals);
            rounds += 1;
        }
        rounds
    }
}

fn start(data: &Path, seal_bytes: &str) -> AnnalsProcess {
    let options = UpOptions::default()
        .variable("ANNALS_STORAGE_COMPACTION", "false")
        .variable("ANNALS_STORAGE_SEAL_BYTES", seal_bytes);
    AnnalsProcess::start(data, &options)
}

/// How many names this process has fed; `None` before the first.
fn fed(annals: &AnnalsProcess) -> Option<f64> {
    metrics::value(&annals.anonymous(), "annals_projector_names_fed_total")
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

fn rows(client: &Http, query: &str) -> Vec<String> {
    let page = List::of(client, "acme").page(query);
    page.bytes().into_iter().map(ToOwned::to_owned).collect()
}
