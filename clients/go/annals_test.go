package annals

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace"
)

func recorderOf(t *testing.T, annals *annalsUp, options Options) *Recorder {
	options.URL = annals.url
	if options.TokenFunc == nil {
		options.Token = annals.token("audit:write")
	}
	if options.Logger == nil {
		options.Logger = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	recorder := NewRecorder(options)
	t.Cleanup(func() { _ = recorder.Close(within(t, time.Second)) })
	return recorder
}

// emitTimed tells how long each call took, sorted.
func emitTimed(recorder *Recorder, first, count int) []time.Duration {
	var times []time.Duration
	for n := first; n < first+count; n++ {
		event := NewEvent("acme", fmt.Sprintf("count.n%d", n)).By(User("u1").Named("Ana"))
		started := time.Now()
		recorder.Emit(context.Background(), event)
		times = append(times, time.Since(started))
	}
	slices.Sort(times)
	return times
}

func TestAnEventIsOnThePageWithAllThatWasGiven(t *testing.T) {
	annals := startAnnals(t)
	actions, err := ParseActions([]byte(`{"source.updated": {"secret": ["password"]}}`))
	if err != nil {
		t.Fatal(err)
	}
	token := func(context.Context) (string, error) { return annals.token("audit:write"), nil }
	recorder := recorderOf(t, annals, Options{TokenFunc: token, Service: "segments", Actions: actions})
	event := NewEvent("acme", "source.updated").
		By(User("u1").Named("Ana").WithEmail("ana@acme.test")).
		On("source", "s1", "Postgres").
		Outcome(Success).
		Context(Context{RequestID: "r-1"}).
		Changed(map[string]any{"password": "old", "host": "a"}, map[string]any{"password": "new", "host": "b"})
	recorder.Emit(context.Background(), event)
	flush(t, recorder)
	expectCounts(t, recorder, 1, 0)
	found := annals.rows(1, nil)[0]
	if found.EventID != event.ID() || found.Actor.Name != "Ana" || found.Context.Service != "segments" ||
		found.Context.RequestID != "r-1" {
		t.Errorf("%+v", found)
	}
	if told := fmt.Sprint(found.Changes); told != "[{host a b} {password •••• ••••}]" {
		t.Error(told)
	}
}

func TestTheGatewayTakesEveryVector(t *testing.T) {
	annals := startAnnals(t)
	recorder := recorderOf(t, annals, Options{})
	all := vectors(t)
	for _, vector := range all {
		recorder.Emit(context.Background(), built(t, vector))
	}
	flush(t, recorder)
	expectCounts(t, recorder, uint64(len(all)), 0)
}

func TestTheTraceIDOfTheContextsSpanGoesWithAnEvent(t *testing.T) {
	annals := startAnnals(t)
	recorder := recorderOf(t, annals, Options{})
	id := trace.TraceID{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}
	span := trace.NewSpanContext(trace.SpanContextConfig{TraceID: id, SpanID: trace.SpanID{1}})
	recorder.Emit(trace.ContextWithSpanContext(context.Background(), span), NewEvent("acme", "login"))
	recorder.Emit(context.Background(), NewEvent("acme", "logout"))
	flush(t, recorder)
	rows := annals.rows(2, nil)
	if rows[0].Context.TraceID != id.String() || rows[1].Context.TraceID != "" {
		t.Error(rows)
	}
	annals.rows(1, url.Values{"trace_id": {id.String()}})
}

func TestAServerThatGoesAndComesAgainLosesNothingAndKeepsTheOrder(t *testing.T) {
	annals := startAnnals(t)
	recorder := recorderOf(t, annals, Options{})
	up := emitTimed(recorder, 0, 300)
	flush(t, recorder)
	annals.stop()
	away := emitTimed(recorder, 300, 300)
	if err := recorder.Flush(within(t, 200*time.Millisecond)); err == nil {
		t.Error("flushed to nobody")
	}
	annals.start()
	flush(t, recorder)
	annals.signal(syscall.SIGSTOP)
	silent := emitTimed(recorder, 600, 300)
	if err := recorder.Flush(within(t, 200*time.Millisecond)); err == nil {
		t.Error("flushed to nobody")
	}
	annals.signal(syscall.SIGCONT)
	flush(t, recorder)
	expectCounts(t, recorder, 900, 0)
	for at, row := range annals.rows(900, nil) {
		if row.Action != fmt.Sprintf("count.n%d", at) {
			t.Fatalf("%s in place %d", row.Action, at)
		}
	}
	for at, times := range [][]time.Duration{up, away, silent} {
		name := []string{"up", "away", "silent"}[at]
		fmt.Printf("    # emit with the server %s: p50 %v, p99 %v, max %v\n", name, times[150], times[297], times[299])
		if times[297] > up[297]+50*time.Millisecond {
			t.Errorf("emit is slowed: %s", name)
		}
	}
}

func TestARateLimitIsWaitedForAndLossesAreTold(t *testing.T) {
	annals := startAnnals(t, "ANNALS_LIMITS_REQUESTS_PER_MINUTE_PER_CALLER=60")
	recorder := recorderOf(t, annals, Options{BatchEvents: 1, QueueEvents: 70, TellEvery: 100 * time.Millisecond})
	// More requests than a minute has at once: 429 with Retry-After for the last ones.
	emitTimed(recorder, 0, 200)
	flush(t, recorder)
	lost := recorder.Lost()
	if lost < 100 {
		t.Errorf("%d lost", lost)
	}
	expectCounts(t, recorder, 200-lost, lost)
	finish(t, recorder)
	rows := annals.rowsUntil(nil, func(rows []row) bool { return told(rows) >= float64(lost) })
	if told(rows) != float64(lost) {
		t.Errorf("%v told, %d lost", told(rows), lost)
	}
}

// told is how many losses rows tell of.
func told(rows []row) float64 {
	events := 0.0
	for _, row := range rows {
		if row.Action == lostAction {
			events += row.Metadata["events"].(float64)
		}
	}
	return events
}

func TestAForeignWorkspaceIsRefusedAndDoesNotHoldTheOthersUp(t *testing.T) {
	annals := startAnnals(t)
	var log bytes.Buffer
	recorder := recorderOf(t, annals, Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	recorder.Emit(context.Background(), NewEvent("other", "a.b"))
	recorder.Emit(context.Background(), NewEvent("acme", "a.b"))
	finish(t, recorder)
	expectCounts(t, recorder, 1, 1)
	if !strings.Contains(log.String(), "not-found") {
		t.Error(log.String())
	}
}
