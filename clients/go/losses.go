package annals

import (
	"encoding/json"
	"strconv"
	"time"
)

// lostAction is the one action of Annals' own that a client sends.
const lostAction = "annals.events_lost"

// lossWorkspacesMax is how many workspaces' losses are tallied; of others they are only counted.
const lossWorkspacesMax = 1_000

// loss is events of one workspace, by the recorder's numbers and their own times.
type loss struct {
	events                  uint64
	firstNumber, lastNumber uint64
	firstAt, lastAt         time.Time
}

func lossOf(number uint64, at time.Time) loss { return loss{1, number, number, at, at} }

func (l loss) and(other loss) loss {
	l.events += other.events
	l.firstNumber = min(l.firstNumber, other.firstNumber)
	l.lastNumber = max(l.lastNumber, other.lastNumber)
	if other.firstAt.Before(l.firstAt) {
		l.firstAt = other.firstAt
	}
	if other.lastAt.After(l.lastAt) {
		l.lastAt = other.lastAt
	}
	return l
}

// event is the JSON of the event that tells of it, at the log's time.
func (l loss) event(workspace, producerID string) []byte {
	number := func(n uint64) json.Number { return json.Number(strconv.FormatUint(n, 10)) }
	event := NewEvent(workspace, lostAction).By(Service("annals-recorder")).Outcome(Failure)
	event.metadata = map[string]any{
		"producer_id":  producerID,
		"events":       number(l.events),
		"first_number": number(l.firstNumber),
		"last_number":  number(l.lastNumber),
		"first_at":     l.firstAt.UTC().Format(timeLayout),
		"last_at":      l.lastAt.UTC().Format(timeLayout),
	}
	return event.appendWire(nil)
}

// losses are those that nobody has been told of.
type losses map[string]loss

func (l losses) add(workspace string, lost loss) {
	if known, is := l[workspace]; is {
		l[workspace] = known.and(lost)
	} else if len(l) < lossWorkspacesMax {
		l[workspace] = lost
	}
}
