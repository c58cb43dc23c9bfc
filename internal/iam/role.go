package iam

import (
	"strings"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// Paths of roles that AWS makes for its own services and that no customer may
// choose
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html).
const (
	// ServiceLinkedPath begins the path of service-linked roles, and of the
	// managed policies made for them.
	ServiceLinkedPath = "/aws-service-role/"
	// ReservedPath begins the path of the roles that IAM Identity Center makes.
	ReservedPath = "/aws-reserved/"
)

// Modifiable returns AWS's UnmodifiableEntity for a role that only AWS may
// change (row iam-054). The name is the one the request gave.
func Modifiable(role *Role, name string) error {
	if strings.HasPrefix(role.Path, ServiceLinkedPath) || strings.HasPrefix(role.Path, ReservedPath) {
		return iamapi.UnmodifiableEntityException(
			"Cannot perform the operation on the protected role '%s' - this role is only modifiable by AWS", name)
	}
	return nil
}

// RoleCheck asks for an IAM action, such as "iam:GetRole", on the role of that
// name.
func RoleCheck(r state.Reader, account, action, name string) operation.Check {
	check := operation.Check{Action: action, Name: "role " + name}
	if role, err := FindRole(r, name); err == nil {
		check.Resource, check.ResourceTags = RoleARN(account, role), role.Tags
	} else {
		check.Resource = EntityARN(account, "role", "/", name)
	}
	return check
}
