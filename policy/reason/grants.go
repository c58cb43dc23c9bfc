package reason

import (
	"sallyport/arn"
	"sallyport/catalog"
	"sallyport/policy"
)

// A Granting tells what policies grant, as answers to one question: the work on all of
// them together is bounded, to about two seconds. It is not safe for concurrent use.
type Granting struct{ budget budget }

// NewGranting returns one that has not worked yet.
func NewGranting() *Granting { return &Granting{budget{4 * maxSteps}} }

// Grants reports whether one policy grants anything of a service, as
// iam:ListPoliciesGrantingServiceAccess has it: more coarsely than a [Reach]. It
// does if a statement allows actions of that name, known or not, on resources
// whose ARNs are of the service; and not if a statement of the same policy
// denies the whole service on all resources without a condition
// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPoliciesGrantingServiceAccess.html).
// It fails with [ErrTooMuch].
func (g *Granting) Grants(document *policy.Document, service *catalog.Service) (bool, error) {
	granted := false
	for i := range document.Statements {
		src := &document.Statements[i]
		s := newStatement(document, src)
		switch {
		case src.Effect == "Allow":
			granted = granted || s.names(service.Prefix, &g.budget) && s.isOf(service, &g.budget)
		case src.Condition == nil && s.deniesAll(service.Prefix, &g.budget):
			return false, g.err()
		}
	}
	return granted, g.err()
}

func (g *Granting) err() error {
	if g.budget.spent() {
		return ErrTooMuch
	}
	return nil
}

// isOf reports whether the statement is about a resource whose ARN is of the
// service.
func (s *statement) isOf(service *catalog.Service, b *budget) bool {
	for _, whole := range namespaces(service) {
		spared := false
		for _, l := range s.except {
			spared = spared || l.covers(whole, b)
		}
		for _, l := range s.resources {
			if !spared && l.meets(whole, b) {
				return true
			}
		}
	}
	return false
}

// deniesAll reports whether the statement is about every action of a service and
// every resource.
func (s *statement) deniesAll(prefix string, b *budget) bool {
	all, whole := languageOf("*"), languageOf(prefix+":*")
	every := s.notAction
	for _, l := range s.texts {
		if s.notAction {
			every = every && !l.meets(whole, b)
		} else {
			every = every || l.covers(whole, b)
		}
	}
	if !every || len(s.except) > 0 {
		return false
	}
	for _, l := range s.resources {
		if l.covers(all, b) {
			return true
		}
	}
	return false
}

// namespaces are the ARNs of a service's resources, by their service fields, and
// those of its own prefix.
func namespaces(service *catalog.Service) []language {
	seen := map[string]bool{service.Prefix: true}
	all := []language{languageOf("arn:aws:" + service.Prefix + ":*")}
	for _, t := range service.Resources {
		for _, template := range t.ARN {
			parts := arn.Split(template)
			if field := parts.Service(); !seen[field] {
				seen[field] = true
				all = append(all, languageOf("arn:aws:"+field+":*"))
			}
		}
	}
	return all
}
