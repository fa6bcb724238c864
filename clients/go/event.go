package annals

import (
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// Kinds of actors, of actions, and outcomes.
const (
	KindUser    = "user"
	KindAPIKey  = "api_key"
	KindService = "service"
	KindSystem  = "system"
	KindUnknown = "unknown"

	Create = "create"
	Read   = "read"
	Update = "update"
	Delete = "delete"
	Other  = "other"

	Success = "success"
	Failure = "failure"
	Denied  = "denied"
)

// Principal is who acted, or for whom. What is empty is not known.
type Principal struct {
	Kind  string `json:"kind"`
	ID    string `json:"id,omitempty"`
	Name  string `json:"name,omitempty"`
	Email string `json:"email,omitempty"`
}

// User is a person.
func User(id string) Principal { return Principal{Kind: KindUser, ID: id} }

// APIKey is a key acting for a program.
func APIKey(id string) Principal { return Principal{Kind: KindAPIKey, ID: id} }

// Service is one of the product's own services.
func Service(id string) Principal { return Principal{Kind: KindService, ID: id} }

// System is the product itself.
func System() Principal { return Principal{Kind: KindSystem} }

// Named is the same with a name.
func (p Principal) Named(name string) Principal {
	p.Name = name
	return p
}

// WithEmail is the same with an e-mail address.
func (p Principal) WithEmail(email string) Principal {
	p.Email = email
	return p
}

// Resource is what was acted on. A nil Name is not known.
type Resource struct {
	Type string  `json:"type"`
	ID   string  `json:"id"`
	Name *string `json:"name,omitempty"`
}

// Context is where an action came from. What is empty is not known.
type Context struct {
	IP        string `json:"ip,omitempty"`
	UserAgent string `json:"user_agent,omitempty"`
	RequestID string `json:"request_id,omitempty"`
	TraceID   string `json:"trace_id,omitempty"`
	Service   string `json:"service,omitempty"`
	Origin    string `json:"origin,omitempty"`
}

// Event is who did what, on what; it is put together step by step. No step fails: what cannot be
// recorded is kept as a fault, which Recorder.Emit counts as a loss and tells of, and the test
// recorder fails on.
type Event struct {
	id          string
	at          *time.Time
	workspace   string
	actor       Principal
	behalf      *Principal
	action      string
	kind        string
	outcome     string
	resources   []Resource
	context     Context
	changes     []change
	description *string
	metadata    map[string]any
	producer    producer
	faults      []error
}

type producer struct {
	id     string
	number uint64
}

// NewEvent is an event with a fresh id (UUIDv7), of an unknown actor.
func NewEvent(workspace, action string) *Event {
	event := &Event{workspace: workspace, action: action, actor: Principal{Kind: KindUnknown}}
	id, err := uuid.NewV7()
	event.id = id.String()
	event.fault("id", err)
	if workspace == "" || action == "" {
		event.fault("event", errors.New("workspace and action must not be empty"))
	}
	return event
}

// WithID sets an id of one's own: of two events with the same id and content one is shown.
func (e *Event) WithID(id string) *Event {
	e.id = id
	return e
}

// ID is the event's id.
func (e *Event) ID() string { return e.id }

// At says when it happened. Otherwise it is the time when it is emitted.
func (e *Event) At(at time.Time) *Event {
	if year := at.UTC().Year(); year < 1 || year > 9999 {
		e.fault("at", fmt.Errorf("there is no year %d", year))
		return e
	}
	e.at = &at
	return e
}

// By says who did it.
func (e *Event) By(principal Principal) *Event {
	e.actor = principal
	return e
}

// OnBehalfOf says for whom it was done.
func (e *Event) OnBehalfOf(principal Principal) *Event {
	e.behalf = &principal
	return e
}

// On names a resource it was done on; the first is the one that counts as changed. The name may be
// left out.
func (e *Event) On(resourceType, id string, name ...string) *Event {
	resource := Resource{Type: resourceType, ID: id}
	if len(name) > 0 {
		resource.Name = &name[0]
	}
	e.resources = append(e.resources, resource)
	return e
}

// Kind says what the action does, where its name does not tell.
func (e *Event) Kind(kind string) *Event {
	e.kind = kind
	return e
}

// Outcome says how it went.
func (e *Event) Outcome(outcome string) *Event {
	e.outcome = outcome
	return e
}

// Context says where it came from: request, trace, address.
func (e *Event) Context(context Context) *Event {
	e.context = context
	return e
}

// Description is a sentence for people.
func (e *Event) Description(description string) *Event {
	e.description = &description
	return e
}

// Changed adds the fields in which two states of the resource differ, with their values. The states
// are what encoding/json writes; nil is none.
func (e *Event) Changed(before, after any) *Event {
	defer e.recover("changed")
	old, err := plain(before)
	if err != nil {
		return e.fault("changed", err)
	}
	new, err := plain(after)
	if err != nil {
		return e.fault("changed", err)
	}
	e.changes = append(e.changes, changesBetween(old, new)...)
	return e
}

// Metadata is anything else, which encoding/json writes as an object.
func (e *Event) Metadata(metadata any) *Event {
	defer e.recover("metadata")
	value, err := plain(metadata)
	if err != nil {
		return e.fault("metadata", err)
	}
	object, is := value.(map[string]any)
	if !is {
		return e.fault("metadata", errors.New("it must be an object"))
	}
	e.metadata = object
	return e
}

func (e *Event) fault(step string, err error) *Event {
	if err != nil {
		e.faults = append(e.faults, fmt.Errorf("%s: %w", step, err))
	}
	return e
}

// recover keeps what the host's own marshallers throw away from the host.
func (e *Event) recover(step string) {
	if thrown := recover(); thrown != nil {
		e.fault(step, fmt.Errorf("panic: %v", thrown))
	}
}
