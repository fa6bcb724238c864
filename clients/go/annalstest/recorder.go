// Package annalstest has a recorder for tests: it keeps what is emitted, and is asked for what must
// have been.
package annalstest

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"

	annals "annals.invalid/client"
)

// Event is an event as it would be sent.
type Event struct {
	ID         string            `json:"event_id"`
	OccurredAt string            `json:"occurred_at"`
	Workspace  string            `json:"workspace_id"`
	Actor      annals.Principal  `json:"actor"`
	Action     string            `json:"action"`
	Kind       string            `json:"kind"`
	Outcome    string            `json:"outcome"`
	Resources  []annals.Resource `json:"resources"`
	Context    annals.Context    `json:"context"`
	Changes    []struct {
		Path   string          `json:"path"`
		Before json.RawMessage `json:"before"`
		After  json.RawMessage `json:"after"`
	} `json:"changes"`
	Description string         `json:"description"`
	Metadata    map[string]any `json:"metadata"`
}

// Recorder stands in for annals.Recorder in a product's own tests. What that one would lose fails
// the test.
type Recorder struct {
	test    testing.TB
	encoder annals.Encoder

	mu     sync.Mutex
	events []Event
}

// New is a recorder for a test. The encoder may have actions and a service.
func New(test testing.TB, encoder ...annals.Encoder) *Recorder {
	recorder := &Recorder{test: test}
	if len(encoder) > 0 {
		recorder.encoder = encoder[0]
	}
	recorder.encoder.ProducerID = "test"
	return recorder
}

// Emit keeps the event.
func (r *Recorder) Emit(ctx context.Context, event *annals.Event) {
	r.test.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	encoded, err := r.encoder.Encode(ctx, event, uint64(len(r.events)+1))
	var read Event
	if err == nil {
		err = json.Unmarshal(encoded, &read)
	}
	if err != nil {
		r.test.Errorf("an emitted event is none: %v", err)
		return
	}
	r.events = append(r.events, read)
}

// Events are all so far.
func (r *Recorder) Events() []Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Event(nil), r.events...)
}

// Expectation narrows what ExpectAudit looks for.
type Expectation func(Event) bool

// By expects an actor's id.
func By(actor string) Expectation {
	return func(event Event) bool { return event.Actor.ID == actor }
}

// On expects a resource among the event's.
func On(resourceType, id string) Expectation {
	return func(event Event) bool {
		for _, resource := range event.Resources {
			if resource.Type == resourceType && resource.ID == id {
				return true
			}
		}
		return false
	}
}

// In expects a workspace.
func In(workspace string) Expectation {
	return func(event Event) bool { return event.Workspace == workspace }
}

// ExpectAudit is the first event of that action that is as told; without one the test fails.
func (r *Recorder) ExpectAudit(action string, as ...Expectation) Event {
	r.test.Helper()
	recorded := []string{}
	for _, event := range r.Events() {
		recorded = append(recorded, event.Action)
		is := event.Action == action
		for _, expectation := range as {
			is = is && expectation(event)
		}
		if is {
			return event
		}
	}
	r.test.Fatalf("no such event of %s; recorded was: %s", action, strings.Join(recorded, ", "))
	return Event{}
}

// ExpectNoAudit fails the test if there is an event of that action.
func (r *Recorder) ExpectNoAudit(action string) {
	r.test.Helper()
	for _, event := range r.Events() {
		if event.Action == action {
			r.test.Errorf("there is an event of %s", action)
		}
	}
}
