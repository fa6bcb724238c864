//! A bucket of Google Cloud Storage as storage.
//!
//! Objects are created if their generation is 0, which is that of none.

use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::path::Path;

use super::{GcsOptions, Storage, remote};

/// Opens a bucket, or says what is wrong with the options. Asks nothing over the network.
pub(super) fn open(bucket: &str, prefix: &Path, options: &GcsOptions) -> Result<Storage, String> {
    let client = remote::client(options.endpoint.as_deref(), options.allow_http)?;
    let mut builder = GoogleCloudStorageBuilder::new()
        .with_bucket_name(bucket)
        .with_client_options(client)
        .with_retry(remote::retry());
    if let Some(endpoint) = &options.endpoint {
        builder = builder.with_base_url(endpoint);
    }
    if let Some(path) = &options.service_account {
        builder = builder.with_service_account_path(path);
    }
    let bucket = builder.build().map_err(|error| error.to_string())?;
    Ok(remote::below(prefix, bucket))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_and_a_missing_key_are_refused() {
        let open = |options: &GcsOptions| open("bucket", &Path::from("a"), options);
        let endpoint = Some("http://127.0.0.1:1".to_owned());
        let plain = GcsOptions { endpoint, ..GcsOptions::default() };
        assert!(open(&plain).unwrap_err().contains("http"));
        assert!(open(&GcsOptions { allow_http: true, ..plain }).is_ok());
        let service_account = Some("/nowhere/key.json".to_owned());
        let missing = GcsOptions { service_account, ..GcsOptions::default() };
        assert!(open(&missing).unwrap_err().contains("/nowhere/key.json"));
    }
}
