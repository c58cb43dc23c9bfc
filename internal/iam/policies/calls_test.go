package policies_test

import (
	"strings"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam/iamtest"
)

// attachedARNs holds the names of attached policies to their ARNs. Nil stays
// nil: an empty list must be present in a reply.
func attachedARNs(f *iamtest.Fixture, in []iamapi.AttachedPolicy) []string {
	if in == nil {
		return nil
	}
	arns := []string{}
	for _, p := range in {
		if !strings.HasSuffix(*p.PolicyArn, "/"+*p.PolicyName) {
			f.Errorf("%s is named %s", *p.PolicyArn, *p.PolicyName)
		}
		arns = append(arns, *p.PolicyArn)
	}
	return arns
}

func userCalls(f *iamtest.Fixture) *subject {
	call := func(name string, in any) error { _, err := f.Call(f.Root(), name, in); return err }
	return &subject{
		put: func(entity string, args ...string) error {
			return call("PutUserPolicy", &iamapi.PutUserPolicyRequest{UserName: new(entity), PolicyName: new(args[0]), PolicyDocument: new(args[1])})
		},
		attach: func(entity string, args ...string) error {
			return call("AttachUserPolicy", &iamapi.AttachUserPolicyRequest{UserName: new(entity), PolicyArn: new(args[0])})
		},
		detach: func(entity string, args ...string) error {
			return call("DetachUserPolicy", &iamapi.DetachUserPolicyRequest{UserName: new(entity), PolicyArn: new(args[0])})
		},
		remove: func(entity string, args ...string) error {
			return call("DeleteUserPolicy", &iamapi.DeleteUserPolicyRequest{UserName: new(entity), PolicyName: new(args[0])})
		},
		get: func(entity, policyName string) (string, string, string, error) {
			out, err := f.Call(f.Root(), "GetUserPolicy", &iamapi.GetUserPolicyRequest{UserName: new(entity), PolicyName: new(policyName)})
			if err != nil {
				return "", "", "", err
			}
			r := out.(*iamapi.GetUserPolicyResponse)
			return *r.UserName, *r.PolicyName, *r.PolicyDocument, nil
		},
		list: func(entity string, marker *string, max *int64) ([]string, *bool, *string, error) {
			out, err := f.Call(f.Root(), "ListUserPolicies", &iamapi.ListUserPoliciesRequest{UserName: new(entity), Marker: marker, MaxItems: max})
			if err != nil {
				return nil, nil, nil, err
			}
			r := out.(*iamapi.ListUserPoliciesResponse)
			return r.PolicyNames, r.IsTruncated, r.Marker, nil
		},
		listAttached: func(entity string, prefix, marker *string, max *int64) ([]string, *bool, *string, error) {
			out, err := f.Call(f.Root(), "ListAttachedUserPolicies", &iamapi.ListAttachedUserPoliciesRequest{UserName: new(entity), PathPrefix: prefix, Marker: marker, MaxItems: max})
			if err != nil {
				return nil, nil, nil, err
			}
			r := out.(*iamapi.ListAttachedUserPoliciesResponse)
			return attachedARNs(f, r.AttachedPolicies), r.IsTruncated, r.Marker, nil
		},
	}
}

func groupCalls(f *iamtest.Fixture) *subject {
	call := func(name string, in any) error { _, err := f.Call(f.Root(), name, in); return err }
	return &subject{
		put: func(entity string, args ...string) error {
			return call("PutGroupPolicy", &iamapi.PutGroupPolicyRequest{GroupName: new(entity), PolicyName: new(args[0]), PolicyDocument: new(args[1])})
		},
		attach: func(entity string, args ...string) error {
			return call("AttachGroupPolicy", &iamapi.AttachGroupPolicyRequest{GroupName: new(entity), PolicyArn: new(args[0])})
		},
		detach: func(entity string, args ...string) error {
			return call("DetachGroupPolicy", &iamapi.DetachGroupPolicyRequest{GroupName: new(entity), PolicyArn: new(args[0])})
		},
		remove: func(entity string, args ...string) error {
			return call("DeleteGroupPolicy", &iamapi.DeleteGroupPolicyRequest{GroupName: new(entity), PolicyName: new(args[0])})
		},
		get: func(entity, policyName string) (string, string, string, error) {
			out, err := f.Call(f.Root(), "GetGroupPolicy", &iamapi.GetGroupPolicyRequest{GroupName: new(entity), PolicyName: new(policyName)})
			if err != nil {
				return "", "", "", err
			}
			r := out.(*iamapi.GetGroupPolicyResponse)
			return *r.GroupName, *r.PolicyName, *r.PolicyDocument, nil
		},
		list: func(entity string, marker *string, max *int64) ([]string, *bool, *string, error) {
			out, err := f.Call(f.Root(), "ListGroupPolicies", &iamapi.ListGroupPoliciesRequest{GroupName: new(entity), Marker: marker, MaxItems: max})
			if err != nil {
				return nil, nil, nil, err
			}
			r := out.(*iamapi.ListGroupPoliciesResponse)
			return r.PolicyNames, r.IsTruncated, r.Marker, nil
		},
		listAttached: func(entity string, prefix, marker *string, max *int64) ([]string, *bool, *string, error) {
			out, err := f.Call(f.Root(), "ListAttachedGroupPolicies", &iamapi.ListAttachedGroupPoliciesRequest{GroupName: new(entity), PathPrefix: prefix, Marker: marker, MaxItems: max})
			if err != nil {
				return nil, nil, nil, err
			}
			r := out.(*iamapi.ListAttachedGroupPoliciesResponse)
			return attachedARNs(f, r.AttachedPolicies), r.IsTruncated, r.Marker, nil
		},
	}
}

func roleCalls(f *iamtest.Fixture) *subject {
	call := func(name string, in any) error { _, err := f.Call(f.Root(), name, in); return err }
	return &subject{
		put: func(entity string, args ...string) error {
			return call("PutRolePolicy", &iamapi.PutRolePolicyRequest{RoleName: new(entity), PolicyName: new(args[0]), PolicyDocument: new(args[1])})
		},
		attach: func(entity string, args ...string) error {
			return call("AttachRolePolicy", &iamapi.AttachRolePolicyRequest{RoleName: new(entity), PolicyArn: new(args[0])})
		},
		detach: func(entity string, args ...string) error {
			return call("DetachRolePolicy", &iamapi.DetachRolePolicyRequest{RoleName: new(entity), PolicyArn: new(args[0])})
		},
		remove: func(entity string, args ...string) error {
			return call("DeleteRolePolicy", &iamapi.DeleteRolePolicyRequest{RoleName: new(entity), PolicyName: new(args[0])})
		},
		get: func(entity, policyName string) (string, string, string, error) {
			out, err := f.Call(f.Root(), "GetRolePolicy", &iamapi.GetRolePolicyRequest{RoleName: new(entity), PolicyName: new(policyName)})
			if err != nil {
				return "", "", "", err
			}
			r := out.(*iamapi.GetRolePolicyResponse)
			return *r.RoleName, *r.PolicyName, *r.PolicyDocument, nil
		},
		list: func(entity string, marker *string, max *int64) ([]string, *bool, *string, error) {
			out, err := f.Call(f.Root(), "ListRolePolicies", &iamapi.ListRolePoliciesRequest{RoleName: new(entity), Marker: marker, MaxItems: max})
			if err != nil {
				return nil, nil, nil, err
			}
			r := out.(*iamapi.ListRolePoliciesResponse)
			return r.PolicyNames, r.IsTruncated, r.Marker, nil
		},
		listAttached: func(entity string, prefix, marker *string, max *int64) ([]string, *bool, *string, error) {
			out, err := f.Call(f.Root(), "ListAttachedRolePolicies", &iamapi.ListAttachedRolePoliciesRequest{RoleName: new(entity), PathPrefix: prefix, Marker: marker, MaxItems: max})
			if err != nil {
				return nil, nil, nil, err
			}
			r := out.(*iamapi.ListAttachedRolePoliciesResponse)
			return attachedARNs(f, r.AttachedPolicies), r.IsTruncated, r.Marker, nil
		},
	}
}
