package annals

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/google/uuid"
)

type thrower struct{}

func (thrower) MarshalJSON() ([]byte, error) { panic("a trap") }

type failer struct{}

func (failer) MarshalJSON() ([]byte, error) { return nil, errors.New("no") }

func TestStatesMayBeWhatProgramsHave(t *testing.T) {
	type segment struct {
		Name  string    `json:"name"`
		Size  uint64    `json:"size"`
		Made  time.Time `json:"made"`
		Owner *string   `json:"owner,omitempty"`
		rules []string
	}
	made := segment{Name: "<VIP>", Size: math.MaxUint64, Made: time.Unix(0, 0).UTC(), rules: []string{"x"}}
	changes := NewEvent("acme", "segment.created").Changed(nil, made).changes
	var told []string
	for _, change := range changes {
		told = append(told, change.path+"="+string(appendCanonical(nil, change.after)))
	}
	expected := []string{`made="1970-01-01T00:00:00Z"`, `name="<VIP>"`, `size=18446744073709551615`}
	if len(told) != 3 || told[0] != expected[0] || told[1] != expected[1] || told[2] != expected[2] {
		t.Error(told)
	}
}

func TestLaterChangesOfTheHostsObjectsDoNoHarm(t *testing.T) {
	state := map[string]any{"tags": []string{"a"}}
	event := NewEvent("acme", "a.b").Changed(nil, state).Metadata(state)
	state["tags"].([]string)[0] = "b"
	state["more"] = 1
	if text := string(appendCanonical(nil, event.metadata)); text != `{"tags":["a"]}` {
		t.Error(text)
	}
	if text := string(appendCanonical(nil, event.changes[0].after)); text != `["a"]` {
		t.Error(text)
	}
}

func TestWhatIsNoEventIsToldAndDoesNotPanic(t *testing.T) {
	deep := any(1)
	for range 40 {
		deep = map[string]any{"a": deep}
	}
	faulty := []*Event{
		NewEvent("acme", "a.b").Metadata([]int{1}),
		NewEvent("acme", "a.b").Metadata(nil),
		NewEvent("acme", "a.b").Metadata(deep),
		NewEvent("acme", "a.b").Metadata(map[string]any{"f": func() {}}),
		NewEvent("acme", "a.b").Metadata(thrower{}),
		NewEvent("acme", "a.b").Changed(failer{}, nil),
		NewEvent("acme", "a.b").Changed(nil, thrower{}),
		NewEvent("acme", "a.b").At(time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)),
		NewEvent("", "a.b"),
		NewEvent("acme", ""),
		nil,
	}
	for at, event := range faulty {
		if encoded, err := (Encoder{}).Encode(context.Background(), event, 1); err == nil {
			t.Errorf("%d: %s", at, encoded)
		}
	}
}

func TestIDsAreOfVersion7(t *testing.T) {
	if id := uuid.MustParse(NewEvent("acme", "a.b").ID()); id.Version() != 7 {
		t.Error(id)
	}
}

func TestAWrongActionsFileIsRefusedAtTheStart(t *testing.T) {
	for _, text := range []string{
		`[]`,
		`{`,
		`{"a": 1}`,
		`{"a": null}`,
		`{"a": {"secrets": []}}`,
		`{"a": {"secret": [""]}}`,
		`{"a": {"secret": "password"}}`,
		`{"a": {"aliases": ["b"]}, "b": {}}`,
		`{"a": {"aliases": ["c"]}, "b": {"aliases": ["c"]}}`,
	} {
		if _, err := ParseActions([]byte(text)); err == nil {
			t.Error(text)
		}
	}
}
