package validate

import (
	"slices"
	"strings"
)

// organizationRules follow "SCP syntax" and "RCP syntax" of the AWS
// Organizations User Guide
// (https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html).
var organizationRules = []rule{
	{code: "SCP_SYNTAX_ERROR_PRINCIPAL", kind: ErrorFinding, policies: servicePolicies, statement: func(l *lint, s *statement) {
		for _, element := range []*node{s.principal, s.notPrincipal} {
			if element != nil {
				l.reportKey(element, "SCPs do not support specifying principals. Remove the Principal or NotPrincipal element.")
			}
		}
	}},
	// Organizations takes wildcards anywhere in the name of an action; in the
	// service's they are still refused.
	{code: "SCP_SYNTAX_ERROR_ACTION_WILDCARD", kind: ErrorFinding, policies: servicePolicies, statement: eachAction(func(l *lint, s *statement, a *action) {
		if a.text != "*" && strings.ContainsAny(a.prefix, "*?") {
			l.reportAt(a.node, "SCP actions can't include wildcards in the service prefix. Update %s.", clip(a.text))
		}
	})},
	{code: "RCP_SYNTAX_ERROR_PRINCIPAL", kind: ErrorFinding, policies: resourceControlPolicies, statement: func(l *lint, s *statement) {
		if s.notPrincipal != nil {
			l.reportKey(s.notPrincipal, "RCPs do not support NotPrincipal. Use \"Principal\": \"*\".")
		}
		if s.principal != nil && !everyone(s) {
			l.reportAt(s.principal, "RCPs only support specifying all principals (\"*\") in the Principal element.")
		}
	}},
	{code: "RCP_SYNTAX_ERROR_ALLOW", kind: ErrorFinding, policies: resourceControlPolicies, statement: func(l *lint, s *statement) {
		if s.allow {
			l.reportAt(s.effect, "RCPs only support Deny in the Effect element.")
		}
	}},
	{code: "RCP_SYNTAX_ERROR_NOTACTION", kind: ErrorFinding, policies: resourceControlPolicies, statement: func(l *lint, s *statement) {
		if s.notAction != nil {
			l.reportKey(s.notAction, "RCPs do not support NotAction. Update the policy to use the Action element.")
		}
	}},
	{code: "RCP_SYNTAX_ERROR_ACTION", kind: ErrorFinding, policies: resourceControlPolicies, catalog: true, statement: eachAction(func(l *lint, s *statement, a *action) {
		if a.text == "*" || a.service != nil && !a.service.RCP {
			l.reportAt(a.node, "RCPs only support actions of the services that take part in RCPs; %s is not one.", clip(a.text))
		}
	})},
	{code: "RCP_MISSING_RELATED_PRINCIPAL_CONDITION_KEYS", kind: Warning, policies: resourceControlPolicies, statement: func(l *lint, s *statement) {
		if !s.deny || s.tested("aws:PrincipalIsAWSService") {
			return
		}
		for i := range s.tests {
			if t := &s.tests[i]; t.negated() && t.hasPrefix("aws:Principal") && !t.is("aws:PrincipalServiceName") {
				l.reportKey(t.key, "RCPs also apply to service principals, whose requests do not carry %s. To leave them out, add \"BoolIfExists\": {\"aws:PrincipalIsAWSService\": \"false\"}.", clip(t.name))
				return
			}
		}
	}},
	{code: "RCP_MISSING_RELATED_SERVICE_PRINCIPAL_CONDITION_KEYS", kind: Warning, policies: resourceControlPolicies, statement: func(l *lint, s *statement) {
		if !s.deny || s.tested("aws:PrincipalIsAWSService") {
			return
		}
		for i := range s.tests {
			if t := &s.tests[i]; t.negated() && slices.ContainsFunc(sourceKeys, t.is) {
				l.reportKey(t.key, "Only requests of service principals carry %s. Add \"Bool\": {\"aws:PrincipalIsAWSService\": \"true\"} so that the statement is about nothing else.", clip(t.name))
				return
			}
		}
	}},
}

// everyone reports whether the Principal element is "*" or {"AWS": "*"}.
func everyone(s *statement) bool {
	return s.principal != nil && len(s.principals) == 1 && s.principals[0].text == "*" && (s.principals[0].kind == "" || s.principals[0].kind == "AWS")
}

// sourceKeys are about the resource that a service acts for.
var sourceKeys = []string{"aws:SourceArn", "aws:SourceAccount", "aws:SourceOrgID", "aws:SourceOrgPaths"}

// namesSource reports whether a condition is about the resource that a service
// acts for.
func (s *statement) namesSource() bool { return slices.ContainsFunc(sourceKeys, s.tested) }
