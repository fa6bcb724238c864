//! Random filters over the same events in several layouts of segments and tail: the answers hang
//! on neither.

use std::path::PathBuf;

use annals_tests::command::{self, Target};
use annals_tests::inputs::Input;
use annals_tests::list::List;
use annals_tests::process::{AnnalsProcess, UpOptions};
use annals_tests::store_files::{Manifest, segment_files};
use annals_tests::{environment, metrics, oracle, wait};
use tempfile::TempDir;

/// How many layouts share the queries.
const LAYOUTS: u64 = 8;
/// Parts that the input comes in: a seal takes what lies between two of them.
const PARTS: usize = 40;
/// Forty parts that each cross a seal's threshold, more or less.
const ABOUT_FORTY: std::ops::RangeInclusive<usize> = 30..=50;
/// What compaction leaves of forty segments of some 320 records, by `TIERS`: up to three of each.
const FEW: usize = 10;
const TIERS: &str = "1000,4000,20000";
/// More than all events take.
const NEVER: u64 = 32 << 20;

/// The tail alone, then the same log folded anew into one segment that holds everything.
#[test]
fn filters_equal_the_oracle_in_a_tail_and_in_one_segment() {
    let fixture = Fixture::new("in a tail and in one segment");
    let annals = fixture.start(NEVER, &[]);
    fixture.import(&annals);
    fixture.compare(&annals, 0);
    assert!(Manifest::newest(&fixture.data).is_none(), "the layout is a tail alone");
    // Exactly what the tail holds: the last record alone brings it there.
    let all = fixture.tail_bytes(&annals);
    assert!(annals.stop().success());
    let annals = fixture.start(all, &[]);
    wait::until("a segment of everything", wait::PATIENCE, || {
        Manifest::newest(&fixture.data).filter(|newest| newest.end == fixture.lines())
    });
    fixture.compare(&annals, 1);
    assert_eq!(fixture.live_segments(), 1);
    assert_eq!(fixture.tail_bytes(&annals), 0);
}

/// Three segments and a tail whose rows lie between theirs; then without the name index, and after
/// it has been fed again.
#[test]
fn filters_equal_the_oracle_in_three_segments_and_a_tail_with_and_without_a_name_index() {
    let fixture = Fixture::new("in three segments and a tail");
    let annals = fixture.start(fixture.all_bytes() * 10 / 33, &[]);
    fixture.import(&annals);
    wait::until("three segments", wait::PATIENCE, || (fixture.live_segments() == 3).then_some(()));
    fixture.compare(&annals, 2);
    assert_eq!(fixture.live_segments(), 3);
    let newest = Manifest::newest(&fixture.data).unwrap();
    assert!(newest.end < fixture.lines(), "the tail holds something");
    assert!(annals.stop().success());

    // A file where the directory should be: no index can be made, and every name is scanned.
    let index = fixture.data.join("index");
    std::fs::remove_dir_all(&index).unwrap();
    std::fs::write(&index, "in the way").unwrap();
    let annals = fixture.start(NEVER, &[]);
    fixture.compare(&annals, 3);
    assert_eq!(fixture.names_fed(&annals), None);
    std::fs::remove_file(&index).unwrap();
    wait::until("the name index to be fed", wait::PATIENCE, || fixture.names_fed(&annals));
    fixture.compare(&annals, 4);
}

/// Some forty segments; the same while they are merged, and when few are left.
#[test]
fn filters_equal_the_oracle_in_forty_segments_before_amid_and_after_compaction() {
    let fixture = Fixture::new("in forty segments");
    let annals = fixture.start(fixture.all_bytes() * 9 / 400, &[]);
    fixture.import(&annals);
    fixture.compare(&annals, 5);
    let before = fixture.live_segments();
    assert!(ABOUT_FORTY.contains(&before), "{before} segments");
    assert!(annals.stop().success());

    let compaction = [
        ("ANNALS_STORAGE_COMPACTION", "true"),
        ("ANNALS_STORAGE_COMPACTION_TIERS", TIERS),
        ("ANNALS_STORAGE_GRACE_SECONDS", "1"),
    ];
    let annals = fixture.start(NEVER, &compaction);
    fixture.compare(&annals, 6);
    wait::until("few segments, the others removed", 2 * wait::PATIENCE, || {
        let live = fixture.live_segments();
        (live <= FEW && segment_files(&fixture.data).len() == live).then_some(())
    });
    fixture.compare(&annals, 7);
}

struct Fixture {
    directory: TempDir,
    data: PathBuf,
    input: Input,
    seed: u64,
}

impl Fixture {
    fn new(what: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let seed = environment::seed(what);
        let input = Input::fixture(directory.path(), seed);
        let data = directory.path().join("data");
        Self { directory, data, input, seed }
    }

    /// Starts a server without compaction, unless the variables say otherwise.
    fn start(&self, seal_bytes: u64, variables: &[(&str, &str)]) -> AnnalsProcess {
        let mut options = UpOptions::default()
            .variable("ANNALS_STORAGE_COMPACTION", "false")
            .variable("ANNALS_STORAGE_SEAL_BYTES", &seal_bytes.to_string());
        for (name, value) in variables {
            options = options.variable(name, value);
        }
        AnnalsProcess::start(&self.data, &options)
    }

    /// Imports part by part, each once the one before is folded: a seal that is due starts before
    /// more is folded, so what it takes hangs on the parts and not on the machine's pace.
    fn import(&self, annals: &AnnalsProcess) {
        for part in self.input.parts(PARTS) {
            command::import_all(&part, Target::Data(&self.data));
            self.settle(annals);
        }
    }

    fn settle(&self, annals: &AnnalsProcess) {
        // All workspaces are in the one partition.
        List::of(&annals.client("acme"), "acme").settle();
    }

    /// Holds this layout's share of the queries against the oracle.
    fn compare(&self, annals: &AnnalsProcess, layout: u64) {
        let queries = environment::number("TEST_ANNALS_QUERIES", 10_000).div_ceil(LAYOUTS);
        let (client, directory) = (annals.client("*"), self.directory.path());
        oracle::compare(&client, &self.input, directory, queries, self.seed + layout);
    }

    /// What a tail of all events takes.
    fn all_bytes(&self) -> u64 {
        let data = self.directory.path().join("measured");
        let options =
            UpOptions::default().variable("ANNALS_STORAGE_SEAL_BYTES", &NEVER.to_string());
        let annals = AnnalsProcess::start(&data, &options);
        command::import_all(&self.input.file, Target::Data(&data));
        self.tail_bytes(&annals)
    }

    /// What the tail takes once everything is folded.
    fn tail_bytes(&self, annals: &AnnalsProcess) -> u64 {
        self.settle(annals);
        // The figure is set between two folds: by now that before the last fold may still stand.
        self.settle(annals);
        let bytes = metrics::value(&annals.anonymous(), "annals_projector_tail_bytes").unwrap();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few MiB")]
        let bytes = bytes as u64;
        bytes
    }

    fn names_fed(&self, annals: &AnnalsProcess) -> Option<f64> {
        metrics::value(&annals.anonymous(), "annals_projector_names_fed_total")
    }

    fn live_segments(&self) -> usize {
        Manifest::newest(&self.data).map_or(0, |newest| newest.segments.len())
    }

    fn lines(&self) -> u64 {
        self.input.lines as u64
    }
}
