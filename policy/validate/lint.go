package validate

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sallyport/policy"
)

// Bounds of one check, so that no policy costs more than time in proportion to
// its size.
const (
	// MaxFindings is how many findings are given at most; the gravest are.
	MaxFindings = 1000
	// lintSteps bounds the comparisons of every pair of something: patterns with
	// patterns, keys with actions. A policy that needs more keeps the findings
	// of all other checks.
	lintSteps = 20_000_000
	// clipBytes is how much of the policy's text a message quotes, and listItems
	// how many things it lists.
	clipBytes = 128
	listItems = 10
)

const checksPage = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html"

// Findings reports what could be better in a policy, in the order of the source:
// the checks of IAM Access Analyzer's ValidatePolicy
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html).
// With o.Own, a document that policy.Parse or policy.Compile refuses has at least
// one finding of type ErrorFinding. At most MaxFindings are given.
func Findings(src []byte, o Options) []Finding {
	l := &lint{src: src, o: o, steps: lintSteps}
	if len(src) > policy.MaxDocumentBytes {
		l.fault(&ruleJSONSyntax, 0, fmt.Sprintf("The policy is longer than %d bytes.", policy.MaxDocumentBytes))
		return l.finish()
	}
	root, fault := readTree(src)
	if fault != nil {
		l.fault(&ruleJSONSyntax, fault.offset, "Fix the JSON syntax error: "+fault.msg+".")
		return l.finish()
	}
	l.build(root)
	for _, kind := range FindingTypes() {
		for i := range rules {
			if rules[i].kind == kind {
				l.run(&rules[i])
			}
		}
	}
	l.engine()
	return l.finish()
}

// lint is one check of a policy.
type lint struct {
	src        []byte
	o          Options
	set        policySet
	variables  bool // the policy's version has policy variables
	root       *node
	statements []*statement
	arns       arnIndex
	rule       *rule
	found      []Finding
	errors     int
	steps      int
}

// A place is a part of the document: a value, or the name of a member.
type place struct {
	node *node
	key  bool
}

func at(n *node) place    { return place{node: n} }
func onKey(n *node) place { return place{node: n, key: true} }

func (l *lint) run(r *rule) {
	if r.policies&l.set == 0 || r.catalog && l.o.Catalog == nil || r.own && !l.o.Own {
		return
	}
	l.rule = r
	if r.document != nil {
		r.document(l)
	}
	if r.statement != nil {
		for _, s := range l.statements {
			r.statement(l, s)
		}
	}
}

// spend takes steps from what pairwise comparisons may cost, and reports whether
// there were any left.
func (l *lint) spend(steps int) bool {
	l.steps -= steps
	return l.steps > 0
}

// full reports whether there are as many findings as are given.
func (l *lint) full() bool { return len(l.found) >= MaxFindings }

// report adds a finding of the rule that runs.
func (l *lint) report(where []place, format string, args ...any) {
	if l.full() {
		return
	}
	f := Finding{Type: l.rule.kind, IssueCode: l.rule.code, LearnMoreLink: l.rule.link(), Details: fmt.Sprintf(format, args...)}
	for _, p := range where {
		f.Locations = append(f.Locations, p.location())
	}
	l.add(f)
}

func (l *lint) reportAt(n *node, format string, args ...any) {
	l.report([]place{at(n)}, format, args...)
}

func (l *lint) reportKey(n *node, format string, args ...any) {
	l.report([]place{onKey(n)}, format, args...)
}

// fault adds a finding at an offset, for text that has no tree.
func (l *lint) fault(r *rule, offset int, details string) {
	end := min(offset+1, len(l.src))
	l.add(Finding{
		Type: r.kind, IssueCode: r.code, LearnMoreLink: r.link(), Details: details,
		Locations: []Location{{Path: []PathElement{}, Span: Span{Position{Offset: offset}, Position{Offset: max(offset, end)}}}},
	})
}

func (l *lint) add(f Finding) {
	if f.Type == ErrorFinding {
		l.errors++
	}
	l.found = append(l.found, f)
}

func (p place) location() Location {
	n := p.node
	loc := Location{Path: n.path(), Span: Span{Position{Offset: n.start}, Position{Offset: n.end}}}
	if p.key {
		loc.Path[len(loc.Path)-1] = PathElement{Key: n.shortName()}
		loc.Span = Span{Position{Offset: n.keyStart}, Position{Offset: n.keyEnd}}
	}
	return loc
}

// engine asks the engine itself: what it refuses is an error, even when no rule
// of AWS's has seen why.
func (l *lint) engine() {
	if l.errors > 0 || !l.o.Own {
		return
	}
	doc, err := policy.Parse(l.src)
	if err == nil {
		_, err = policy.Compile(doc, policy.Ref{})
	}
	if err == nil {
		return
	}
	offset, msg := 0, err.Error()
	var syntax *policy.SyntaxError
	var compile *policy.CompileError
	switch {
	case errors.As(err, &syntax):
		offset, msg = syntax.Offset, syntax.Msg
	case errors.As(err, &compile):
		offset, msg = compile.Position.Offset, compile.Msg
	}
	l.rule = &ruleNotInForce
	l.report([]place{l.root.placeAt(offset)}, "The policy can't be put in force: %s.", clip(msg))
}

// placeAt returns what begins at an offset, or else the smallest value around
// it.
func (n *node) placeAt(offset int) place {
	for {
		inner := slices.IndexFunc(n.children, func(c *node) bool {
			return offset >= c.start && offset < c.end || c.keyEnd > 0 && offset >= c.keyStart && offset < c.start
		})
		switch {
		case inner < 0 || n.start == offset:
			return at(n)
		case n.children[inner].keyEnd > 0 && offset < n.children[inner].keyEnd:
			return onKey(n.children[inner])
		}
		n = n.children[inner]
	}
}

// finish sorts the findings and fills in lines and columns.
func (l *lint) finish() []Finding {
	slices.SortStableFunc(l.found, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(a.Locations[0].Span.Start.Offset, b.Locations[0].Span.Start.Offset),
			cmp.Compare(slices.Index(FindingTypes(), a.Type), slices.Index(FindingTypes(), b.Type)),
			cmp.Compare(a.IssueCode, b.IssueCode),
		)
	})
	var positions []*Position
	for i := range l.found {
		for j := range l.found[i].Locations {
			span := &l.found[i].Locations[j].Span
			positions = append(positions, &span.Start, &span.End)
		}
	}
	slices.SortFunc(positions, func(a, b *Position) int { return cmp.Compare(a.Offset, b.Offset) })
	placeAll(l.src, positions)
	return l.found
}

// clip shortens text that a message quotes.
func clip(s string) string {
	if len(s) <= clipBytes {
		return s
	}
	return strings.ToValidUTF8(s[:clipBytes], "") + "…"
}

// listed joins texts for a message.
func listed(texts []string) string {
	more := ""
	if len(texts) > listItems {
		more = fmt.Sprintf(" and %d more", len(texts)-listItems)
		texts = texts[:listItems]
	}
	clipped := make([]string, len(texts))
	for i, t := range texts {
		clipped[i] = clip(t)
	}
	return strings.Join(clipped, ", ") + more
}
