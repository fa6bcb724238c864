package annals

import (
	"bytes"
	"slices"
)

// absent is what a field is on a side that does not have it; nil is null.
type absent struct{}

// change is a field that differs between two states, with plain values.
type change struct {
	path          string
	before, after any
}

// changesBetween tells in which fields two plain values differ, in the order of their names. Objects
// are gone into, also where the other side has nothing there, unless they are empty; lists and plain
// values are compared as a whole.
func changesBetween(before, after any) []change {
	var changes []change
	collect(nil, before, after, &changes)
	return changes
}

func collect(path []string, before, after any, changes *[]change) {
	old, oldMay := fields(before)
	new, newMay := fields(after)
	if oldMay && newMay && (old != nil || new != nil) {
		names := make([]string, 0, len(old)+len(new))
		for name := range old {
			names = append(names, name)
		}
		for name := range new {
			names = append(names, name)
		}
		slices.Sort(names)
		names = slices.Compact(names)
		if len(names) == 0 && !same(before, after) {
			*changes = append(*changes, change{pathOf(path), before, after})
		}
		for _, name := range names {
			collect(append(slices.Clip(path), name), member(old, name), member(new, name), changes)
		}
		return
	}
	if !same(before, after) {
		*changes = append(*changes, change{pathOf(path), before, after})
	}
}

// fields are those of an object. Nothing may stand for one: of a resource that was made or removed
// each field was.
func fields(side any) (map[string]any, bool) {
	switch side := side.(type) {
	case map[string]any:
		return side, true
	case nil, absent:
		return nil, true
	}
	return nil, false
}

func member(fields map[string]any, name string) any {
	if value, has := fields[name]; has {
		return value
	}
	return absent{}
}

func same(before, after any) bool {
	_, noBefore := before.(absent)
	_, noAfter := after.(absent)
	if noBefore || noAfter {
		return noBefore == noAfter
	}
	return bytes.Equal(appendCanonical(nil, before), appendCanonical(nil, after))
}
