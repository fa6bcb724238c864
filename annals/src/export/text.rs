//! `README.txt`: what lies there, for a person who has nothing else.

use annals_verify::{BundleManifest, VerifierKey};

pub(super) fn readme(manifest: &BundleManifest, key: &VerifierKey) -> String {
    let filter = match manifest.filter.is_empty() {
        true => "none: every visible event".to_owned(),
        false => serde_json::to_string(&manifest.filter).expect("a filter is plain data"),
    };
    let range = match (manifest.first_seq, manifest.last_seq) {
        (Some(first), Some(last)) => format!("{first} to {last}"),
        _ => "none".to_owned(),
    };
    format!(
        "Audit events of workspace {workspace}\n\
         \n\
         events.ndjson    {rows} events, one a line, in the order of arrival (seq {range})\n\
         manifest.json    what this export holds, signed; SHA-256 of every file here\n\
         checkpoint       the signed head of the log's tree: {size} records of\n\
         \x20                {origin}\n\
         proofs/records   the log's records behind the events, and the places of the\n\
         \x20                workspace's other records, {records} in all\n\
         proofs/hashes    what leads from them to the head\n\
         key.vkey         the public keys it may be signed with. Do not trust them because\n\
         \x20                they lie here: compare them with keys you have from elsewhere\n\
         \n\
         Filter: {filter}\n\
         Signed by key {id}, SHA-256 of the key {fingerprint}\n\
         \n\
         To check: annals verify DIRECTORY --key KEY\n\
         It needs this directory, the public key, and no network. Nothing may be added here.\n\
         \n\
         Proven then: each event is what the log recorded, and between the first and the\n\
         last record of the workspace none is missing. Stated by the signature: that no\n\
         later record of it came before the head, labels and present names. Not proven: that\n\
         a service sent what it should have; anything before the first head that somebody\n\
         outside has kept.\n",
        workspace = manifest.workspace,
        rows = manifest.rows,
        size = manifest.tree_size,
        origin = manifest.origin,
        records = manifest.records,
        id = key.id(),
        fingerprint = key.fingerprint(),
    )
}
