package roles

import (
	"strings"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/protocol/awsquery"
	"sallyport/internal/state"
	"sallyport/policy"
	"sallyport/policy/validate"
)

// trust judges a trust policy that is about to be stored: its grammar, its
// principals, its size. It returns the pins of the principals it names by ARN.
func (s *roles) trust(account string, r state.Reader, document string) (pins map[string]string, err error) {
	d := directory{account: account, home: r, accounts: s.env.Accounts}
	if err := validate.Trust([]byte(document), account, d.exists); err != nil {
		return nil, iamapi.MalformedPolicyDocumentException("%s", err.Error()).WithCause(err)
	}
	if pins, err = d.pin(document); err != nil {
		return nil, err
	}
	return pins, s.env.Limits.Check(iam.AssumeRolePolicySize, iam.PolicyLength(document))
}

// pin resolves every principal by its type, and returns the unique ids of those
// named by ARN.
func (d directory) pin(document string) (pins map[string]string, err error) {
	doc, err := policy.Parse([]byte(document))
	if err != nil {
		return nil, err
	}
	iam.EachPrincipal(doc, func(kind string, p policy.Item) {
		id, ok := d.resolve(kind, p.Text)
		if !ok && err == nil {
			// AWS's answer to a principal that does not exist (row iam-066).
			err = iamapi.MalformedPolicyDocumentException(
				`Invalid principal in policy: "%s":"%s"`, strings.ToUpper(kind), p.Text)
		}
		if id != "" {
			if pins == nil {
				pins = map[string]string{}
			}
			pins[p.Text] = id
		}
	})
	return pins, err
}

// ShownTrust is a role's trust policy as AWS shows it: as submitted, but with
// pinned principals that have been renamed under their present ARN, and those
// that are gone by unique id (row iam-081). The reader is of the role's account.
func ShownTrust(env *iam.Env, account string, r state.Reader, role *iam.Role) string {
	d := directory{account: account, home: r, accounts: env.Accounts}
	shown := map[string]string{}
	for arn, id := range role.TrustPins {
		if now := d.present(arn, id); now != arn {
			shown[arn] = now
		}
	}
	if len(shown) == 0 {
		return role.Trust
	}
	return iam.RenamePrincipals(role.Trust, shown)
}

func encodedTrust(env *iam.Env, account string, r state.Reader, role *iam.Role) string {
	return awsquery.EncodeDocument(ShownTrust(env, account, r, role))
}
