package validate

import "strings"

// uniqueSids are the policies whose statement ids AWS refuses when they repeat.
const uniqueSids = identityPolicies | trustPolicies | servicePolicies | resourceControlPolicies

// sidRules follow "IAM JSON policy elements: Sid".
var sidRules = []rule{
	{code: "UNSUPPORTED_SID", kind: ErrorFinding, policies: identityPolicies | servicePolicies | resourceControlPolicies, statement: func(l *lint, s *statement) {
		if s.sid.isString() && !alphanumeric(s.sid.text) {
			l.reportAt(s.sid, "Update the characters in the Sid element to use one of the following character types: [a-z, A-Z, 0-9].")
		}
	}},
	{code: "UNIQUE_SIDS_REQUIRED", kind: ErrorFinding, policies: uniqueSids, document: func(l *lint) {
		l.repeatedSids("Duplicate statement IDs are not supported for this policy type. Update the Sid value.")
	}},
	{code: "UNIQUE_SIDS_RECOMMENDED", kind: Warning, policies: resourcePolicies, document: func(l *lint) {
		l.repeatedSids("We recommend that you use statement IDs that are unique to your policy. Update the Sid value.")
	}},
	{code: "EMPTY_SID_VALUE", kind: Suggestion, policies: anyPolicy, statement: func(l *lint, s *statement) {
		if s.sid.isString() && s.sid.text == "" {
			l.reportAt(s.sid, "Add a value to the empty string in the Sid element.")
		}
	}},
}

func (l *lint) repeatedSids(details string) {
	first := map[string]*node{}
	for _, s := range l.statements {
		if !s.sid.isString() || s.sid.text == "" {
			continue
		}
		if earlier, repeated := first[s.sid.text]; repeated {
			l.report([]place{at(s.sid), at(earlier)}, "%s", details)
			continue
		}
		first[s.sid.text] = s.sid
	}
}

// sizeRules hold policies to the quotas of their kind.
var sizeRules = []rule{
	sizeRule("POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA", Warning, identityPolicies, "identity policy", 6144, false),
	sizeRule("POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA", Warning, resourcePolicies, "resource policy", 20480, true),
	sizeRule("POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA", Warning, trustPolicies, "role trust policy", 2048, false),
	sizeRule("POLICY_SIZE_EXCEEDS_SCP_QUOTA", ErrorFinding, servicePolicies, "service control policy", 5120, true),
	sizeRule("POLICY_SIZE_EXCEEDS_RCP_QUOTA", ErrorFinding, resourceControlPolicies, "resource control policy", 5120, true),
}

// sizeRule is about policies longer than a quota in bytes. IAM does not count
// white space ("IAM and AWS STS quotas"), Organizations and Amazon S3 do.
func sizeRule(code string, kind FindingType, policies policySet, what string, quota int, spaces bool) rule {
	return rule{code: code, kind: kind, policies: policies, document: func(l *lint) {
		size := len(l.src)
		if !spaces {
			size -= strings.Count(string(l.src), " ") + strings.Count(string(l.src), "\n") +
				strings.Count(string(l.src), "\t") + strings.Count(string(l.src), "\r")
		}
		if size > quota {
			l.reportAt(l.root, "The %s has %d characters; the quota is %d. We recommend that you use multiple granular policies.", what, size, quota)
		}
	}}
}
