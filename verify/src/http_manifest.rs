//! The signature of an export over HTTP: under its manifest, as `GET …/exports/{id}/manifest` gives
//! it.
//!
//! What is signed is a line that no other signature of the key begins with, and the manifest
//! without its member `signature` in the canonical form of RFC 8785. So it is told from every
//! spelling of the document, and no white space or order of members matters.

use annals_schemas::JsonText;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::{SignerKey, VerifyError};

const CONTEXT: &[u8] = b"annals-http-export-1\n";
const KEY_ID: &str = "key_id";
const SIGNATURE: &str = "signature";

/// Sets the members `key_id` and `signature`; an error leaves it unsigned.
///
/// The only way to a signature of this kind, so that whoever is given it cannot sign anything else.
pub fn sign_http_manifest(
    manifest: &mut Map<String, Value>,
    key: &SignerKey,
) -> Result<(), VerifyError> {
    let mut signed = manifest.clone();
    signed.remove(SIGNATURE);
    signed.insert(KEY_ID.to_owned(), key.verifier().id().into());
    let signature = STANDARD.encode(key.sign(&signed_bytes(&signed)?));
    signed.insert(SIGNATURE.to_owned(), signature.into());
    *manifest = signed;
    Ok(())
}

fn signed_bytes(manifest: &Map<String, Value>) -> Result<Vec<u8>, VerifyError> {
    let text = Value::Object(manifest.clone()).to_string();
    let text = JsonText::parse(&text)
        .map_err(|error| VerifyError::unsound("manifest", error.to_string()))?;
    Ok([CONTEXT, &text.canonical()].concat())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_signed_is_the_line_and_the_canonical_manifest() {
        let key = SignerKey::new("annals/log/0", &[7; 32]);
        let manifest = json!({
            "workspace": "acme", "rows": 2, "id": "x", "filter": {"to": [], "actor": ["é\n"]},
            "key_id": null, "signature": null,
        });
        let Value::Object(mut manifest) = manifest else { unreachable!("made above") };
        sign_http_manifest(&mut manifest, &key).unwrap();
        let id = key.verifier().id();
        let bytes = format!(
            "annals-http-export-1\n{{\"filter\":{{\"actor\":[\"é\\n\"],\"to\":[]}},\"id\":\"x\",\
             \"key_id\":\"{id}\",\"rows\":2,\"workspace\":\"acme\"}}"
        );
        let signature = STANDARD.decode(manifest["signature"].as_str().unwrap()).unwrap();
        assert_eq!(manifest["key_id"], id);
        assert!(key.verifier().verifies(bytes.as_bytes(), &signature));
        let again = manifest.clone();
        sign_http_manifest(&mut manifest, &key).unwrap();
        assert_eq!(manifest, again, "a signature does not count itself");
    }
}
