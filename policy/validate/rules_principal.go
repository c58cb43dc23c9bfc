package validate

import (
	"slices"
	"strings"

	"sallyport/arn"
	"sallyport/policy"
)

var principalKinds = []string{"AWS", "CanonicalUser", "Federated", "Service"}

// principalRules follow "AWS JSON policy elements: Principal" and
// "NotPrincipal".
var principalRules = []rule{
	{code: "UNSUPPORTED_PRINCIPAL", kind: ErrorFinding, policies: identityPolicies, statement: func(l *lint, s *statement) {
		for _, element := range []*node{s.principal, s.notPrincipal} {
			if element != nil {
				l.reportKey(element, "The policy type does not support the %s element. Remove the %s element.", element.name, element.name)
			}
		}
	}},
	{code: "INVALID_PRINCIPAL_FORMAT", kind: ErrorFinding, policies: withPrincipal, statement: func(l *lint, s *statement) {
		for _, element := range []*node{s.principal, s.notPrincipal} {
			if element != nil && !element.isObject() && (!element.isString() || element.text != "*") {
				l.reportAt(element, "The %s element contents are not valid. Specify a key-value pair.", element.name)
			}
		}
	}},
	{code: "INVALID_PRINCIPAL_KEY", kind: ErrorFinding, policies: withPrincipal, statement: func(l *lint, s *statement) {
		for _, element := range []*node{s.principal, s.notPrincipal} {
			if !element.isObject() {
				continue
			}
			for _, kind := range element.children {
				if !slices.Contains(principalKinds, kind.name) {
					l.reportKey(kind, "The principal key %s is not valid. Use %s.", clip(kind.name), strings.Join(principalKinds, ", "))
				}
			}
		}
	}},
	{code: "UNSUPPORTED_WILDCARD_IN_PRINCIPAL", kind: ErrorFinding, policies: withPrincipal, statement: eachPrincipal(func(l *lint, s *statement, p *principal) {
		if p.kind != "" && strings.ContainsAny(p.text, "*?") && (p.kind != "AWS" || p.text != "*") {
			l.reportAt(p.node, "Wildcards (*, ?) are not supported with the principal key %s. Replace the wildcard with a valid principal value.", clip(p.kind))
		}
	})},
	{code: "INVALID_ROLE_REFERENCE", kind: Warning, policies: withPrincipal, statement: uniqueIDs("AROA", "role")},
	{code: "INVALID_USER_REFERENCE", kind: Warning, policies: withPrincipal, statement: uniqueIDs("AIDA", "user")},
	{code: "ALLOW_WITH_NOT_PRINCIPAL", kind: SecurityWarning, policies: withPrincipal, statement: func(l *lint, s *statement) {
		if s.allow && s.notPrincipal != nil {
			l.report([]place{onKey(s.notPrincipal), at(s.effect)}, "Using Allow with NotPrincipal can be overly permissive. We recommend that you use Principal instead.")
		}
	}},
	{code: "FEDERATED_PRINCIPAL_NOT_SUPPORTED", kind: ErrorFinding, policies: resourcePolicies, statement: eachPrincipal(func(l *lint, s *statement, p *principal) {
		if p.kind == "Federated" && l.o.ResourceType != "" {
			l.reportAt(p.node, "The policy type does not support a federated identity provider in the principal element. Use a supported principal.")
		}
	})},
}

// uniqueIDs is about principals given by their unique ids
// ("IAM identifiers", unique identifiers).
func uniqueIDs(prefix, what string) func(*lint, *statement) {
	return eachPrincipal(func(l *lint, s *statement, p *principal) {
		if p.kind == "AWS" && strings.HasPrefix(p.text, prefix) && policy.ValidPrincipal(p.kind, p.text) {
			l.reportAt(p.node, "The Principal element includes the IAM %s ID %s. We recommend that you use a %s ARN instead.", what, clip(p.text), what)
		}
	})
}

// trustRules follow "Creating a role using custom trust policies" and "AWS JSON
// policy elements: Principal".
var trustRules = []rule{
	{code: "ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL", kind: ErrorFinding, policies: trustPolicies, statement: func(l *lint, s *statement) {
		if s.notPrincipal != nil {
			l.reportKey(s.notPrincipal, "Role trust policies do not support NotPrincipal. Update the policy to use a Principal element instead.")
		}
	}},
	{code: "ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL", kind: ErrorFinding, policies: trustPolicies, statement: func(l *lint, s *statement) {
		if s.principal.isString() && s.principal.text == "*" {
			l.reportAt(s.principal, "\"*\" as the whole Principal element is not supported in a role trust policy. Replace the wildcard with a valid principal value.")
		}
	}},
	{code: "ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE", kind: ErrorFinding, policies: trustPolicies, statement: func(l *lint, s *statement) {
		for _, element := range []*node{s.resource, s.notResource} {
			if element != nil {
				l.reportKey(element, "Role trust policies apply to the role that they are attached to. Remove the %s element.", element.name)
			}
		}
	}},
	{code: "INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY", kind: ErrorFinding, policies: trustPolicies, statement: eachPrincipal(func(l *lint, s *statement, p *principal) {
		if p.kind == "Federated" && providerKind(p.text) == "" {
			l.reportAt(p.node, "The principal value specifies a federated principal that does not match the expected format. Update the federated principal to a domain name or a SAML metadata ARN.")
		}
	})},
	{code: "MISMATCHED_ACTION_FOR_PRINCIPAL", kind: ErrorFinding, policies: trustPolicies, statement: mismatchedActions},
	{code: "MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY", kind: ErrorFinding, policies: trustPolicies, statement: eachPrincipal(func(l *lint, s *statement, p *principal) {
		if p.kind != "Service" || p.text != "rolesanywhere.amazonaws.com" || !s.allow || s.action == nil || !l.spend(len(s.actions)) {
			return
		}
		missing := s.missingActions("sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession")
		if len(missing) > 0 {
			l.report([]place{at(s.action), at(p.node)}, "The rolesanywhere.amazonaws.com service principal requires the following missing actions: %s.", listed(missing))
		}
	})},
	{code: "MISSING_ACTION_FOR_CONDITION_KEY", kind: ErrorFinding, policies: trustPolicies, statement: eachTest(func(l *lint, s *statement, t *test) {
		if !s.allow || s.action == nil {
			return
		}
		needed := ""
		switch {
		case t.is("sts:SourceIdentity"):
			needed = "sts:SetSourceIdentity"
		case t.is("sts:TransitiveTagKeys"), t.is("aws:TagKeys"), t.hasPrefix("aws:RequestTag/"):
			needed = "sts:TagSession"
		}
		if needed != "" && l.spend(len(s.actions)) && len(s.missingActions(needed)) > 0 {
			l.report([]place{at(s.action), onKey(t.key)}, "Using the condition key %s must include the following actions: %s.", clip(t.name), needed)
		}
	})},
	{code: "REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY", kind: Suggestion, policies: trustPolicies, statement: redundantSessions},
}

// missingActions returns those of the wanted actions that no action covers.
func (s *statement) missingActions(wanted ...string) []string {
	return slices.DeleteFunc(wanted, func(w string) bool {
		return slices.ContainsFunc(s.actions, func(a action) bool { return a.covers(w) })
	})
}

// providerKind tells identity providers apart: "saml", "oidc", or "" for text
// that is neither a provider's ARN nor a host name.
func providerKind(text string) string {
	if a, err := arn.Parse(text); err == nil && a.Service == "iam" {
		switch {
		case strings.HasPrefix(a.Resource, "saml-provider/"):
			return "saml"
		case strings.HasPrefix(a.Resource, "oidc-provider/"):
			return "oidc"
		}
		return ""
	}
	if strings.Contains(text, ".") && !strings.ContainsAny(text, ":*? ") {
		return "oidc"
	}
	return ""
}

// assumeActions says by which action each kind of principal gets a role's
// session.
var assumeActions = map[string]string{"saml": "sts:AssumeRoleWithSAML", "oidc": "sts:AssumeRoleWithWebIdentity", "": "sts:AssumeRole"}

// mismatchedActions is about AssumeRole actions that none of a statement's
// principals of some kind can make.
func mismatchedActions(l *lint, s *statement) {
	if s.action == nil || s.notPrincipal != nil {
		return
	}
	byKind := map[string][]*principal{}
	for i := range s.principals {
		p := &s.principals[i]
		kind := ""
		if p.kind == "Federated" {
			if kind = providerKind(p.text); kind == "" {
				continue
			}
		}
		byKind[kind] = append(byKind[kind], p)
	}
	for _, kind := range []string{"", "oidc", "saml"} {
		var texts []string
		var where []place
		for _, p := range byKind[kind] {
			if texts = append(texts, p.text); len(texts) <= listItems {
				where = append(where, at(p.node))
			}
		}
		for i := range s.actions {
			a := &s.actions[i]
			if len(texts) == 0 || strings.EqualFold(a.text, assumeActions[kind]) || !isAssume(a.text) {
				continue
			}
			l.report(append([]place{at(a.node)}, where...), "The %s action is invalid with the following principal(s): %s. Use a SAML provider principal with the sts:AssumeRoleWithSAML action or use an OIDC provider principal with the sts:AssumeRoleWithWebIdentity action. Ensure the provider is Federated if you use either of the two options.", clip(a.text), listed(texts))
		}
	}
}

func isAssume(text string) bool {
	for _, name := range assumeActions {
		if strings.EqualFold(text, name) {
			return true
		}
	}
	return false
}

// redundantSessions is about sessions of a role that is trusted itself.
func redundantSessions(l *lint, s *statement) {
	roles := map[string]*principal{}
	for i := range s.principals {
		if a, err := arn.Parse(s.principals[i].text); err == nil && a.Service == "iam" && strings.HasPrefix(a.Resource, "role/") {
			roles[a.Account+a.Resource[strings.LastIndexByte(a.Resource, '/'):]] = &s.principals[i]
		}
	}
	for i := range s.principals {
		a, err := arn.Parse(s.principals[i].text)
		if err != nil || a.Service != "sts" {
			continue
		}
		name, _, _ := strings.Cut(strings.TrimPrefix(a.Resource, "assumed-role/"), "/")
		if role, ok := roles[a.Account+"/"+name]; ok {
			l.report([]place{at(s.principals[i].node), at(role.node)}, "The assumed-role principal %s is redundant with its parent role %s. Remove the assumed-role principal.", clip(s.principals[i].text), clip(role.text))
		}
	}
}
