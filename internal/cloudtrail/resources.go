package cloudtrail

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"sallyport/internal/api/cloudtrailapi"
)

// Types of resources that events are about.
const (
	userType      = "AWS::IAM::User"
	groupType     = "AWS::IAM::Group"
	roleType      = "AWS::IAM::Role"
	policyType    = "AWS::IAM::Policy"
	profileType   = "AWS::IAM::InstanceProfile"
	accessKeyType = "AWS::IAM::AccessKey"
	sessionType   = "AWS::STS::AssumedRole"
)

// named are the members of parameters and replies whose value names a resource.
var named = map[string]string{
	"userName": userType, "groupName": groupType, "roleName": roleType, "instanceProfileName": profileType,
	"accessKeyId": accessKeyType, "roleSessionName": sessionType, "assumedRoleId": sessionType,
	"userId": userType, "groupId": groupType, "roleId": roleType, "policyId": policyType, "instanceProfileId": profileType,
	"serverCertificateName": "AWS::IAM::ServerCertificate",
}

// namedOnly are members that name a resource of their own in these operations
// alone; in others they name a part of it.
var namedOnly = map[string]map[string]string{
	"policyName": {"CreatePolicy": policyType},
}

// kinds are the types of what ARNs of IAM and STS name, by the first part of their
// resource.
var kinds = map[string]string{
	"iam:user": userType, "iam:group": groupType, "iam:role": roleType, "iam:policy": policyType, "iam:instance-profile": profileType,
	"iam:mfa": "AWS::IAM::VirtualMFADevice", "iam:server-certificate": "AWS::IAM::ServerCertificate",
	"iam:saml-provider": "AWS::IAM::SAMLProvider", "iam:oidc-provider": "AWS::IAM::OIDCProvider",
	"sts:assumed-role": sessionType,
}

// resourcesOf are the resources that the parameters, the reply and the record itself
// name, each once. AWS's own list of which parameters of which operation count is not
// published; this follows the examples of lookup-events that are
// (docs/divergences.md).
func resourcesOf(r *record) ([]cloudtrailapi.Resource, error) {
	f := finder{operation: r.EventName, found: []cloudtrailapi.Resource{}}
	for _, part := range []jsontext.Value{r.Response, r.Parameters} {
		if len(part) == 0 {
			continue
		}
		var v any
		if err := json.Unmarshal(part, &v); err != nil {
			return nil, err
		}
		f.look(v, 0)
	}
	for _, own := range r.Resources {
		if own.Type != "" && !f.arn(own.ARN) {
			f.add(own.Type, own.ARN)
		}
	}
	return f.found, nil
}

// maxDepth bounds how deep names are looked for: replies have the entity one level
// down.
const maxDepth = 2

type finder struct {
	operation string
	found     []cloudtrailapi.Resource
}

func (f *finder) look(v any, depth int) {
	members, ok := v.(map[string]any)
	if !ok || depth > maxDepth {
		return
	}
	names := make([]string, 0, len(members))
	for name := range members {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		text, ok := members[name].(string)
		if !ok {
			f.look(members[name], depth+1)
			continue
		}
		kind := named[name]
		if kind == "" {
			kind = namedOnly[name][f.operation]
		}
		if !f.arn(text) && kind != "" {
			f.add(kind, text)
		}
	}
}

// arn adds what an ARN names, and reports whether it is one of a type that is known.
func (f *finder) arn(text string) bool {
	parts := strings.SplitN(text, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" {
		return false
	}
	resource, _, _ := strings.Cut(parts[5], "/")
	kind := kinds[parts[2]+":"+resource]
	if kind != "" {
		f.add(kind, text)
	}
	return kind != ""
}

func (f *finder) add(kind, name string) {
	for i := range f.found {
		if *f.found[i].ResourceType == kind && *f.found[i].ResourceName == name {
			return
		}
	}
	if name != "" {
		f.found = append(f.found, cloudtrailapi.Resource{ResourceType: &kind, ResourceName: &name})
	}
}
