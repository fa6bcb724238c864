package annals

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// depthMax is how many levels metadata may have; an event may have 32, itself the first.
const depthMax = 31

// plain is a copy of a value as encoding/json writes it: maps, slices, strings, json.Number,
// booleans and nil.
func plain(value any) (any, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var copied any
	if err := decoder.Decode(&copied); err != nil {
		return nil, err
	}
	if !fits(copied, depthMax) {
		return nil, fmt.Errorf("a value is nested too deep for an event")
	}
	return copied, nil
}

func fits(value any, levels int) bool {
	if levels < 0 {
		return false
	}
	switch value := value.(type) {
	case map[string]any:
		for _, item := range value {
			if !fits(item, levels-1) {
				return false
			}
		}
		return levels > 0
	case []any:
		for _, item := range value {
			if !fits(item, levels-1) {
				return false
			}
		}
		return levels > 0
	}
	return true
}

// appendCanonical writes the one spelling of a plain value: RFC 8785, but integers of 64 bits stay
// exact. All clients write events this way, so that they can be compared byte for byte.
func appendCanonical(to []byte, value any) []byte {
	switch value := value.(type) {
	case nil:
		return append(to, "null"...)
	case bool:
		return strconv.AppendBool(to, value)
	case string:
		return appendText(to, value)
	case json.Number:
		return appendNumber(to, string(value))
	case []any:
		to = append(to, '[')
		for at, item := range value {
			if at > 0 {
				to = append(to, ',')
			}
			to = appendCanonical(to, item)
		}
		return append(to, ']')
	case map[string]any:
		names := make([]string, 0, len(value))
		for name := range value {
			names = append(names, name)
		}
		slices.SortFunc(names, byUnits)
		to = append(to, '{')
		for at, name := range names {
			if at > 0 {
				to = append(to, ',')
			}
			to = append(appendText(to, name), ':')
			to = appendCanonical(to, value[name])
		}
		return append(to, '}')
	}
	panic(fmt.Sprintf("%T is no plain value", value))
}

// byUnits compares by UTF-16 code units, as RFC 8785 sorts.
func byUnits(one, other string) int {
	return slices.Compare(utf16.Encode([]rune(one)), utf16.Encode([]rune(other)))
}

// appendText writes a string literal, with U+FFFD for what is no UTF-8.
func appendText(to []byte, text string) []byte {
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\ufffd")
	}
	to = append(to, '"')
	for at := range len(text) {
		switch b := text[at]; {
		case b == '"' || b == '\\':
			to = append(to, '\\', b)
		case b >= 0x20:
			to = append(to, b)
		default:
			if short := strings.IndexByte("\b\t\n\f\r", b); short >= 0 {
				to = append(to, '\\', "btnfr"[short])
			} else {
				to = fmt.Appendf(to, `\u%04x`, b)
			}
		}
	}
	return append(to, '"')
}

func appendNumber(to []byte, literal string) []byte {
	if integer, err := strconv.ParseInt(literal, 10, 64); err == nil {
		return strconv.AppendInt(to, integer, 10)
	}
	if integer, err := strconv.ParseUint(literal, 10, 64); err == nil {
		return strconv.AppendUint(to, integer, 10)
	}
	value, err := strconv.ParseFloat(literal, 64)
	if err != nil || math.IsInf(value, 0) || math.IsNaN(value) {
		return append(to, "null"...) // no double: JSON readers would differ about it
	}
	return appendDouble(to, value)
}

// appendDouble writes a double as ECMAScript does.
func appendDouble(to []byte, value float64) []byte {
	if value == 0 {
		return append(to, '0')
	}
	if magnitude := math.Abs(value); magnitude >= 1e-6 && magnitude < 1e21 {
		return strconv.AppendFloat(to, value, 'f', -1, 64)
	}
	text := strconv.FormatFloat(value, 'e', -1, 64)
	mantissa, exponent, _ := strings.Cut(text, "e")
	sign, digits := exponent[:1], strings.TrimLeft(exponent[1:], "0")
	return append(to, mantissa+"e"+sign+digits...)
}
