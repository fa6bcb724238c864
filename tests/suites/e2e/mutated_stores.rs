//! No change of a store goes unnoticed: bits, files, order, old copies, a history written anew.

use std::path::{Path, PathBuf};

use annals_tests::command::{self, Target};
use annals_tests::evidence::{imported_and_signed, key_of, settled, text, verify};
use annals_tests::inputs::Input;
use annals_tests::random::Random;
use annals_tests::{environment, report, store_files};
use serde_json::Value;

/// Changes tried; the soak run tries more.
const MUTATIONS: u64 = 340;

fn pick(random: &mut Random, count: usize) -> usize {
    usize::try_from(random.below(count as u64)).unwrap()
}

/// What was done to a store, and what has to be said of it.
struct Change {
    what: String,
    /// Exit codes of which it has to be one.
    codes: Vec<i32>,
    /// The places of which one has to be named, in error or answer.
    places: Vec<String>,
}

impl Change {
    /// Not sound, and one of these files is named.
    fn of(what: String, files: &[&Path]) -> Self {
        let places = files.iter().map(|file| file.display().to_string()).collect();
        // The store's identity may claim a format of a program to come: nobody can tell.
        let is_identity = files.iter().any(|file| file.ends_with("log.json"));
        let codes = if is_identity { vec![1, 2] } else { vec![1] };
        Self { what, codes, places }
    }
}

/// RELIABILITY 15, 16, 25, 27: bits, files, order, old copies, and a history written anew. Records
/// deleted, swapped or inserted with all checksums right: `mutated_topics`, which has the product
/// make the store of such a history.
#[test]
fn a16_2_every_change_of_a_store_is_found() {
    let directory = tempfile::tempdir().unwrap();
    let (input, data) = imported_and_signed(directory.path(), 25);
    let early = directory.path().join("early");
    store_files::copy(&data.join("store"), &early).unwrap();
    let more = Input::bulk(directory.path(), 500, 5);
    command::import_all(&more.file, Target::Data(&data));
    drop(settled(&data));
    let (key, store) = (key_of(&data), data.join("store"));
    let untouched = verify(&store, &key);
    assert_eq!(untouched.code, Some(0), "{}", untouched.stderr);
    let kept = directory.path().join("kept");
    std::fs::copy(store_files::head_files(&data).last().unwrap(), &kept).unwrap();
    let live = Live::of(&data);
    let mut random = Random::new(environment::seed("store mutations"));
    let changed = directory.path().join("changed");
    let tries = environment::number("TEST_ANNALS_MUTATIONS", MUTATIONS);
    for number in 0..tries {
        let _ = std::fs::remove_dir_all(&changed);
        store_files::copy(&store, &changed).unwrap();
        // Each file is removed once, then whatever chance has.
        let one = usize::try_from(number).unwrap();
        let change = match live.files.get(one) {
            Some(file) => live.remove(&changed, file),
            None => {
                live.mutate(&changed, &live.files[pick(&mut random, live.files.len())], &mut random)
            }
        };
        let Change { what, codes, places } = change;
        let finished = verify(&changed, &key);
        let said = format!("{}{}", finished.stdout, finished.stderr);
        let is_told = finished.code.is_some_and(|code| codes.contains(&code));
        assert!(is_told, "{number}: {what}: {:?}, {said}", finished.code);
        assert!(places.iter().any(|place| said.contains(place)), "{what}: {places:?} in {said}");
    }
    report::line(&format!("{tries} changes of a store found, each with its place"));
    // Yesterday's copy is sound by itself; whoever has kept a later head sees that it is old.
    assert_eq!(verify(&early, &key).code, Some(0));
    let old = ["verify", text(&early), "--key", &key, "--checkpoint", text(&kept)];
    let finished = command::run(&old);
    assert_eq!(finished.code, Some(1), "{}", finished.stdout);
    forged(directory.path(), &data, &input, &key);
}

/// The files that a store consists of, below its root.
struct Live {
    files: Vec<PathBuf>,
    /// What is said of the untouched store, up to its signed heads.
    records: String,
}

impl Live {
    fn of(data: &Path) -> Self {
        let store = data.join("store");
        let heads = store_files::head_files(data);
        let size = store_files::head_size(heads.last().unwrap());
        let files = store_files::Manifest::newest(data).unwrap().segment_files(data);
        let files = files.into_iter().chain(store_files::manifest_files(data)).chain(heads);
        let files = files.chain([store.join("log.json")]);
        let files = files.map(|file| file.strip_prefix(&store).unwrap().to_owned()).collect();
        Self { files, records: format!("sound: partition 0, {size} records") }
    }

    /// The newest file beside this one, which may be itself.
    fn newest_beside(&self, file: &Path) -> &Path {
        self.files.iter().filter(|other| other.parent() == file.parent()).max().unwrap()
    }

    fn remove(&self, root: &Path, file: &Path) -> Change {
        std::fs::remove_file(root.join(file)).unwrap();
        let what = format!("{} removed", file.display());
        let is_newest = self.newest_beside(file) == file;
        let (code, place) = match file.parent().and_then(Path::file_name).and_then(|it| it.to_str())
        {
            // The newest head says what is gone.
            Some("manifests") if is_newest => {
                let head = self.files.iter().filter(|file| file.starts_with("partitions/0/heads"));
                (1, head.max().unwrap().display().to_string())
            }
            Some("heads") if is_newest => (2, "records are not signed yet".to_owned()),
            // All records are led to the later ones.
            Some("manifests" | "heads") => (0, self.records.clone()),
            Some("segments") => (1, file.display().to_string()),
            _ => (2, "there is no store here".to_owned()),
        };
        Change { what, codes: vec![code], places: vec![place] }
    }

    fn mutate(&self, root: &Path, file: &Path, random: &mut Random) -> Change {
        let path = root.join(file);
        let mut bytes = std::fs::read(&path).unwrap();
        let name = file.display();
        let at = pick(random, bytes.len());
        let is_beside = |other: &&PathBuf| *other != file && other.parent() == file.parent();
        let others: Vec<&PathBuf> = self.files.iter().filter(is_beside).collect();
        let what = match random.below(8) {
            kind @ 0..2 if !others.is_empty() => {
                let other = others[pick(random, others.len())];
                std::fs::copy(root.join(other), &path).unwrap();
                if kind == 0 {
                    return Change::of(format!("{name} is {}", other.display()), &[file]);
                }
                std::fs::write(root.join(other), &bytes).unwrap();
                let what = format!("{name} and {} swapped", other.display());
                return Change::of(what, &[file, other]);
            }
            0..3 => {
                bytes.truncate(at);
                format!("{name} cut to {at}")
            }
            3 => {
                bytes.remove(at);
                format!("{name} without byte {at}")
            }
            4 => {
                bytes.insert(at, 0);
                format!("{name} with a byte more at {at}")
            }
            _ => {
                bytes[at] ^= 1 << random.below(8);
                format!("{name}, a bit of byte {at} flipped")
            }
        };
        std::fs::write(&path, bytes).unwrap();
        Change::of(what, &[file])
    }
}

/// An operator who rewrites log and store: all checksums are right, only the signed heads are not
/// theirs to make. With another key they are, and then it is not the key that others know.
fn forged(directory: &Path, data: &Path, input: &Input, key: &str) {
    let other = directory.join("forged");
    let text_of = std::fs::read_to_string(&input.file).unwrap();
    let altered = directory.join("altered.ndjson");
    let first = text_of.lines().next().unwrap();
    let mut event: Value = serde_json::from_str(first).unwrap();
    event["description"] = "forged".into();
    std::fs::write(&altered, text_of.replacen(first, &event.to_string(), 1)).unwrap();
    std::fs::create_dir_all(other.join("store")).unwrap();
    std::fs::create_dir_all(other.join("log")).unwrap();
    for identity in ["store/log.json", "log/log.meta"] {
        std::fs::copy(data.join(identity), other.join(identity)).unwrap();
    }
    command::import_all(&altered, Target::Data(&other));
    drop(settled(&other));
    let resigned = verify(&other, key);
    assert_eq!(resigned.code, Some(1), "signed with another key: {}", resigned.stdout);
    assert!(resigned.stderr.contains("not signed by the key given"), "{}", resigned.stderr);
    std::fs::remove_dir_all(other.join("store/partitions/0/heads")).unwrap();
    let heads = data.join("store/partitions/0/heads");
    store_files::copy(&heads, &other.join("store/partitions/0/heads")).unwrap();
    let finished = verify(&other, key);
    assert_eq!(finished.code, Some(1), "{}", finished.stdout);
    assert!(finished.stderr.contains("partition 0, offset"), "{}", finished.stderr);
}
