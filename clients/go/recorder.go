package annals

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

const (
	batchBytesMax = 1 << 20 // well within what a gateway takes
	firstPause    = 50 * time.Millisecond
	pauseMax      = 5 * time.Second
	warnEvery     = time.Second
	closeWithin   = 5 * time.Second
)

// Emitter is what a product's code needs of a recorder; the test recorder is one too.
type Emitter interface {
	Emit(ctx context.Context, event *Event)
}

// Options of a recorder. URL and one of Token and TokenFunc are needed.
type Options struct {
	// URL is the gateway's, without /v1/….
	URL string
	// Token is an API key.
	Token string
	// TokenFunc gives a token for each request.
	TokenFunc func(context.Context) (string, error)
	// Service goes into every event that names none.
	Service string
	// Actions say which fields are secret.
	Actions *Actions
	// QueueEvents may wait: 10,000.
	QueueEvents int
	// QueueBytes of events may wait or be on their way: 16 MiB.
	QueueBytes int
	// BatchEvents go in one request: 500.
	BatchEvents int
	// TellEvery is how often losses are told at most: a second.
	TellEvery time.Duration
	// Timeout of a request: 10 seconds.
	Timeout time.Duration
	// Logger hears what goes wrong, at most once a second: slog.Default().
	Logger *slog.Logger
	// Client sends the requests. It follows no redirect, whatever it would do by itself.
	Client *http.Client
}

// Recorder records events through a gateway, in the background. Emit never waits for the network or
// for room, and never panics. What is lost is counted, shows as a gap in the events' own numbers, and
// is told by an event annals.events_lost. One a process is enough.
type Recorder struct {
	options Options
	encoder Encoder
	gateway gateway
	queue   *queue
	number  atomic.Uint64
	done    chan struct{}
	stop    context.CancelFunc
	// warnedAt is in nanoseconds of the wall clock.
	warnedAt atomic.Int64
}

// NewRecorder starts a recorder.
func NewRecorder(options Options) *Recorder {
	defaults(&options)
	id := uuid.New().String()
	ctx, stop := context.WithCancel(context.Background())
	client := *options.Client
	// It could carry the token elsewhere.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	recorder := &Recorder{
		options: options,
		encoder: Encoder{Actions: options.Actions, Service: options.Service, ProducerID: id},
		gateway: gateway{strings.TrimRight(options.URL, "/"), options.TokenFunc, &client, options.Timeout},
		queue:   newQueue(options.QueueEvents, options.QueueBytes, options.TellEvery),
		done:    make(chan struct{}),
		stop:    stop,
	}
	go recorder.run(ctx)
	return recorder
}

func defaults(options *Options) {
	orElse(&options.QueueEvents, 10_000)
	orElse(&options.QueueBytes, 16<<20)
	orElse(&options.BatchEvents, 500)
	orElse(&options.TellEvery, time.Second)
	orElse(&options.Timeout, 10*time.Second)
	options.BatchEvents = min(max(options.BatchEvents, 1), 1_000)
	if options.Logger == nil {
		options.Logger = slog.Default()
	}
	if options.Client == nil {
		options.Client = &http.Client{}
	}
	if token := options.Token; options.TokenFunc == nil {
		options.TokenFunc = func(context.Context) (string, error) { return token, nil }
	}
}

func orElse[T comparable](value *T, otherwise T) {
	var none T
	if *value == none {
		*value = otherwise
	}
}

// Emit queues the event, stamped with a number, the time, the service and the trace id of the
// context's span.
func (r *Recorder) Emit(ctx context.Context, event *Event) {
	number := r.number.Add(1)
	defer func() {
		// Whatever it is, the host must not feel it.
		if thrown := recover(); thrown != nil {
			r.refuse(event, number, fmt.Errorf("panic: %v", thrown))
		}
	}()
	encoded, err := r.encoder.Encode(ctx, event, number)
	if err != nil {
		r.refuse(event, number, err)
		return
	}
	at := time.Now()
	if event.at != nil {
		at = *event.at
	}
	r.queue.offer(queued{workspace: event.workspace, json: encoded, loss: lossOf(number, at)})
}

// Lost is how many events are lost so far: no room, refused for good, or not delivered when it was
// closed.
func (r *Recorder) Lost() uint64 {
	_, lost := r.queue.counts()
	return lost
}

// Delivered is how many events the log has acknowledged.
func (r *Recorder) Delivered() uint64 {
	delivered, _ := r.queue.counts()
	return delivered
}

// Flush waits until all that was emitted before is on the log or lost, or the context ends.
func (r *Recorder) Flush(ctx context.Context) error {
	select {
	case <-r.queue.settling():
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close flushes, tells of losses, and ends, within five seconds or what the context gives; what is
// not delivered by then is lost, and said so.
func (r *Recorder) Close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, closeWithin)
	defer cancel()
	r.queue.close()
	select {
	case <-r.done:
	case <-ctx.Done():
	}
	left := r.queue.stop()
	r.stop()
	if left > 0 {
		return fmt.Errorf("%d events were not delivered: %w", left, errors.Join(ctx.Err()))
	}
	return nil
}

func (r *Recorder) refuse(event *Event, number uint64, err error) {
	r.warn("an emitted event is none: lost", err.Error())
	workspace := ""
	if event != nil {
		workspace = event.workspace
	}
	r.queue.lose(workspace, lossOf(number, time.Now()))
}

func (r *Recorder) warn(message, detail string) {
	// The host's own handler must not take it down from here.
	defer func() { _ = recover() }()
	now, before := time.Now().UnixNano(), r.warnedAt.Load()
	if now-before >= int64(warnEvery) && r.warnedAt.CompareAndSwap(before, now) {
		r.options.Logger.Warn(message, "detail", detail)
	}
}

func (r *Recorder) run(ctx context.Context) {
	defer close(r.done)
	worker := worker{recorder: r, pause: firstPause}
	for ctx.Err() == nil {
		next := r.queue.take(r.options.BatchEvents, batchBytesMax)
		if next.ended {
			return
		}
		var pending []queued
		for workspace, lost := range next.told {
			told := lost.event(workspace, r.encoder.ProducerID)
			pending = append(pending, queued{workspace, told, lost, true})
		}
		if pending = append(pending, next.batch...); len(pending) > 0 {
			worker.deliver(ctx, pending)
			continue
		}
		var telling <-chan time.Time
		if next.again > 0 {
			telling = time.After(next.again)
		}
		select {
		case <-r.queue.wake:
		case <-telling:
		case <-ctx.Done():
		}
	}
}

// worker takes one batch at a time to the gateway, so that events of one workspace keep their order.
type worker struct {
	recorder *Recorder
	pause    time.Duration
}

func (w *worker) deliver(ctx context.Context, pending []queued) {
	atOnce := w.recorder.options.BatchEvents
	for len(pending) > 0 && ctx.Err() == nil {
		now, later := pending[:min(atOnce, len(pending))], pending[min(atOnce, len(pending)):]
		said := w.recorder.gateway.post(ctx, now)
		if ctx.Err() != nil {
			return
		}
		if said.tooMuch && len(now) > 1 {
			atOnce = len(now) / 2
			continue
		}
		again := w.settle(now, said)
		pending = append(again, later...)
		if len(again) < len(now) {
			w.pause = firstPause
		}
		if len(again) > 0 {
			w.backOff(ctx, said)
		}
	}
}

// settle answers what has to go again.
func (w *worker) settle(batch []queued, said answer) []queued {
	var again []queued
	for at, event := range batch {
		fate := fate{again: true}
		switch {
		case said.tooMuch:
			fate.again, fate.refused = false, said.detail
		case said.fates != nil:
			fate = said.fates[at]
		}
		if fate.again {
			again = append(again, event)
			continue
		}
		if fate.refused != "" {
			w.recorder.warn("an event is refused for good: lost", fate.refused)
		}
		w.recorder.queue.settle(event, fate.refused != "")
	}
	return again
}

func (w *worker) backOff(ctx context.Context, said answer) {
	if w.pause == firstPause {
		w.recorder.warn("the gateway does not take events: they wait", said.detail)
	}
	// Between half and all of it, so that many clients do not come again at once.
	pause := w.pause/2 + rand.N(w.pause/2)
	w.pause = min(2*w.pause, pauseMax)
	select {
	case <-time.After(max(pause, said.retryAfter)):
	case <-ctx.Done():
	}
}
