package reference

import "strings"

// silent is what decides an implicit deny: a layer that failed to allow.
func silent(layer string) DecidedBy {
	return DecidedBy{Layer: layer, Level: -1, Policy: -1, Statement: -1}
}

// A place is a list of policies: of a layer, or of one level of it.
type place struct {
	layer    string // as the case has it
	level    int    // -1 where there are none
	policies []policy
}

// layerNames are the names of layers in answers, where they differ.
var layerNames = map[string]string{"scps": "scp", "rcps": "rcp"}

func (p place) name() string {
	if name, differs := layerNames[p.layer]; differs {
		return name
	}
	return p.layer
}

// decide combines what all policies say.
func (r *run) decide() (string, DecidedBy) {
	organization := append(r.levels("scps", r.q.scps), r.levels("rcps", r.q.rcps)...)
	own := []place{{"resource", -1, r.q.resourcePolicy}, {"identity", -1, r.q.identity}, {"boundary", -1, r.q.boundary}, {"session", -1, r.q.session}}
	for _, p := range append(organization[:len(organization):len(organization)], own...) {
		if by, denies := r.first(p, "Deny", unnamed); denies {
			r.reach("L1", "D1")
			return "explicitDeny", by
		}
	}
	for _, p := range organization {
		r.reach(map[string]string{"scps": "L2", "rcps": "L3"}[p.layer])
		if _, allows := r.first(p, "Allow", unnamed); !allows {
			r.reach("D6")
			by := silent(p.name())
			by.Level = p.level
			return "implicitDeny", by
		}
	}
	decision, by := r.combine()
	if decision == "allow" && !r.suits() {
		r.reach("L22")
		return "implicitDeny", DecidedBy{}
	}
	return decision, by
}

// levels are the levels of SCPs or RCPs that apply. Without any there is one that
// allows nothing.
func (r *run) levels(layer string, levels [][]policy) []place {
	action := strings.ToLower(r.q.action)
	service, _, _ := strings.Cut(action, ":")
	switch {
	case !r.q.there[layer]:
		return nil
	case r.q.caller.serviceLinked():
		r.reach("L4")
		return nil
	case layer == "rcps" && r.q.caller.kind == "service" && service == "sts" && strings.Contains(r.q.resource, ":role/aws-service-role/"):
		r.reach("L4")
		return nil
	case layer == "rcps" && (!limited(service) || action == "s3:listallmybuckets"):
		r.reach("L5")
		return nil
	case layer == "rcps" && action == "kms:retiregrant":
		r.reach("L6")
		return nil
	case len(levels) == 0:
		return []place{{layer, 0, nil}}
	}
	var all []place
	for level, policies := range levels {
		all = append(all, place{layer, level, policies})
	}
	return all
}

// first finds the first statement of an effect that applies and names the caller
// at least in that way.
func (r *run) first(p place, effect string, least int) (DecidedBy, bool) {
	for i, policy := range p.policies {
		for j, s := range policy.statements {
			if s.effect != effect || !r.applies(p.layer, s, policy.variables) {
				continue
			}
			if least == unnamed || r.names(s) >= least {
				return DecidedBy{p.name(), p.level, i, j}, true
			}
		}
	}
	return DecidedBy{}, false
}

// applies reports whether all elements of a statement match the request.
func (r *run) applies(layer string, s statement, variables bool) bool {
	r.effect = s.effect
	defer func() { r.effect = "" }()
	if !r.principalMatches(layer, s) || !r.actionMatches(s) || !r.resourceMatches(s, variables) {
		return false
	}
	for _, c := range s.conditions {
		if !r.holds(c, variables) {
			return false
		}
	}
	r.reach("M12")
	return true
}

// combine is what is left when nothing denies, and SCPs and RCPs let the request
// through.
func (r *run) combine() (string, DecidedBy) {
	side, how := r.resourceSide()
	if !r.q.caller.hasAccount() {
		r.reach("L14")
		if how == unnamed {
			return r.fails("resource")
		}
		return "allow", side
	}
	if r.q.caller.account == r.q.resourceAccount {
		return r.within(side, how)
	}
	r.reach("L19")
	own, failed := r.own()
	switch {
	case failed != "":
		return r.fails(failed)
	case how == unnamed:
		return r.fails("resource")
	}
	r.reach("D3")
	if own.Layer == "root" {
		return "allow", side
	}
	return "allow", own
}

// within is the outcome within one account.
func (r *run) within(side DecidedBy, how int) (string, DecidedBy) {
	decides := r.resourceDecides()
	if decides {
		r.reach("L21")
		if how == unnamed {
			return r.fails("resource")
		}
	}
	if how >= byEveryone {
		r.reach("L15", "D2")
		return "allow", side
	}
	own, failed := r.own()
	if failed == "" {
		r.reach("L18", "D2")
		return "allow", own
	}
	if how == byRole || how == byUser {
		r.reach("L16")
		if failed = r.limits(); failed == "" {
			r.reach("D2")
			return "allow", side
		}
	}
	if how == byAccount {
		r.reach("L17")
	}
	return r.fails(failed)
}

func (r *run) fails(layer string) (string, DecidedBy) {
	r.reach("D6")
	return "implicitDeny", silent(layer)
}

// own is what the caller's own policies grant within their limits, or the first
// layer that fails to allow.
func (r *run) own() (DecidedBy, string) {
	by, granted := r.first(place{"identity", -1, r.q.identity}, "Allow", unnamed)
	switch {
	case granted:
		r.reach("L7", "D7")
	case r.q.caller.ofRoot():
		r.reach("L10", "D5")
		by = silent("root")
	default:
		return by, "identity"
	}
	return by, r.limits()
}

// limits is the boundary or session that fails to allow, or "".
func (r *run) limits() string {
	if r.q.there["boundary"] {
		r.reach("L8")
		if _, allows := r.first(place{"boundary", -1, r.q.boundary}, "Allow", unnamed); !allows {
			return "boundary"
		}
	}
	if r.q.there["session"] {
		r.reach("L8")
		if _, allows := r.first(place{"session", -1, r.q.session}, "Allow", unnamed); !allows {
			return "session"
		}
	} else if r.q.caller.kind == "federated user" {
		r.reach("L9")
		return "session"
	}
	return ""
}

// resourceSide is the strongest grant of the resource's policy or ACL.
func (r *run) resourceSide() (DecidedBy, int) {
	for how := bySelf; how > unnamed; how-- {
		if by, grants := r.first(place{"resource", -1, r.q.resourcePolicy}, "Allow", how); grants {
			r.reach("L11", "D4")
			return by, how
		}
		if r.resourceDecides() {
			continue
		}
		for i, g := range r.q.acl {
			if r.grantedTo(g) >= how && r.grants(g) {
				r.reach("L11", "D4")
				return DecidedBy{"acl", -1, i, 0}, how
			}
		}
	}
	return DecidedBy{}, unnamed
}

// resourceDecides reports whether the policy of the resource must allow: a role's
// trust policy and a key's policy.
func (r *run) resourceDecides() bool {
	fields, isARN := splitARN(r.q.resource)
	if !isARN || !r.q.there["resource"] {
		return false
	}
	action := strings.ToLower(r.q.action)
	trusts := strings.HasPrefix(action, "sts:assumerole") || action == "sts:tagsession" || action == "sts:setsourceidentity" || action == "sts:setcontext"
	return trusts && fields[2] == "iam" && strings.HasPrefix(fields[5], "role/") || fields[2] == "kms" && strings.HasPrefix(fields[5], "key/")
}
