package annals

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var (
	unescape = strings.NewReplacer("~1", "/", "~0", "~")
	escape   = strings.NewReplacer("~", "~0", "/", "~1")
	index    = regexp.MustCompile(`^\+?[0-9]+$`)
)

// partsOf are the names that a path is made of, the outermost first: dotted
// (filter.countries[0]) or a JSON pointer (RFC 6901).
func partsOf(path string) []string {
	parts := []string{}
	if pointer, is := strings.CutPrefix(path, "/"); is {
		for _, part := range strings.Split(pointer, "/") {
			parts = append(parts, unescape.Replace(part))
		}
		return parts
	}
	if path == "" {
		return parts
	}
	for _, part := range strings.Split(path, ".") {
		name, rest, hasBracket := strings.Cut(part, "[")
		if !hasBracket || !strings.HasSuffix(rest, "]") {
			parts = append(parts, part)
			continue
		}
		if name != "" {
			parts = append(parts, name)
		}
		for _, at := range strings.Split(strings.TrimRight(rest, "]"), "][") {
			parts = append(parts, strings.Trim(at, `"'`))
		}
	}
	return parts
}

// pathOf is dotted if no name has a character that means something there, else a pointer; "/" of
// the whole.
func pathOf(parts []string) string {
	isOdd := func(part string) bool { return part == "" || strings.ContainsAny(part, ".[]/") }
	if len(parts) > 0 && !slices.ContainsFunc(parts, isOdd) {
		return strings.Join(parts, ".")
	}
	pointer := ""
	for _, part := range parts {
		pointer += "/" + escape.Replace(part)
	}
	if pointer == "" {
		return "/"
	}
	return pointer
}

// indexOf is the place in a list that a part of a path tells, if it tells one.
func indexOf(part string) (int, bool) {
	if !index.MatchString(part) {
		return 0, false
	}
	at, err := strconv.Atoi(part)
	if err != nil {
		return -1, true // beyond any list
	}
	return at, true
}
