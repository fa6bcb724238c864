//! Signed notes, C2SP signed-note: a text and the Ed25519 signatures under it.
//!
//! Written for this one kind of key: the crates there are bring a second Ed25519, SHA-2 and base64
//! into a verifier whose size is a promise. Go's `x/mod/sumdb/note` reads what this writes, and the
//! other way round, in the suites.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

use crate::VerifyError;

/// Algorithm byte of Ed25519.
const ED25519: u8 = 1;
/// More signature lines than this are refused.
const MAX_SIGNATURES: usize = 100;

/// A public key with the name it signs under: a *vkey*.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    key: VerifyingKey,
}

/// A secret key with the name it signs under.
pub struct SignerKey {
    name: String,
    key: SigningKey,
}

/// A note taken apart. Nothing is verified yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note<'a> {
    /// What is signed, with its last line end.
    pub text: &'a str,
    signatures: Vec<NoteSignature<'a>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct NoteSignature<'a> {
    name: &'a str,
    /// Four bytes of the key's hash, then the signature.
    bytes: Vec<u8>,
}

/// The first four bytes of SHA-256(name ‖ "\n" ‖ algorithm ‖ key).
fn key_hash(name: &str, key: &VerifyingKey) -> [u8; 4] {
    let mut hasher = Sha256::new();
    hasher.update(name);
    hasher.update([b'\n', ED25519]);
    hasher.update(key.as_bytes());
    let digest: [u8; 32] = hasher.finalize().into();
    *digest.first_chunk().expect("a digest has 32 bytes")
}

/// A name has no white space and no `+`.
fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c == '+')
}

impl VerifierKey {
    /// Reads `name+hash+base64`.
    pub fn parse(vkey: &str) -> Result<Self, VerifyError> {
        let wrong = |detail: &str| VerifyError::undecided(format!("vkey {vkey:?}"), detail);
        let mut parts = vkey.splitn(3, '+');
        let (Some(name), Some(hash), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(wrong("it is not name+hash+key"));
        };
        let bytes = STANDARD.decode(key).map_err(|_| wrong("the key is not base64"))?;
        let key = match bytes.split_first() {
            Some((&ED25519, key)) => VerifyingKey::try_from(key).ok(),
            _ => None,
        };
        let key = key.ok_or_else(|| wrong("it is no Ed25519 key"))?;
        if !is_name(name) || annals_schemas::hex(&key_hash(name, &key)) != hash {
            return Err(wrong("name and hash do not belong to the key"));
        }
        Ok(Self { name: name.to_owned(), key })
    }

    /// The name it signs under.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Eight hexadecimal digits.
    pub fn id(&self) -> String {
        annals_schemas::hex(&key_hash(&self.name, &self.key))
    }

    /// SHA-256 of the key itself, whatever name it bears: to be compared by people.
    pub fn fingerprint(&self) -> String {
        annals_schemas::hex(&Sha256::digest(self.key.as_bytes()))
    }

    /// Whether a signature over this text is the key's.
    pub fn verifies(&self, text: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature)
            .is_ok_and(|signature| self.key.verify_strict(text, &signature).is_ok())
    }
}

impl std::fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut key = vec![ED25519];
        key.extend_from_slice(self.key.as_bytes());
        write!(f, "{}+{}+{}", self.name, self.id(), STANDARD.encode(key))
    }
}

impl SignerKey {
    /// The key of a seed, under a name.
    ///
    /// # Panics
    /// When the name has white space or a `+`: names are made, not given.
    pub fn new(name: &str, seed: &[u8; 32]) -> Self {
        assert!(is_name(name), "a key's name has no white space and no +");
        Self { name: name.to_owned(), key: SigningKey::from_bytes(seed) }
    }

    /// Its public half.
    pub fn verifier(&self) -> VerifierKey {
        VerifierKey { name: self.name.clone(), key: self.key.verifying_key() }
    }

    /// Signs bytes.
    pub fn sign(&self, text: &[u8]) -> [u8; 64] {
        self.key.sign(text).to_bytes()
    }
}

/// A text that ends a line, signed by these keys, each on a line of its own.
pub fn sign_note(text: &str, keys: &[SignerKey]) -> String {
    let mut note = format!("{text}\n");
    for key in keys {
        let verifier = key.verifier();
        let mut bytes = key_hash(&key.name, &verifier.key).to_vec();
        bytes.extend_from_slice(&key.sign(text.as_bytes()));
        note += &format!("— {} {}\n", key.name, STANDARD.encode(bytes));
    }
    note
}

impl<'a> Note<'a> {
    /// Takes a note apart; `position` is where it stands, for errors.
    pub fn parse(note: &'a str, position: &str) -> Result<Self, VerifyError> {
        let wrong = |detail: &str| VerifyError::unsound(position, detail);
        if note.bytes().any(|byte| byte < 0x20 && byte != b'\n') {
            return Err(wrong("it has control characters"));
        }
        let at = note.rfind("\n\n").ok_or_else(|| wrong("it is no signed note"))?;
        let (text, lines) = (&note[..=at], &note[at + 2..]);
        let lines = lines.strip_suffix('\n').ok_or_else(|| wrong("its last line has no end"))?;
        let signature = |line: &'a str| {
            let (name, signature) = line.strip_prefix("— ")?.split_once(' ')?;
            let bytes = STANDARD.decode(signature).ok()?;
            (is_name(name) && bytes.len() > 4).then_some(NoteSignature { name, bytes })
        };
        let signatures: Option<Vec<_>> =
            lines.split('\n').take(MAX_SIGNATURES + 1).map(signature).collect();
        match signatures {
            Some(signatures) if signatures.len() <= MAX_SIGNATURES => Ok(Self { text, signatures }),
            _ => Err(wrong("a signature line is malformed")),
        }
    }

    /// Verified by one of these keys at least; a signature that claims to be of one and is not
    /// is unsound. Signatures of other keys are nobody's concern.
    pub fn verify(&self, keys: &[VerifierKey], position: &str) -> Result<(), VerifyError> {
        let mut verified = false;
        for signature in &self.signatures {
            let (hash, bytes) = signature.bytes.split_at(4);
            let is_of = |key: &&VerifierKey| {
                key.name == signature.name && key_hash(&key.name, &key.key) == hash
            };
            if let Some(key) = keys.iter().find(is_of) {
                if !key.verifies(self.text.as_bytes(), bytes) {
                    let detail = format!("the signature of key {} is wrong", key.id());
                    return Err(VerifyError::unsound(position, detail));
                }
                verified = true;
            }
        }
        match verified {
            true => Ok(()),
            false => Err(VerifyError::unsound(position, "it is not signed by the key given")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of Go's package `golang.org/x/mod/sumdb/note`.
    const VKEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const NOTE: &str = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n\n\
        — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngo\
        tpRZb6KE6RyyBwJnAM=\n";

    fn verify(note: &str, keys: &[VerifierKey]) -> Result<(), VerifyError> {
        Note::parse(note, "note")?.verify(keys, "note")
    }

    #[test]
    fn a_note_of_other_people_verifies_and_no_changed_byte_does() {
        let keys = [VerifierKey::parse(VKEY).unwrap()];
        assert_eq!(keys[0].to_string(), VKEY);
        assert_eq!(verify(NOTE, &keys), Ok(()));
        for at in 0..NOTE.len() {
            let mut bytes = NOTE.as_bytes().to_vec();
            bytes[at] ^= 1;
            let Ok(changed) = String::from_utf8(bytes) else { continue };
            assert!(verify(&changed, &keys).is_err(), "byte {at}");
        }
        for cut in 1..NOTE.len() {
            let Some(changed) = NOTE.get(..cut) else { continue };
            assert!(verify(changed, &keys).is_err(), "cut to {cut}");
        }
    }

    #[test]
    fn two_keys_overlap_and_a_foreign_one_is_not_enough() {
        let key = |seed| SignerKey::new("annals/00/3", &[seed; 32]);
        let verifier = |seed| key(seed).verifier();
        let note = sign_note("annals/00/3\n1\n", &[key(1), key(2)]);
        for known in [vec![verifier(1)], vec![verifier(2)], vec![verifier(3), verifier(2)]] {
            assert_eq!(verify(&note, &known), Ok(()));
        }
        assert!(verify(&note, &[verifier(3)]).is_err());
        assert!(verify(&note, &[]).is_err());
        let parsed = VerifierKey::parse(&verifier(1).to_string()).unwrap();
        assert_eq!(parsed, verifier(1));
        assert!(VerifierKey::parse(&verifier(1).to_string().replace("/3", "/4")).is_err());
    }
}
