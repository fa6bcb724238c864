//! An S3 bucket as storage.
//!
//! Objects are created with `If-None-Match: *`. Requests are bounded in time and in tries, with
//! jitter between them. A try that is repeated after its answer was lost finds its own object and
//! reports it as taken: only reading back tells.

use std::sync::Arc;
use std::time::Duration;

use object_store::aws::{AmazonS3Builder, S3ConditionalPut};
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{ClientOptions, RetryConfig};

use super::{S3Options, Storage};

const DEFAULT_REGION: &str = "us-east-1";
/// One try of one request, its body included: a part of 16 MiB at 280 KB/s.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const MAX_RETRIES: usize = 6;
/// No further try is begun after this.
const RETRY_TIMEOUT: Duration = Duration::from_secs(90);

/// Opens a bucket, or says what is wrong with the options. Asks nothing over the network.
pub(super) fn open(bucket: &str, prefix: &Path, options: &S3Options) -> Result<Storage, String> {
    if options.access_key_id.is_some() != options.secret_access_key.is_some() {
        return Err("an access key id and a secret access key go together".to_owned());
    }
    let is_plain = options.endpoint.as_deref().is_some_and(|url| url.starts_with("http://"));
    if is_plain && !options.allow_http {
        return Err("the endpoint is http, which is not allowed here".to_owned());
    }
    let client = ClientOptions::new()
        .with_timeout(REQUEST_TIMEOUT)
        .with_connect_timeout(CONNECT_TIMEOUT)
        .with_allow_http(options.allow_http);
    let retry = RetryConfig {
        max_retries: MAX_RETRIES,
        retry_timeout: RETRY_TIMEOUT,
        ..RetryConfig::default()
    };
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(bucket)
        .with_region(options.region.as_deref().unwrap_or(DEFAULT_REGION))
        .with_client_options(client)
        .with_retry(retry)
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
    Ok(if prefix.as_ref().is_empty() {
        Storage::over(Arc::new(bucket))
    } else {
        Storage::over(Arc::new(PrefixStore::new(bucket, prefix.clone())))
    })
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
