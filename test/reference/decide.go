package reference

import "strings"

// nothing says where nothing decided.
func nothing(layer string) DecidedBy {
	return DecidedBy{Layer: layer, Level: -1, Policy: -1, Statement: -1}
}

// A place is a list of policies of a layer, or of one level of it.
type place struct {
	layer    string
	level    int // -1 where there are none
	policies []policy
}

// decide combines what all policies say.
func (r *run) decide() (string, DecidedBy) {
	if by, denied := r.denied(); denied {
		return "explicitDeny", by
	}
	if r.q.there["scps"] && len(r.q.scps) == 0 && len(r.levels("scps", [][]policy{nil})) > 0 {
		return "implicitDeny", nothing("scp")
	}
	if r.q.there["rcps"] && len(r.q.rcps) == 0 && len(r.levels("rcps", [][]policy{nil})) > 0 {
		return "implicitDeny", nothing("rcp")
	}
	for _, p := range r.places() {
		if p.layer != "scp" && p.layer != "rcp" {
			continue
		}
		if _, _, allowed := r.allowedBy(p.policies, unnamed); !allowed {
			by := nothing(p.layer)
			by.Level = p.level
			return "implicitDeny", by
		}
	}
	return r.combine()
}

// combine is what is left when SCPs and RCPs let the request through.
func (r *run) combine() (string, DecidedBy) {
	q := &r.q
	grant, most := r.granted()
	same := q.caller.account == q.resourceAccount
	alone := r.alone() && q.there["resource"]
	if !r.suits() {
		return "implicitDeny", nothing("identity")
	}
	if q.caller.account == "" || q.caller.kind == "provider" || q.caller.kind == "service" {
		if most == unnamed {
			return "implicitDeny", nothing("resource")
		}
		return "allow", grant
	}
	if same && most == bySelf {
		return "allow", grant
	}
	limit := r.limited()
	own, by := r.own()
	if same && most == byRole && limit == "" {
		return "allow", grant
	}
	if own != "" && !(same && most == byRole) {
		return "implicitDeny", nothing(own)
	}
	if limit != "" {
		return "implicitDeny", nothing(limit)
	}
	if (!same || alone) && most == unnamed {
		return "implicitDeny", nothing("resource")
	}
	if same && !alone {
		return "allow", by
	}
	return "allow", grant
}

// alone reports whether the policy of the resource must allow within its account.
func (r *run) alone() bool {
	q := &r.q
	parts, _ := splitARN(q.resource)
	if len(parts) < 6 {
		return false
	}
	action := strings.ToLower(q.action)
	trust := parts[2] == "iam" && strings.HasPrefix(parts[5], "role/") && (strings.HasPrefix(action, "sts:assumerole") || action == "sts:tagsession" || action == "sts:setsourceidentity")
	return trust || parts[2] == "kms" && strings.HasPrefix(parts[5], "key/")
}

// own asks the caller's own policies: the layer that fails to allow, or what does.
func (r *run) own() (string, DecidedBy) {
	if r.q.caller.kind == "root" {
		return "", nothing("root")
	}
	i, j, allowed := r.allowedBy(r.q.identity, unnamed)
	if !allowed {
		return "identity", DecidedBy{}
	}
	return "", DecidedBy{"identity", -1, i, j}
}

// limited is the boundary or session that fails to allow.
func (r *run) limited() string {
	if _, _, allowed := r.allowedBy(r.q.boundary, unnamed); r.q.there["boundary"] && !allowed {
		return "boundary"
	}
	if _, _, allowed := r.allowedBy(r.q.session, unnamed); (r.q.there["session"] || r.q.caller.kind == "federated user") && !allowed {
		return "session"
	}
	return ""
}

// granted is the best that the resource's policy and ACL say for the caller.
func (r *run) granted() (DecidedBy, int) {
	for _, least := range []int{bySelf, byRole, byAccount} {
		if i, j, allowed := r.allowedBy(r.q.resourcePolicy, least); allowed {
			return DecidedBy{"resource", -1, i, j}, least
		}
		for i, g := range r.q.acl {
			if r.grants(g.permission) && r.grantedTo(g) >= least {
				return DecidedBy{"acl", -1, i, 0}, least
			}
		}
	}
	return DecidedBy{}, unnamed
}

// allowedBy finds the first Allow statement that applies and names the caller by
// least or better.
func (r *run) allowedBy(policies []policy, least int) (int, int, bool) {
	for i, policy := range policies {
		for j, s := range policy.statements {
			if s.effect != "Allow" || !r.applies(s, policy.variables) {
				continue
			}
			if least == unnamed || s.not["Principal"] || r.names(s) >= least {
				return i, j, true
			}
		}
	}
	return 0, 0, false
}

// places are all policies that apply, in the order in which they are asked.
func (r *run) places() []place {
	q := &r.q
	var all []place
	for level, policies := range r.levels("scps", q.scps) {
		all = append(all, place{"scp", level, policies})
	}
	for level, policies := range r.levels("rcps", q.rcps) {
		all = append(all, place{"rcp", level, policies})
	}
	return append(all, place{"resource", -1, q.resourcePolicy}, place{"identity", -1, q.identity}, place{"boundary", -1, q.boundary}, place{"session", -1, q.session})
}

// levels are the levels of SCPs or RCPs that apply.
func (r *run) levels(layer string, levels [][]policy) [][]policy {
	service, _, _ := strings.Cut(strings.ToLower(r.q.action), ":")
	if r.q.caller.serviceLinked() || layer == "rcps" && (!limited[service] || strings.EqualFold(r.q.action, "kms:RetireGrant")) {
		return nil
	}
	return levels
}

// denied finds the first Deny statement that applies.
func (r *run) denied() (DecidedBy, bool) {
	for _, p := range r.places() {
		for i, policy := range p.policies {
			for j, s := range policy.statements {
				if s.effect == "Deny" && r.applies(s, policy.variables) {
					return DecidedBy{p.layer, p.level, i, j}, true
				}
			}
		}
	}
	return DecidedBy{}, false
}

// applies reports whether all elements of a statement match the request.
func (r *run) applies(s statement, variables bool) bool {
	r.effect = s.effect
	defer func() { r.effect = "" }()
	if !r.principalMatches(s) || !r.actionMatches(s) || !r.resourceMatches(s, variables) {
		return false
	}
	for _, c := range s.conditions {
		if !r.holds(c, variables) {
			return false
		}
	}
	return true
}

func (r *run) principalMatches(s statement) bool {
	if !s.hasPrincipal {
		return true
	}
	if s.not["Principal"] && s.effect == "Deny" && r.q.there["boundary"] {
		return true
	}
	return (r.names(s) != unnamed) != s.not["Principal"]
}

func (r *run) actionMatches(s statement) bool {
	found := false
	for _, action := range s.actions {
		found = found || action == "*" || r.actionIs(action)
	}
	return found != s.not["Action"]
}

// actionIs compares service and name one by one.
func (r *run) actionIs(pattern string) bool {
	service, name, _ := strings.Cut(pattern, ":")
	askedService, askedName, _ := strings.Cut(r.q.action, ":")
	return matches(plainUnits(service, true), askedService, sameFolded) && matches(plainUnits(name, true), askedName, sameFolded)
}

func (r *run) resourceMatches(s statement, variables bool) bool {
	if s.anyResource {
		return true
	}
	found := false
	for _, resource := range s.resources {
		found = found || r.resourceIs(resource, variables)
	}
	return found != s.not["Resource"]
}

func (r *run) resourceIs(text string, variables bool) bool {
	if text == "*" {
		return true
	}
	pattern := plainUnits(text, true)
	if variables {
		var has bool
		if pattern, has = r.expand(text, true); !has {
			return false
		}
	}
	asked, isARN := splitARN(r.q.resource)
	if !isARN {
		return false
	}
	for i, part := range splitUnits(pattern) {
		if !matches(part, asked[i], sameChar) {
			return false
		}
	}
	return true
}
