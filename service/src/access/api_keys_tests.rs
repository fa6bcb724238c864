//! Tests of API keys.

use super::*;
use crate::clock::ManualClock;

fn request() -> ApiKeyRequest {
    ApiKeyRequest {
        name: "ci-bot".to_owned(),
        grants: Grants::one("acme"),
        scopes: BTreeSet::from([Scope::Write]),
        actions: vec!["segment.*".to_owned()],
        ttl: None,
    }
}

fn keys() -> (tempfile::TempDir, Arc<ManualClock>, ApiKeys) {
    let directory = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at_seconds(1_000));
    let keys = ApiKeys::open(directory.path(), clock.clone());
    (directory, clock, keys)
}

#[test]
fn the_bearer_of_a_new_key_is_the_key() {
    let (_directory, _clock, keys) = keys();
    let made = keys.create(&request()).unwrap();
    let caller = keys.find(&made.bearer).unwrap();
    assert_eq!(caller.subject, made.key.id);
    assert_eq!(caller.grants, Grants::one("acme"));
    assert_eq!(caller.scopes, BTreeSet::from([Scope::Write]));
    assert_eq!(caller.actions, ["segment.*"]);
    assert_eq!(keys.list().unwrap(), [made.key]);
}

#[test]
fn the_secret_has_256_bits_and_is_not_stored() {
    let (directory, _clock, keys) = keys();
    let made = keys.create(&request()).unwrap();
    let (id, secret) = made.bearer.split_once('.').unwrap();
    assert_eq!(secret.len(), 64);
    let path = directory.path().join(DIRECTORY).join(format!("{id}.json"));
    let stored = std::fs::read_to_string(path).unwrap();
    assert!(!stored.contains(secret) && stored.contains(&digest(secret)));
    assert_ne!(keys.create(&request()).unwrap().bearer, made.bearer);
}

#[test]
fn wrong_secrets_and_unknown_ids_are_refused() {
    let (_directory, _clock, keys) = keys();
    let made = keys.create(&request()).unwrap();
    let id = &made.key.id;
    let other = keys.create(&request()).unwrap();
    let (_, other_secret) = other.bearer.split_once('.').unwrap();
    let hash = &made.key.secret_sha256;
    for wrong in [
        format!("{id}."),
        format!("{id}.{other_secret}"),
        format!("{id}.{hash}"),
        format!("{}x", made.bearer),
        made.bearer[..made.bearer.len() - 1].to_owned(),
        format!("../{}", made.bearer),
        format!("unknown.{other_secret}"),
        "unknown.".to_owned(),
    ] {
        assert_eq!(keys.find(&wrong), None, "{wrong}");
    }
}

#[test]
fn a_key_ends_with_its_time_to_live() {
    let (_directory, clock, keys) = keys();
    let with_end = ApiKeyRequest { ttl: Some(Duration::from_secs(60)), ..request() };
    let made = keys.create(&with_end).unwrap();
    clock.advance_micros(59_000_000);
    assert!(keys.find(&made.bearer).is_some());
    clock.advance_micros(1_000_000);
    assert!(keys.find(&made.bearer).is_none());
}

#[test]
fn another_process_creates_and_revokes_with_effect_once_read_again() {
    let (directory, clock, keys) = keys();
    let elsewhere = ApiKeys::open(directory.path(), clock.clone());
    assert_eq!(keys.find("warm.up"), None);
    let made = elsewhere.create(&request()).unwrap();
    keys.refresh();
    assert!(keys.find(&made.bearer).is_some());
    clock.advance_micros(1_000_000);
    assert!(elsewhere.revoke(&made.key.id).unwrap());
    assert!(elsewhere.find(&made.bearer).is_none(), "at once where it was revoked");
    keys.refresh();
    assert!(keys.find(&made.bearer).is_none());
    assert!(keys.revoke(&made.key.id).unwrap(), "again is no error");
    assert_eq!(keys.list().unwrap()[0].revoked_at, Some(1_001));
}

/// Revoked and expired keys counted against the bound for ever.
#[test]
fn ended_keys_take_no_room_and_the_oldest_of_them_go() {
    let (directory, clock, keys) = keys();
    let home = directory.path().join(DIRECTORY);
    let made = keys.create(&request()).unwrap().key;
    let write = |id: &str, created_at, revoked_at| {
        let key = ApiKey { id: id.to_owned(), created_at, revoked_at, ..made.clone() };
        std::fs::write(home.join(format!("{id}.json")), encode(&key)).unwrap();
    };
    for number in 0..=MAX_ENDED_KEYS as u64 {
        write(&format!("ended{number:05}"), number, Some(number));
    }
    keys.create(&request()).unwrap();
    let listed = keys.list().unwrap();
    assert_eq!(listed.len(), MAX_ENDED_KEYS + 2);
    assert!(listed[0].id == "ended00001", "the oldest has gone: {}", listed[0].id);
    clock.advance_micros(1_000_000);
    for number in 2..MAX_KEYS {
        write(&format!("good{number:05}"), 5_000, None);
    }
    let full = keys.create(&request()).err().unwrap();
    assert!(matches!(full, AccessError::InvalidRequest(_)), "{full}");
}

#[test]
fn only_ids_that_exist_are_revoked() {
    let (directory, _clock, keys) = keys();
    std::fs::write(directory.path().join("outside.json"), "{}").unwrap();
    for id in ["", "..", "../outside", "none", "a/b", "\0"] {
        assert!(!keys.revoke(id).unwrap(), "{id:?}");
    }
}

#[test]
fn a_broken_or_renamed_file_opens_nothing_and_hides_nothing() {
    let (directory, _clock, keys) = keys();
    let good = keys.create(&request()).unwrap();
    let moved = keys.create(&request()).unwrap();
    let home = directory.path().join(DIRECTORY);
    std::fs::write(home.join("broken.json"), "{").unwrap();
    let from = home.join(format!("{}.json", moved.key.id));
    std::fs::rename(from, home.join("elsewhere.json")).unwrap();
    keys.refresh();
    assert!(keys.find(&good.bearer).is_some());
    assert!(keys.find(&moved.bearer).is_none());
    assert_eq!(keys.list().unwrap().len(), 1);
}

/// Ten thousand files were read every second.
#[test]
fn a_directory_that_has_not_changed_is_not_read_again() {
    let directory = tempfile::tempdir().unwrap();
    let made_by = |clock: Arc<ManualClock>| ApiKeys::open(directory.path(), clock);
    let long_ago = made_by(Arc::new(ManualClock::at_seconds(1_000)));
    let made = long_ago.create(&request()).unwrap();
    let home = directory.path().join(DIRECTORY);
    let changed_at = u32::try_from(changed_at_micros(&home).unwrap() / 1_000_000).unwrap();
    let keys = made_by(Arc::new(ManualClock::at_seconds(changed_at + 60)));
    // Bytes change and names do not: nobody writes so, and it is not seen.
    std::fs::write(home.join(format!("{}.json", made.key.id)), "{").unwrap();
    keys.refresh();
    assert!(keys.find(&made.bearer).is_some());
    long_ago.create(&request()).unwrap();
    keys.refresh();
    assert!(keys.find(&made.bearer).is_none(), "a name was added, and all were read");
}

#[test]
fn requests_out_of_bounds_are_refused() {
    let (_directory, _clock, keys) = keys();
    let refused = [
        ApiKeyRequest { name: String::new(), ..request() },
        ApiKeyRequest { name: "n".repeat(201), ..request() },
        ApiKeyRequest { scopes: BTreeSet::new(), ..request() },
        ApiKeyRequest { grants: Grants::Workspaces(BTreeSet::new()), ..request() },
    ];
    for request in refused {
        let error = keys.create(&request).err().unwrap();
        assert!(matches!(error, AccessError::InvalidRequest(_)), "{error}");
    }
    assert!(keys.list().unwrap().is_empty());
}
