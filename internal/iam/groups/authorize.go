package groups

import (
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// Actions and resources follow
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html.
// Membership is authorized on the group alone: who may call iam:AddUserToGroup
// on a group decides who is in it, whoever the user is.

func checkCreate(c *operation.Call, _ state.Reader, in *iamapi.CreateGroupRequest) ([]operation.Check, error) {
	return []operation.Check{{
		Action:   "iam:CreateGroup",
		Resource: iam.EntityARN(c.Caller.Account(), "group", iam.PathOf(in.Path), *in.GroupName),
	}}, nil
}

func checkGet(c *operation.Call, r state.Reader, in *iamapi.GetGroupRequest) ([]operation.Check, error) {
	return onGroup(c, r, "iam:GetGroup", *in.GroupName), nil
}

func checkList(c *operation.Call, _ state.Reader, in *iamapi.ListGroupsRequest) ([]operation.Check, error) {
	return []operation.Check{iam.ListCheck(c.Caller.Account(), "iam:ListGroups", "group", in.PathPrefix)}, nil
}

// checkUpdate asks for the action on the group as it is and as it will be.
func checkUpdate(c *operation.Call, r state.Reader, in *iamapi.UpdateGroupRequest) ([]operation.Check, error) {
	account := c.Caller.Account()
	source := iam.GroupCheck(r, account, "iam:UpdateGroup", *in.GroupName)
	checks := []operation.Check{source}
	if g, err := iam.FindGroup(r, *in.GroupName); err == nil {
		renamed := moved(g, in)
		if target := iam.GroupARN(account, &renamed); target != source.Resource {
			checks = append(checks, operation.Check{Action: source.Action, Resource: target})
		}
	}
	return checks, nil
}

func checkDelete(c *operation.Call, r state.Reader, in *iamapi.DeleteGroupRequest) ([]operation.Check, error) {
	return onGroup(c, r, "iam:DeleteGroup", *in.GroupName), nil
}

func checkAddUser(c *operation.Call, r state.Reader, in *iamapi.AddUserToGroupRequest) ([]operation.Check, error) {
	return onGroup(c, r, "iam:AddUserToGroup", *in.GroupName), nil
}

func checkRemoveUser(c *operation.Call, r state.Reader, in *iamapi.RemoveUserFromGroupRequest) ([]operation.Check, error) {
	return onGroup(c, r, "iam:RemoveUserFromGroup", *in.GroupName), nil
}

func checkListForUser(c *operation.Call, r state.Reader, in *iamapi.ListGroupsForUserRequest) ([]operation.Check, error) {
	return []operation.Check{iam.UserCheck(r, c.Caller.Account(), "iam:ListGroupsForUser", *in.UserName)}, nil
}

func onGroup(c *operation.Call, r state.Reader, action, name string) []operation.Check {
	return []operation.Check{iam.GroupCheck(r, c.Caller.Account(), action, name)}
}
