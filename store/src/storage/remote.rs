//! What the backends over a network have in common: requests bounded in time and in tries, with
//! jitter between them, and objects below a prefix.

use std::sync::Arc;
use std::time::Duration;

use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{ClientOptions, ObjectStore, RetryConfig};

use super::Storage;

/// One try of one request, its body included: a part of 16 MiB at 280 KB/s.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const MAX_RETRIES: usize = 6;
/// No further try is begun after this.
const RETRY_TIMEOUT: Duration = Duration::from_secs(90);

/// Bounds of one try; refuses an endpoint that is plain http where that is not allowed.
pub(super) fn client(endpoint: Option<&str>, allow_http: bool) -> Result<ClientOptions, String> {
    if endpoint.is_some_and(|url| url.starts_with("http://")) && !allow_http {
        return Err("the endpoint is http, which is not allowed here".to_owned());
    }
    Ok(ClientOptions::new()
        .with_timeout(REQUEST_TIMEOUT)
        .with_connect_timeout(CONNECT_TIMEOUT)
        .with_allow_http(allow_http))
}

/// Bounds of all tries.
pub(super) fn retry() -> RetryConfig {
    RetryConfig { max_retries: MAX_RETRIES, retry_timeout: RETRY_TIMEOUT, ..RetryConfig::default() }
}

/// The objects below a prefix, which may be empty.
pub(super) fn below(prefix: &Path, bucket: impl ObjectStore) -> Storage {
    if prefix.as_ref().is_empty() {
        Storage::over(Arc::new(bucket))
    } else {
        Storage::over(Arc::new(PrefixStore::new(bucket, prefix.clone())))
    }
}
