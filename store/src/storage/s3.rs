//! An S3 bucket as storage.
//!
//! Objects are created with `If-None-Match: *`. A try that is repeated after its answer was lost
//! finds its own object and reports it as taken: only reading back tells.

use object_store::aws::{AmazonS3Builder, S3ConditionalPut};
use object_store::path::Path;

use super::{S3Options, Storage, remote};

const DEFAULT_REGION: &str = "us-east-1";

/// Opens a bucket, or says what is wrong with the options. Asks nothing over the network.
pub(super) fn open(bucket: &str, prefix: &Path, options: &S3Options) -> Result<Storage, String> {
    if options.access_key_id.is_some() != options.secret_access_key.is_some() {
        return Err("an access key id and a secret access key go together".to_owned());
    }
    let client = remote::client(options.endpoint.as_deref(), options.allow_http)?;
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(bucket)
        .with_region(options.region.as_deref().unwrap_or(DEFAULT_REGION))
        .with_client_options(client)
        .with_retry(remote::retry())
        .with_conditional_put(S3ConditionalPut::ETagMatch);
    if let Some(endpoint) = &options.endpoint {
        builder = builder.with_endpoint(endpoint);
    }
    if let (Some(id), Some(secret)) = (&options.access_key_id, &options.secret_access_key) {
        builder = builder.with_access_key_id(id).with_secret_access_key(secret);
    }
    if let Some(token) = &options.session_token {
        builder = builder.with_token(token);
    }
    let bucket = builder.build().map_err(|error| error.to_string())?;
    Ok(remote::below(prefix, bucket))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(options: &S3Options) -> String {
        open("bucket", &Path::from("a"), options).unwrap_err()
    }

    #[test]
    fn half_a_key_pair_and_plain_http_are_refused() {
        let half = S3Options { access_key_id: Some("id".to_owned()), ..S3Options::default() };
        assert!(refusal(&half).contains("go together"));
        let endpoint = Some("http://127.0.0.1:1".to_owned());
        let plain = S3Options { endpoint, ..S3Options::default() };
        assert!(refusal(&plain).contains("http"));
        let allowed = S3Options { allow_http: true, ..plain };
        assert!(open("bucket", &Path::from("a"), &allowed).is_ok());
    }
}
