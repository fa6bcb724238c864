package annals

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"testing"
	"time"
)

type vector struct {
	Name    string
	Actions json.RawMessage
	Input   struct {
		EventID    string `json:"event_id"`
		Workspace  string
		Action     string
		At         string
		By         *Principal
		OnBehalfOf *Principal `json:"on_behalf_of"`
		On         []struct {
			Type, ID string
			Name     *string
		}
		Kind        string
		Outcome     string
		Context     Context
		Before      json.RawMessage
		After       json.RawMessage
		Description *string
		Metadata    json.RawMessage
		Producer    struct {
			ID     string
			Number uint64
		}
	}
	JSON string
}

func vectors(t *testing.T) []vector {
	t.Helper()
	text, err := os.ReadFile("../../schemas/vectors/events.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []vector
	if err := json.Unmarshal(text, &vectors); err != nil {
		t.Fatal(err)
	}
	return vectors
}

// built is a vector's event, made by the builder and masked.
func built(t *testing.T, vector vector) *Event {
	t.Helper()
	input := vector.Input
	event := NewEvent(input.Workspace, input.Action).WithID(input.EventID)
	event.Kind(input.Kind).Outcome(input.Outcome).Context(input.Context)
	if input.At != "" {
		at, err := time.Parse(time.RFC3339Nano, input.At)
		if err != nil {
			t.Fatal(err)
		}
		event.At(at)
	}
	if input.By != nil {
		event.By(*input.By)
	}
	if input.OnBehalfOf != nil {
		event.OnBehalfOf(*input.OnBehalfOf)
	}
	for _, on := range input.On {
		if on.Name == nil {
			event.On(on.Type, on.ID)
		} else {
			event.On(on.Type, on.ID, *on.Name)
		}
	}
	if input.Description != nil {
		event.Description(*input.Description)
	}
	if input.Before != nil || input.After != nil {
		event.Changed(input.Before, input.After)
	}
	if input.Metadata != nil {
		event.Metadata(input.Metadata)
	}
	event.producer = producer{input.Producer.ID, input.Producer.Number}
	if vector.Actions != nil {
		actions, err := ParseActions(vector.Actions)
		if err != nil {
			t.Fatal(err)
		}
		actions.mask(event)
	}
	if len(event.faults) > 0 {
		t.Fatal(event.faults)
	}
	return event
}

func TestEveryVectorIsWrittenAsItStands(t *testing.T) {
	all := vectors(t)
	if len(all) <= 20 {
		t.Fatalf("%d vectors", len(all))
	}
	for _, vector := range all {
		if written := built(t, vector).appendWire(nil); !bytes.Equal(written, []byte(vector.JSON)) {
			t.Errorf("%s:\n%s\nand not\n%s", vector.Name, written, vector.JSON)
		}
	}
}

func TestEveryPathReadsBackAsTheNamesItWasMadeOf(t *testing.T) {
	for _, name := range []string{"plain", "with.dot", "a[0]", "a/b", "~", "", "ж", "~1", "a\n"} {
		if parts := partsOf(pathOf([]string{"outer", name})); !slices.Equal(parts, []string{"outer", name}) {
			t.Errorf("%q: %q", name, parts)
		}
	}
	if parts := partsOf("rules[0]['a b'].value"); !slices.Equal(parts, []string{"rules", "0", "a b", "value"}) {
		t.Error(parts)
	}
	if parts := partsOf("half[open"); !slices.Equal(parts, []string{"half[open"}) {
		t.Error(parts)
	}
}

func TestValuesThatJSONDoesNotKnowHaveAPlaceAllTheSame(t *testing.T) {
	value, err := plain([]any{"a\xffb", json.Number("18446744073709551616")})
	if err != nil {
		t.Fatal(err)
	}
	if text := string(appendCanonical(nil, value)); text != "[\"a\ufffdb\",18446744073709552000]" {
		t.Error(text)
	}
}
