//! The storage contract over Microsoft's own emulator of Azure Blob Storage, started here. Fails
//! where there is none.

use std::cell::Cell;
use std::path::{Path, PathBuf};

use annals_store::conformance::conforms;
use annals_store::{AzureOptions, CacheOptions, Storage, StorageOptions};

#[path = "../../tests/src/azurite.rs"]
mod service;
use service::Azurite;

/// `TEST_ANNALS_AZURITE`, else what `tests/setup/npm` installs.
#[expect(clippy::disallowed_methods, reason = "a suite has no configuration of its own")]
fn program() -> PathBuf {
    let set = std::env::var_os("TEST_ANNALS_AZURITE").filter(|path| !path.is_empty());
    let installed = "../tests/azurite/node_modules/.bin/azurite-blob";
    set.map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join(installed), PathBuf::from)
}

fn options(service: &Azurite) -> StorageOptions {
    let azure = AzureOptions {
        account: Some(Azurite::ACCOUNT.to_owned()),
        access_key: Some(Azurite::ACCESS_KEY.to_owned()),
        endpoint: Some(service.endpoint()),
        allow_http: true,
    };
    StorageOptions { azure, ..StorageOptions::default() }
}

/// Storages below prefixes of their own, each with a cache of its own if there is a directory.
fn fresh<'a>(service: &'a Azurite, cache: Option<&'a Path>) -> impl Fn() -> Storage + 'a {
    let next = Cell::new(0);
    move || {
        next.set(next.get() + 1);
        let kind = if cache.is_some() { "cached" } else { "plain" };
        let url = format!("az://{}/{kind}/{}", Azurite::CONTAINER, next.get());
        let mut options = options(service);
        options.cache = cache.map(|directory| CacheOptions {
            directory: directory.join(next.get().to_string()),
            limit_bytes: 1 << 20,
        });
        Storage::from_url(&url, &options).expect("the options are complete")
    }
}

#[tokio::test]
async fn azure_conforms() {
    let service = Azurite::start(&program());
    conforms(fresh(&service, None)).await;
}

#[tokio::test]
async fn azure_with_a_cache_conforms() {
    let service = Azurite::start(&program());
    let directory = tempfile::tempdir().unwrap();
    conforms(fresh(&service, Some(directory.path()))).await;
}

#[tokio::test]
async fn a_container_without_a_prefix_holds_the_objects_of_all() {
    let service = Azurite::start(&program());
    let open = |url: &str| Storage::from_url(url, &options(&service)).unwrap();
    let below = open("az://annals/a%20prefix/");
    below.put_if_absent("x/y", "bytes".into()).await.unwrap();
    let whole = open("az://annals");
    assert_eq!(whole.list("").await.unwrap(), ["a prefix/x/y"]);
    assert_eq!(whole.get("a prefix/x/y").await.unwrap().unwrap(), "bytes");
}

#[tokio::test]
async fn a_wrong_key_and_a_missing_container_are_errors_that_say_so() {
    let service = Azurite::start(&program());
    let mut wrong = options(&service);
    wrong.azure.access_key = Some("d3Jvbmc=".to_owned());
    for (url, options) in [("az://annals", wrong), ("az://nowhere", options(&service))] {
        let storage = Storage::from_url(url, &options).unwrap();
        let error = storage.put_if_absent("a", "bytes".into()).await.unwrap_err();
        assert_eq!(error.to_string(), "creating a failed", "{url}");
        assert!(storage.list("").await.is_err(), "{url}");
    }
}
