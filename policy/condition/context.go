package condition

// A Context holds the condition keys of one request. Implementations must be
// safe for concurrent reads.
type Context interface {
	// Lookup returns the values of a key and whether it is present. The key is
	// complete and in lower case: "aws:username", "aws:principaltag/team".
	Lookup(key string) (Values, bool)
}

// Values are the values of a condition key: one, or several for a multivalued
// key. A key that is present without any value counts as absent.
type Values struct {
	one  string
	many []string
	n    int
}

// One returns a single value. It does not allocate.
func One(s string) Values { return Values{one: s, n: 1} }

// Many returns the values of a multivalued key. It keeps the slice.
func Many(ss ...string) Values { return Values{many: ss, n: len(ss)} }

// Len returns the number of values.
func (v *Values) Len() int { return v.n }

// At returns value i of Len.
func (v *Values) At(i int) string {
	if v.many == nil {
		return v.one
	}
	return v.many[i]
}

// Map is a Context of keys in lower case.
type Map map[string]Values

// Lookup implements Context.
func (m Map) Lookup(key string) (Values, bool) {
	v, ok := m[key]
	return v, ok
}
