package reference

import (
	"regexp"
	"strings"
)

// resourceTypes are the types of resources that Generate and the corpus ask about,
// from the pages of AWS's Service Authorization Reference.
//
// See https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html.
var resourceTypes = map[string]*regexp.Regexp{
	"bucket":   regexp.MustCompile(`(?s)^arn:[^:]*:s3:::([^/:]+/?|[^/]*:.*|/.*)$`), // what is no object
	"object":   regexp.MustCompile(`(?s)^arn:[^:]*:s3:::[^/:]+/.+$`),
	"queue":    regexp.MustCompile(`^arn:[^:]*:sqs:[^:]*:[^:]*:.+$`),
	"topic":    regexp.MustCompile(`^arn:[^:]*:sns:[^:]*:[^:]*:.+$`),
	"user":     regexp.MustCompile(`^arn:[^:]*:iam::[^:]*:user/.+$`),
	"role":     regexp.MustCompile(`^arn:[^:]*:iam::[^:]*:role/.+$`),
	"key":      regexp.MustCompile(`^arn:[^:]*:kms:[^:]*:[^:]*:key/.+$`),
	"instance": regexp.MustCompile(`^arn:[^:]*:ec2:[^:]*:[^:]*:instance/.+$`),
	"volume":   regexp.MustCompile(`^arn:[^:]*:ec2:[^:]*:[^:]*:volume/.+$`),
}

// actionTypes are the types of resources that actions support, for the actions
// that have any.
var actionTypes = map[string]string{
	"s3:listbucket": "bucket", "s3:getbucketacl": "bucket", "s3:putbucketacl": "bucket", "s3:deletebucket": "bucket",
	"s3:getobject": "object", "s3:putobject": "object", "s3:getobjectacl": "object", "s3:putobjectacl": "object", "s3:deleteobject": "object",
	"sqs:sendmessage": "queue", "sqs:receivemessage": "queue",
	"iam:getuser": "user", "iam:createuser": "user",
	"sts:assumerole": "role", "sts:assumerolewithsaml": "role", "sts:assumerolewithwebidentity": "role",
	"kms:decrypt": "key", "kms:retiregrant": "key",
	"ec2:startinstances": "instance", "ec2:terminateinstances": "instance",
}

// suits reports whether the action asked may be asked about such a resource.
func (r *run) suits() bool {
	wanted, typed := actionTypes[strings.ToLower(r.q.action)]
	catalogued := false
	for name, pattern := range resourceTypes {
		if pattern.MatchString(r.q.resource) {
			catalogued = true
			if name == wanted {
				return true
			}
		}
	}
	if typed && catalogued {
		return false
	}
	r.reach("L23")
	return true
}

// limited reports whether resource control policies are for a service: those that
// AWS lists, and those that are not AWS's. These are AWS's and not listed.
//
// See https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html#rcp-supported-services.
func limited(service string) bool {
	switch service {
	case "ec2", "iam", "lambda", "organizations", "sns":
		return false
	}
	return true
}
