//! The storage contract over a real S3 gateway, started here. Fails where there is none.

use std::cell::Cell;
use std::path::{Path, PathBuf};

use annals_store::conformance::conforms;
use annals_store::{CacheOptions, S3Options, Storage, StorageOptions};

#[path = "../../tests/src/s3.rs"]
mod gateway;
use gateway::S3Gateway;

/// `TEST_ANNALS_VERSITYGW`, else what `tests/setup/versitygw` builds.
#[expect(clippy::disallowed_methods, reason = "a suite has no configuration of its own")]
fn binary() -> PathBuf {
    let set = std::env::var_os("TEST_ANNALS_VERSITYGW").filter(|path| !path.is_empty());
    let built = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tools/bin/versitygw");
    set.map_or_else(built, PathBuf::from)
}

fn options(gateway: &S3Gateway) -> StorageOptions {
    let s3 = S3Options {
        endpoint: Some(gateway.endpoint()),
        access_key_id: Some(S3Gateway::ACCESS_KEY_ID.to_owned()),
        secret_access_key: Some(S3Gateway::SECRET_ACCESS_KEY.to_owned()),
        allow_http: true,
        ..S3Options::default()
    };
    StorageOptions { s3, ..StorageOptions::default() }
}

/// Storages below prefixes of their own, each with a cache of its own if there is a directory.
fn fresh<'a>(gateway: &'a S3Gateway, cache: Option<&'a Path>) -> impl Fn() -> Storage + 'a {
    let next = Cell::new(0);
    move || {
        next.set(next.get() + 1);
        let kind = if cache.is_some() { "cached" } else { "plain" };
        let url = format!("s3://{}/{kind}/{}", S3Gateway::BUCKET, next.get());
        let mut options = options(gateway);
        options.cache = cache.map(|directory| CacheOptions {
            directory: directory.join(next.get().to_string()),
            limit_bytes: 1 << 20,
        });
        Storage::from_url(&url, &options).expect("the options are complete")
    }
}

#[tokio::test]
async fn s3_conforms() {
    let gateway = S3Gateway::start(&binary());
    conforms(fresh(&gateway, None)).await;
}

#[tokio::test]
async fn s3_with_a_cache_conforms() {
    let gateway = S3Gateway::start(&binary());
    let directory = tempfile::tempdir().unwrap();
    conforms(fresh(&gateway, Some(directory.path()))).await;
}

#[tokio::test]
async fn a_bucket_without_a_prefix_holds_the_objects_of_all() {
    let gateway = S3Gateway::start(&binary());
    let open = |url: &str| Storage::from_url(url, &options(&gateway)).unwrap();
    let below = open("s3://annals/a%20prefix/");
    below.put_if_absent("x/y", "bytes".into()).await.unwrap();
    let whole = open("s3://annals");
    assert_eq!(whole.list("").await.unwrap(), ["a prefix/x/y"]);
    assert_eq!(whole.get("a prefix/x/y").await.unwrap().unwrap(), "bytes");
}

#[tokio::test]
async fn a_wrong_secret_and_a_missing_bucket_are_errors_that_say_so() {
    let gateway = S3Gateway::start(&binary());
    let mut wrong = options(&gateway);
    wrong.s3.secret_access_key = Some("wrong".to_owned());
    for (url, options) in [("s3://annals", wrong), ("s3://nowhere", options(&gateway))] {
        let storage = Storage::from_url(url, &options).unwrap();
        let error = storage.put_if_absent("a", "bytes".into()).await.unwrap_err();
        assert_eq!(error.to_string(), "creating a failed", "{url}");
        assert!(storage.list("").await.is_err(), "{url}");
    }
}
