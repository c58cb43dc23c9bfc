package condition

import (
	"cmp"
	"fmt"
	"strings"
)

// A date is seconds since 1970-01-01T00:00:00Z and nanoseconds within the
// second.
type date struct {
	seconds int64
	nanos   int32
}

// parseDate reads either seconds since the epoch or an ISO 8601 date in the
// profile of the W3C note "Date and Time Formats", from the year alone to
// fractions of a second: 2006, 2006-01, 2006-01-02, 2006-01-02T15:04,
// 2006-01-02T15:04:05.999Z, offsets as Z, +hh, +hhmm or +hh:mm. Without an
// offset the time is UTC. Text with neither "T" nor "-" is an epoch.
func parseDate(s string) (date, bool) {
	if s == "" || len(s) > 64 {
		return date{}, false
	}
	if strings.IndexByte(s, '-') < 0 && strings.IndexByte(s, 'T') < 0 && strings.IndexByte(s, 't') < 0 {
		return parseEpoch(s)
	}
	sep := strings.IndexAny(s, "Tt")
	day, clock := s, ""
	if sep >= 0 {
		day, clock = s[:sep], s[sep+1:]
	}
	d, ok := parseDay(day)
	if !ok || clock == "" {
		return d, ok
	}
	return parseClock(d, clock)
}

// ValidDate reports whether text can be the value of a Date operator.
func ValidDate(s string) bool {
	_, ok := parseDate(s)
	return ok
}

func parseEpoch(s string) (date, bool) {
	whole, fraction, hasFraction := strings.Cut(s, ".")
	seconds, ok := digits(whole, 1, 19)
	if !ok {
		return date{}, false
	}
	d := date{seconds: seconds}
	if hasFraction {
		d.nanos, ok = parseFraction(fraction)
	}
	return d, ok
}

// parseDay reads a year, with an optional month and day.
func parseDay(s string) (date, bool) {
	negative := strings.HasPrefix(s, "-")
	if negative {
		s = s[1:]
	}
	yearText, rest, hasMonth := strings.Cut(s, "-")
	year, ok := digits(yearText, 1, 9)
	if !ok || year > 292278993 {
		return date{}, false
	}
	if negative {
		year = -year
	}
	month, day := int64(1), int64(1)
	if hasMonth {
		monthText, dayText, hasDay := strings.Cut(rest, "-")
		if month, ok = digits(monthText, 1, 2); !ok || month < 1 || month > 12 {
			return date{}, false
		}
		if hasDay {
			if day, ok = digits(dayText, 1, 2); !ok || day < 1 || day > 31 {
				return date{}, false
			}
		}
	}
	return date{seconds: daysFromCivil(year, month, day) * 86400}, true
}

// parseClock adds hh[:mm[:ss[.fraction]]] with an optional offset to a day.
func parseClock(d date, s string) (date, bool) {
	offset := int64(0)
	if i := strings.IndexAny(s, "Zz+-"); i >= 0 {
		var ok bool
		if offset, ok = parseOffset(s[i:]); !ok {
			return date{}, false
		}
		s = s[:i]
	}
	hourText, rest, hasMinute := strings.Cut(s, ":")
	hour, ok := digits(hourText, 1, 2)
	if !ok || hour > 23 {
		return date{}, false
	}
	d.seconds += hour*3600 - offset
	if !hasMinute {
		return d, true
	}
	minuteText, secondText, hasSecond := strings.Cut(rest, ":")
	minute, ok := digits(minuteText, 1, 2)
	if !ok || minute > 59 {
		return date{}, false
	}
	d.seconds += minute * 60
	if !hasSecond {
		return d, true
	}
	wholeText, fraction, hasFraction := strings.Cut(secondText, ".")
	second, ok := digits(wholeText, 1, 2)
	if !ok || second > 59 {
		return date{}, false
	}
	d.seconds += second
	if hasFraction {
		d.nanos, ok = parseFraction(fraction)
	}
	return d, ok
}

// parseOffset reads Z, +hh, +hhmm or +hh:mm (and the same with a minus sign)
// and returns seconds east of UTC.
func parseOffset(s string) (int64, bool) {
	if s == "Z" || s == "z" {
		return 0, true
	}
	sign := int64(1)
	if s[0] == '-' {
		sign = -1
	} else if s[0] != '+' {
		return 0, false
	}
	s = s[1:]
	if len(s) == 5 && s[2] == ':' || len(s) == 4 || len(s) == 2 {
		hours, ok1 := digits(s[:2], 2, 2)
		minutes, ok2 := int64(0), true
		if len(s) > 2 {
			minutes, ok2 = digits(s[len(s)-2:], 2, 2)
		}
		return sign * (hours*3600 + minutes*60), ok1 && ok2 && hours <= 23 && minutes <= 59
	}
	return 0, false
}

func parseFraction(s string) (int32, bool) {
	n, ok := digits(s, 1, 9)
	for range 9 - len(s) {
		n *= 10
	}
	return int32(n), ok
}

// digits reads a decimal number of least to most digits that fits 63 bits.
func digits(s string, least, most int) (int64, bool) {
	if len(s) < least || len(s) > most {
		return 0, false
	}
	n := int64(0)
	for i := range len(s) {
		c := s[i]
		if c < '0' || c > '9' {
			return 0, false
		}
		next := n*10 + int64(c-'0')
		if next < n {
			return 0, false
		}
		n = next
	}
	return n, true
}

// daysFromCivil returns the days from 1970-01-01 in the proleptic Gregorian
// calendar. A day beyond the end of its month runs into the next.
func daysFromCivil(year, month, day int64) int64 {
	// Years begin in March, so that the leap day is the last of its year.
	if month <= 2 {
		year--
		month += 12
	}
	era := year / 400
	if year < 0 {
		era = (year - 399) / 400
	}
	yearOfEra := year - era*400
	dayOfYear := (153*(month-3)+2)/5 + day - 1
	dayOfEra := yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear
	return era*146097 + dayOfEra - 719468
}

func compareDates(a, b date) int {
	if c := cmp.Compare(a.seconds, b.seconds); c != 0 {
		return c
	}
	return cmp.Compare(a.nanos, b.nanos)
}

func dateCompiler(holds relation) compiler {
	return func(values []string, _ bool) (matcher, error) {
		m := &ordered[date]{parse: parseDate, compare: compareDates, holds: holds}
		for _, value := range values {
			d, ok := parseDate(value)
			if !ok {
				return nil, fmt.Errorf("%q is not a date", value)
			}
			m.want = append(m.want, d)
		}
		return m, nil
	}
}
