package policycase

import (
	"fmt"
	"strings"

	"sallyport/authz"
	"sallyport/policy"
)

// A grant is one grant of an S3 access control list.
type grant struct {
	Grantee    string `json:"grantee"` // ARN of an account's root or of a principal, canonical user id, or URI of a group
	Permission string `json:"permission"`
}

// grantedActions are the actions that a permission stands for, on a bucket and on
// an object: which of the two lists is meant follows from the action.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html, "Mapping of ACL permissions and access policy permissions".
var grantedActions = []struct {
	permission string
	actions    []string
}{
	{"READ", []string{"s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads", "s3:GetObject", "s3:GetObjectVersion"}},
	{"WRITE", []string{"s3:PutObject"}},
	{"READ_ACP", []string{"s3:GetBucketAcl", "s3:GetObjectAcl", "s3:GetObjectVersionAcl"}},
	{"WRITE_ACP", []string{"s3:PutBucketAcl", "s3:PutObjectAcl", "s3:PutObjectVersionAcl"}},
}

const fullControl = "FULL_CONTROL"

// S3's groups. The log delivery group is the service that writes access logs.
const (
	allUsers           = "http://acs.amazonaws.com/groups/global/AllUsers"
	authenticatedUsers = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
	logDelivery        = "http://acs.amazonaws.com/groups/s3/LogDelivery"
	loggingService     = "logging.s3.amazonaws.com"
)

// acl makes each grant a policy with one Allow statement, so that its position is
// the policy's.
func (c *Case) acl(grants []grant) (*policy.Set, error) {
	if len(grants) > maxPolicies {
		return nil, fmt.Errorf("acl: more than %d grants", maxPolicies)
	}
	compiled := make([]*policy.Policy, len(grants))
	for i, g := range grants {
		element, err := c.grantee(g.Grantee)
		if err != nil {
			return nil, fmt.Errorf("acl grant %d: %w", i, err)
		}
		actions, err := c.permission(g)
		if err != nil {
			return nil, fmt.Errorf("acl grant %d: %w", i, err)
		}
		s := policy.Statement{Effect: "Allow", Principal: element, Action: list(actions...), Resource: list("*")}
		compiled[i], err = policy.Compile(&policy.Document{Statements: []policy.Statement{s}}, policy.Ref{Kind: policy.RefResource})
		if err != nil {
			return nil, fmt.Errorf("acl grant %d: %w", i, err)
		}
	}
	c.layers[authz.LayerACL] = [][]*policy.Policy{compiled}
	return policy.NewSet(compiled...), nil
}

func list(texts ...string) *policy.List {
	l := &policy.List{}
	for _, text := range texts {
		l.Items = append(l.Items, policy.Item{Text: text})
	}
	return l
}

// nobody is a service that there is not: of a grant that does not concern the
// caller.
const nobody = "nobody.invalid"

// grantee says whom a grant names.
func (c *Case) grantee(text string) (*policy.PrincipalElement, error) {
	named := func(kind, name string) *policy.PrincipalElement {
		return &policy.PrincipalElement{Entries: []policy.PrincipalEntry{{Type: kind, List: *list(name)}}}
	}
	who := &c.Request.Principal
	switch {
	case text == "":
		return nil, fmt.Errorf("a grantee is required")
	case text == allUsers:
		return &policy.PrincipalElement{Everyone: true}, nil
	case text == authenticatedUsers:
		if who.Kind.HasAccount() { // all AWS accounts, and so the caller's
			return named("AWS", who.Account), nil
		}
		return named("Service", nobody), nil
	case text == logDelivery:
		return named("Service", loggingService), nil
	case strings.Contains(text, "://"):
		return nil, fmt.Errorf("unknown group %q", text)
	case strings.HasPrefix(text, "arn:"):
		return named("AWS", text), nil
	}
	return named("CanonicalUser", text), nil
}

// permission returns the actions a grant allows. WRITE lets the bucket's owner
// delete too.
func (c *Case) permission(g grant) ([]string, error) {
	var actions []string
	for _, granted := range grantedActions {
		if g.Permission == granted.permission || g.Permission == fullControl {
			actions = append(actions, granted.actions...)
		}
	}
	if len(actions) == 0 {
		return nil, fmt.Errorf("unknown permission %q", g.Permission)
	}
	owner := c.Request.Principal.Account != "" && c.Request.Principal.Account == c.Request.ResourceAccount
	group := strings.Contains(g.Grantee, "://")
	if owner && !group && (g.Permission == "WRITE" || g.Permission == fullControl) {
		actions = append(actions, "s3:DeleteObject", "s3:DeleteObjectVersion")
	}
	return actions, nil
}
