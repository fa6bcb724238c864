//! How the backends over a network are reached. Secrets are never shown.

/// How an S3 bucket is reached.
#[derive(Clone, Default)]
pub struct S3Options {
    /// Another service than AWS: `https://host:port`. Buckets are then part of the path.
    pub endpoint: Option<String>,
    /// `us-east-1` if absent.
    pub region: Option<String>,
    /// With the secret key; without both the machine's own role is used.
    pub access_key_id: Option<String>,
    /// Never shown.
    pub secret_access_key: Option<String>,
    /// Of temporary credentials. Never shown.
    pub session_token: Option<String>,
    /// Whether the endpoint may be `http://`: for loopback and private networks only.
    pub allow_http: bool,
}

impl std::fmt::Debug for S3Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("S3Options")
            .field("endpoint", &self.endpoint)
            .field("region", &self.region)
            .field("has_access_key", &self.access_key_id.is_some())
            .field("has_session_token", &self.session_token.is_some())
            .field("allow_http", &self.allow_http)
            .finish_non_exhaustive()
    }
}

/// How a bucket of Google Cloud Storage is reached.
#[derive(Debug, Clone, Default)]
pub struct GcsOptions {
    /// Another service than Google's: `https://host:port`.
    pub endpoint: Option<String>,
    /// File with the key of a service account, as Google gives it; without it the machine's own
    /// account is used.
    pub service_account: Option<String>,
    /// Whether the endpoint may be `http://`: for loopback and private networks only.
    pub allow_http: bool,
}

/// How a container of Azure Blob Storage is reached.
#[derive(Clone, Default)]
pub struct AzureOptions {
    /// Name of the storage account. Needed.
    pub account: Option<String>,
    /// Its key; without it the machine's own identity is used. Never shown.
    pub access_key: Option<String>,
    /// Another service than Azure: `https://host:port/account`.
    pub endpoint: Option<String>,
    /// Whether the endpoint may be `http://`: for loopback and private networks only.
    pub allow_http: bool,
}

impl std::fmt::Debug for AzureOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AzureOptions")
            .field("account", &self.account)
            .field("endpoint", &self.endpoint)
            .field("has_access_key", &self.access_key.is_some())
            .field("allow_http", &self.allow_http)
            .finish_non_exhaustive()
    }
}
