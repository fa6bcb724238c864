//! A store whose files are not as they were written: `annals up` starts, says which file it is, and
//! shows no page rather than a wrong one.
//!
//! The embedded log has one partition, so a partition that cannot be opened is all workspaces here.
//! That the others go on is tested where there are several, in the store.

mod case;

use std::fs;

use annals_tests::process::AnnalsProcess;
use annals_tests::random::Random;
use annals_tests::store_files::{self, Manifest, manifest_files};
use annals_tests::{environment, report};
use serde_json::json;

use case::{Case, Found, Sealed};

/// Places in segments where a bit is flipped: one start of the server each.
const FLIPS: u64 = 24;
/// Places in a manifest, alike.
const MANIFEST_FLIPS: u64 = 6;

#[test]
fn a_missing_segment_is_named_and_nothing_is_shown_until_it_is_back() {
    let case = Case::new();
    let segment = case.segment(1);
    fs::remove_file(&segment).unwrap();
    case.check(&[segment]);
}

#[test]
fn a_truncated_segment_is_named_and_nothing_is_shown_until_it_is_back() {
    let case = Case::new();
    let segment = case.segment(0);
    let length = fs::metadata(&segment).unwrap().len();
    for left in [0, 7, length / 2, length - 1] {
        fs::File::options().write(true).open(&segment).unwrap().set_len(left).unwrap();
        case.check(std::slice::from_ref(&segment));
    }
}

#[test]
fn a_segment_that_has_grown_is_named_and_nothing_is_shown_until_it_is_back() {
    let case = Case::new();
    let segment = case.segment(2);
    let mut bytes = fs::read(&segment).unwrap();
    bytes.push(0);
    fs::write(&segment, bytes).unwrap();
    case.check(&[segment]);
}

#[test]
fn a_flipped_footer_is_named_and_nothing_is_shown_until_it_is_back() {
    let case = Case::new();
    let segment = case.segment(1);
    let length = fs::metadata(&segment).unwrap().len();
    // The magic, the trailer's checksum and length, the footer's end.
    for from_end in [1, 14, 18, 24] {
        store_files::flip(&segment, length - from_end, 3).unwrap();
        case.check(std::slice::from_ref(&segment));
    }
}

#[test]
fn swapped_segments_are_named_and_nothing_is_shown_until_they_are_back() {
    let case = Case::new();
    let (one, other) = (case.segment(0), case.segment(1));
    let between = one.with_extension("between");
    fs::rename(&one, &between).unwrap();
    fs::rename(&other, &one).unwrap();
    fs::rename(&between, &other).unwrap();
    case.check(&[one, other]);
}

/// The same events in the same range, sealed by another installation.
#[test]
fn a_segment_of_another_log_is_named_and_nothing_is_shown_until_its_own_is_back() {
    let case = Case::new();
    let foreign = Sealed::new();
    let segment = case.segment(0);
    let newest = Manifest::newest(&foreign.data).unwrap();
    fs::copy(&newest.segment_files(&foreign.data)[0], &segment).unwrap();
    case.check(&[segment]);
}

#[test]
fn a_segment_of_a_newer_format_is_named_and_nothing_is_shown_until_it_is_back() {
    let case = Case::new();
    let segment = case.segment(0);
    let mut bytes = fs::read(&segment).unwrap();
    let format = bytes.len() - 12..bytes.len() - 8;
    bytes[format].copy_from_slice(&99_u32.to_le_bytes());
    fs::write(&segment, bytes).unwrap();
    let reason = case.check(&[segment]);
    assert!(reason.contains("format 99"), "{reason}");
}

#[test]
fn a_flipped_manifest_is_named_and_nothing_is_shown_until_it_is_back() {
    let case = Case::new();
    let manifest = case.newest_manifest();
    let length = fs::metadata(&manifest).unwrap().len();
    let mut random = Random::new(environment::seed("flips in a manifest"));
    for _ in 0..MANIFEST_FLIPS {
        store_files::flip(&manifest, random.below(length), 1).unwrap();
        case.check(std::slice::from_ref(&manifest));
    }
}

#[test]
fn a_manifest_of_a_newer_format_is_named_and_nothing_is_shown_until_it_is_back() {
    let case = Case::new();
    let manifest = case.newest_manifest();
    let text = fs::read_to_string(&manifest).unwrap();
    let newer = text.replacen("\"format\": 1", "\"format\": 99", 1);
    let newer = newer.replacen("\"format\":1", "\"format\":99", 1);
    assert_ne!(newer, text);
    fs::write(&manifest, newer).unwrap();
    let reason = case.check(&[manifest]);
    assert!(reason.contains("format 99"), "{reason}");
}

/// The log still has what the lost manifests said: it is folded again from the one before, or from
/// the beginning.
#[test]
fn without_its_newest_manifests_the_log_is_folded_again_and_every_page_is_right() {
    let case = Case::new();
    for keep in [1, 0] {
        for manifest in &manifest_files(&case.data)[keep..] {
            fs::remove_file(manifest).unwrap();
        }
        let annals = case.start();
        case.assert_whole(&annals);
        assert!(annals.stop().success());
    }
}

/// Whose store it is cannot be told without `log.json`: there is nothing to serve.
#[test]
fn a_flipped_log_json_is_named_and_the_command_ends() {
    let case = Case::new();
    let file = store_files::store(&case.data).join("log.json");
    let length = fs::metadata(&file).unwrap().len();
    for byte in [0, length / 2, length - 3] {
        store_files::flip(&file, byte, 0).unwrap();
        let ended = AnnalsProcess::try_start(&case.data, &case::options());
        let ended = ended.err().expect("a store of nobody is not opened");
        assert_eq!(ended.status.code(), Some(2), "{}", ended.log);
        assert!(ended.log.contains("log.json"), "{}", ended.log);
        assert!(!ended.log.contains("panicked"), "{}", ended.log);
        case.restore(&file);
    }
    case.assert_whole(&case.start());
}

/// With another `log.json`, the manifest is another log's.
#[test]
fn a_lost_log_json_leaves_a_manifest_of_another_log_which_is_named() {
    let case = Case::new();
    let file = store_files::store(&case.data).join("log.json");
    fs::remove_file(&file).unwrap();
    let annals = case.start();
    case.assert_unavailable(&annals, &[case.newest_manifest()]);
    assert!(annals.stop().success());
    case.restore(&file);
    case.assert_whole(&case.start());
}

/// Nobody has to restart anything; and what was sent meanwhile is in the log.
#[test]
fn a_partition_opens_by_itself_once_its_file_is_back() {
    let case = Case::new();
    let segment = case.segment(1);
    fs::remove_file(&segment).unwrap();
    let annals = case.start();
    case.assert_unavailable(&annals, std::slice::from_ref(&segment));
    let client = annals.client("acme");
    let event = json!({"event_id": "00000000-0000-4000-8000-00000000beef", "workspace_id": "acme",
        "action": "model.created"});
    let answer = client.post("/v1/events:batch", &json!([event]));
    assert_eq!(answer.status, 202, "{}", answer.text());
    case.restore(&segment);
    case.assert_visible(&annals, 1);
}

/// A bit anywhere in a segment. Found when it is opened, or by the first answer that needs the
/// place: no answer is ever another one, and a repeated event is never taken for a new one.
#[test]
fn a_bit_flipped_anywhere_in_a_segment_never_makes_a_wrong_answer() {
    let whole = Case::new();
    let mut random = Random::new(environment::seed("flips in segments"));
    let (mut at_opening, mut by_an_answer, mut not_needed) = (0, 0, 0);
    for _ in 0..FLIPS {
        // With a log of its own.
        let case = Case::new();
        let segment = case.segment(usize::try_from(random.below(3)).unwrap());
        let byte = random.below(fs::metadata(&segment).unwrap().len());
        store_files::flip(&segment, byte, u32::try_from(random.below(8)).unwrap()).unwrap();
        let annals = case.start();
        match case.ask_damaged(&annals, &segment) {
            Found::AtOpening => at_opening += 1,
            Found::ByAnAnswer => by_an_answer += 1,
            Found::Never => not_needed += 1,
        }
        assert!(annals.stop().success());
    }
    report::line(&format!(
        "{FLIPS} flipped bits: {at_opening} found at opening, {by_an_answer} by an answer, \
         {not_needed} needed by no answer"
    ));
    whole.assert_whole(&whole.start());
}
