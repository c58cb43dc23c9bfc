package reference

// An Answer is what the reference says of a case: its members are those of
// docs/policy-tools.md, flat. Invalid says why a case is not one; it is "" else.
type Answer struct {
	Decision string // allow, implicitDeny, explicitDeny, or "" if invalid
	DecidedBy
	Invalid string
}

// DecidedBy says what decided. Level, Policy and Statement are -1 where nothing is
// said of them.
type DecidedBy struct {
	Layer                    string
	Level, Policy, Statement int
}

// A Reached counts what was applied: rules by name, and by name and the effect of
// the statement, as in "C4 Deny".
type Reached map[string]int

// A run is the evaluation of one case.
type run struct {
	q       question
	effect  string // of the statement that is evaluated
	reached Reached
}

// reach notes that a rule was applied.
func (r *run) reach(rules ...string) {
	for _, rule := range rules {
		r.reached[rule]++
		if r.effect != "" {
			r.reached[rule+" "+r.effect]++
		}
	}
}

// Decide answers a case, and adds the rules that it applied to reached.
func Decide(text []byte, reached Reached) Answer {
	r := &run{reached: reached}
	if err := r.readQuestion(text); err != nil {
		return Answer{Invalid: err.Error()}
	}
	decision, by := r.decide()
	return Answer{Decision: decision, DecidedBy: by}
}
