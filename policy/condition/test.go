package condition

import (
	"errors"
	"fmt"
)

// MaxKeyBytes is the longest condition key that Compile accepts.
const MaxKeyBytes = 1024

// A Test is one operator applied to one condition key. It is immutable.
type Test struct {
	operator
	name    string // of the operator, as written
	key     string // lower case
	matcher matcher
	null    nullTest
}

// Compile compiles one operator applied to one condition key. The values are
// the policy's, at least one, as text. variables says whether the policy's
// version has policy variables. An unknown operator, an empty key, or a value
// that the operator cannot read is an error.
func Compile(operatorName, key string, values []string, variables bool) (*Test, error) {
	op, err := parseOperator(operatorName)
	if err != nil {
		return nil, err
	}
	if key == "" || len(key) > MaxKeyBytes {
		return nil, fmt.Errorf("condition: operator %q: the condition key must have 1 to %d bytes", operatorName, MaxKeyBytes)
	}
	if len(values) == 0 {
		return nil, fmt.Errorf("condition: operator %q, key %q: no values", operatorName, key)
	}
	t := &Test{operator: op, name: operatorName, key: LowerKey(key)}
	if op.base == nullOperator {
		t.null, err = compileNull(values)
	} else {
		t.matcher, err = op.compile(values, variables)
	}
	if err != nil {
		return nil, fmt.Errorf("condition: operator %q, key %q: %w", operatorName, key, err)
	}
	return t, nil
}

// Operator returns the operator's name as written in the policy.
func (t *Test) Operator() string { return t.name }

// Key returns the condition key in lower case.
func (t *Test) Key() string { return t.key }

// Eval reports whether the test holds. deny says whether it belongs to a Deny
// statement; it only matters in the open cases of the package comment. A nil
// context has no keys.
func (t *Test) Eval(ctx Context, deny bool) bool {
	var values Values
	if ctx != nil {
		if v, ok := ctx.Lookup(t.key); ok {
			values = v
		}
	}
	if t.matcher == nil {
		return t.null.holds(values.Len() > 0)
	}
	if values.Len() == 0 {
		switch {
		case t.ifExists || t.qualifier == allOfSet:
			return true
		case t.qualifier == anyOfSet:
			return false
		default:
			return t.negated
		}
	}
	if t.qualifier != single && values.Len() == 1 && values.At(0) == "" {
		return t.qualifier == allOfSet // AWS calls an empty text a null set
	}
	// One value satisfying the operator settles "any"; one failing it settles
	// "all". Without a set qualifier Allow needs all and Deny needs any.
	settling := t.qualifier == anyOfSet || t.qualifier == single && deny
	for i := range values.Len() {
		if t.satisfies(values.At(i), ctx, deny) == settling {
			return settling
		}
	}
	return !settling
}

// satisfies applies the operator, negation included, to one request value.
func (t *Test) satisfies(value string, ctx Context, deny bool) bool {
	v := t.matcher.match(value, ctx)
	if !t.negated {
		return v == yes
	}
	if v == doubt {
		return deny
	}
	return v == no
}

// A Block is the Condition element of a statement: every test must hold. An
// empty block holds.
type Block []*Test

// Eval reports whether every test holds; see Test.Eval. The first that doesn't
// ends it, unless failed is given: that is told the index of each such test.
func (b Block) Eval(ctx Context, deny bool, failed func(i int)) bool {
	holds := true
	for i, t := range b {
		if t.Eval(ctx, deny) {
			continue
		}
		if failed == nil {
			return false
		}
		failed(i)
		holds = false
	}
	return holds
}

var errVariables = errors.New("policy variables are allowed only with String and Arn operators")
