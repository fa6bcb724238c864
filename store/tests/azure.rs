//! The storage contract over Microsoft's own emulator of Azure Blob Storage, started here. Fails
//! where there is none.

use annals_store::conformance::conforms;
use annals_store::{AzureOptions, StorageOptions};

#[path = "../../tests/src/azurite.rs"]
mod azurite;
#[path = "../../tests/src/ports.rs"]
mod ports;
mod remote;
#[path = "../../tests/src/watched.rs"]
mod watched;
use azurite::Azurite;
use remote::{fails_and_says_so, fresh, holds_the_objects_of_all};

const CONTAINER: &str = "az://annals";

/// `TEST_ANNALS_AZURITE`, else what `tests/setup/npm` installs.
fn start() -> Azurite {
    let installed = "../tests/azurite/node_modules/.bin/azurite-blob";
    Azurite::start(&remote::program("TEST_ANNALS_AZURITE", installed))
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

#[tokio::test]
async fn azure_conforms() {
    let service = start();
    conforms(fresh(CONTAINER, &options(&service), None)).await;
}

#[tokio::test]
async fn azure_with_a_cache_conforms() {
    let service = start();
    let directory = tempfile::tempdir().unwrap();
    conforms(fresh(CONTAINER, &options(&service), Some(directory.path()))).await;
}

#[tokio::test]
async fn a_container_without_a_prefix_holds_the_objects_of_all() {
    let service = start();
    holds_the_objects_of_all(CONTAINER, &options(&service)).await;
}

#[tokio::test]
async fn a_wrong_key_and_a_missing_container_are_errors_that_say_so() {
    let service = start();
    let mut wrong = options(&service);
    wrong.azure.access_key = Some("d3Jvbmc=".to_owned());
    fails_and_says_so(CONTAINER, &wrong).await;
    fails_and_says_so("az://nowhere", &options(&service)).await;
}
