//! Which backend a URL names.
//!
//! `file:///…` or a plain path, `memory:`, and with the features `s3`, `gcs` and `azure`
//! `s3://bucket/prefix`, `gs://bucket/prefix` and `az://container/prefix`. What a URL must not
//! carry, such as credentials, comes in as options: this crate reads no environment.

use std::path::{Path as FilePath, PathBuf};

use object_store::path::Path;

#[cfg(feature = "azure")]
use super::azure::open as open_azure;
#[cfg(feature = "gcs")]
use super::gcs::open as open_gcs;
#[cfg(feature = "s3")]
use super::s3::open as open_s3;
use super::{AzureOptions, CacheOptions, GcsOptions, S3Options, Storage};
use crate::StoreError;

/// What a URL may begin with, as an error tells it.
const SCHEMES: &str = "file, memory, s3, gs and az";

/// How storage is opened, apart from where it is.
#[derive(Debug, Clone, Default)]
pub struct StorageOptions {
    /// Where objects of a remote backend are kept to be mapped. Without it they are read into
    /// memory whole, each time they are opened, and staged files are in memory too.
    pub cache: Option<CacheOptions>,
    /// For `s3://`.
    pub s3: S3Options,
    /// For `gs://`.
    pub gcs: GcsOptions,
    /// For `az://`.
    pub azure: AzureOptions,
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
            Some(scheme @ ("s3" | "gs" | "az")) => {
                let (bucket, prefix) = bucket_and_prefix(url, scheme)?;
                let opened = match scheme {
                    "s3" => open_s3(bucket, &prefix, &options.s3),
                    "gs" => open_gcs(bucket, &prefix, &options.gcs),
                    _ => open_azure(bucket, &prefix, &options.azure),
                };
                opened.map_err(|detail| refused(url, &detail))?
            }
            Some(scheme) => {
                let detail = format!("unknown scheme `{scheme}`, known are {SCHEMES}");
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

#[cfg(not(feature = "s3"))]
fn open_s3(_: &str, _: &Path, _: &S3Options) -> Result<Storage, String> {
    Err("this build has no S3: it lacks the feature `s3`".to_owned())
}

#[cfg(not(feature = "gcs"))]
fn open_gcs(_: &str, _: &Path, _: &GcsOptions) -> Result<Storage, String> {
    Err("this build has no Google Cloud Storage: it lacks the feature `gcs`".to_owned())
}

#[cfg(not(feature = "azure"))]
fn open_azure(_: &str, _: &Path, _: &AzureOptions) -> Result<Storage, String> {
    Err("this build has no Azure Blob Storage: it lacks the feature `azure`".to_owned())
}

fn bucket_and_prefix<'u>(url: &'u str, scheme: &str) -> Result<(&'u str, Path), StoreError> {
    let rest = url[scheme.len()..].strip_prefix("://").unwrap_or_default();
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    if bucket.is_empty() || !bucket.bytes().all(plain) {
        let detail = format!("write `{scheme}://bucket/prefix`; credentials are options");
        return Err(refused(url, &detail));
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
        let known = "known are file, memory, s3, gs and az";
        for (url, detail) in [
            ("ftp://bucket/a", known),
            ("s3a:x", known),
            ("memory:a", "write `memory:`"),
            ("file://host/a", "an absolute path"),
            ("file:a", "an absolute path"),
            ("s3:bucket", "`s3://bucket/prefix`"),
            ("s3:///prefix", "`s3://bucket/prefix`"),
            ("gs://", "`gs://bucket/prefix`"),
            ("az://key@container/a", "`az://bucket/prefix`"),
            ("s3://bucket/a?b", "`?`"),
            ("s3://bucket/../a", ".."),
        ] {
            let message = refusal(url);
            assert!(message.starts_with("storage ") && message.contains(detail), "{message}");
        }
        assert!(
            !Storage::from_url("ftp://b", &StorageOptions::default()).unwrap_err().is_retryable()
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
        let options =
            AzureOptions { access_key: Some("secret".to_owned()), ..AzureOptions::default() };
        assert!(!format!("{options:?}").contains("secret\""));
    }

    #[test]
    fn a_build_without_a_service_says_so() {
        for (url, feature, is_there) in [
            ("s3://bucket/a", "s3", cfg!(feature = "s3")),
            ("gs://bucket/a", "gcs", cfg!(feature = "gcs")),
            ("az://container/a", "azure", cfg!(feature = "azure")),
        ] {
            let lacks = format!("it lacks the feature `{feature}`");
            let opened = Storage::from_url(url, &StorageOptions::default());
            let is_lacking = opened.is_err_and(|error| error.to_string().ends_with(&lacks));
            assert_eq!(is_lacking, !is_there, "{url}");
        }
    }
}
