package roles

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

type checks[In any] func(*operation.Call, state.Reader, *In) ([]operation.Check, error)

// onRole asks for the action on the role that the request names, with the
// role's permissions boundary as iam:PermissionsBoundary.
func onRole[In any](action string, name func(*In) *string) checks[In] {
	return func(c *operation.Call, r state.Reader, in *In) ([]operation.Check, error) {
		roleName := api.Value(name(in))
		check := iam.RoleCheck(r, c.Caller.Account(), action, roleName)
		if role, err := iam.FindRole(r, roleName); err == nil {
			check.Keys = iam.BoundaryKey(role.Boundary)
		}
		return []operation.Check{check}, nil
	}
}

func createChecks(c *operation.Call, _ state.Reader, in *iamapi.CreateRoleRequest) ([]operation.Check, error) {
	create := operation.Check{
		Action:      "iam:CreateRole",
		Resource:    iam.EntityARN(c.Caller.Account(), "role", pathOrRoot(in.Path), api.Value(in.RoleName)),
		Keys:        iam.BoundaryKey(api.Value(in.PermissionsBoundary)),
		RequestTags: iam.RequestTags(in.Tags),
	}
	if len(in.Tags) == 0 {
		return []operation.Check{create}, nil
	}
	// Tags on creation need the permission to tag as well
	// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags_roles.html).
	tag := create
	tag.Action, tag.Keys = "iam:TagRole", nil
	return []operation.Check{create, tag}, nil
}

func listChecks(c *operation.Call, _ state.Reader, in *iamapi.ListRolesRequest) ([]operation.Check, error) {
	return []operation.Check{iam.ListCheck(c.Caller.Account(), "iam:ListRoles", "role", in.PathPrefix)}, nil
}

// putBoundaryChecks asks with the boundary that is about to be: who may only
// set a certain one must not be able to set another.
func putBoundaryChecks(c *operation.Call, r state.Reader, in *iamapi.PutRolePermissionsBoundaryRequest) ([]operation.Check, error) {
	check := iam.RoleCheck(r, c.Caller.Account(), "iam:PutRolePermissionsBoundary", api.Value(in.RoleName))
	check.Keys = iam.BoundaryKey(api.Value(in.PermissionsBoundary))
	return []operation.Check{check}, nil
}

func tagChecks(c *operation.Call, r state.Reader, in *iamapi.TagRoleRequest) ([]operation.Check, error) {
	check := iam.RoleCheck(r, c.Caller.Account(), "iam:TagRole", api.Value(in.RoleName))
	check.RequestTags = iam.RequestTags(in.Tags)
	return []operation.Check{check}, nil
}

func untagChecks(c *operation.Call, r state.Reader, in *iamapi.UntagRoleRequest) ([]operation.Check, error) {
	check := iam.RoleCheck(r, c.Caller.Account(), "iam:UntagRole", api.Value(in.RoleName))
	check.TagKeys = in.TagKeys
	return []operation.Check{check}, nil
}

func listTagsChecks(c *operation.Call, r state.Reader, in *iamapi.ListRoleTagsRequest) ([]operation.Check, error) {
	return []operation.Check{iam.RoleCheck(r, c.Caller.Account(), "iam:ListRoleTags", api.Value(in.RoleName))}, nil
}

// createLinkedChecks names the role that is about to be. For a service that has
// none it is one that could be the service's.
func createLinkedChecks(c *operation.Call, _ state.Reader, in *iamapi.CreateServiceLinkedRoleRequest) ([]operation.Check, error) {
	service := api.Value(in.AWSServiceName)
	return []operation.Check{{
		Action:   "iam:CreateServiceLinkedRole",
		Resource: iam.EntityARN(c.Caller.Account(), "role", linkedPath(service), linkedName(service, in.CustomSuffix)),
		Keys:     condition.Map{"iam:awsservicename": condition.One(service)},
	}}, nil
}

// deletionStatusChecks asks on the role that the task is about, which may be gone.
// An id that is no task's is asked about as the role of no name.
func deletionStatusChecks(c *operation.Call, r state.Reader, in *iamapi.GetServiceLinkedRoleDeletionStatusRequest) ([]operation.Check, error) {
	check := operation.Check{Action: "iam:GetServiceLinkedRoleDeletionStatus"}
	path, name, ok := taskRole(api.Value(in.DeletionTaskId))
	if !ok {
		path, name = iam.ServiceLinkedPath, ""
	}
	check.Resource = iam.EntityARN(c.Caller.Account(), "role", path, name)
	if role, err := iam.FindRole(r, name); err == nil && iam.RoleARN(c.Caller.Account(), role) == check.Resource {
		check.ResourceTags = role.Tags
	}
	return []operation.Check{check}, nil
}

func pathOrRoot(path *string) string {
	if path == nil {
		return "/"
	}
	return *path
}
