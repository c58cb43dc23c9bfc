package reference

import (
	"regexp"
	"strings"
)

// How an element names a caller, from the weakest to the strongest.
const (
	unnamed    = iota
	byAccount  // P1
	byRole     // P2
	byUser     // P3
	byEveryone // P4, P5
	byService  // P6
	byProvider // P7
	bySelf     // P8
)

var namingRules = map[int]string{byAccount: "P1", byRole: "P2", byUser: "P3", byService: "P6", byProvider: "P7", bySelf: "P8"}

var (
	namedPattern    = regexp.MustCompile(`^arn:[^:]+:(iam::[0-9]{12}:(root|user/.+|role/.+)|sts::[0-9]{12}:(assumed-role|federated-user)/.+)$`)
	uniqueIDPattern = regexp.MustCompile(`^(AIDA|AROA)[A-Z0-9]+$`)
	kinds           = map[string]bool{"AWS": true, "Service": true, "Federated": true, "CanonicalUser": true}
)

// readPrincipals reads Principal or NotPrincipal, which the policies of resources
// have.
func (r *run) readPrincipals(s *statement, layer string, elements object) error {
	v, there := s.element(elements, "Principal")
	s.hasPrincipal = there
	if !there {
		return nil
	}
	if !ofResource(layer) || layer == "rcps" && s.not["Principal"] {
		return r.broken("G12", "Principal or NotPrincipal in %s", layer)
	}
	if s.not["Principal"] && s.effect == "Allow" {
		return r.broken("G13", "NotPrincipal with Allow")
	}
	if v == "*" {
		s.everyone = true
		return nil
	}
	byKind, isObject := v.(object)
	if !isObject || len(byKind.members) == 0 || byKind.twice {
		return r.broken("G11", "principal %v", v)
	}
	s.principals = map[string][]string{}
	for kind, v := range byKind.members {
		list, err := texts(v)
		if !kinds[kind] || err != nil || len(list) == 0 {
			return r.broken("G11", "principals %q: %v", kind, v)
		}
		for _, name := range list {
			if err := r.checkPrincipal(kind, name); err != nil {
				return err
			}
		}
		s.principals[kind] = list
	}
	return nil
}

// checkPrincipal reports a text that names nobody.
func (r *run) checkPrincipal(kind, name string) error {
	if kind != "AWS" {
		if name == "" || strings.ContainsAny(name, "*?") {
			return r.broken("G15", "principal %q", name)
		}
		return nil
	}
	if name == "*" || isAccount(name) || uniqueIDPattern.MatchString(name) {
		return nil
	}
	if strings.ContainsAny(name, "*?") || !namedPattern.MatchString(name) {
		return r.broken("G14", "principal %q", name)
	}
	return nil
}

// names is the strongest way in which a statement's element names the caller.
func (r *run) names(s statement) int {
	most := unnamed
	if s.everyone {
		most = r.everyone()
	}
	for kind, list := range s.principals {
		for _, name := range list {
			most = max(most, r.namedBy(kind, name))
		}
	}
	return most
}

// everyone is how everyone names the caller.
func (r *run) everyone() int {
	if r.q.caller.hasAccount() {
		r.reach("P4")
	} else {
		r.reach("P5")
	}
	return byEveryone
}

// account is how naming its account names a caller that has one.
func (r *run) account() int {
	if r.q.caller.kind == "root" {
		return bySelf
	}
	return byAccount
}

func (r *run) namedBy(kind, name string) int {
	c := r.q.caller
	if kind == "AWS" && name == "*" {
		return r.everyone()
	}
	how := unnamed
	switch {
	case kind == "Service" && c.kind == "service" && name == c.name:
		how = byService
	case kind == "Federated" && c.kind == "provider" && (name == c.name || name == c.arn):
		how = byProvider
	case kind == "CanonicalUser" && c.hasAccount() && name == r.q.canonicalUser,
		kind == "AWS" && c.hasAccount() && (name == c.account || name == c.rootARN()):
		how = r.account()
	case kind == "AWS" && c.hasAccount() && name == c.arn:
		how = bySelf
	case kind == "AWS" && c.kind == "role session" && name == c.issuer:
		how = byRole
	case kind == "AWS" && c.kind == "federated user" && name == c.issuer:
		how = byUser
	}
	if how != unnamed {
		r.reach(namingRules[how])
	}
	return how
}

// spared reports whether NotPrincipal excepts the caller.
func (r *run) spared(s statement) bool {
	c := r.q.caller
	if r.q.there["boundary"] {
		r.reach("P12")
		return false
	}
	all := s.everyone || r.lists(s, "*")
	account := r.lists(s, c.account) || r.lists(s, c.rootARN()) || r.listsCanonical(s)
	switch c.kind {
	case "anonymous", "service", "provider":
		r.reach("P9")
		return r.names(s) != unnamed
	case "user":
		r.reach("P10")
		return all || account && r.lists(s, c.arn)
	case "root":
		r.reach("P10")
		return all || account
	}
	r.reach("P11")
	return all || account && r.lists(s, c.arn) && (c.ofRoot() || r.lists(s, c.issuer))
}

func (r *run) lists(s statement, name string) bool {
	for _, listed := range s.principals["AWS"] {
		if listed == name {
			return true
		}
	}
	return false
}

func (r *run) listsCanonical(s statement) bool {
	for _, listed := range s.principals["CanonicalUser"] {
		if listed == r.q.canonicalUser {
			return true
		}
	}
	return false
}

// principalMatches reports whether a statement is about the caller.
func (r *run) principalMatches(layer string, s statement) bool {
	switch {
	case !ofResource(layer):
		return true
	case !s.hasPrincipal && layer == "rcps":
		r.reach("P15")
		return true
	case !s.hasPrincipal && s.effect == "Allow":
		r.reach("P13")
		return false
	case !s.hasPrincipal:
		r.reach("P14")
		return true
	case s.not["Principal"]:
		return !r.spared(s)
	}
	if layer == "rcps" {
		r.reach("P15")
	}
	return r.names(s) != unnamed
}
