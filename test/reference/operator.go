package reference

import (
	"encoding/base64"
	"math"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
)

func resultOf(same bool) result {
	if same {
		return equals
	}
	return differs
}

// written is a pattern as text: of operators without wildcards.
func written(pattern []unit) string {
	var b strings.Builder
	for _, u := range pattern {
		b.WriteRune(u.char)
	}
	return b.String()
}

func anyText(string) bool { return true }

func equalText(r *run, value string, pattern []unit) result {
	return resultOf(matches(pattern, value, sameChar))
}

func equalFolded(r *run, value string, pattern []unit) result {
	return resultOf(matches(pattern, value, sameFolded))
}

// sameFolded ignores the case of letters, and keeps ASCII apart from the rest.
func sameFolded(a, b rune) bool {
	if a == b {
		return true
	}
	if (a <= unicode.MaxASCII) != (b <= unicode.MaxASCII) {
		return false
	}
	for other := unicode.SimpleFold(a); other != a; other = unicode.SimpleFold(other) {
		if other == b {
			return true
		}
	}
	return false
}

// isARNPattern reports what may be compared with ARNs: an asterisk, a variable, or
// text whose first field matches "arn".
func isARNPattern(text string) bool {
	first, _, divided := strings.Cut(text, ":")
	return text == "*" || strings.HasPrefix(text, "${") || divided && matches(plainUnits(first, true), "arn", sameChar)
}

// arnLike compares ARNs field by field, or as a whole if the pattern says so.
func arnLike(r *run, value string, pattern []unit) result {
	if _, isARN := splitARN(value); !isARN {
		r.reach("C51")
		return unreadable
	}
	if len(pattern) > 0 && pattern[0].whole {
		return resultOf(matches(pattern[1:], value, sameChar))
	}
	return resultOf(r.matchesARN(pattern, value))
}

var numberPattern = regexp.MustCompile(`^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$`)

func number(text string) (float64, bool) {
	if len(text) > 64 || !numberPattern.MatchString(text) {
		return 0, false
	}
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil && !math.IsInf(f, 0)
}

func isNumber(text string) bool {
	_, is := number(text)
	return is
}

func numeric(accept func(int) bool) func(*run, string, []unit) result {
	return func(r *run, value string, pattern []unit) result {
		a, isNumber := number(value)
		if !isNumber {
			return unreadable
		}
		r.reach("C27")
		other := written(pattern)
		i, err := strconv.ParseInt(value, 10, 64)
		j, err2 := strconv.ParseInt(other, 10, 64)
		if err == nil && err2 == nil {
			return resultOf(accept(order(i < j, i > j)))
		}
		b, _ := number(other)
		return resultOf(accept(order(a < b, a > b)))
	}
}

func order(less, more bool) int {
	switch {
	case less:
		return -1
	case more:
		return 1
	}
	return 0
}

var (
	secondsPattern = regexp.MustCompile(`^[0-9]+(\.[0-9]{1,9})?$`)
	datePattern    = regexp.MustCompile(`^(-?[0-9]{1,9})(?:-([0-9]{1,2})(?:-([0-9]{1,2}))?)?(?:[Tt](?:([0-9]{1,2})(?::([0-9]{1,2})(?::([0-9]{1,2})(?:\.([0-9]{1,9}))?)?)?([Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?)?)?$`)
)

// date is the time that a text says.
func (r *run) date(text string) (time.Time, bool) {
	if len(text) > 64 {
		return time.Time{}, false
	}
	if !strings.ContainsAny(text, "-Tt") {
		if r != nil {
			r.reach("C32")
		}
		return seconds(text)
	}
	m := datePattern.FindStringSubmatch(text)
	if m == nil {
		return time.Time{}, false
	}
	month, day := field(m[2], 1), field(m[3], 1)
	hour, minute, second := field(m[4], 0), field(m[5], 0), field(m[6], 0)
	if month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 59 {
		if r != nil {
			r.reach("C33")
		}
		return time.Time{}, false
	}
	if r != nil && (m[4] == "" || m[6] == "" || m[8] == "") {
		r.reach("C31")
	}
	t := time.Date(field(m[1], 0), time.Month(month), day, hour, minute, second, nanoseconds(m[7]), time.UTC)
	if r != nil && t.Day() != day {
		r.reach("C33")
	}
	offset, ok := offset(m[8])
	return t.Add(-offset), ok
}

func field(text string, absent int) int {
	if text == "" {
		return absent
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		panic(err) // digits, by the pattern
	}
	return n
}

func seconds(text string) (time.Time, bool) {
	if !secondsPattern.MatchString(text) {
		return time.Time{}, false
	}
	whole, fraction, _ := strings.Cut(text, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	return time.Unix(n, int64(nanoseconds(fraction))), err == nil
}

// nanoseconds are the first nine digits of a fraction of a second.
func nanoseconds(fraction string) int {
	return field((fraction + "000000000")[:9], 0)
}

func offset(text string) (time.Duration, bool) {
	if text == "" || text == "Z" || text == "z" {
		return 0, true
	}
	digits := strings.ReplaceAll(text[1:], ":", "") + "00"
	hours, minutes := field(digits[:2], 0), field(digits[2:4], 0)
	d := time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
	if text[0] == '-' {
		d = -d
	}
	return d, hours <= 23 && minutes <= 59
}

func isDate(text string) bool {
	_, is := (*run)(nil).date(text)
	return is
}

func dates(accept func(int) bool) func(*run, string, []unit) result {
	return func(r *run, value string, pattern []unit) result {
		a, isDate := r.date(value)
		if !isDate {
			return unreadable
		}
		b, _ := r.date(written(pattern))
		return resultOf(accept(a.Compare(b)))
	}
}

func isBool(text string) bool {
	return strings.EqualFold(text, "true") || strings.EqualFold(text, "false")
}

func equalBool(r *run, value string, pattern []unit) result {
	if !isBool(value) {
		return unreadable
	}
	return resultOf(strings.EqualFold(value, written(pattern)))
}

// maxBinary is how many characters base64 has at most.
const maxBinary = 1024

func binary(text string, encoding *base64.Encoding) (string, bool) {
	b, err := encoding.DecodeString(text)
	return string(b), err == nil && len(text) <= maxBinary
}

// isBinary reports what a policy may have. Of a request unused bits are ignored.
func isBinary(text string) bool {
	_, is := binary(text, base64.StdEncoding.Strict())
	return is
}

func equalBinary(r *run, value string, pattern []unit) result {
	a, isBinary := binary(value, base64.StdEncoding)
	if !isBinary {
		return unreadable
	}
	b, _ := binary(written(pattern), base64.StdEncoding)
	return resultOf(a == b)
}

func address(text string) (netip.Addr, bool) {
	a, err := netip.ParseAddr(text)
	return a.Unmap(), err == nil && a.Zone() == ""
}

// addresses are a range, or the range of one address.
func addresses(text string) (netip.Prefix, bool) {
	if a, is := address(text); is {
		return netip.PrefixFrom(a, a.BitLen()), true
	}
	p, err := netip.ParsePrefix(text)
	if err == nil && p.Addr().Is4In6() && p.Bits() >= 96 {
		return netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96), true
	}
	return p, err == nil
}

func isRange(text string) bool {
	_, is := addresses(text)
	return is
}

func inRange(r *run, value string, pattern []unit) result {
	a, isAddress := address(value)
	if strings.Contains(value, "ffff:") || strings.Contains(value, "%") {
		r.reach("C42")
	}
	if !isAddress {
		return unreadable
	}
	p, _ := addresses(written(pattern))
	if p != p.Masked() {
		r.reach("C41")
	}
	return resultOf(p.Contains(a))
}
