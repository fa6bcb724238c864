//! Records by `emit_durable` and prints the number of each event once it is safe, or `late` and the
//! number of one that was not within its deadline.

use std::collections::VecDeque;
use std::error::Error;
use std::io::Write as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use annals_ingest::{NotSafe, Recorder};

/// Events on their way at once.
const AT_ONCE: usize = 40;

type Answer = Pin<Box<dyn Future<Output = Result<(), NotSafe>> + Send>>;

pub(crate) fn run(recorder: &Recorder, first: u64, count: u64) -> Result<(), Box<dyn Error>> {
    let mut answers: VecDeque<(u64, Answer)> = VecDeque::new();
    for number in first..first + count {
        answers.push_back((number, Box::pin(recorder.emit_durable(super::event(number)))));
        if answers.len() >= AT_ONCE {
            print_oldest(&mut answers)?;
        }
    }
    while !answers.is_empty() {
        print_oldest(&mut answers)?;
    }
    Ok(())
}

fn print_oldest(answers: &mut VecDeque<(u64, Answer)>) -> std::io::Result<()> {
    let Some((number, answer)) = answers.pop_front() else { return Ok(()) };
    match wait_for(answer) {
        Ok(()) => println!("{number}"),
        Err(NotSafe::Late) => println!("late {number}"),
        Err(_) => return Ok(()),
    }
    std::io::stdout().flush()
}

/// Waits without a runtime, which none of this needs.
pub(crate) fn wait_for<T>(answer: impl Future<Output = T>) -> T {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut answer = std::pin::pin!(answer);
    loop {
        match answer.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(answer) => return answer,
            Poll::Pending => thread::park(),
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Waits until nothing is in the spool.
pub(crate) fn wait_unspooled(recorder: &Recorder) {
    while recorder.spooled() > 0 {
        thread::sleep(Duration::from_millis(1));
    }
}
