//! No change of a store goes unnoticed: bits, files, order, old copies, a history written anew.

use std::path::{Path, PathBuf};

use annals_tests::command::{self, Target};
use annals_tests::evidence::{imported, key_of, settled, text, verify};
use annals_tests::inputs::Input;
use annals_tests::random::Random;
use annals_tests::{environment, report, store_files};
use serde_json::Value;

/// Changes tried; the soak run tries more.
const MUTATIONS: u64 = 340;

fn pick(random: &mut Random, count: usize) -> usize {
    usize::try_from(random.below(count as u64)).unwrap()
}

/// RELIABILITY 15, 16, 25, 27: bits, files, order, old copies, and a history written anew.
#[test]
fn a16_2_every_change_of_a_store_is_found() {
    let directory = tempfile::tempdir().unwrap();
    let (input, data) = imported(directory.path(), 25);
    drop(settled(&data));
    let early = directory.path().join("early");
    store_files::copy(&data.join("store"), &early).unwrap();
    let more = Input::bulk(directory.path(), 500, 5);
    command::import_all(&more.file, Target::Data(&data));
    drop(settled(&data));
    let (key, store) = (key_of(&data), data.join("store"));
    assert_eq!(verify(&store, &key).code, Some(0));
    let kept = directory.path().join("kept");
    let heads = store_files::files(&store.join("partitions/0/heads"), "");
    std::fs::copy(heads.last().unwrap(), &kept).unwrap();
    let live: Vec<PathBuf> = store_files::Manifest::newest(&data)
        .unwrap()
        .segment_files(&data)
        .into_iter()
        .chain(store_files::manifest_files(&data))
        .chain(heads)
        .chain([store.join("log.json")])
        .collect();
    let live: Vec<PathBuf> =
        live.iter().map(|file| file.strip_prefix(&store).unwrap().to_owned()).collect();
    let mut random = Random::new(environment::seed("store mutations"));
    let changed = directory.path().join("changed");
    let tries = environment::number("TEST_ANNALS_MUTATIONS", MUTATIONS);
    for number in 0..tries {
        let _ = std::fs::remove_dir_all(&changed);
        store_files::copy(&store, &changed).unwrap();
        let file = &live[pick(&mut random, live.len())];
        let what = mutate_file(&changed, file, &live, &mut random);
        let finished = verify(&changed, &key);
        let expected = if what.ends_with("log.json removed") { 2 } else { 1 };
        assert_eq!(finished.code, Some(expected), "{number}: {what}: {}", finished.stderr);
        let is_named =
            ["partition", "log.json", "heads/", "store"].map(|it| finished.stderr.contains(it));
        assert!(is_named.contains(&true), "{what}: {}", finished.stderr);
    }
    report::line(&format!("{tries} changes of a store found, each with its place"));
    // Yesterday's copy is sound by itself; whoever has kept a later head sees that it is old.
    assert_eq!(verify(&early, &key).code, Some(0));
    let old = ["verify", text(&early), "--key", &key, "--checkpoint", text(&kept)];
    let finished = command::run(&old);
    assert_eq!(finished.code, Some(1), "{}", finished.stdout);
    forged(directory.path(), &data, &input, &key);
}

fn mutate_file(root: &Path, file: &Path, live: &[PathBuf], random: &mut Random) -> String {
    let path = root.join(file);
    let mut bytes = std::fs::read(&path).unwrap();
    let name = file.display().to_string();
    let at = pick(random, bytes.len());
    match random.below(9) {
        0 => {
            std::fs::remove_file(&path).unwrap();
            // Of the manifests only the newest has to be there, of the heads the newest.
            let last = |kind: &str| {
                let all =
                    live.iter().filter(|file| file.starts_with(format!("partitions/0/{kind}")));
                all.max().is_some_and(|newest| newest == file)
            };
            let is_needed = name.ends_with(".seg") || name.ends_with("log.json");
            if is_needed || last("manifests") {
                return format!("{name} removed");
            }
            std::fs::write(&path, &bytes[..at]).unwrap();
            format!("{name} cut")
        }
        1 => {
            std::fs::write(&path, &bytes[..at]).unwrap();
            format!("{name} cut")
        }
        2 => {
            let other = live.iter().find(|other| *other != file && other.parent() == file.parent());
            match other {
                Some(other) => {
                    std::fs::copy(root.join(other), &path).unwrap();
                    format!("{name} is {}", other.display())
                }
                None => {
                    bytes.truncate(at);
                    std::fs::write(&path, bytes).unwrap();
                    format!("{name} cut")
                }
            }
        }
        3 => {
            bytes.remove(at);
            std::fs::write(&path, bytes).unwrap();
            format!("{name} without byte {at}")
        }
        4 => {
            bytes.insert(at, 0);
            std::fs::write(&path, bytes).unwrap();
            format!("{name} with a byte more at {at}")
        }
        5 => {
            let other =
                live.iter().filter(|other| *other != file && other.parent() == file.parent());
            let other: Vec<&PathBuf> = other.collect();
            if other.is_empty() {
                std::fs::write(&path, b"").unwrap();
                return format!("{name} emptied");
            }
            let other = root.join(other[pick(random, other.len())]);
            std::fs::write(&path, std::fs::read(&other).unwrap()).unwrap();
            std::fs::write(&other, bytes).unwrap();
            format!("{name} and {} swapped", other.display())
        }
        _ => {
            bytes[at] ^= 1 << random.below(8);
            std::fs::write(&path, bytes).unwrap();
            format!("{name}, a bit of byte {at} flipped")
        }
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
