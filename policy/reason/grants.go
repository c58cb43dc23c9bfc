package reason

import (
	"sallyport/arn"
	"sallyport/catalog"
	"sallyport/policy"
)

// Grants reports whether one policy grants anything of a service, as
// iam:ListPoliciesGrantingServiceAccess has it: more coarsely than a [Reach]. It
// does if a statement allows actions of that name, known or not, on resources
// whose ARNs are of the service; and not if a statement of the same policy
// denies the whole service on all resources without a condition
// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPoliciesGrantingServiceAccess.html).
// It fails with [ErrTooMuch].
func Grants(document *policy.Document, service *catalog.Service) (bool, error) {
	b := budget{maxSteps}
	granted := false
	for i := range document.Statements {
		src := &document.Statements[i]
		s := newStatement(document, src)
		switch {
		case src.Effect == "Allow":
			granted = granted || s.names(service.Prefix, &b) && s.isOf(service, &b)
		case src.Condition == nil && s.deniesAll(service.Prefix, &b):
			return false, nil
		}
	}
	if b.spent() {
		return false, ErrTooMuch
	}
	return granted, nil
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
