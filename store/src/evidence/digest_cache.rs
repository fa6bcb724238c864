//! Digests of headers that records share: most have the same headers as the one before.

use annals_schemas::Header;

use super::entry::digest_of_headers;

/// The headers digested last.
#[derive(Debug, Default)]
pub(crate) struct HeadersDigest {
    last: Option<(Vec<Header>, [u8; 32])>,
}

impl HeadersDigest {
    /// The digest of these headers, as an entry has it.
    pub(crate) fn of(&mut self, headers: &[Header]) -> [u8; 32] {
        match &self.last {
            Some((known, digest)) if known == headers => *digest,
            _ => {
                let digest = digest_of_headers(headers);
                self.last = Some((headers.to_vec(), digest));
                digest
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_what_would_be_computed() {
        let lists = [
            vec![],
            vec![Header::new("a", "1")],
            vec![Header { name: "a".into(), value: None }],
            vec![Header::new("a", "1"), Header::new("a", "1")],
        ];
        let mut digests = HeadersDigest::default();
        for headers in lists.iter().chain(&lists).flat_map(|headers| [headers, headers]) {
            assert_eq!(digests.of(headers), digest_of_headers(headers));
        }
    }
}
