package condition

import (
	"fmt"
	"strings"
)

// truth matches Booleans, written in any case.
type truth struct{ wantTrue, wantFalse bool }

func parseBool(s string) (value, ok bool) {
	switch {
	case len(s) == len("true") && strings.EqualFold(s, "true"):
		return true, true
	case len(s) == len("false") && strings.EqualFold(s, "false"):
		return false, true
	}
	return false, false
}

func compileBool(values []string, variables bool) (matcher, error) {
	m := &truth{}
	for _, value := range values {
		b, ok := parseBool(value)
		switch {
		case !ok && variables && strings.Contains(value, "${"):
			return nil, errVariables
		case !ok:
			return nil, fmt.Errorf("%q is neither true nor false", value)
		case b:
			m.wantTrue = true
		default:
			m.wantFalse = true
		}
	}
	return m, nil
}

func (m *truth) match(value string, _ Context) verdict {
	b, ok := parseBool(value)
	switch {
	case !ok:
		return doubt
	case b && m.wantTrue, !b && m.wantFalse:
		return yes
	}
	return no
}

// nullTest is the Null operator: "true" asks that the key be absent, "false"
// that it be present.
type nullTest struct{ truth }

func compileNull(values []string) (nullTest, error) {
	m, err := compileBool(values, false)
	if err != nil {
		return nullTest{}, err
	}
	return nullTest{*m.(*truth)}, nil
}

func (m nullTest) holds(present bool) bool {
	if present {
		return m.wantFalse
	}
	return m.wantTrue
}
