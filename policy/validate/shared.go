package validate

import (
	"slices"
	"strings"

	"sallyport/policy"
	"sallyport/policy/condition"
)

// sharedProviders are the identity providers that serve many organizations from
// one issuer, by issuer in lower case without "https://" and final slash, and
// what tells those organizations apart: a claim, which the issuer and a colon
// come before as a condition key, or a condition key of AWS STS. Anyone who is a
// customer of such a provider has tokens of it, so that trust in it must say
// whose
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html).
var sharedProviders = map[string]string{
	cognito:                                 "aud",
	"agent.buildkite.com":                   "sub",
	"api.pulumi.com/oidc":                   "aud",
	"app.terraform.io":                      "sub",
	"gitlab.com":                            "sub",
	"oidc.codefresh.io":                     "sub",
	"oidc.vercel.com":                       "aud",
	"proidc.upbound.io":                     "sub",
	"sandboxes.cloud":                       "aud",
	"scalr.io":                              "sub",
	"studio.datachain.ai/api":               "sub",
	"token.actions.githubusercontent.com":   "sub",
	"tokens.cloud.shisho.dev":               "sub",
	"vstoken.actions.githubusercontent.com": "sub",
	"oidc-configuration.audit-log.githubusercontent.com":                  "sub",
	"sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d":                "sts:RoleSessionName",
	"oidc.op1.openshiftapps.com/2c51blsaqa9gkjt0o9rt11mle8mmropu":         "sub",
	"oidc.op1.openshiftapps.com/2f785sojlpb85i7402pk3qogugim5nfb":         "sub",
	"rh-oidc.s3.us-east-1.amazonaws.com/22ejnvnnturfmt6km08idd0nt4hekbn7": "sub",
	"rh-oidc.s3.us-east-1.amazonaws.com/23e3sd27sju1hoou6ohfs68vbno607tr": "sub",
	"rh-oidc.s3.us-east-1.amazonaws.com/23ne21h005qjl3n33d8dui5dlrmv2tmg": "sub",
	"rh-oidc.s3.us-east-1.amazonaws.com/24jrf12m5dj7ljlfb4ta2frhrcoadm26": "sub",
}

// tenancy is the condition key that trust in an identity provider must test;
// none for a provider that is one organization's own.
func tenancy(provider string) (key string, shared bool) {
	issuer := provider
	if _, url, ok := strings.Cut(provider, ":oidc-provider/"); ok {
		issuer = url
	}
	what, shared := sharedProviders[strings.TrimRight(strings.ToLower(issuer), "/")]
	if !shared || strings.Contains(what, ":") {
		return what, shared
	}
	return issuer + ":" + what, true
}

// tenants refuses a statement that trusts a shared provider without saying for
// whose tokens.
func tenants(s *policy.Statement) *Error {
	if s.Effect != "Allow" {
		return nil
	}
	for i := range s.Principal.Entries {
		if s.Principal.Entries[i].Type != "Federated" {
			continue
		}
		for _, provider := range s.Principal.Entries[i].List.Texts() {
			key, shared := tenancy(provider)
			switch {
			case !shared || tests(s.Condition, key):
			case provider == cognito:
				return malformed(msgTrustCognito)
			default:
				return malformed("The trust policy must evaluate the condition key " + key + " for the shared OpenID Connect provider " + provider + ".")
			}
		}
	}
	return nil
}

// tests reports whether a Condition element says what a key's value must be. It
// doesn't if it only says what it must not be, nor if every value will do.
// Whether the operator also holds without a value does not matter: every token
// has a subject and an audience, every session a name.
func tests(c *policy.ConditionElement, key string) bool {
	if c == nil {
		return false
	}
	for i := range c.Operators {
		base, _ := condition.Base(c.Operators[i].Name)
		if base != "StringEquals" && base != "StringEqualsIgnoreCase" && base != "StringLike" {
			continue
		}
		for j := range c.Operators[i].Keys {
			tested := &c.Operators[i].Keys[j]
			if condition.LowerKey(tested.Name) == strings.ToLower(key) && !slices.ContainsFunc(tested.Values.Texts(), anything) {
				return true
			}
		}
	}
	return false
}

// anything reports whether a value has nothing in it but wildcards and policy
// variables, one of which could be the key itself.
func anything(value string) bool {
	for {
		before, rest, found := strings.Cut(value, "${")
		if strings.Trim(before, "*?") != "" {
			return false
		}
		if !found {
			return true
		}
		_, value, _ = strings.Cut(rest, "}")
	}
}
