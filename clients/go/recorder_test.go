package annals

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

type sent struct {
	EventID   string         `json:"event_id"`
	Workspace string         `json:"workspace_id"`
	Action    string         `json:"action"`
	Metadata  map[string]any `json:"metadata"`
}

type said struct {
	status     int
	body       string
	retryAfter string
}

type step func([]sent) said

func accepted(events []sent) said {
	items := strings.Repeat(`{"status":"accepted"},`, len(events))
	return said{status: 202, body: `{"items":[` + strings.TrimSuffix(items, ",") + `]}`}
}

// scripted answers with its steps, one a request; the last one for all that follow.
type scripted struct {
	mu      sync.Mutex
	script  []step
	batches [][]sent
	times   []time.Time
}

func (s *scripted) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	var events []sent
	lines := bufio.NewScanner(request.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var event sent
		if err := json.Unmarshal(lines.Bytes(), &event); err != nil {
			panic(err)
		}
		events = append(events, event)
	}
	s.mu.Lock()
	s.batches, s.times = append(s.batches, events), append(s.times, time.Now())
	step := s.script[0]
	if len(s.script) > 1 {
		s.script = s.script[1:]
	}
	s.mu.Unlock()
	answer := step(events)
	if answer.retryAfter != "" {
		w.Header().Set("Retry-After", answer.retryAfter)
	}
	if answer.status == 302 {
		w.Header().Set("Location", "http://127.0.0.1:1/")
	}
	w.WriteHeader(answer.status)
	_, _ = io.WriteString(w, answer.body)
}

func (s *scripted) requests() [][]sent {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.batches)
}

func serve(t *testing.T, options Options, script ...step) (*scripted, *Recorder) {
	t.Helper()
	handler := &scripted{script: script}
	server := httptest.NewServer(handler)
	options.URL, options.Token = server.URL, "token"
	options.Logger = slog.New(slog.NewTextHandler(io.Discard, nil))
	recorder := NewRecorder(options)
	t.Cleanup(func() {
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		_ = recorder.Close(ended)
		server.CloseClientConnections()
		server.Close()
	})
	return handler, recorder
}

func emitCounted(recorder *Recorder, workspace string, count int) {
	for n := range count {
		recorder.Emit(context.Background(), NewEvent(workspace, fmt.Sprintf("count.n%d", n)))
	}
}

func within(t *testing.T, limit time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	t.Cleanup(cancel)
	return ctx
}

func flush(t *testing.T, recorder *Recorder) {
	t.Helper()
	if err := recorder.Flush(within(t, time.Minute)); err != nil {
		t.Fatal(err)
	}
}

func finish(t *testing.T, recorder *Recorder) {
	t.Helper()
	if err := recorder.Close(within(t, time.Minute)); err != nil {
		t.Fatal(err)
	}
}

func expectCounts(t *testing.T, recorder *Recorder, delivered, lost uint64) {
	t.Helper()
	if recorder.Delivered() != delivered || recorder.Lost() != lost {
		t.Errorf("%d delivered, %d lost; not %d and %d", recorder.Delivered(), recorder.Lost(), delivered, lost)
	}
}

func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

// held keeps a first request until it is let go; then the queue fills.
func held() (step, func()) {
	gone := make(chan struct{})
	return func(events []sent) said { <-gone; return accepted(events) }, func() { close(gone) }
}

func actionsOf(events []sent) []string {
	var actions []string
	for _, event := range events {
		actions = append(actions, event.Action)
	}
	return actions
}

func TestAPauseThatIsAskedForIsKept(t *testing.T) {
	wait := func(status int) step { return func([]sent) said { return said{status, `{}`, "1"} } }
	server, recorder := serve(t, Options{}, wait(503), wait(429), accepted)
	emitCounted(recorder, "acme", 1)
	flush(t, recorder)
	if times := server.times; times[1].Sub(times[0]) < time.Second || times[2].Sub(times[1]) < time.Second {
		t.Error(times)
	}
	expectCounts(t, recorder, 1, 0)
}

func TestWhateverMayPassIsTriedAgainWithTheSameIDs(t *testing.T) {
	odd := []said{
		{202, `{"items": []}`, ""},
		{200, `<html>`, ""},
		{202, `null`, ""},
		{302, ``, ""},
		{401, `{"detail": "no"}`, ""},
		{404, ``, "soon"},
		{500, `oops`, "-1"},
	}
	var script []step
	for _, answer := range odd {
		script = append(script, func([]sent) said { return answer })
	}
	server, recorder := serve(t, Options{}, append(script, accepted)...)
	emitCounted(recorder, "acme", 1)
	flush(t, recorder)
	requests := server.requests()
	if len(requests) != len(odd)+1 {
		t.Errorf("%d requests", len(requests))
	}
	for _, events := range requests {
		if events[0].EventID != requests[0][0].EventID {
			t.Error("another id")
		}
	}
	expectCounts(t, recorder, 1, 0)
}

func TestOnlyWhatTheLogDidNotTakeGoesAgain(t *testing.T) {
	hold, letGo := held()
	partly := func([]sent) said {
		return said{status: 202, body: `{"items":[{"status":"accepted"},
			{"status":"rejected","error":{"type":"log-unavailable","detail":"no acknowledgement"}},
			{"status":"rejected","error":{"type":"schema-violation","detail":"bad"}},
			{"status":"duplicate"}]}`}
	}
	server, recorder := serve(t, Options{}, hold, partly, accepted)
	emitCounted(recorder, "first", 1)
	until(t, "a request", func() bool { return len(server.requests()) == 1 })
	emitCounted(recorder, "acme", 4)
	letGo()
	finish(t, recorder)
	expectCounts(t, recorder, 4, 1)
	requests := server.requests()
	expected := [][]string{
		{"count.n0", "count.n1", "count.n2", "count.n3"}, {"count.n1"}, {"annals.events_lost"},
	}
	for at, actions := range expected {
		if sent := actionsOf(requests[at+1]); !slices.Equal(sent, actions) {
			t.Errorf("%v and not %v", sent, actions)
		}
	}
	told := requests[3][0].Metadata
	if told["events"] != 1.0 || told["first_number"] != 4.0 || told["last_number"] != 4.0 {
		t.Error(told)
	}
}

func TestABatchThatIsTooMuchGoesInHalvesAndOneEventIsRefused(t *testing.T) {
	hold, letGo := held()
	atMostTwo := func(events []sent) said {
		if len(events) > 2 || slices.Contains(actionsOf(events), "count.n5") {
			return said{status: 413, body: `{"detail":"too large"}`}
		}
		return accepted(events)
	}
	server, recorder := serve(t, Options{}, hold, atMostTwo)
	emitCounted(recorder, "first", 1)
	until(t, "a request", func() bool { return len(server.requests()) == 1 })
	emitCounted(recorder, "acme", 9)
	letGo()
	finish(t, recorder)
	expectCounts(t, recorder, 9, 1)
}

func TestWhatFindsNoRoomIsLostCountedAndTold(t *testing.T) {
	hold, letGo := held()
	server, recorder := serve(t, Options{QueueEvents: 10}, hold, accepted)
	emitCounted(recorder, "first", 1)
	until(t, "a request", func() bool { return len(server.requests()) == 1 })
	emitCounted(recorder, "acme", 25)
	expectCounts(t, recorder, 0, 15)
	letGo()
	finish(t, recorder)
	expectCounts(t, recorder, 11, 15)
	var told []sent
	for _, events := range server.requests() {
		for _, event := range events {
			if event.Metadata != nil {
				told = append(told, event)
			}
		}
	}
	if len(told) != 1 || told[0].Workspace != "acme" {
		t.Fatal(told)
	}
	metadata := told[0].Metadata
	if metadata["events"] != 15.0 || metadata["first_number"] != 12.0 || metadata["last_number"] != 26.0 {
		t.Error(metadata)
	}
}

func TestTheQueueIsBoundedInBytesToo(t *testing.T) {
	hold, letGo := held()
	_, recorder := serve(t, Options{QueueBytes: 100_000}, hold, accepted)
	for range 20 {
		event := NewEvent("acme", "a.b").Metadata(map[string]any{"text": strings.Repeat("x", 10_000)})
		recorder.Emit(context.Background(), event)
	}
	expectCounts(t, recorder, 0, 11)
	letGo()
	flush(t, recorder)
	expectCounts(t, recorder, 9, 11)
}

func TestWhatIsNoEventIsLostAndTold(t *testing.T) {
	server, recorder := serve(t, Options{}, accepted)
	ctx := context.Background()
	recorder.Emit(ctx, NewEvent("acme", "a.b").Metadata(1))
	recorder.Emit(ctx, NewEvent("acme", "a.b").Metadata(map[string]any{"text": strings.Repeat("x", 70_000)}))
	recorder.Emit(ctx, nil)
	finish(t, recorder)
	expectCounts(t, recorder, 0, 3)
	told := 0.0
	for _, events := range server.requests() {
		told += events[0].Metadata["events"].(float64)
	}
	if told != 2 {
		t.Error(told)
	}
}

func TestATokenFunctionThatPanicsIsNotFelt(t *testing.T) {
	calls := 0
	server := &scripted{script: []step{accepted}}
	listener := httptest.NewServer(server)
	defer listener.Close()
	recorder := NewRecorder(Options{URL: listener.URL, TokenFunc: func(context.Context) (string, error) {
		if calls++; calls == 1 {
			panic("a trap")
		}
		return "token", nil
	}})
	emitCounted(recorder, "acme", 1)
	flush(t, recorder)
	finish(t, recorder)
	expectCounts(t, recorder, 1, 0)
}

// trappedHandler is a log handler that panics.
type trappedHandler struct{ slog.Handler }

func (trappedHandler) Enabled(context.Context, slog.Level) bool { panic("a trap") }

func TestALoggerThatPanicsIsNotFelt(t *testing.T) {
	listener := httptest.NewServer(&scripted{script: []step{accepted}})
	defer listener.Close()
	recorder := NewRecorder(Options{URL: listener.URL, Token: "token", Logger: slog.New(trappedHandler{})})
	recorder.Emit(context.Background(), NewEvent("acme", "a.b").Metadata(1))
	emitCounted(recorder, "acme", 1)
	finish(t, recorder)
	expectCounts(t, recorder, 1, 1)
}

func TestManyGoroutinesMayEmit(t *testing.T) {
	server, recorder := serve(t, Options{QueueEvents: 5_000}, accepted)
	var group sync.WaitGroup
	for range 20 {
		group.Add(1)
		go func() {
			defer group.Done()
			emitCounted(recorder, "acme", 200)
		}()
	}
	group.Wait()
	finish(t, recorder)
	expectCounts(t, recorder, 4_000, 0)
	ids := map[string]bool{}
	for _, events := range server.requests() {
		for _, event := range events {
			ids[event.EventID] = true
		}
	}
	if len(ids) != 4_000 {
		t.Error(len(ids))
	}
}

func TestASilentGatewayIsNotFeltAndClosingKeepsItsDeadline(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	recorder := NewRecorder(Options{URL: "http://" + silent.Addr().String(), Token: "token"})
	emitCounted(recorder, "acme", 2_000)
	if err := recorder.Flush(within(t, 100*time.Millisecond)); err == nil {
		t.Error("flushed to nobody")
	}
	started := time.Now()
	if err := recorder.Close(within(t, 300*time.Millisecond)); err == nil {
		t.Error("delivered to nobody")
	}
	if took := time.Since(started); took > 2*time.Second {
		t.Error(took)
	}
	expectCounts(t, recorder, 0, 2_000)
}
