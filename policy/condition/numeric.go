package condition

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
)

// A number is exact when it is a 64-bit integer, and a float64 otherwise.
type number struct {
	integer int64
	float   float64
	isInt   bool
}

// parseNumber reads a decimal number. It refuses what a policy never means:
// hexadecimal, infinity, not-a-number, digit separators.
func parseNumber(s string) (number, bool) {
	if s == "" || len(s) > 64 {
		return number{}, false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case '0' <= c && c <= '9', c == '.', c == '-', c == '+', c == 'e', c == 'E':
		default:
			return number{}, false
		}
	}
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		return number{integer: i, float: float64(i), isInt: true}, true
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(f, 0) {
		return number{}, false
	}
	return number{float: f}, true
}

func compareNumbers(a, b number) int {
	if a.isInt && b.isInt {
		return cmp.Compare(a.integer, b.integer)
	}
	return cmp.Compare(a.float, b.float)
}

func numericCompiler(holds relation) compiler {
	return func(values []string, _ bool) (matcher, error) {
		m := &ordered[number]{parse: parseNumber, compare: compareNumbers, holds: holds}
		for _, value := range values {
			n, ok := parseNumber(value)
			if !ok {
				return nil, fmt.Errorf("%q is not a number", value)
			}
			m.want = append(m.want, n)
		}
		return m, nil
	}
}
