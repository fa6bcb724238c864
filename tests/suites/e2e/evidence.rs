//! Keys, signed tree heads, proofs, exports: accepted by others, and no change goes unnoticed.

use std::path::{Path, PathBuf};
use std::process::Command;

use annals_tests::command::{self, Target};
use annals_tests::evidence::{
    imported, imported_and_signed, key_of, sealing, settled, signed, text, verify,
};
use annals_tests::inputs::Input;
use annals_tests::list::List;
use annals_tests::process::{AnnalsProcess, UpOptions};
use annals_tests::s3::S3Gateway;
use annals_tests::{environment, log_files, report, store_files, wait};
use serde_json::Value;

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
    assert_two_keys_sign_an_export(&data, [&new, &old]);
    assert_eq!(command::run(&["verify", text(&data)]).code, Some(2), "no key");
    assert_eq!(verify(&data, "no+key").code, Some(2));
    assert_eq!(verify(directory.path(), &old).code, Some(2), "no store");
}

/// Whoever knows one of the two verifies it, and a changed signature of that one is found.
fn assert_two_keys_sign_an_export(data: &Path, [new, old]: [&str; 2]) {
    let out = data.with_file_name("export");
    let export = ["export", "--data", text(data), "--workspace", "acme", "--out", text(&out)];
    let exported = command::run(&export);
    assert_eq!(exported.code, Some(0), "{}", exported.stderr);
    let manifest = out.join("manifest.json");
    let written = std::fs::read_to_string(&manifest).unwrap();
    let read: Value = serde_json::from_str(&written).unwrap();
    let also = &read["also_signed"][0];
    for (key, id, signature) in
        [(new, &read["key_id"], &read["signature"]), (old, &also["key_id"], &also["signature"])]
    {
        let sound = verify(&out, key);
        assert_eq!(sound.code, Some(0), "{}", sound.stderr);
        let signed_by = format!("signed by {}", id.as_str().unwrap());
        assert!(sound.stdout.contains(&signed_by), "{}", sound.stdout);
        let signature = signature.as_str().unwrap();
        let first = if signature.starts_with('A') { "B" } else { "A" };
        let other = format!("{first}{}", &signature[1..]);
        std::fs::write(&manifest, written.replace(signature, &other)).unwrap();
        let changed = verify(&out, key);
        assert_eq!(changed.code, Some(1), "{}", changed.stdout);
        assert!(changed.stderr.contains("signature of key"), "{}", changed.stderr);
        std::fs::write(&manifest, &written).unwrap();
    }
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
    // Tessera's client and fsck: every tile and the root derived anew from the entries.
    let mut check = Command::new(environment::tool("tlog-fsck"));
    check.args([annals.address(), client.token().unwrap(), "0"]);
    let finished = command::finish(&mut check);
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

/// Issue 8: a store behind an object store's prefix is verified as one on disk is, and a lost or
/// altered object is found.
#[test]
fn a_store_in_a_bucket_is_verified() {
    let gateway = S3Gateway::start(&environment::tool("versitygw"));
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let input = Input::bulk(directory.path(), 600, 4);
    command::import_all(&input.file, Target::Data(&data));
    let url = format!("s3://{}/some/prefix", S3Gateway::BUCKET);
    let variables = [
        ("ANNALS_STORAGE_S3_ENDPOINT", gateway.endpoint()),
        ("ANNALS_STORAGE_S3_REGION", "us-east-1".to_owned()),
        ("ANNALS_STORAGE_S3_ACCESS_KEY_ID", S3Gateway::ACCESS_KEY_ID.to_owned()),
        ("ANNALS_STORAGE_S3_SECRET_ACCESS_KEY", S3Gateway::SECRET_ACCESS_KEY.to_owned()),
        ("ANNALS_STORAGE_S3_ALLOW_HTTP", "true".to_owned()),
    ];
    let mut options = sealing().variable("ANNALS_STORAGE_URL", &url);
    for (name, value) in &variables {
        options = options.variable(name, value);
    }
    let annals = AnnalsProcess::start(&data, &options);
    let client = annals.client("*");
    let head = wait::until("a signed head of everything", wait::PATIENCE, || {
        let head = client.get("/v1/log/0/checkpoint");
        (head.status == 200 && head.text().contains("\n600\n")).then(|| head.text())
    });
    let key = client.get("/v1/log/key").text();
    assert!(annals.stop().success());
    let kept = directory.path().join("kept");
    std::fs::write(&kept, head).unwrap();
    let verify = || {
        let mut command = environment::annals();
        command.args(["verify", &url, "--key", key.trim(), "--checkpoint", text(&kept)]);
        command::finish(command.envs(variables.iter().map(|(name, value)| (name, value))))
    };
    let sound = verify();
    assert_eq!(sound.code, Some(0), "{}", sound.stderr);
    assert!(sound.stdout.contains("600 records"), "{}", sound.stdout);
    let objects = gateway.files();
    let is = |file: &&PathBuf, kind: &str| file.to_str().unwrap().contains(kind);
    let segment = objects.iter().find(|file| is(file, "/segments/")).unwrap();
    store_files::flip(segment, 5000, 3).unwrap();
    let altered = verify();
    assert_eq!(altered.code, Some(1), "{}{}", altered.stdout, altered.stderr);
    assert!(altered.stderr.contains("partitions/0/segments"), "{}", altered.stderr);
    store_files::flip(segment, 5000, 3).unwrap();
    assert_eq!(verify().code, Some(0));
    std::fs::remove_file(objects.iter().find(|file| is(file, "/manifests/")).unwrap()).unwrap();
    let lost = verify();
    assert_eq!(lost.code, Some(1), "{}{}", lost.stdout, lost.stderr);
}

/// A server under which somebody has put an older copy does not sign it, and says so. Once it has
/// folded the rest of the log again, the head of that is signed already.
#[test]
fn an_older_copy_is_not_signed() {
    let directory = tempfile::tempdir().unwrap();
    let (_, data) = imported_and_signed(directory.path(), 26);
    let older = store_files::manifest_files(&data).len();
    let heads = || store_files::head_files(&data);
    let first = heads().pop().unwrap();
    let more = Input::bulk(directory.path(), 300, 5);
    command::import_all(&more.file, Target::Data(&data));
    drop(settled(&data));
    let newest = heads().pop().unwrap();
    let signed = std::fs::read(&newest).unwrap();
    for manifest in &store_files::manifest_files(&data)[older..] {
        std::fs::remove_file(manifest).unwrap();
    }
    // Signed or not: whoever signed what is newest here would make this file again.
    std::fs::remove_file(&first).unwrap();
    let waiting = UpOptions::default().variable("ANNALS_STORAGE_SEAL_INTERVAL_SECONDS", "3600");
    let annals = AnnalsProcess::start(&data, &waiting);
    let [signed_size, size] = [&newest, &first].map(|head| store_files::head_size(head));
    let said = format!(
        "a head of size {signed_size} was signed, the newest manifest has {size}: an older copy?"
    );
    wait::until("the refusal", wait::PATIENCE, || annals.log_tail().contains(&said).then_some(()));
    drop(annals);
    assert_eq!(heads(), std::slice::from_ref(&newest));
    drop(settled(&data));
    assert_eq!(heads(), std::slice::from_ref(&newest));
    assert_eq!(std::fs::read(&newest).unwrap(), signed);
    assert_eq!(verify(&data, &key_of(&data)).code, Some(0));
}

/// A history that was written anew under the heads of another one is not taken for what they sign.
#[test]
fn another_history_of_the_same_size_is_not_taken_for_the_signed_one() {
    let directory = tempfile::tempdir().unwrap();
    let (_, data) = imported_and_signed(directory.path(), 27);
    let key = key_of(&data);
    let mut records = log_files::read(&data);
    records[7].timestamp_ms += 1;
    log_files::write(&data, 0, &[&records]);
    for gone in ["manifests", "segments"] {
        std::fs::remove_dir_all(data.join("store/partitions/0").join(gone)).unwrap();
    }
    let annals = AnnalsProcess::start(&data, &sealing());
    wait::until("the refusal", wait::PATIENCE, || {
        annals.log_tail().contains("another history?").then_some(())
    });
    drop(annals);
    let found = verify(&data, &key);
    assert_eq!(found.code, Some(1), "{}", found.stdout);
}
