package instanceprofiles

import (
	"sallyport/internal/api"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// Actions, resources and condition keys are those of the Service Authorization
// Reference
// (https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html).

// ec2 is whom a role in an instance profile is passed to.
const ec2 = "ec2.amazonaws.com"

type checks[In any] func(*operation.Call, state.Reader, *In) ([]operation.Check, error)

// onProfile asks for the action on the instance profile that the request names.
func onProfile[In any](action string, name func(*In) *string) checks[In] {
	return func(c *operation.Call, r state.Reader, in *In) ([]operation.Check, error) {
		return []operation.Check{profileCheck(c, r, action, api.Value(name(in)))}, nil
	}
}

// profileCheck asks for the action on an instance profile, existing or not.
func profileCheck(c *operation.Call, r state.Reader, action, name string) operation.Check {
	account := c.Caller.Account()
	check := operation.Check{Action: action, Name: "instance profile " + name}
	if p, err := iam.FindInstanceProfile(r, name); err == nil {
		check.Resource, check.ResourceTags = iam.InstanceProfileARN(account, p), p.Tags
	} else {
		check.Resource = iam.EntityARN(account, kind, "/", name)
	}
	return check
}

func createChecks(c *operation.Call, _ state.Reader, in *iamapi.CreateInstanceProfileRequest) ([]operation.Check, error) {
	create := operation.Check{
		Action:      "iam:CreateInstanceProfile",
		Resource:    iam.EntityARN(c.Caller.Account(), kind, iam.PathOf(in.Path), api.Value(in.InstanceProfileName)),
		RequestTags: iam.RequestTags(in.Tags),
	}
	if len(in.Tags) == 0 {
		return []operation.Check{create}, nil
	}
	// Tags on creation need the permission to tag as well
	// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags_instance-profiles.html).
	tag := create
	tag.Action = "iam:TagInstanceProfile"
	return []operation.Check{create, tag}, nil
}

func listChecks(c *operation.Call, _ state.Reader, in *iamapi.ListInstanceProfilesRequest) ([]operation.Check, error) {
	return []operation.Check{iam.ListCheck(c.Caller.Account(), "iam:ListInstanceProfiles", kind, in.PathPrefix)}, nil
}

func listForRoleChecks(c *operation.Call, r state.Reader, in *iamapi.ListInstanceProfilesForRoleRequest) ([]operation.Check, error) {
	return []operation.Check{iam.RoleCheck(r, c.Caller.Account(), "iam:ListInstanceProfilesForRole", api.Value(in.RoleName))}, nil
}

// addRoleChecks asks for iam:PassRole on the role as well. The instance it will
// be used by is not known yet, so that iam:AssociatedResourceArn stands for any
// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddRoleToInstanceProfile.html).
func addRoleChecks(c *operation.Call, r state.Reader, in *iamapi.AddRoleToInstanceProfileRequest) ([]operation.Check, error) {
	account := c.Caller.Account()
	return []operation.Check{
		profileCheck(c, r, "iam:AddRoleToInstanceProfile", api.Value(in.InstanceProfileName)),
		iam.PassRoleCheck(r, account, api.Value(in.RoleName), ec2, "arn:aws:ec2:*:"+account+":instance/*"),
	}, nil
}

func tagChecks(c *operation.Call, r state.Reader, in *iamapi.TagInstanceProfileRequest) ([]operation.Check, error) {
	check := profileCheck(c, r, "iam:TagInstanceProfile", api.Value(in.InstanceProfileName))
	check.RequestTags = iam.RequestTags(in.Tags)
	return []operation.Check{check}, nil
}

func untagChecks(c *operation.Call, r state.Reader, in *iamapi.UntagInstanceProfileRequest) ([]operation.Check, error) {
	check := profileCheck(c, r, "iam:UntagInstanceProfile", api.Value(in.InstanceProfileName))
	check.TagKeys = in.TagKeys
	return []operation.Check{check}, nil
}
