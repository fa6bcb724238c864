//! What the suites of all backends over a network ask.

use std::cell::Cell;
use std::path::{Path, PathBuf};

use annals_store::{CacheOptions, Storage, StorageOptions};

/// What a variable names, else what a setup has made, below this crate.
#[expect(clippy::disallowed_methods, reason = "a suite has no configuration of its own")]
pub fn program(variable: &str, made: &str) -> PathBuf {
    let set = std::env::var_os(variable).filter(|path| !path.is_empty());
    set.map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join(made), PathBuf::from)
}

/// Storages below prefixes of their own, each with a cache of its own if there is a directory.
pub fn fresh<'a>(
    bucket: &'a str,
    options: &'a StorageOptions,
    cache: Option<&'a Path>,
) -> impl Fn() -> Storage + 'a {
    let next = Cell::new(0);
    move || {
        next.set(next.get() + 1);
        let kind = if cache.is_some() { "cached" } else { "plain" };
        let url = format!("{bucket}/{kind}/{}", next.get());
        let mut options = options.clone();
        options.cache = cache.map(|directory| CacheOptions {
            directory: directory.join(next.get().to_string()),
            limit_bytes: 1 << 20,
        });
        Storage::from_url(&url, &options).expect("the options are complete")
    }
}

/// A bucket without a prefix holds the objects of all prefixes.
pub async fn holds_the_objects_of_all(bucket: &str, options: &StorageOptions) {
    let open = |url: &str| Storage::from_url(url, options).expect("the options are complete");
    let below = open(&format!("{bucket}/a%20prefix/"));
    below.put_if_absent("x/y", "bytes".into()).await.expect("an object is created");
    let whole = open(bucket);
    assert_eq!(whole.list("").await.expect("objects are listed"), ["a prefix/x/y"]);
    let found = whole.get("a prefix/x/y").await.expect("an object is read");
    assert_eq!(found.expect("it is there"), "bytes");
}

/// A bucket that cannot be used opens, and fails at every call.
pub async fn fails_and_says_so(bucket: &str, options: &StorageOptions) {
    let storage = Storage::from_url(bucket, options).expect("the options are complete");
    let error = storage.put_if_absent("a", "bytes".into()).await.expect_err("it cannot be used");
    assert_eq!(error.to_string(), "creating a failed", "{bucket}");
    assert!(storage.list("").await.is_err(), "{bucket}");
}
