package condition

// A relation is how NumericX and DateX compare a request value with a policy
// value: it takes the sign of request minus policy.
type relation func(sign int) bool

func equal(sign int) bool          { return sign == 0 }
func less(sign int) bool           { return sign < 0 }
func lessOrEqual(sign int) bool    { return sign <= 0 }
func greater(sign int) bool        { return sign > 0 }
func greaterOrEqual(sign int) bool { return sign >= 0 }

// ordered matches values of a type with an order.
type ordered[T any] struct {
	want    []T
	parse   func(string) (T, bool)
	compare func(a, b T) int
	holds   relation
}

func (m *ordered[T]) match(value string, _ Context) verdict {
	got, ok := m.parse(value)
	if !ok {
		return doubt
	}
	for _, want := range m.want {
		if m.holds(m.compare(got, want)) {
			return yes
		}
	}
	return no
}
