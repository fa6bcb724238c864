//! A container of Azure Blob Storage as storage.
//!
//! Blobs are created with `If-None-Match: *`. Blocks that nobody has put together are removed by
//! Azure after a week.

use object_store::azure::MicrosoftAzureBuilder;
use object_store::path::Path;

use super::{AzureOptions, Storage, remote};

/// Opens a container, or says what is wrong with the options. Asks nothing over the network.
pub(super) fn open(
    container: &str,
    prefix: &Path,
    options: &AzureOptions,
) -> Result<Storage, String> {
    let account = options.account.as_deref().ok_or("the storage account is not named")?;
    let client = remote::client(options.endpoint.as_deref(), options.allow_http)?;
    let mut builder = MicrosoftAzureBuilder::new()
        .with_account(account)
        .with_container_name(container)
        .with_client_options(client)
        .with_retry(remote::retry());
    if let Some(endpoint) = &options.endpoint {
        builder = builder.with_endpoint(endpoint.clone());
    }
    if let Some(key) = &options.access_key {
        builder = builder.with_access_key(key);
    }
    let container = builder.build().map_err(|error| error.to_string())?;
    Ok(remote::below(prefix, container))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_account_and_plain_http_are_refused() {
        let open = |options: &AzureOptions| open("container", &Path::from("a"), options);
        assert!(open(&AzureOptions::default()).unwrap_err().contains("account"));
        let endpoint = Some("http://127.0.0.1:1/a".to_owned());
        let account = Some("a".to_owned());
        let plain = AzureOptions { account, endpoint, ..AzureOptions::default() };
        assert!(open(&plain).unwrap_err().contains("http"));
        assert!(open(&AzureOptions { allow_http: true, ..plain }).is_ok());
    }
}
