package iam

import (
	"strings"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/operation"
	"sallyport/internal/state"
	"sallyport/policy/condition"
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

// A RoleEdit is what of a role a request changes.
type RoleEdit int

const (
	// EditRole is any change but EditLabels, deletion included.
	EditRole RoleEdit = iota
	// EditLabels changes the description or the tags, which are the customer's
	// even on service-linked roles
	// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-service-linked-role.html).
	EditLabels
)

// Modifiable returns AWS's UnmodifiableEntity for an edit of a role that only AWS
// may make (row iam-054). The name is the one the request gave. Every operation
// that changes a role asks it.
func Modifiable(role *Role, name string, edit RoleEdit) error {
	linked := ServiceLinked(role)
	if linked && edit == EditLabels || !linked && !strings.HasPrefix(role.Path, ReservedPath) {
		return nil
	}
	return iamapi.UnmodifiableEntityException(
		"Cannot perform the operation on the protected role '%s' - this role is only modifiable by AWS", name)
}

// ServiceLinked reports whether the role is linked to a service. Its path tells:
// no other role can be made there.
func ServiceLinked(role *Role) bool { return strings.HasPrefix(role.Path, ServiceLinkedPath) }

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

// PassRoleCheck asks for iam:PassRole on the role of that name: whoever hands a
// role to a service gives the service the role's permissions. The condition
// keys are the service's principal and the resource that the role will be used
// by (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html).
func PassRoleCheck(r state.Reader, account, name, service, associated string) operation.Check {
	check := RoleCheck(r, account, "iam:PassRole", name)
	check.Name = "" // denials name the ARN, as those of other services do
	check.Keys = condition.Map{
		"iam:passedtoservice":       condition.One(service),
		"iam:associatedresourcearn": condition.One(associated),
	}
	return check
}
