package annals

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/trace"
)

// eventBytesMax is what a gateway takes by default.
const eventBytesMax = 64 * 1024

const timeLayout = "2006-01-02T15:04:05.000000Z"

// Encoder makes of an event what is sent: stamped, masked, within its limit of size.
type Encoder struct {
	Actions *Actions
	Service string
	// ProducerID is the recorder, in producer.id.
	ProducerID string
}

// Encode stamps the event with a number, the time, the service and the trace id of the context's
// span, and writes its JSON. The event is not changed.
func (enc Encoder) Encode(ctx context.Context, event *Event, number uint64) ([]byte, error) {
	if event == nil {
		return nil, errors.New("there is no event")
	}
	if len(event.faults) > 0 {
		return nil, errors.Join(event.faults...)
	}
	stamped := *event
	stamped.changes = slices.Clone(event.changes)
	if stamped.at == nil {
		now := time.Now()
		stamped.at = &now
	}
	if stamped.context.Service == "" {
		stamped.context.Service = enc.Service
	}
	if span := trace.SpanContextFromContext(ctx); stamped.context.TraceID == "" && span.HasTraceID() {
		stamped.context.TraceID = span.TraceID().String()
	}
	stamped.producer = producer{enc.ProducerID, number}
	enc.Actions.mask(&stamped)
	encoded := stamped.appendWire(nil)
	if len(encoded) > eventBytesMax {
		return nil, fmt.Errorf("the event has %d bytes, the limit is %d", len(encoded), eventBytesMax)
	}
	return encoded, nil
}

// appendWire writes the JSON of an event: members in the order of the Avro schema, as all clients
// do, what is not given left out.
func (e *Event) appendWire(to []byte) []byte {
	to = append(to, `{"event_id":`...)
	to = appendText(to, e.id)
	if e.at != nil {
		to = append(append(to, `,"occurred_at":"`...), e.at.UTC().Format(timeLayout)...)
		to = append(to, '"')
	}
	to = appendText(append(to, `,"workspace_id":`...), e.workspace)
	to = appendPrincipal(append(to, `,"actor":`...), e.actor)
	if e.behalf != nil {
		to = append(to[:len(to)-1], `,"on_behalf_of":`...)
		to = append(appendPrincipal(to, *e.behalf), '}')
	}
	to = appendText(append(to, `,"action":`...), e.action)
	to = appendMember(to, "kind", e.kind)
	if e.outcome != "unknown" {
		to = appendMember(to, "outcome", e.outcome)
	}
	to = e.appendResources(to)
	to = appendContext(to, e.context)
	to = e.appendChanges(to)
	if e.description != nil {
		to = appendText(append(to, `,"description":`...), *e.description)
	}
	if len(e.metadata) > 0 {
		to = appendCanonical(append(to, `,"metadata":`...), e.metadata)
	}
	if e.producer.id != "" {
		to = appendText(append(to, `,"producer":{"id":`...), e.producer.id)
		to = strconv.AppendUint(append(to, `,"number":`...), e.producer.number, 10)
		to = append(to, '}')
	}
	return append(to, '}')
}

func appendPrincipal(to []byte, p Principal) []byte {
	to = appendText(append(to, `{"kind":`...), p.Kind)
	to = appendMember(to, "id", p.ID)
	to = appendMember(to, "name", p.Name)
	return append(appendMember(to, "email", p.Email), '}')
}

// appendMember writes a member that follows another one, unless it is empty.
func appendMember(to []byte, name, value string) []byte {
	if value == "" {
		return to
	}
	return appendText(append(append(append(to, `,"`...), name...), `":`...), value)
}

func (e *Event) appendResources(to []byte) []byte {
	for at, resource := range e.resources {
		if at == 0 {
			to = append(to, `,"resources":[`...)
		} else {
			to = append(to, ',')
		}
		to = appendText(append(to, `{"type":`...), resource.Type)
		to = appendText(append(to, `,"id":`...), resource.ID)
		if resource.Name != nil {
			to = appendText(append(to, `,"name":`...), *resource.Name)
		}
		to = append(to, '}')
	}
	if len(e.resources) > 0 {
		to = append(to, ']')
	}
	return to
}

func appendContext(to []byte, c Context) []byte {
	if c == (Context{}) {
		return to
	}
	start := len(to) + len(`,"context":{`)
	to = append(to, `,"context":{`...)
	to = appendMember(to, "ip", c.IP)
	to = appendMember(to, "user_agent", c.UserAgent)
	to = appendMember(to, "request_id", c.RequestID)
	to = appendMember(to, "trace_id", c.TraceID)
	to = appendMember(to, "service", c.Service)
	to = appendMember(to, "origin", c.Origin)
	// The first member follows none.
	return append(slices.Delete(to, start, start+1), '}')
}

func (e *Event) appendChanges(to []byte) []byte {
	for at, change := range e.changes {
		if at == 0 {
			to = append(to, `,"changes":[`...)
		} else {
			to = append(to, ',')
		}
		to = appendText(append(to, `{"path":`...), change.path)
		if _, no := change.before.(absent); !no {
			to = appendCanonical(append(to, `,"before":`...), change.before)
		}
		if _, no := change.after.(absent); !no {
			to = appendCanonical(append(to, `,"after":`...), change.after)
		}
		to = append(to, '}')
	}
	if len(e.changes) > 0 {
		to = append(to, ']')
	}
	return to
}
