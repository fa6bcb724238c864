//! Queue and progress as they are in the product, under loom: every order in which their threads
//! may run is tried, as far as three times of taking a thread off the processor tell orders apart.
//!
//! The two files are compiled here once more, with loom's locks and atomics. The channel below the
//! queue is tokio's, which its own project checks in this way; `channel.rs` stands for it.
#![allow(clippy::duplicate_mod, reason = "the product's own files, not a copy of them")]
#![allow(dead_code, reason = "of the two files only the queue's part is used")]

mod channel;
#[path = "../../progress.rs"]
mod progress;
#[path = "../../queue.rs"]
mod queue;
mod sync;

use std::collections::BTreeSet;
use std::time::Duration;

use loom::sync::Arc;
use loom::thread::{self, JoinHandle};

use self::channel::now;
use self::progress::Progress;
use self::queue::{Bounds, Inlet, Outlet, queue};

/// A model's clock stands still.
const LONG: Duration = Duration::from_secs(3_600);
const SIZE: usize = 10;

fn check(model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(model);
}

fn small_queue(events: usize, bytes: usize) -> (Arc<Progress>, Arc<Inlet<u64>>, Outlet<u64>) {
    let progress = Arc::new(Progress::default());
    let (inlet, outlet) = queue(Bounds { events, bytes }, &progress);
    (progress, Arc::new(inlet), outlet)
}

/// Emits these; gives back for which there was no room.
fn emit(inlet: &Arc<Inlet<u64>>, events: [u64; 2]) -> JoinHandle<Vec<u64>> {
    let inlet = Arc::clone(inlet);
    let offer = move || events.into_iter().filter_map(|event| inlet.offer(event, SIZE)).collect();
    thread::spawn(offer)
}

fn receive(outlet: &mut Outlet<u64>, at_most: usize) -> Vec<u64> {
    let mut received = Vec::new();
    now(outlet.receive(&mut received, at_most));
    received
}

#[test]
fn every_event_is_received_once_or_given_back_also_by_a_queue_that_closes() {
    check(|| {
        let (progress, inlet, mut outlet) = small_queue(2, 3 * SIZE);
        let emitting = [emit(&inlet, [1, 2]), emit(&inlet, [3, 4])];
        let mut received = receive(&mut outlet, 1);
        progress.settle(received.len() as u64, received.len() * SIZE);
        let rest = now(outlet.close(2));
        progress.settle(rest.len() as u64, rest.len() * SIZE);
        progress.end();
        received.extend(rest);
        let given_back = emitting.into_iter().flat_map(|thread| thread.join().unwrap());
        let all: Vec<u64> = received.into_iter().chain(given_back).collect();
        assert_eq!(all.len(), 4, "some twice, or none: {all:?}");
        assert_eq!(all.into_iter().collect::<BTreeSet<_>>(), BTreeSet::from([1, 2, 3, 4]));
        assert_eq!(progress.lost(), 0, "everything received was settled");
        assert!(progress.reserve(3 * SIZE, 3 * SIZE), "some room was not given back");
    });
}

#[test]
fn bytes_that_wait_or_are_on_their_way_never_exceed_their_bound() {
    check(|| {
        let (progress, inlet, mut outlet) = small_queue(4, 2 * SIZE);
        let emitting = [emit(&inlet, [1, 2]), emit(&inlet, [3, 4])];
        // Nothing is settled: what is received still takes its room.
        let first = receive(&mut outlet, 4).len();
        let given_back: usize = emitting.into_iter().map(|t| t.join().unwrap().len()).sum();
        assert_eq!(given_back, 2, "two of four fit");
        assert_eq!(first + now(outlet.close(4)).len(), 2);
        progress.end();
        assert_eq!(progress.lost(), 2, "received, and never settled");
    });
}

#[test]
fn who_waits_for_what_it_emitted_is_woken() {
    check(|| {
        let (progress, inlet, mut outlet) = small_queue(2, 4 * SIZE);
        let host = {
            let progress = Arc::clone(&progress);
            thread::spawn(move || {
                assert_eq!(inlet.offer(1, SIZE), None);
                let is_settled = progress.wait_settled(LONG);
                // The worker ends only then.
                drop(inlet);
                is_settled
            })
        };
        while let received @ 1.. = receive(&mut outlet, 2).len() {
            progress.settle(received as u64, received * SIZE);
        }
        progress.end();
        assert!(host.join().unwrap(), "what was emitted is settled");
    });
}

/// The end was once reckoned from what had been queued, which a thread that emits says only after
/// it has queued it: an event between the two was neither safe nor lost.
#[test]
fn what_a_worker_that_fails_leaves_is_counted_as_lost_and_who_waits_is_told() {
    check(|| {
        let (progress, inlet, mut outlet) = small_queue(2, 4 * SIZE);
        let emitting = emit(&inlet, [1, 2]);
        let waiting = {
            let progress = Arc::clone(&progress);
            thread::spawn(move || progress.wait_ended(LONG))
        };
        // It fails with these on its way.
        let on_its_way = receive(&mut outlet, 1).len() as u64;
        let rest = now(outlet.close(2)).len() as u64;
        progress.lose(rest);
        progress.settle(rest, SIZE * usize::try_from(rest).unwrap());
        progress.end();
        assert!(waiting.join().unwrap());
        let given_back = emitting.join().unwrap().len() as u64;
        assert_eq!(progress.lost(), on_its_way + rest);
        assert_eq!(progress.lost() + given_back, 2);
    });
}
