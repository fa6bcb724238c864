//! Which records of an export have rows is vouched for, too.

use std::ops::Range;
use std::path::Path;

use annals_tests::command::{self, Target};
use annals_tests::evidence::{export, key_of, settled, verify};
use serde_json::json;

/// Bytes of a frame before value and headers (docs/EVIDENCE.md): index, entry, whether it holds
/// them.
const FRAME_HEAD_BYTES: usize = 8 + 151 + 1;

/// A16.2: two events differ in who did it, and only one was asked for. The other one's record and
/// row, true as they are, are put in the place of the one that matched, with what is not in any
/// record left as it was: nothing that leads to the root is another.
#[test]
fn a16_2_a_record_that_did_not_match_cannot_take_the_place_of_one_that_did() {
    let directory = tempfile::tempdir().unwrap();
    let input = directory.path().join("events.ndjson");
    let events = [(1, "u1"), (2, "u2")].map(|(number, user)| {
        json!({
            "event_id": format!("01930000-0000-7000-8000-00000000000{number}"),
            "occurred_at": "2026-10-25T01:30:00Z", "workspace_id": "acme",
            "actor": {"kind": "user", "id": user}, "action": "segment.deleted",
            "resources": [{"type": "segment", "id": "s1", "name": "VIP"}],
        })
    });
    std::fs::write(&input, events.map(|event| format!("{event}\n")).concat()).unwrap();
    let data = directory.path().join("data");
    command::import_all(&input, Target::Data(&data));
    drop(settled(&data));
    let key = key_of(&data);
    let [all, one] = ["all", "one"].map(|name| directory.path().join(name));
    for (bundle, flags) in [(&all, &[][..]), (&one, &["--actor", "u1"])] {
        let exported = export(&data, bundle, flags);
        assert_eq!(exported.code, Some(0), "{}", exported.stderr);
        assert_eq!(verify(bundle, &key).code, Some(0));
    }
    let records = std::fs::read(all.join("proofs/records")).unwrap();
    let [first, second] = &frames(&records)[..] else { panic!("two records of the workspace") };
    let mut forged = records[first.start..first.start + FRAME_HEAD_BYTES].to_vec();
    *forged.last_mut().unwrap() = 0;
    forged.extend_from_slice(&records[second.clone()]);
    let rows = lines(&all.join("events.ndjson"));
    let row = rows[1].replacen("\"seq\":2,", "\"seq\":1,", 1);
    assert_ne!(row, rows[1], "it has the place of the other");
    std::fs::write(one.join("proofs/records"), forged).unwrap();
    std::fs::write(one.join("events.ndjson"), row).unwrap();
    let verified = verify(&one, &key);
    assert_eq!(verified.code, Some(1), "{}", verified.stdout);
    assert!(verified.stderr.contains("not sound: events.ndjson"), "{}", verified.stderr);
}

/// Where the frames of `proofs/records` lie.
fn frames(file: &[u8]) -> Vec<Range<usize>> {
    let (mut start, mut frames) = (0, Vec::new());
    while start < file.len() {
        let mut end = start + FRAME_HEAD_BYTES;
        for _ in 0..2 * file[end - 1] {
            let length = u32::from_be_bytes(*file[end..].first_chunk().unwrap());
            end += 4 + usize::try_from(length).unwrap();
        }
        frames.push(start..end);
        start = end;
    }
    frames
}

fn lines(file: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(file).unwrap();
    text.split_inclusive('\n').map(str::to_owned).collect()
}
