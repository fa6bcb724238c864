//! The storage contract over a real S3 gateway, started here. Fails where there is none.

use annals_store::conformance::conforms;
use annals_store::{S3Options, StorageOptions};

#[path = "../../tests/src/s3.rs"]
mod gateway;
#[path = "../../tests/src/ports.rs"]
mod ports;
mod remote;
#[path = "../../tests/src/watched.rs"]
mod watched;
use gateway::S3Gateway;
use remote::{fails_and_says_so, fresh, holds_the_objects_of_all};

const BUCKET: &str = "s3://annals";

/// `TEST_ANNALS_VERSITYGW`, else what `tests/setup/versitygw` builds.
fn start() -> S3Gateway {
    S3Gateway::start(&remote::program("TEST_ANNALS_VERSITYGW", "../target/tools/bin/versitygw"))
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

#[tokio::test]
async fn s3_conforms() {
    let gateway = start();
    conforms(fresh(BUCKET, &options(&gateway), None)).await;
}

#[tokio::test]
async fn s3_with_a_cache_conforms() {
    let gateway = start();
    let directory = tempfile::tempdir().unwrap();
    conforms(fresh(BUCKET, &options(&gateway), Some(directory.path()))).await;
}

#[tokio::test]
async fn a_bucket_without_a_prefix_holds_the_objects_of_all() {
    let gateway = start();
    holds_the_objects_of_all(BUCKET, &options(&gateway)).await;
}

#[tokio::test]
async fn a_wrong_secret_and_a_missing_bucket_are_errors_that_say_so() {
    let gateway = start();
    let mut wrong = options(&gateway);
    wrong.s3.secret_access_key = Some("wrong".to_owned());
    fails_and_says_so(BUCKET, &wrong).await;
    fails_and_says_so("s3://nowhere", &options(&gateway)).await;
}
