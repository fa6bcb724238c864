//! Keys, signed tree heads, proofs, exports: accepted by others, and no change goes unnoticed.

use std::path::{Path, PathBuf};
use std::process::Command;

use annals_tests::command::{self, Finished, Target};
use annals_tests::inputs::Input;
use annals_tests::list::List;
use annals_tests::process::{AnnalsProcess, UpOptions};
use annals_tests::random::Random;
use annals_tests::{environment, report, store_files, wait};
use serde_json::Value;

/// Changes tried a test; the soak run tries a thousand.
const MUTATIONS: u64 = 120;

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn options() -> UpOptions {
    UpOptions::default().variable("ANNALS_STORAGE_SEAL_INTERVAL_SECONDS", "1")
}

/// Starts `up`, and waits until all that is in the log is sealed and signed.
fn settled(data: &Path) -> AnnalsProcess {
    let annals = AnnalsProcess::start(data, &options());
    List::of(&annals.client("*"), "acme").settle();
    signed(&annals, data);
    annals
}

fn signed(annals: &AnnalsProcess, data: &Path) {
    let client = annals.client("*");
    wait::until("a signed head of everything", wait::PATIENCE, || {
        let accounting: Value = client.get_json("/v1/admin/accounting");
        let partition = &accounting["partitions"][0];
        let size = partition["tree_size"].as_u64()?;
        let head = data.join(format!("store/partitions/0/heads/{size:020}"));
        (partition["committed"] == partition["high_watermark"] && head.is_file()).then_some(())
    });
}

fn imported(directory: &Path, seed: u64) -> (Input, PathBuf) {
    let input = Input::fixture(directory, seed);
    let data = directory.join("data");
    command::import_all(&input.file, Target::Data(&data));
    (input, data)
}

fn key_of(data: &Path) -> String {
    let shown = command::run(&["keys", "show", "--data", text(data)]);
    assert_eq!(shown.code, Some(0), "{}", shown.stderr);
    shown.stdout.lines().next().unwrap().to_owned()
}

fn verify(target: &Path, key: &str) -> Finished {
    command::run(&["verify", text(target), "--key", key])
}

fn export(data: &Path, out: &Path, flags: &[&str]) -> Finished {
    let fixed = ["export", "--data", text(data), "--workspace", "acme", "--out", text(out)];
    command::run(&[&fixed[..], flags].concat())
}

/// What is signed is kept, served and verified; keys overlap while they are rotated.
#[test]
fn heads_are_signed_after_each_seal_and_keys_overlap() {
    let directory = tempfile::tempdir().unwrap();
    let (input, data) = imported(directory.path(), 21);
    let annals = settled(&data);
    let old = key_of(&data);
    let client = annals.client("*");
    let served = client.get("/v1/log/0/checkpoint").text();
    let kept = directory.path().join("kept");
    std::fs::write(&kept, &served).unwrap();
    assert_eq!(client.get("/v1/log/key").text().trim(), old);
    let sound = verify(&data, &old);
    assert_eq!(sound.code, Some(0), "{}", sound.stderr);
    assert!(sound.stdout.contains("not proven"), "{}", sound.stdout);
    let made = command::run(&["keys", "new", "--data", text(&data)]);
    let new = made.stdout.trim().to_owned();
    assert_ne!(new, old);
    let all = client.get("/v1/log/key").text();
    assert_eq!(all.lines().collect::<Vec<_>>(), [new.as_str(), old.as_str()]);
    let again = directory.path().join("again.ndjson");
    let text_of = std::fs::read_to_string(&input.file).unwrap();
    std::fs::write(&again, text_of.lines().take(50).collect::<Vec<_>>().join("\n")).unwrap();
    command::import_all(&again, Target::Data(&data));
    List::of(&client, "acme").settle();
    signed(&annals, &data);
    let newest = client.get("/v1/log/0/checkpoint").text();
    assert_ne!(newest, served);
    assert_eq!(newest.matches("\u{2014} annals/").count(), 2, "{newest}");
    // The old head was signed by the old key alone.
    assert_eq!(verify(&data, &old).code, Some(0));
    let partly = verify(&data, &new);
    assert_eq!(partly.code, Some(1), "{}{}", partly.stdout, partly.stderr);
    let held = ["verify", text(&data), "--key", &old, "--checkpoint", text(&kept)];
    assert_eq!(command::run(&held).code, Some(0));
    assert_eq!(command::run(&["verify", text(&data)]).code, Some(2), "no key");
    assert_eq!(verify(&data, "no+key").code, Some(2));
    assert_eq!(verify(directory.path(), &old).code, Some(2), "no store");
}

/// Go's own note and tlog code accepts what is served, and rejects what is changed.
#[test]
fn other_peoples_verifiers_accept_ours_and_reject_changes() {
    let directory = tempfile::tempdir().unwrap();
    let (input, data) = imported(directory.path(), 22);
    let annals = settled(&data);
    let client = annals.client("*");
    let older = directory.path().join("older");
    std::fs::write(&older, client.get("/v1/log/0/checkpoint").text()).unwrap();
    let more = Input::bulk(directory.path(), 700, 5);
    command::import_all(&more.file, Target::Data(&data));
    List::of(&client, "bulk-0").settle();
    signed(&annals, &data);
    let id = &input.ids["acme"][3];
    let proof = client.get(&format!("/v1/workspaces/acme/events/{id}/proof"));
    assert_eq!(proof.status, 200, "{}", proof.text());
    let file = directory.path().join("proof");
    std::fs::write(&file, proof.text()).unwrap();
    let mut check = Command::new(environment::tool("tlog"));
    check.args([annals.address(), client.token().unwrap(), "0", text(&older)]);
    let finished = command::finish(check.stdin(std::fs::File::open(file).unwrap()));
    assert_eq!(finished.code, Some(0), "{}{}", finished.stdout, finished.stderr);
    report::line(finished.stdout.trim());
}

/// Proofs are for those who may verify, entries for those who administer everything.
#[test]
fn entries_are_for_administrators_of_everything() {
    let directory = tempfile::tempdir().unwrap();
    let (input, data) = imported(directory.path(), 23);
    let annals = settled(&data);
    let verifier = annals.client_with("acme", &["audit:verify"]);
    let reader = annals.client_with("acme", &["audit:read"]);
    let id = &input.ids["acme"][0];
    let proof = format!("/v1/workspaces/acme/events/{id}/proof");
    for path in ["/v1/log/key", "/v1/log/0/checkpoint", "/v1/log/0/tile/0/000", &proof] {
        assert_eq!(verifier.get(path).status, 200, "{path}");
        assert_eq!(reader.get(path).status, 403, "{path}");
        assert_eq!(annals.anonymous().get(path).status, 401, "{path}");
    }
    let entries = "/v1/log/0/tile/entries/000";
    assert_eq!(verifier.get(entries).status, 403);
    let admin = annals.client_with("acme", &["audit:verify", "audit:admin"]);
    assert_eq!(admin.get(entries).status, 403, "an administrator of one workspace");
    assert_eq!(annals.client("*").get(entries).status, 200);
    let foreign = input.ids["other"].first().unwrap();
    let foreign = format!("/v1/workspaces/acme/events/{foreign}/proof");
    assert_eq!(verifier.get(&foreign).status, 404);
    for missing in ["/v1/log/1/checkpoint", "/v1/log/00/checkpoint", "/v1/log/0/tile/0/x999/999"] {
        assert_eq!(verifier.get(missing).status, 404, "{missing}");
    }
}

/// A16.2, A16.3: an export verifies wherever it lies, offline, with the key alone, and says what is
/// not proven; every change is found and its place is named.
#[test]
fn a16_2_every_change_of_an_export_is_found() {
    let directory = tempfile::tempdir().unwrap();
    let (_, data) = imported(directory.path(), 24);
    drop(settled(&data));
    let key = key_of(&data);
    let out = directory.path().join("out");
    let exported = export(&data, &out, &[]);
    assert_eq!(exported.code, Some(0), "{}", exported.stderr);
    assert_eq!(export(&data, &out, &[]).code, Some(2), "it is there already");
    let filtered = directory.path().join("filtered");
    let flags = ["--action", "segment.*", "--resource-name", "vip"];
    assert_eq!(export(&data, &filtered, &flags).code, Some(0));
    // Nothing else of the installation is needed.
    std::fs::rename(&data, directory.path().join("gone")).unwrap();
    for bundle in [&out, &filtered] {
        let sound = verify(bundle, &key);
        assert_eq!(sound.code, Some(0), "{}", sound.stderr);
        assert!(sound.stdout.contains("not proven"), "{}", sound.stdout);
    }
    assert_eq!(command::run(&["verify", text(&out)]).code, Some(2));
    let embedded = command::run(&["verify", text(&out), "--trust-embedded"]);
    assert_eq!(embedded.code, Some(0));
    assert!(embedded.stdout.contains("SHA-256"), "{}", embedded.stdout);
    let seed = environment::seed("export mutations");
    let mut random = Random::new(seed);
    let changed = directory.path().join("changed");
    let tries = environment::number("TEST_ANNALS_MUTATIONS", MUTATIONS);
    for number in 0..tries {
        let _ = std::fs::remove_dir_all(&changed);
        store_files::copy(&out, &changed).unwrap();
        let what = mutate_export(&changed, &filtered, &mut random);
        let finished = verify(&changed, &key);
        assert_eq!(finished.code, Some(1), "{number}: {what}: {}", finished.stdout);
        let named = finished.stderr.trim_start_matches("annals: not sound: ");
        let file = named.split([' ', ':']).next().unwrap_or_default();
        assert!(BUNDLE.contains(&file) || file == "more", "{what}: {}", finished.stderr);
    }
    report::line(&format!("{tries} changes of an export found, each with its place"));
}

fn pick(random: &mut Random, count: usize) -> usize {
    usize::try_from(random.below(count as u64)).unwrap()
}

const BUNDLE: [&str; 7] = [
    "README.txt",
    "checkpoint",
    "events.ndjson",
    "key.vkey",
    "manifest.json",
    "proofs/hashes",
    "proofs/records",
];

/// Changes something that makes a difference; says what.
fn mutate_export(bundle: &Path, other: &Path, random: &mut Random) -> String {
    let name = BUNDLE[pick(random, BUNDLE.len())];
    let file = bundle.join(name);
    let mut bytes = std::fs::read(&file).unwrap();
    let events = bundle.join("events.ndjson");
    let rows = std::fs::read_to_string(&events).unwrap();
    let mut lines: Vec<&str> = rows.lines().collect();
    let (one, two) = (pick(random, lines.len() - 1), lines.len() - 1);
    match random.below(10) {
        0 => {
            std::fs::remove_file(&file).unwrap();
            return format!("{name} removed");
        }
        1 => {
            std::fs::write(bundle.join("more"), b"x").unwrap();
            return "a file added".to_owned();
        }
        2 => {
            std::fs::write(&file, &bytes[..pick(random, bytes.len())]).unwrap();
            return format!("{name} cut");
        }
        3 => {
            let foreign = std::fs::read(other.join(name)).unwrap();
            // Key, head and hashes are the same in both.
            if foreign != bytes {
                std::fs::write(&file, foreign).unwrap();
                return format!("{name} of another export");
            }
            lines.swap(one, two);
        }
        4 => lines.swap(one, two),
        5 => drop(lines.remove(one)),
        6 => drop(lines.pop()),
        7 => lines.insert(one, lines[two]),
        8 => {
            let (from, to) = [("\"u1\"", "\"u2\""), ("\"occurred_at\":\"2", "\"occurred_at\":\"1")]
                [pick(random, 2)];
            let at = lines.iter().position(|line| line.contains(from)).unwrap();
            let changed = lines[at].replace(from, to);
            let text = rows.replacen(lines[at], &changed, 1);
            std::fs::write(&events, text).unwrap();
            return format!("{from} altered to {to}");
        }
        _ => {
            let at = pick(random, bytes.len());
            bytes[at] ^= 1 << random.below(8);
            std::fs::write(&file, bytes).unwrap();
            return format!("{name}, a bit of byte {at} flipped");
        }
    }
    std::fs::write(&events, lines.iter().map(|line| format!("{line}\n")).collect::<String>())
        .unwrap();
    format!("rows {one} and {two} swapped, removed or repeated")
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
    }
    report::line(&format!("{tries} changes of a store found"));
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
    match random.below(6) {
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

/// A server beside which somebody has put an older copy does not sign it.
#[test]
fn an_older_copy_is_not_signed() {
    let directory = tempfile::tempdir().unwrap();
    let (_, data) = imported(directory.path(), 26);
    drop(settled(&data));
    let size = store_files::files(&data.join("store/partitions/0/heads"), "").len();
    let newest = store_files::manifest_files(&data).pop().unwrap();
    std::fs::remove_file(newest).unwrap();
    // The log has everything: it is folded again, and the same head is signed already.
    drop(settled(&data));
    let heads = store_files::files(&data.join("store/partitions/0/heads"), "");
    assert!(heads.len() >= size, "{heads:?}");
    assert_eq!(verify(&data, &key_of(&data)).code, Some(0));
}
