package reference

import "strings"

// A grant is one of an access control list of S3.
type grant struct {
	grantee, permission string
}

// kind is the kind of principal that a grantee other than a group is.
func (g grant) kind() string {
	if strings.HasPrefix(g.grantee, "arn:") {
		return "AWS"
	}
	return "CanonicalUser"
}

// granted are the actions that permissions stand for.
var granted = map[string][]string{
	"READ":      {"s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads", "s3:GetObject", "s3:GetObjectVersion"},
	"WRITE":     {"s3:PutObject"},
	"READ_ACP":  {"s3:GetBucketAcl", "s3:GetObjectAcl", "s3:GetObjectVersionAcl"},
	"WRITE_ACP": {"s3:PutBucketAcl", "s3:PutObjectAcl", "s3:PutObjectVersionAcl"},
}

// S3's groups, and the service that is the group that delivers logs.
const (
	groups  = "http://acs.amazonaws.com/groups/"
	logging = "logging.s3.amazonaws.com"
)

func (r *run) readACL(v any) error {
	list, isList := v.([]any)
	if !isList {
		return invalid("acl is no list")
	}
	for _, v := range list {
		o, isObject := v.(object)
		if !isObject {
			return invalid("a grant is an object")
		}
		if err := o.only("grantee", "permission"); err != nil {
			return err
		}
		var g grant
		var err error
		if g.grantee, err = o.text("grantee"); err != nil {
			return err
		}
		if g.permission, err = o.text("permission"); err != nil {
			return err
		}
		if _, known := granted[g.permission]; !known && g.permission != "FULL_CONTROL" {
			return invalid("permission %q", g.permission)
		}
		if strings.Contains(g.grantee, "://") {
			switch strings.TrimPrefix(g.grantee, groups) {
			case "global/AllUsers", "global/AuthenticatedUsers", "s3/LogDelivery":
			default:
				return invalid("group %q", g.grantee)
			}
		}
		if err := r.checkPrincipal(g.kind(), g.grantee); err != nil {
			return err
		}
		r.q.acl = append(r.q.acl, g)
	}
	return nil
}

// grantedTo is how a grant names the caller.
func (r *run) grantedTo(g grant) int {
	c := r.q.caller
	switch {
	case g.grantee == groups+"global/AllUsers":
		return r.everyone()
	case g.grantee == groups+"global/AuthenticatedUsers" && c.hasAccount():
		return r.account()
	case g.grantee == groups+"s3/LogDelivery" && c.kind == "service" && c.name == logging:
		return byService
	}
	return r.namedBy(g.kind(), g.grantee)
}

// grants reports whether the permission of a grant stands for the action asked.
func (r *run) grants(g grant) bool {
	for name, actions := range granted {
		for _, action := range actions {
			if (g.permission == name || g.permission == "FULL_CONTROL") && strings.EqualFold(action, r.q.action) {
				r.reach("L12")
				return true
			}
		}
	}
	deletes := strings.EqualFold(r.q.action, "s3:DeleteObject") || strings.EqualFold(r.q.action, "s3:DeleteObjectVersion")
	if !deletes || strings.HasPrefix(g.grantee, groups) || g.permission != "WRITE" && g.permission != "FULL_CONTROL" {
		return false
	}
	r.reach("L13")
	return r.q.caller.hasAccount() && r.q.caller.account == r.q.resourceAccount
}
