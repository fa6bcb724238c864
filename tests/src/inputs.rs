//! Event files for the suites: recorded where they are to be had, generated otherwise.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use crate::environment;

/// How many recorded events the data set beside the repository holds.
pub const RECORDED_EVENTS: usize = 41_286;

/// An NDJSON file of events and the ids in it.
pub struct Input {
    /// The file.
    pub file: PathBuf,
    /// Event ids in file order by workspace; every id once, at its first place.
    pub ids: BTreeMap<String, Vec<String>>,
    /// Lines in the file.
    pub lines: usize,
    /// Whether the events are recorded ones.
    pub recorded: bool,
}

impl Input {
    /// The recorded events, or, loudly, generated ones where the recorded data is absent.
    pub fn recorded(directory: &Path) -> Self {
        let Some(data) = environment::recorded_data() else {
            crate::report::line("!!! NO RECORDED DATA (../shared/data): GENERATED EVENTS INSTEAD");
            return Self::fixture(directory, 1);
        };
        let file = directory.join("recorded.ndjson");
        write_output(Command::new("python3").arg(data.join("to_annals.py")), &file);
        let input = Self::read(file, true);
        assert_eq!(input.lines, RECORDED_EVENTS, "the recorded data has another size");
        input
    }

    /// The generated fixture of a seed (see `generate/fixture.py`).
    pub fn fixture(directory: &Path, seed: u64) -> Self {
        let file = directory.join(format!("fixture-{seed}.ndjson"));
        write_output(generator().args(["fixture", "--seed", &seed.to_string()]), &file);
        Self::read(file, false)
    }

    /// The events of one workspace with so many resources, of names all their own (see
    /// `generate/catalog.py`).
    pub fn catalog(directory: &Path, seed: u64, resources: u64) -> Self {
        let file = directory.join(format!("catalog-{seed}.ndjson"));
        let mut command = generator();
        command.args(["catalog", "--seed", &seed.to_string()]);
        write_output(command.args(["--resources", &resources.to_string()]), &file);
        Self::read(file, false)
    }

    /// Plain generated events (see `generate/bulk.py`), few enough for a file.
    pub fn bulk(directory: &Path, events: u64, workspaces: u64) -> Self {
        let file = directory.join("bulk.ndjson");
        write_output(&mut bulk_command(events, workspaces), &file);
        Self::read(file, false)
    }

    /// The same lines in so many files of about one length, in order.
    pub fn parts(&self, count: usize) -> Vec<PathBuf> {
        let text = std::fs::read_to_string(&self.file).expect("the file was just written");
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let part = |(number, lines): (usize, &[&str])| {
            let file = self.file.with_extension(format!("{number}.ndjson"));
            std::fs::write(&file, lines.concat()).expect("a temporary file can be written");
            file
        };
        lines.chunks(lines.len().div_ceil(count)).enumerate().map(part).collect()
    }

    /// How many different events there are.
    pub fn distinct(&self) -> usize {
        self.ids.values().map(Vec::len).sum()
    }

    fn read(file: PathBuf, recorded: bool) -> Self {
        let lines = BufReader::new(File::open(&file).expect("the file was just written"));
        let mut ids: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut seen = std::collections::HashSet::new();
        let mut count = 0;
        for line in lines.lines() {
            let line = line.expect("the file was just written");
            let identity: Identity =
                serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
            count += 1;
            if seen.insert((identity.workspace_id.clone(), identity.event_id.clone())) {
                ids.entry(identity.workspace_id).or_default().push(identity.event_id);
            }
        }
        Self { file, ids, lines: count, recorded }
    }
}

/// The command that streams plain generated events to its standard output.
pub fn bulk_command(events: u64, workspaces: u64) -> Command {
    let mut command = generator();
    command.args(["bulk", "--events", &events.to_string()]);
    command.args(["--workspaces", &workspaces.to_string()]);
    command
}

/// The workspace number of bulk event `i`: the same rule as `generate/bulk.py`.
pub fn bulk_workspace(i: u64, workspaces: u64) -> u64 {
    let bits = crate::random::Random::new(i).bits();
    let span = (0..3).filter(|shift| (bits >> shift) & 1 == 1).fold(workspaces, |s, _| s / 8);
    (bits >> 8) % span.max(1)
}

#[derive(Deserialize)]
struct Identity {
    workspace_id: String,
    event_id: String,
}

fn generator() -> Command {
    let mut command = Command::new("python3");
    command.arg(environment::repository().join("tests/generate/generate.py"));
    command.stdin(Stdio::null());
    command
}

fn write_output(command: &mut Command, file: &Path) {
    let out = File::create(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let status = command.stdout(out).stderr(Stdio::null()).status();
    assert!(status.is_ok_and(|status| status.success()), "{command:?} failed");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_and_the_reader_agree_on_workspaces() {
        let directory = tempfile::tempdir().unwrap();
        let input = Input::bulk(directory.path(), 3_000, 200);
        assert_eq!(input.distinct(), 3_000);
        for (workspace, ids) in &input.ids {
            for id in ids {
                let number = u64::from_str_radix(&id[24..], 16).unwrap();
                assert_eq!(*workspace, format!("bulk-{}", bulk_workspace(number, 200)));
            }
        }
    }

    #[test]
    fn the_fixture_is_the_same_each_time_and_holds_the_repeats() {
        let directory = tempfile::tempdir().unwrap();
        let first = Input::fixture(directory.path(), 5);
        let bytes = std::fs::read(&first.file).unwrap();
        let again = Input::fixture(directory.path(), 5);
        assert_eq!(bytes, std::fs::read(&again.file).unwrap());
        assert_eq!(first.ids["acme"].len(), 10_000);
        assert!(first.lines > first.distinct());
    }
}
