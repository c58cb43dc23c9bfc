package reason

import (
	"errors"
	"strings"

	"sallyport/arn"
	"sallyport/catalog"
	"sallyport/policy"
)

// ErrTooMuch says that the policies have so many and so long patterns that they
// are not compared to the end.
var ErrTooMuch = errors.New("reason: the policies are too large to compare")

// maxSteps bounds the comparisons of one Reach: about half a second.
const maxSteps = 1 << 28

// A Reach is what identity policies together could allow to somebody. An action
// counts if a statement allows it on a resource of a type that it can be asked
// on, and no statement denies it there without conditions; conditions of a grant
// may hold. Of several denials, each is looked at by itself
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html).
//
// It is not safe for concurrent use.
type Reach struct {
	allows, denies []statement
	budget         budget
	templates      map[*catalog.ResourceType][]language
}

// NewReach returns what the documents could allow.
func NewReach(documents ...*policy.Document) *Reach {
	r := &Reach{budget: budget{maxSteps}, templates: make(map[*catalog.ResourceType][]language)}
	for _, d := range documents {
		for i := range d.Statements {
			switch s := &d.Statements[i]; {
			case s.Effect == "Allow":
				r.allows = append(r.allows, newStatement(d, s))
			case s.Condition == nil:
				r.denies = append(r.denies, newStatement(d, s))
			}
		}
	}
	return r
}

// Names reports whether any statement allows actions of a service by name: false
// for a service that is certainly out of reach.
func (r *Reach) Names(prefix string) bool {
	for i := range r.allows {
		if r.allows[i].names(prefix, &r.budget) {
			return true
		}
	}
	return false
}

// Service reports whether an action of the service is within reach, or fails with
// [ErrTooMuch].
func (r *Reach) Service(s *catalog.Service) (bool, error) {
	for i := range s.Actions {
		if ok, err := r.Action(s, &s.Actions[i]); ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}

// Action reports whether the action of the service is within reach, or fails with
// [ErrTooMuch].
func (r *Reach) Action(s *catalog.Service, a *catalog.Action) (bool, error) {
	name := s.Prefix + ":" + a.Name
	var denies []*statement
	for i := range r.denies {
		if r.denies[i].isAbout(name) {
			denies = append(denies, &r.denies[i])
		}
	}
	for i := range r.allows {
		if r.allows[i].isAbout(name) && r.allowed(s, a, &r.allows[i], denies) {
			return true, r.err()
		}
	}
	return false, r.err()
}

func (r *Reach) err() error {
	if r.budget.spent() {
		return ErrTooMuch
	}
	return nil
}

// allowed reports whether a statement allows an action on a resource that none of
// the denials takes away.
func (r *Reach) allowed(s *catalog.Service, a *catalog.Action, allow *statement, denies []*statement) bool {
	for _, kind := range r.askedOn(s, a) {
		for _, pattern := range allow.resources {
			if pattern.meets(kind, &r.budget) && !r.taken(pattern, kind, allow.except, denies) {
				return true
			}
		}
	}
	return false
}

// taken reports whether none of the resources of a kind that a pattern stands for
// is left.
func (r *Reach) taken(pattern, kind language, except []language, denies []*statement) bool {
	covered := func(l language) bool { return l.covers(pattern, &r.budget) || l.covers(kind, &r.budget) }
	for _, l := range except {
		if covered(l) {
			return true
		}
	}
	for _, d := range denies {
		if d.spares(pattern, kind, &r.budget) {
			continue
		}
		for _, l := range d.resources {
			if covered(l) {
				return true
			}
		}
	}
	return false
}

// askedOn are the resources that an action can be asked on, by kind.
func (r *Reach) askedOn(s *catalog.Service, a *catalog.Action) []language {
	var kinds []language
	required := false
	for _, named := range a.Resources {
		required = required || named.Required
		for i := range s.Resources {
			if s.Resources[i].Name == named.Name {
				kinds = append(kinds, r.template(&s.Resources[i])...)
			}
		}
	}
	if !required {
		kinds = append(kinds, text("*"))
	}
	return kinds
}

func (r *Reach) template(t *catalog.ResourceType) []language {
	if l, ok := r.templates[t]; ok {
		return l
	}
	var all []language
	for _, template := range t.ARN {
		pattern, _ := withoutVariables(strings.Replace(template, "${Partition}", "aws", 1))
		all = append(all, languageOf(pattern))
	}
	r.templates[t] = all
	return all
}

// A statement is one of a document, as languages.
type statement struct {
	actions   []arn.Glob
	texts     []language // of the same patterns, in lower case
	notAction bool
	// resources are what it is about, but for except.
	resources, except []language
}

// newStatement reads a statement. What it allows is taken for as much as its
// variables can make it, what it denies for as little.
func newStatement(d *policy.Document, s *policy.Statement) (out statement) {
	actions := s.Action
	if s.NotAction != nil {
		actions, out.notAction = s.NotAction, true
	}
	for _, pattern := range actions.Texts() {
		out.actions = append(out.actions, arn.ParseGlob(pattern, true))
		out.texts = append(out.texts, languageOf(arn.Lower(pattern)))
	}
	allows := s.Effect == "Allow"
	list := func(l *policy.List, all bool) (languages []language) {
		for _, pattern := range l.Texts() {
			varies := false
			if hasVariables(d) {
				pattern, varies = withoutVariables(pattern)
			}
			if all || !varies {
				languages = append(languages, languageOf(pattern))
			}
		}
		return languages
	}
	if s.NotResource == nil {
		out.resources = list(s.Resource, allows)
		return out
	}
	out.resources = []language{languageOf("*")}
	out.except = list(s.NotResource, !allows)
	return out
}

// isAbout reports whether the statement's Action or NotAction holds for an
// action.
func (s *statement) isAbout(action string) bool {
	for i := range s.actions {
		if s.actions[i].Match(action, nil) {
			return !s.notAction
		}
	}
	return s.notAction
}

// names reports whether the statement's Action or NotAction holds for some action
// that a service may have.
func (s *statement) names(prefix string, b *budget) bool {
	whole := languageOf(prefix + ":*")
	for _, l := range s.texts {
		if !s.notAction && l.meets(whole, b) {
			return true
		}
		if s.notAction && l.covers(whole, b) {
			return false
		}
	}
	return s.notAction
}

// spares reports whether what a denial excepts may be among the resources of a
// kind that a pattern stands for.
func (s *statement) spares(pattern, kind language, b *budget) bool {
	for _, l := range s.except {
		if l.meets(pattern, b) && l.meets(kind, b) {
			return true
		}
	}
	return false
}
