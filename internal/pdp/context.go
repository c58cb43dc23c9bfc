package pdp

import (
	"strconv"
	"strings"
	"time"

	"sallyport/arn"
	"sallyport/internal/operation"
	"sallyport/policy/condition"
)

// A requestContext gives condition keys their values for one check, on demand.
// The global keys are those of
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
// that have a value here; every other key is absent.
type requestContext struct {
	call  *operation.Call
	check *operation.Check
	owner string // the account that owns the resource
}

// Lookup implements condition.Context. key is in lower case.
func (c *requestContext) Lookup(key string) (condition.Values, bool) {
	prefix, rest, found := strings.Cut(key, ":")
	if !found {
		return condition.Values{}, false
	}
	if v, ok := c.check.Keys[key]; ok {
		return v, true
	}
	if v, ok := c.call.Caller.Federation().Lookup(key); ok {
		return v, true
	}
	if prefix != "aws" {
		if tag, ok := strings.CutPrefix(rest, "resourcetag/"); ok && prefix == "iam" && isIdentity(c.check.Resource) {
			return tagged(c.check.ResourceTags, tag)
		}
		return condition.Values{}, false
	}
	if name, tag, ok := strings.Cut(rest, "/"); ok {
		switch name {
		case "principaltag":
			return tagged(c.call.Caller.Tags, tag)
		case "resourcetag":
			return tagged(c.check.ResourceTags, tag)
		case "requesttag":
			return tagged(c.check.RequestTags, tag)
		}
		return condition.Values{}, false
	}
	if v, ok := c.principal(rest); ok {
		return v, true
	}
	if v, ok := c.session(rest); ok {
		return v, true
	}
	return c.request(rest)
}

// principal answers the keys about who calls. Callers without an account have
// none of them but the last two.
func (c *requestContext) principal(name string) (condition.Values, bool) {
	caller := c.call.Caller
	switch {
	case name == "principalisawsservice" || name == "viaawsservice":
		return condition.One("false"), true
	case !caller.Principal.Kind.HasAccount():
		return condition.Values{}, false
	}
	switch name {
	case "principalarn":
		if caller.Principal.RoleARN != "" {
			return condition.One(caller.Principal.RoleARN), true
		}
		return condition.One(caller.Principal.ARN), true
	case "principalaccount":
		return condition.One(caller.Principal.Account), true
	case "principaltype":
		return condition.One(caller.Principal.Kind.ConditionValue()), true
	case "userid":
		return condition.One(caller.Principal.ID), true
	case "username":
		if caller.UserName == "" {
			return condition.Values{}, false
		}
		return condition.One(caller.UserName), true
	}
	return condition.Values{}, false
}

// session answers the keys that only temporary credentials carry. The MFA keys
// are absent, not false, for long-term credentials.
func (c *requestContext) session(name string) (condition.Values, bool) {
	s := c.call.Caller.Session
	if s == nil {
		return condition.Values{}, false
	}
	switch name {
	case "multifactorauthpresent":
		return condition.One(strconv.FormatBool(c.call.Caller.MFAPresent())), true
	case "multifactorauthage":
		if c.call.Caller.MFAPresent() {
			age := c.call.Now.Sub(s.MFAAt) / time.Second
			return condition.One(strconv.FormatInt(int64(age), 10)), true
		}
	case "tokenissuetime":
		return condition.One(s.Issued.UTC().Format(time.RFC3339)), true
	case "sourceidentity":
		if s.SourceIdentity != "" {
			return condition.One(s.SourceIdentity), true
		}
	}
	return condition.Values{}, false
}

func (c *requestContext) request(name string) (condition.Values, bool) {
	switch name {
	case "sourceip":
		if c.call.SourceIP == "" {
			return condition.Values{}, false
		}
		return condition.One(c.call.SourceIP), true
	case "currenttime":
		return condition.One(c.call.Now.UTC().Format(time.RFC3339)), true
	case "epochtime":
		return condition.One(strconv.FormatInt(c.call.Now.Unix(), 10)), true
	case "securetransport":
		if c.call.Evaluated {
			return condition.Values{}, false
		}
		return condition.One(strconv.FormatBool(c.call.Secure)), true
	case "requestedregion":
		if c.call.Region == "" {
			return condition.Values{}, false
		}
		return condition.One(c.call.Region), true
	case "resourceaccount":
		return condition.One(c.owner), true
	case "useragent":
		if c.call.UserAgent == "" {
			return condition.Values{}, false
		}
		return condition.One(c.call.UserAgent), true
	case "tagkeys":
		return c.tagKeys()
	}
	return condition.Values{}, false
}

func (c *requestContext) tagKeys() (condition.Values, bool) {
	if len(c.check.RequestTags)+len(c.check.TagKeys) == 0 {
		return condition.Values{}, false
	}
	keys := make([]string, 0, len(c.check.RequestTags)+len(c.check.TagKeys))
	for _, t := range c.check.RequestTags {
		keys = append(keys, t.Key)
	}
	return condition.Many(append(keys, c.check.TagKeys...)...), true
}

// tagged finds a tag by its key in lower case: in condition keys the tag's key
// is not case-sensitive. Tags that differ in case alone are one condition key
// with several values, so that an Allow needs all of them to match
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html).
func tagged(tags []operation.Tag, lowerKey string) (condition.Values, bool) {
	var first *operation.Tag
	var all []string
	for i := range tags {
		switch {
		case strings.ToLower(tags[i].Key) != lowerKey:
		case first == nil:
			first = &tags[i]
		case all == nil:
			all = []string{first.Value, tags[i].Value}
		default:
			all = append(all, tags[i].Value)
		}
	}
	switch {
	case first == nil:
		return condition.Values{}, false
	case all == nil:
		return condition.One(first.Value), true
	}
	return condition.Many(all...), true
}

// isIdentity reports whether the resource is a user or a role, whose tags are
// iam:ResourceTag too, in whatever service's action: sts:AssumeRole is one. The
// tags of what else IAM has are aws:ResourceTag alone
// (https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html#awsidentityandaccessmanagementiam-resources-for-iam-policies).
func isIdentity(resource string) bool {
	a, err := arn.Parse(resource)
	return err == nil && a.Service == "iam" && (strings.HasPrefix(a.Resource, "user/") || strings.HasPrefix(a.Resource, "role/"))
}
