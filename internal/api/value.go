package api

// Value returns what p points at, or the zero value for an absent member.
// (To set a member, Go's new takes an expression: new("alice").)
func Value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
