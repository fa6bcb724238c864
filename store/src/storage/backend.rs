//! Which backend a URL names.
//!
//! `file:///…` or a plain path, `memory:`, and with the feature `s3` `s3://bucket/prefix`. What a
//! URL must not carry, such as credentials, comes in as options: this crate reads no environment.
//! Further backends of `object_store` are one more arm and one more feature.

use std::path::{Path as FilePath, PathBuf};

use object_store::path::Path;

use super::{CacheOptions, Storage};
use crate::StoreError;

/// How storage is opened, apart from where it is.
#[derive(Debug, Clone, Default)]
pub struct StorageOptions {
    /// Where objects of a remote backend are kept to be mapped. Without it they are read into
    /// memory whole, each time they are opened, and staged files are in memory too.
    pub cache: Option<CacheOptions>,
    /// For `s3://`.
    pub s3: S3Options,
}

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

impl Storage {
    /// Opens the storage a URL names. The cache is for remote backends and memory; files are
    /// mapped where they are.
    ///
    /// Nothing is asked over the network: a bucket that is not there shows at the first call.
    pub fn from_url(url: &str, options: &StorageOptions) -> Result<Self, StoreError> {
        let storage = match scheme_of(url) {
            None => return Self::local(FilePath::new(url)),
            Some("file") => return Self::local(&file_path(url)?),
            Some("memory") => match url {
                "memory:" | "memory://" | "memory:///" => Self::memory(),
                _ => return Err(refused(url, "memory has no places: write `memory:`")),
            },
            Some("s3") => open_s3(url, &options.s3)?,
            Some(scheme) => {
                let detail = format!("unknown scheme `{scheme}`, known are file, memory and s3");
                return Err(refused(url, &detail));
            }
        };
        match &options.cache {
            Some(cache) => storage.with_cache(cache),
            None => Ok(storage),
        }
    }
}

/// The part before the colon, if it can be a scheme; `./a:b` is a path.
fn scheme_of(url: &str) -> Option<&str> {
    let (scheme, _) = url.split_once(':')?;
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    let is_scheme = scheme.as_bytes().first()?.is_ascii_alphabetic() && scheme.bytes().all(inner);
    is_scheme.then_some(scheme)
}

fn file_path(url: &str) -> Result<PathBuf, StoreError> {
    let path = url.strip_prefix("file://").filter(|path| path.starts_with('/'));
    let path = path.ok_or_else(|| refused(url, "a file URL is `file:///` and an absolute path"))?;
    let path = Path::from_url_path(path).map_err(|error| refused(url, &error.to_string()))?;
    Ok(FilePath::new("/").join(path.as_ref()))
}

#[cfg(feature = "s3")]
fn open_s3(url: &str, options: &S3Options) -> Result<Storage, StoreError> {
    let (bucket, prefix) = bucket_and_prefix(url)?;
    super::s3::open(bucket, &prefix, options).map_err(|detail| refused(url, &detail))
}

#[cfg(not(feature = "s3"))]
fn open_s3(url: &str, _: &S3Options) -> Result<Storage, StoreError> {
    bucket_and_prefix(url)?;
    Err(refused(url, "this build has no S3: it lacks the feature `s3`"))
}

fn bucket_and_prefix(url: &str) -> Result<(&str, Path), StoreError> {
    let rest = url.strip_prefix("s3://").unwrap_or_default();
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    if bucket.is_empty() || !bucket.bytes().all(plain) {
        return Err(refused(url, "an S3 URL is `s3://bucket/prefix`, credentials are options"));
    }
    if let Some(mark) = prefix.chars().find(|mark| "?#".contains(*mark)) {
        return Err(refused(url, &format!("`{mark}` cannot be part of a prefix")));
    }
    let prefix = Path::from_url_path(prefix).map_err(|error| refused(url, &error.to_string()))?;
    Ok((bucket, prefix))
}

/// What stands before an `@` or after a `?` may be a secret.
fn refused(url: &str, detail: &str) -> StoreError {
    let shown = url.split_once('?').map_or(url, |(before, _)| before);
    let shown = match shown.rsplit_once('@') {
        Some((_, rest)) => format!("{}://…@{rest}", scheme_of(url).unwrap_or_default()),
        None => shown.to_owned(),
    };
    StoreError::StorageUrl { url: shown, detail: detail.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(url: &str) -> String {
        Storage::from_url(url, &StorageOptions::default()).unwrap_err().to_string()
    }

    #[test]
    fn a_path_and_a_file_url_are_the_same_place() {
        let directory = tempfile::tempdir().unwrap();
        let place = directory.path().join("a store");
        let url = format!("file://{}/a%20store/", directory.path().display());
        Storage::from_url(&url, &StorageOptions::default()).unwrap();
        assert!(place.is_dir());
        let storage =
            Storage::from_url(place.to_str().unwrap(), &StorageOptions::default()).unwrap();
        assert_eq!(storage.local.unwrap().root, place.canonicalize().unwrap());
        assert_eq!(scheme_of("./a:b"), None);
        assert_eq!(scheme_of("data/store"), None);
    }

    #[test]
    fn what_cannot_be_opened_says_why() {
        let known = "known are file, memory and s3";
        for (url, detail) in [
            ("gs://bucket/a", known),
            ("s3a:x", known),
            ("memory:a", "write `memory:`"),
            ("file://host/a", "an absolute path"),
            ("file:a", "an absolute path"),
            ("s3:bucket", "`s3://bucket/prefix`"),
            ("s3:///prefix", "`s3://bucket/prefix`"),
            ("s3://bucket/a?b", "`?`"),
            ("s3://bucket/../a", ".."),
        ] {
            let message = refusal(url);
            assert!(message.starts_with("storage ") && message.contains(detail), "{message}");
        }
        assert!(
            !Storage::from_url("gs://b", &StorageOptions::default()).unwrap_err().is_retryable()
        );
    }

    #[test]
    fn secrets_are_not_repeated() {
        for url in ["s3://key:secret@bucket/a", "s3://bucket/a?token=secret", "x://secret@a"] {
            assert!(!refusal(url).contains("secret"), "{}", refusal(url));
        }
        let options =
            S3Options { secret_access_key: Some("secret".to_owned()), ..S3Options::default() };
        assert!(!format!("{options:?}").contains("secret\""));
    }

    #[cfg(not(feature = "s3"))]
    #[test]
    fn a_build_without_s3_says_so() {
        let expected = "storage s3://bucket/a: this build has no S3: it lacks the feature `s3`";
        assert_eq!(refusal("s3://bucket/a"), expected);
    }
}
