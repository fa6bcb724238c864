package annals

import (
	"sync"
	"time"
)

// queued is an event on its way.
type queued struct {
	workspace string
	json      []byte
	loss      loss
	// tells of losses: then it is none of the host's events.
	tells bool
}

// queue holds events that wait, bounded in number and in bytes, and what became of those that no
// longer do. Nobody waits in it but who flushes.
type queue struct {
	eventsMax, bytesMax int
	tellEvery           time.Duration
	// wake has something in it once the worker may have something to do.
	wake chan struct{}

	mu      sync.Mutex
	waiting []queued
	// bytes of those that wait and those that are on their way.
	bytes           int
	queued, settled uint64
	lost, delivered uint64
	losses          losses
	toldAt          time.Time
	closed, stopped bool
	flushers        []flusher
}

type flusher struct {
	target uint64
	done   chan struct{}
}

func newQueue(eventsMax, bytesMax int, tellEvery time.Duration) *queue {
	wake := make(chan struct{}, 1)
	return &queue{
		eventsMax: eventsMax, bytesMax: bytesMax, tellEvery: tellEvery, wake: wake, losses: losses{},
	}
}

// offer queues an event; without room it is lost.
func (q *queue) offer(event queued) {
	q.mu.Lock()
	defer q.mu.Unlock()
	fits := len(q.waiting) < q.eventsMax && q.bytes+len(event.json) <= q.bytesMax
	if fits && !q.closed {
		q.waiting = append(q.waiting, event)
		q.bytes += len(event.json)
		q.queued++
	} else {
		q.lost++
		q.losses.add(event.workspace, event.loss)
	}
	q.notify()
}

// lose counts an event that was never queued.
func (q *queue) lose(workspace string, lost loss) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.lost++
	if workspace != "" {
		q.losses.add(workspace, lost)
	}
	q.notify()
}

// taken is what there is to send.
type taken struct {
	batch []queued
	told  losses
	// again is when losses are to be told, if that is not yet; 0 if there are none.
	again time.Duration
	// ended says that there will be nothing more.
	ended bool
}

// take takes the next events, and the losses to tell before them if it is time.
func (q *queue) take(eventsMax, bytesMax int) taken {
	q.mu.Lock()
	defer q.mu.Unlock()
	var next taken
	if len(q.losses) > 0 {
		next.again = q.tellEvery - time.Since(q.toldAt)
		if next.again <= 0 || q.closed {
			next.told, next.again = q.losses, 0
			q.losses, q.toldAt = losses{}, time.Now()
		}
	}
	count, bytes := 0, 0
	for count < min(eventsMax, len(q.waiting)) {
		bytes += len(q.waiting[count].json) + 1
		if count > 0 && bytes > bytesMax {
			break
		}
		count++
	}
	next.batch = append([]queued(nil), q.waiting[:count]...)
	clear(q.waiting[:count])
	if q.waiting = q.waiting[count:]; len(q.waiting) == 0 {
		q.waiting = nil
	}
	next.ended = q.closed && len(next.batch) == 0 && len(next.told) == 0
	return next
}

// settle says what became of an event that was taken.
func (q *queue) settle(event queued, isLost bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	// After a stop it is counted as lost already. A log that does not take what tells of losses
	// would be told without end.
	if q.stopped || event.tells {
		return
	}
	q.settled++
	q.bytes -= len(event.json)
	if isLost {
		q.lost++
		q.losses.add(event.workspace, event.loss)
	} else {
		q.delivered++
	}
	q.answer()
}

// settling is done once all that is queued now is settled.
func (q *queue) settling() <-chan struct{} {
	q.mu.Lock()
	defer q.mu.Unlock()
	done := make(chan struct{})
	q.flushers = append(q.flushers, flusher{q.queued, done})
	q.answer()
	return done
}

// close takes nothing any more.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.notify()
}

// stop gives up: what is not settled is lost, whether it reached the log or not. It answers how
// many those are.
func (q *queue) stop() uint64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	left := q.queued - q.settled
	q.closed, q.stopped = true, true
	q.lost += left
	q.settled = q.queued
	q.waiting = nil
	q.answer()
	return left
}

func (q *queue) counts() (delivered, lost uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.delivered, q.lost
}

func (q *queue) answer() {
	left := q.flushers[:0]
	for _, flusher := range q.flushers {
		if q.settled >= flusher.target {
			close(flusher.done)
		} else {
			left = append(left, flusher)
		}
	}
	q.flushers = left
}

func (q *queue) notify() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}
