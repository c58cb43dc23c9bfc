package users

import (
	"sallyport/internal/api"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// Actions, resources and condition keys follow
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html

func checkCreate(c *operation.Call, _ state.Reader, in *iamapi.CreateUserRequest) ([]operation.Check, error) {
	create := operation.Check{
		Action:      "iam:CreateUser",
		Resource:    iam.EntityARN(c.Caller.Account(), "user", iam.PathOf(in.Path), *in.UserName),
		Keys:        iam.BoundaryKey(api.Value(in.PermissionsBoundary)),
		RequestTags: iam.RequestTags(in.Tags),
	}
	if len(in.Tags) == 0 {
		return []operation.Check{create}, nil
	}
	// Tags on creation need the permission to tag as well
	// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_iam-new-user-tag.html).
	tag := create
	tag.Action, tag.Keys = "iam:TagUser", nil
	return []operation.Check{create, tag}, nil
}

func checkGet(c *operation.Call, r state.Reader, in *iamapi.GetUserRequest) ([]operation.Check, error) {
	subject, err := iam.FindSubject(c, r, in.UserName)
	if err != nil {
		return nil, err
	}
	return []operation.Check{subject.Check(c.Caller.Account(), "iam:GetUser")}, nil
}

func checkList(c *operation.Call, _ state.Reader, in *iamapi.ListUsersRequest) ([]operation.Check, error) {
	return []operation.Check{iam.ListCheck(c.Caller.Account(), "iam:ListUsers", "user", in.PathPrefix)}, nil
}

// checkUpdate asks for the action on the user as it is and as it will be: who
// may rename bob must not thereby make a user of any other name.
func checkUpdate(c *operation.Call, r state.Reader, in *iamapi.UpdateUserRequest) ([]operation.Check, error) {
	account := c.Caller.Account()
	source := iam.UserCheck(r, account, "iam:UpdateUser", *in.UserName)
	checks := []operation.Check{source}
	if u, err := iam.FindUser(r, *in.UserName); err == nil {
		renamed := moved(u, in)
		if target := iam.UserARN(account, &renamed); target != source.Resource {
			checks = append(checks, operation.Check{Action: source.Action, Resource: target, ResourceTags: u.Tags})
		}
	}
	return checks, nil
}

func checkDelete(c *operation.Call, r state.Reader, in *iamapi.DeleteUserRequest) ([]operation.Check, error) {
	return []operation.Check{iam.UserCheck(r, c.Caller.Account(), "iam:DeleteUser", *in.UserName)}, nil
}

func checkTag(c *operation.Call, r state.Reader, in *iamapi.TagUserRequest) ([]operation.Check, error) {
	check := iam.UserCheck(r, c.Caller.Account(), "iam:TagUser", *in.UserName)
	check.RequestTags = iam.RequestTags(in.Tags)
	return []operation.Check{check}, nil
}

func checkUntag(c *operation.Call, r state.Reader, in *iamapi.UntagUserRequest) ([]operation.Check, error) {
	check := iam.UserCheck(r, c.Caller.Account(), "iam:UntagUser", *in.UserName)
	check.TagKeys = in.TagKeys
	return []operation.Check{check}, nil
}

func checkListTags(c *operation.Call, r state.Reader, in *iamapi.ListUserTagsRequest) ([]operation.Check, error) {
	return []operation.Check{iam.UserCheck(r, c.Caller.Account(), "iam:ListUserTags", *in.UserName)}, nil
}

func checkPutBoundary(c *operation.Call, r state.Reader, in *iamapi.PutUserPermissionsBoundaryRequest) ([]operation.Check, error) {
	check := iam.UserCheck(r, c.Caller.Account(), "iam:PutUserPermissionsBoundary", *in.UserName)
	check.Keys = iam.BoundaryKey(*in.PermissionsBoundary)
	return []operation.Check{check}, nil
}

// checkDeleteBoundary fills iam:PermissionsBoundary with the boundary that is
// about to go.
func checkDeleteBoundary(c *operation.Call, r state.Reader, in *iamapi.DeleteUserPermissionsBoundaryRequest) ([]operation.Check, error) {
	check := iam.UserCheck(r, c.Caller.Account(), "iam:DeleteUserPermissionsBoundary", *in.UserName)
	if u, err := iam.FindUser(r, *in.UserName); err == nil {
		check.Keys = iam.BoundaryKey(u.Boundary)
	}
	return []operation.Check{check}, nil
}
