package reference

import (
	"regexp"
	"strings"
)

// How a policy of a resource names a caller, from least to most.
const (
	unnamed   = iota
	byAccount // its account, which has to give the permission on
	byRole    // the role or user whose session it is
	bySelf    // the caller itself, or everyone
)

var (
	namedPattern = regexp.MustCompile(`^arn:[a-z-]+:(iam::[0-9]{12}:(root|user/.+|role/.+)|sts::[0-9]{12}:(assumed-role/[^/]+/[^/]+|federated-user/[^/]+))$`)
	kinds        = map[string]bool{"AWS": true, "Service": true, "Federated": true, "CanonicalUser": true}
)

// readPrincipals reads Principal or NotPrincipal, which statements of the policies
// of resources must have, and no others.
func (s *statement) readPrincipals(layer string, elements object) error {
	v, there := s.element(elements, "Principal")
	s.hasPrincipal = there
	if wanted := layer == "resource" || layer == "rcps"; there != wanted {
		return invalid("Principal in %s: %t", layer, there)
	}
	if !there {
		return nil
	}
	if v == "*" {
		s.everyone = true
		return nil
	}
	byKind, isObject := v.(object)
	if !isObject || len(byKind) == 0 {
		return invalid("principal %v", v)
	}
	s.principals = map[string][]string{}
	for kind, v := range byKind {
		if !kinds[kind] {
			return invalid("there are no principals %q", kind)
		}
		list, err := texts(v)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return invalid("no principals")
		}
		for _, name := range list {
			if err := checkPrincipal(kind, name); err != nil {
				return err
			}
		}
		s.principals[kind] = list
	}
	return nil
}

// checkPrincipal reports a text that names nobody.
func checkPrincipal(kind, name string) error {
	switch {
	case name == "":
		return invalid("an empty principal")
	case kind != "AWS" || name == "*" || isAccount(name):
		return nil
	case strings.ContainsAny(name, "*?") || !namedPattern.MatchString(name):
		return invalid("principal %q", name)
	}
	return nil
}

// names is how a statement's Principal or NotPrincipal names the caller.
func (r *run) names(s statement) int {
	if s.everyone {
		return bySelf
	}
	most := unnamed
	for kind, list := range s.principals {
		for _, name := range list {
			most = max(most, r.namedBy(kind, name))
		}
	}
	return most
}

func (r *run) namedBy(kind, name string) int {
	c := r.q.caller
	switch {
	case kind == "AWS" && name == "*":
		return bySelf
	case kind == "Service" && c.kind == "service" && name == c.name,
		kind == "Federated" && c.kind == "provider" && (name == c.name || name == c.arn):
		return bySelf
	case kind == "CanonicalUser" && r.q.canonicalUser != "" && name == r.q.canonicalUser:
		return r.account()
	case kind != "AWS" || c.account == "" || c.kind == "provider":
		return unnamed
	case name == c.arn && c.kind != "root":
		return bySelf
	case name == c.issuer:
		return byRole
	case name == c.account || name == "arn:"+c.partition+":iam::"+c.account+":root":
		return r.account()
	}
	return unnamed
}

// account is what naming the caller's account is worth: the root user is it.
func (r *run) account() int {
	if r.q.caller.kind == "root" {
		return bySelf
	}
	return byAccount
}
