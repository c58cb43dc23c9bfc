package reference

import (
	"encoding/base64"
	"math/big"
	"net/netip"
	"regexp"
	"strings"
	"time"
	"unicode"
)

// written is a pattern as text: of operators without wildcards.
func written(pattern []unit) string {
	var b strings.Builder
	for _, u := range pattern {
		b.WriteRune(u.char)
	}
	return b.String()
}

func anyText(string) bool { return true }

func equalText(r *run, value string, pattern []unit) bool {
	return matches(pattern, value, sameChar)
}

func equalFolded(r *run, value string, pattern []unit) bool {
	return matches(pattern, value, sameFolded)
}

// sameFolded ignores case: a letter is the same as its other cases.
func sameFolded(a, b rune) bool {
	if a == b {
		return true
	}
	for other := unicode.SimpleFold(a); other != a; other = unicode.SimpleFold(other) {
		if other == b {
			return true
		}
	}
	return false
}

func like(r *run, value string, pattern []unit) bool {
	return matches(pattern, value, sameChar)
}

// arnLike compares the six parts of two ARNs one by one.
func arnLike(r *run, value string, pattern []unit) bool {
	parts, isARN := splitARN(value)
	patterns := splitUnits(pattern)
	if !isARN || len(patterns) != 6 {
		return false
	}
	for i, part := range patterns {
		if !matches(part, parts[i], sameChar) {
			return false
		}
	}
	return true
}

var numberPattern = regexp.MustCompile(`^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?$`)

func number(text string) (*big.Rat, bool) {
	if !numberPattern.MatchString(text) {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}

func isNumber(text string) bool {
	_, is := number(text)
	return is
}

func numeric(accept func(int) bool) func(*run, string, []unit) bool {
	return func(r *run, value string, pattern []unit) bool {
		a, isNumber := number(value)
		b, _ := number(written(pattern))
		return isNumber && accept(a.Cmp(b))
	}
}

var (
	epochPattern = regexp.MustCompile(`^-?[0-9]{1,12}$`)
	dateLayouts  = []string{"2006-01-02T15:04:05.999999999Z07:00", "2006-01-02T15:04Z07:00", "2006-01-02", "2006-01", "2006"}
)

func date(text string) (time.Time, bool) {
	if epochPattern.MatchString(text) && len(text) != 4 {
		seconds, ok := new(big.Int).SetString(text, 10)
		return time.Unix(seconds.Int64(), 0), ok
	}
	for _, layout := range dateLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

func isDate(text string) bool {
	_, is := date(text)
	return is
}

func dates(accept func(int) bool) func(*run, string, []unit) bool {
	return func(r *run, value string, pattern []unit) bool {
		a, isDate := date(value)
		b, _ := date(written(pattern))
		return isDate && accept(a.Compare(b))
	}
}

func isBool(text string) bool {
	return strings.EqualFold(text, "true") || strings.EqualFold(text, "false")
}

func equalBool(r *run, value string, pattern []unit) bool {
	return isBool(value) && strings.EqualFold(value, written(pattern))
}

func isBinary(text string) bool {
	_, err := base64.StdEncoding.Strict().DecodeString(text)
	return err == nil
}

func equalBinary(r *run, value string, pattern []unit) bool {
	return value == written(pattern)
}

// addresses are the first and last address of a range, or twice one address.
func addresses(text string) (netip.Prefix, bool) {
	if a, err := netip.ParseAddr(text); err == nil && a.Zone() == "" {
		return netip.PrefixFrom(a, a.BitLen()), true
	}
	p, err := netip.ParsePrefix(text)
	return p, err == nil
}

func isRange(text string) bool {
	_, is := addresses(text)
	return is
}

func inRange(r *run, value string, pattern []unit) bool {
	a, isRange := addresses(value)
	b, _ := addresses(written(pattern))
	return isRange && b.Bits() <= a.Bits() && b.Contains(a.Addr())
}
