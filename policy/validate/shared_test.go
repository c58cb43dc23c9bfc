package validate_test

import (
	"testing"

	"sallyport/policy/validate"
)

// A statement that trusts a provider which many organizations share has to say
// whose tokens it means, in the claim that tells them apart.
func TestSharedProviders(t *testing.T) {
	arnOf := func(issuer string) string { return "arn:aws:iam::444455556666:oidc-provider/" + issuer }
	gitHub, sentinel := arnOf("token.actions.githubusercontent.com"), arnOf("sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d/")
	const sub = "token.actions.githubusercontent.com:sub"
	refusal := func(key, provider string) string {
		return "The trust policy must evaluate the condition key " + key + " for the shared OpenID Connect provider " + provider + "."
	}
	is := func(operator, key string, value any) object { return object{operator: object{key: value}} }
	for name, tt := range map[string]struct {
		provider  any
		condition object
		want      string
	}{
		"nothing":               {gitHub, nil, refusal(sub, gitHub)},
		"another claim":         {gitHub, is("StringEquals", "token.actions.githubusercontent.com:aud", "sts.amazonaws.com"), refusal(sub, gitHub)},
		"another's claim":       {gitHub, is("StringEquals", "gitlab.com:sub", "x"), refusal(sub, gitHub)},
		"what it must not be":   {gitHub, is("StringNotLike", sub, "repo:octo-org/*"), refusal(sub, gitHub)},
		"that it is there":      {gitHub, is("Null", sub, "false"), refusal(sub, gitHub)},
		"wildcards":             {gitHub, is("StringLike", sub, "*?*"), refusal(sub, gitHub)},
		"wildcards among them":  {gitHub, is("StringLike", sub, []any{"repo:octo-org/*", "**"}), refusal(sub, gitHub)},
		"itself":                {gitHub, is("StringEquals", sub, "${"+sub+"}"), refusal(sub, gitHub)},
		"empty":                 {gitHub, is("StringEquals", sub, ""), refusal(sub, gitHub)},
		"one of two providers":  {[]any{gitHub, arnOf("gitlab.com")}, is("StringLike", sub, "repo:octo-org/*"), refusal("gitlab.com:sub", arnOf("gitlab.com"))},
		"case of the issuer":    {arnOf("GitLab.com"), nil, refusal("GitLab.com:sub", arnOf("GitLab.com"))},
		"final slash":           {arnOf("gitlab.com/"), nil, refusal("gitlab.com/:sub", arnOf("gitlab.com/"))},
		"audience":              {arnOf("oidc.vercel.com"), is("StringEquals", "oidc.vercel.com:sub", "x"), refusal("oidc.vercel.com:aud", arnOf("oidc.vercel.com"))},
		"session name":          {sentinel, is("StringEquals", "aws:userid", "x"), refusal("sts:RoleSessionName", sentinel)},
		"Cognito":               {"cognito-identity.amazonaws.com", is("StringLike", "cognito-identity.amazonaws.com:aud", "*"), "A condition block must be present for the Cognito provider"},
		"equal":                 {gitHub, is("StringEquals", sub, "repo:octo-org/octo-repo:ref:refs/heads/main"), ""},
		"like":                  {gitHub, is("StringLike", "Token.Actions.GitHubUserContent.com:SUB", []any{"repo:octo-org/*", "repo:octocat/*"}), ""},
		"set":                   {gitHub, is("ForAllValues:StringLike", sub, "repo:octo-org/*"), ""},
		"audience tested":       {arnOf("api.pulumi.com/oidc"), is("StringEquals", "api.pulumi.com/oidc:aud", "aws:octo-org"), ""},
		"session name tested":   {sentinel, is("StringLike", "sts:rolesessionname", "MicrosoftSentinel_*"), ""},
		"one's own":             {arnOf("gitlab.example.com"), nil, ""},
		"under a shared one":    {arnOf("gitlab.com/group"), nil, ""},
		"Google":                {"accounts.google.com", nil, ""},
		"a SAML provider":       {"arn:aws:iam::444455556666:saml-provider/gitlab.com", nil, ""},
		"a variable and a name": {gitHub, is("StringLike", sub, "repo:octo-org/${aws:RequestTag/repo}*"), ""},
	} {
		change := object{"Principal": object{"Federated": tt.provider}, "Action": "sts:AssumeRoleWithWebIdentity"}
		if tt.condition != nil {
			change["Condition"] = tt.condition
		}
		src := trustPolicy(t, change)
		if got := message(t, validate.Trust(src, account)); got != tt.want {
			t.Errorf("%s: %s\n got %q\nwant %q", name, src, got, tt.want)
		}
		change["Effect"] = "Deny"
		if got := message(t, validate.Trust(trustPolicy(t, change), account)); got != "" {
			t.Errorf("%s, denied: %q", name, got)
		}
	}
}
