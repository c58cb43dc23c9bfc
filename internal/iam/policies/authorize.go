package policies

import (
	"sallyport/internal/api"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
	"sallyport/policy/condition"
)

// Actions, resources and condition keys are those of the Service Authorization
// Reference
// (https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html).

// policyARNKey is the condition key iam:PolicyARN of Attach… and Detach….
const policyARNKey = "iam:policyarn"

// checks is what a Definition's Checks is before its input loses its type.
type checks[In any] func(*operation.Call, state.Reader, *In) ([]operation.Check, error)

// onPolicy asks for the action on the managed policy that the request names.
func onPolicy[In any](action string, arn func(*In) *string) checks[In] {
	return func(c *operation.Call, r state.Reader, in *In) ([]operation.Check, error) {
		check, err := policyCheck(c, r, action, api.Value(arn(in)))
		return []operation.Check{check}, err
	}
}

// policyCheck asks for the action on a managed policy by ARN, existing or not.
func policyCheck(c *operation.Call, r state.Reader, action, arn string) (operation.Check, error) {
	if _, _, err := splitARN(arn); err != nil {
		return operation.Check{}, err
	}
	check := operation.Check{Action: action, Resource: arn, Name: "policy " + arn}
	if p, err := iam.FindPolicy(r, c.Caller.Account(), arn); err == nil {
		check.ResourceTags = p.Tags
	}
	return check, nil
}

func createPolicyChecks(c *operation.Call, _ state.Reader, in *iamapi.CreatePolicyRequest) ([]operation.Check, error) {
	name := api.Value(in.PolicyName)
	create := operation.Check{
		Action:      "iam:CreatePolicy",
		Resource:    iam.EntityARN(c.Caller.Account(), "policy", pathOrRoot(in.Path), name),
		Name:        "policy " + name,
		RequestTags: iam.RequestTags(in.Tags),
	}
	if len(in.Tags) == 0 {
		return []operation.Check{create}, nil
	}
	// Tags on creation need the permission to tag as well
	// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags_customer-managed-policies.html).
	tag := create
	tag.Action = "iam:TagPolicy"
	return []operation.Check{create, tag}, nil
}

func listPoliciesChecks(c *operation.Call, _ state.Reader, in *iamapi.ListPoliciesRequest) ([]operation.Check, error) {
	check := iam.ListCheck(c.Caller.Account(), "iam:ListPolicies", "policy", in.PathPrefix)
	check.Name = "policy path " + pathOrRoot(in.PathPrefix)
	return []operation.Check{check}, nil
}

func tagPolicyChecks(c *operation.Call, r state.Reader, in *iamapi.TagPolicyRequest) ([]operation.Check, error) {
	check, err := policyCheck(c, r, "iam:TagPolicy", api.Value(in.PolicyArn))
	// AWS names the policy alone here, without its ARN (row iam-239).
	if _, _, name, ok := iam.SplitPolicyARN(check.Resource); ok {
		check.Name = "policy " + name
	}
	check.RequestTags = iam.RequestTags(in.Tags)
	return []operation.Check{check}, err
}

func untagPolicyChecks(c *operation.Call, r state.Reader, in *iamapi.UntagPolicyRequest) ([]operation.Check, error) {
	check, err := policyCheck(c, r, "iam:UntagPolicy", api.Value(in.PolicyArn))
	check.TagKeys = in.TagKeys
	return []operation.Check{check}, err
}

// reading asks for an action that reads the policies of the entity the request
// names.
func reading[In any](k *kind, action string, name func(*In) *string) checks[In] {
	return func(c *operation.Call, r state.Reader, in *In) ([]operation.Check, error) {
		return []operation.Check{k.check(r, c.Caller.Account(), action, api.Value(name(in)))}, nil
	}
}

// changing asks for an action that changes the policies of the entity the
// request names, with the managed policy's ARN when it names one.
func changing[In any](k *kind, action string, names func(*In) (entity, policyARN *string)) checks[In] {
	return func(c *operation.Call, r state.Reader, in *In) ([]operation.Check, error) {
		entity, policyARN := names(in)
		check := k.check(r, c.Caller.Account(), action, api.Value(entity))
		if e, err := k.find(r, api.Value(entity)); err == nil {
			check.Keys = iam.BoundaryKey(e.boundary)
		}
		if policyARN != nil {
			if check.Keys == nil {
				check.Keys = condition.Map{}
			}
			check.Keys[policyARNKey] = condition.One(*policyARN)
		}
		return []operation.Check{check}, nil
	}
}

func pathOrRoot(path *string) string {
	if path == nil {
		return "/"
	}
	return *path
}
