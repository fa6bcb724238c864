//! A host that forks after it has started a recorder.

use super::*;

/// The child loses what it emits on the parent's recorder, says so, and waits for nothing; the
/// parent's events are all there, in order, and none of the child's among them. A recorder of the
/// child's own works beside it, and not on the parent's spool.
#[test]
fn a_forked_child_neither_hangs_nor_touches_what_its_parent_records() {
    let directory = tempfile::tempdir().unwrap();
    let said = finish(spawn(directory.path(), &["away", "forks"]));
    let child: Vec<_> = said.iter().filter_map(|line| line.strip_prefix("child: ")).collect();
    assert_eq!(child[0], "1001, flushed false", "lost, and counted");
    assert_eq!(
        child[1],
        "the recorder was started before this process was forked: start one in it"
    );
    assert_eq!(child[2], "at once true");
    assert!(child[3].starts_with("the recorder's spool cannot be used: "), "{}", child[3]);
    assert!(child[3].ends_with("spool/events is held by another process"), "{}", child[3]);
    assert_eq!(child[4], "Ok(())", "its own recorder");
    for expected in ["the child's status 0", "flushed true", "lost 0"] {
        assert!(said.iter().any(|line| line == expected), "{expected}: {said:?}");
    }

    finish(start(directory.path(), "up", 3_000, 1));
    assert_eq!(on_the_log(&directory.path().join("log")), (0..=3_000).collect::<Vec<_>>());
    let own = directory.path().join("child");
    finish(start(&own, "up", 30_001, 1));
    assert_eq!(on_the_log(&own.join("log")), [30_000, 30_001]);
}
