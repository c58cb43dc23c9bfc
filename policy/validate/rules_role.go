package validate

import (
	"slices"
	"strings"
)

// roleRules are about passing roles and creating service-linked roles, either
// of which may hand over more than was meant.
var roleRules = slices.Concat(
	broadRules("PASS_ROLE", SecurityWarning, "iam:PassRole", "iam:PassedToService", "can be overly permissive because it can allow iam:PassRole permissions on multiple resources"),
	broadRules("CREATE_SLR", Warning, "iam:CreateServiceLinkedRole", "iam:AWSServiceName", "can allow creation of unintended service-linked roles"),
)

// broadRules are the six ways in which a statement allows an action on more
// resources than it names. A condition on the key that limits the action to a
// service makes wildcards in Resource harmless.
func broadRules(prefix string, kind FindingType, action, limit, why string) []rule {
	type finding struct {
		code, using, instead string
		notResource          bool
		how                  func(*statement, string) *node
	}
	orKey := "We recommend that you specify resource ARNs or add the " + limit + " condition key to your statement."
	const arns = "We recommend that you specify resource ARNs instead."
	var all []rule
	for _, f := range []finding{
		{"WITH_NOT_RESOURCE", "Using the " + action + " action with NotResource", arns, true, named},
		{"WITH_STAR_IN_ACTION_AND_NOT_RESOURCE", "Using an action with a wildcard (*) and NotResource", arns, true, patterned},
		{"WITH_NOT_ACTION_AND_NOT_RESOURCE", "Using NotAction with NotResource", arns, true, notExcluded},
		{"WITH_STAR_IN_RESOURCE", "Using the " + action + " action with wildcards (*) in the resource", orKey, false, named},
		{"WITH_STAR_IN_ACTION_AND_RESOURCE", "Using wildcards (*) in the action and the resource", orKey, false, patterned},
		{"WITH_STAR_IN_RESOURCE_AND_NOT_ACTION", "Using a resource with wildcards (*) and NotAction", orKey, false, notExcluded},
	} {
		all = append(all, rule{code: prefix + "_" + f.code, kind: kind, policies: identityPolicies, statement: func(l *lint, s *statement) {
			if !s.allow || s.tested(limit) {
				return
			}
			by := f.how(s, action)
			where := s.notResource
			if !f.notResource {
				where = s.anyRole()
			}
			if by != nil && where != nil {
				l.report([]place{at(by), at(where)}, "%s %s. %s", f.using, why, f.instead)
			}
		}})
	}
	return all
}

// named returns the action that is exactly the wanted one.
func named(s *statement, want string) *node {
	if s.action == nil {
		return nil
	}
	for i := range s.actions {
		if strings.EqualFold(s.actions[i].text, want) {
			return s.actions[i].node
		}
	}
	return nil
}

// patterned returns the action that covers the wanted one by a wildcard.
func patterned(s *statement, want string) *node {
	if s.action == nil {
		return nil
	}
	for i := range s.actions {
		if a := &s.actions[i]; a.pattern() && a.covers(want) {
			return a.node
		}
	}
	return nil
}

// notExcluded returns NotAction when it leaves the wanted action in.
func notExcluded(s *statement, want string) *node {
	if s.notAction == nil || len(s.actions) == 0 || slices.ContainsFunc(s.actions, func(a action) bool { return a.covers(want) }) {
		return nil
	}
	return s.notAction
}

// anyRole returns the resource that stands for every role.
func (s *statement) anyRole() *node {
	if s.resource == nil {
		return nil
	}
	for i := range s.resources {
		r := &s.resources[i]
		if r.text == "*" {
			return r.node
		}
		if len(r.fields) == 6 && (r.fields[2] == "iam" || open(r.fields[2])) && slices.Contains([]string{"*", "role*", "role/*"}, r.fields[5]) {
			return r.node
		}
	}
	return nil
}

// servicePrincipalRules follow "The confused deputy problem" and "AWS service
// principals" (https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html).
var servicePrincipalRules = []rule{
	{code: "RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL", kind: SecurityWarning, policies: resourcePolicies, statement: func(l *lint, s *statement) {
		p := s.servicePrincipal()
		if p == nil || s.namesSource() {
			return
		}
		l.reportAt(p.node, "Granting access to the service principal %s without specifying a source is overly permissive. Use aws:SourceArn, aws:SourceAccount, aws:SourceOrgID, or aws:SourceOrgPaths condition key to grant fine-grained access.", clip(p.text))
	}},
	{code: "UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL", kind: ErrorFinding, policies: resourcePolicies, statement: func(l *lint, s *statement) {
		p := s.servicePrincipal()
		if p == nil || slices.ContainsFunc(s.principals, func(p principal) bool { return p.kind != "Service" }) {
			return
		}
		for i := range s.tests {
			t := &s.tests[i]
			if !t.ifExists && !t.negated() && t.base != "Null" && slices.ContainsFunc(identityKeys, func(k string) bool { return t.is(k) }) {
				l.report([]place{onKey(t.key), at(p.node)}, "The following condition keys are not supported when used with the service principal %s: %s.", clip(p.text), clip(t.name))
			}
		}
	}},
	{code: "RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL", kind: Suggestion, policies: resourcePolicies, statement: func(l *lint, s *statement) {
		p := s.servicePrincipal()
		if p == nil || s.namesSource() {
			return
		}
		for i := range s.tests {
			if t := &s.tests[i]; t.is("aws:SourceIp") || t.is("aws:SourceVpc") || t.is("aws:SourceVpce") {
				l.report([]place{onKey(t.key), at(p.node)}, "To restrict access to the service principal %s operating on your behalf, we recommend aws:SourceArn, aws:SourceAccount, aws:SourceOrgID, or aws:SourceOrgPaths instead of %s.", clip(p.text), clip(t.name))
				return
			}
		}
	}},
}

// identityKeys describe the user or role that makes a request; a service
// principal's own requests don't carry them.
var identityKeys = []string{
	"aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:PrincipalAccount", "aws:PrincipalArn", "aws:userid", "aws:username",
}

// servicePrincipal returns a service that an Allow statement names.
func (s *statement) servicePrincipal() *principal {
	if s.allow && s.principal != nil {
		for i := range s.principals {
			if s.principals[i].kind == "Service" {
				return &s.principals[i]
			}
		}
	}
	return nil
}

const gitHub = "token.actions.githubusercontent.com"

// oidcRules follow "Create a role for OpenID Connect federation"
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html).
var oidcRules = []rule{
	{code: "MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL", kind: SecurityWarning, policies: trustPolicies, statement: eachPrincipal(func(l *lint, s *statement, p *principal) {
		host := oidcHost(p)
		if s.allow && host != "" && !s.providers[strings.ToLower(host)] {
			l.reportAt(p.node, "Using an Open ID Connect principal without a condition can be overly permissive. Add condition keys with the prefix %s: so that only the intended identities assume the role.", clip(host))
		}
	})},
	{code: "MISSING_GITHUB_REPO_CONDITION_KEY", kind: SecurityWarning, policies: trustPolicies, statement: eachPrincipal(func(l *lint, s *statement, p *principal) {
		if s.allow && oidcHost(p) == gitHub && !s.tested(gitHub+":sub") {
			l.reportAt(p.node, "Granting a GitHub identity provider access without a repository condition key can be overly permissive. Use the %s:sub condition key.", gitHub)
		}
	})},
	{code: "SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED", kind: Warning, policies: trustPolicies, statement: eachTest(func(l *lint, s *statement, t *test) {
		if !s.allow || !t.is(gitHub+":sub") {
			return
		}
		for _, v := range t.values {
			if repo, ref, found := strings.Cut(v.text, ":ref:"); !found || open(v.text) || ref == "" || !strings.HasPrefix(repo, "repo:") {
				l.reportAt(v, "Using a wildcard, or no branch, in %s:sub can allow requests from more sources than you intended. Specify the repository and branch: repo:ORGANIZATION/REPOSITORY:ref:refs/heads/BRANCH.", gitHub)
			}
		}
	})},
	{code: "CONFIRM_AUDIENCE_CLAIM_TYPE", kind: Suggestion, policies: trustPolicies, statement: eachTest(func(l *lint, s *statement, t *test) {
		host, isAudience := strings.CutSuffix(strings.ToLower(t.name), ":aud")
		if isAudience && strings.Contains(host, ".") && !strings.HasSuffix(host, ".amazonaws.com") {
			l.reportKey(t.key, "The aud (audience) claim key %s may have one value or several, as your identity provider has it. Use a set qualifier (ForAllValues, ForAnyValue) only for several.", clip(t.name))
		}
	})},
}

// oidcHost returns the host name of an OpenID Connect provider, which its
// condition keys begin with.
func oidcHost(p *principal) string {
	if p.kind != "Federated" || providerKind(p.text) != "oidc" {
		return ""
	}
	if _, host, ok := strings.Cut(p.text, ":oidc-provider/"); ok {
		return host
	}
	return p.text
}
