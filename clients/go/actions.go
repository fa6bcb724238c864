package annals

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
)

// mask stands in the place of a secret.
const mask = "••••"

// Actions is an actions.json, as far as a client needs it: which fields of which actions are
// secret.
type Actions struct {
	secrets map[string][][]string
}

type actionEntry struct {
	Label   json.RawMessage `json:"label"`
	Kind    *string         `json:"kind"`
	Aliases []string        `json:"aliases"`
	Secret  []string        `json:"secret"`
}

// ReadActions reads an actions.json.
func ReadActions(file string) (*Actions, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return ParseActions(text)
}

// ParseActions reads the text of an actions.json. Unknown members are refused.
func ParseActions(text []byte) (*Actions, error) {
	var entries map[string]*actionEntry
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&entries); err != nil {
		return nil, fmt.Errorf("not an actions file: %w", err)
	}
	actions, owners := &Actions{map[string][][]string{}}, map[string]string{}
	for action := range entries {
		owners[action] = action
	}
	for _, action := range slices.Sorted(maps.Keys(entries)) {
		entry := entries[action]
		if entry == nil {
			return nil, fmt.Errorf("action %q: it has no entry", action)
		}
		if slices.Contains(entry.Secret, "") {
			return nil, fmt.Errorf("action %q: a secret has an empty path", action)
		}
		for _, secret := range entry.Secret {
			actions.secrets[action] = append(actions.secrets[action], partsOf(secret))
		}
		for _, alias := range entry.Aliases {
			if other, taken := owners[alias]; taken {
				return nil, fmt.Errorf("alias %q of action %q already belongs to %q", alias, action, other)
			}
			owners[alias] = action
			actions.secrets[alias] = actions.secrets[action]
		}
	}
	return actions, nil
}

// mask replaces what is secret in the event's changes and metadata. Null stays.
func (a *Actions) mask(event *Event) {
	if a == nil {
		return
	}
	for _, secret := range a.secrets[event.action] {
		for at := range event.changes {
			change := &event.changes[at]
			var path []string
			if change.path != "/" {
				path = partsOf(change.path)
			}
			if left, meets := below(path, secret); meets {
				change.before = masked(change.before, left)
				change.after = masked(change.after, left)
			}
		}
		if event.metadata != nil {
			event.metadata = masked(event.metadata, secret).(map[string]any)
		}
	}
}

// below is what of a secret's path is left below a field's, if they have something in common. A
// field may be an item of a list of which the secret tells no index.
func below(path, secret []string) ([]string, bool) {
	left := secret
	for _, part := range path {
		if len(left) == 0 {
			break
		}
		if left[0] == part {
			left = left[1:]
		} else if _, isIndex := indexOf(part); !isIndex {
			return nil, false
		}
	}
	return left, true
}

func masked(value any, path []string) any {
	switch value.(type) {
	case nil, absent:
		return value
	}
	if len(path) == 0 {
		return mask
	}
	switch value := value.(type) {
	case map[string]any:
		if item, has := value[path[0]]; has {
			value = maps.Clone(value)
			value[path[0]] = masked(item, path[1:])
		}
		return value
	case []any:
		place, isIndex := indexOf(path[0])
		value = slices.Clone(value)
		for at, item := range value {
			if !isIndex {
				value[at] = masked(item, path)
			} else if at == place {
				value[at] = masked(item, path[1:])
			}
		}
		return value
	}
	return value
}
