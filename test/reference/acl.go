package reference

import "strings"

// A grant is one of an access control list of S3.
type grant struct {
	grantee, permission string
}

// granted are the actions that permissions stand for.
var granted = map[string][]string{
	"READ":      {"s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads", "s3:GetObject", "s3:GetObjectVersion"},
	"WRITE":     {"s3:PutObject"},
	"READ_ACP":  {"s3:GetBucketAcl", "s3:GetObjectAcl", "s3:GetObjectVersionAcl"},
	"WRITE_ACP": {"s3:PutBucketAcl", "s3:PutObjectAcl", "s3:PutObjectVersionAcl"},
}

const groups = "http://acs.amazonaws.com/groups/"

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
		if g.grantee == "" {
			return invalid("no grantee")
		}
		r.q.acl = append(r.q.acl, g)
	}
	return nil
}

// grantedTo is how a grant names the caller.
func (r *run) grantedTo(g grant) int {
	c := r.q.caller
	switch g.grantee {
	case groups + "global/AllUsers":
		return bySelf
	case groups + "global/AuthenticatedUsers":
		if c.account != "" {
			return r.account()
		}
		return unnamed
	case groups + "s3/LogDelivery":
		if c.kind == "service" && c.name == "logging.s3.amazonaws.com" {
			return bySelf
		}
		return unnamed
	case r.q.canonicalUser:
		return r.account()
	}
	return r.namedBy("AWS", g.grantee)
}

// grants reports whether a permission stands for the action of the request.
func (r *run) grants(permission string) bool {
	for name, actions := range granted {
		for _, action := range actions {
			if (permission == name || permission == "FULL_CONTROL") && strings.EqualFold(action, r.q.action) {
				return true
			}
		}
	}
	return false
}
