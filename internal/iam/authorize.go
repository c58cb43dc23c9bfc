package iam

import (
	"sallyport/internal/operation"
	"sallyport/internal/state"
	"sallyport/policy/condition"
)

// The resource of an IAM action is the entity's ARN with its path. For an
// entity that does not exist it is the ARN with the root path and the name as
// given, so that only who may act on such a name learns that it is free. AWS's
// denials call existing and missing entities alike by kind and name (row
// iam-239), except those about to be created, which go by ARN
// (https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html).

// UserCheck asks for an IAM action, such as "iam:GetUser", on the user of that
// name.
func UserCheck(r state.Reader, account, action, name string) operation.Check {
	check := operation.Check{Action: action, Name: "user " + name}
	if u, err := FindUser(r, name); err == nil {
		check.Resource, check.ResourceTags = UserARN(account, u), u.Tags
	} else {
		check.Resource = EntityARN(account, "user", "/", name)
	}
	return check
}

// GroupCheck asks for an IAM action on the group of that name.
func GroupCheck(r state.Reader, account, action, name string) operation.Check {
	check := operation.Check{Action: action, Name: "group " + name}
	if g, err := FindGroup(r, name); err == nil {
		check.Resource = GroupARN(account, g)
	} else {
		check.Resource = EntityARN(account, "group", "/", name)
	}
	return check
}

// ListCheck asks for an action that lists the entities of a kind ("user",
// "group", "role") under a path prefix.
func ListCheck(account, action, kind string, prefix *string) operation.Check {
	return operation.Check{Action: action, Resource: EntityARN(account, kind, PathOf(prefix), "")}
}

// AccountCheck asks for an action that concerns the account as a whole.
func AccountCheck(action string) operation.Check {
	return operation.Check{Action: action, Resource: "*"}
}

// BoundaryKey is the condition key iam:PermissionsBoundary: the ARN of the
// policy that is the entity's boundary, or is about to become it. It is absent
// when there is none.
func BoundaryKey(policyARN string) condition.Map {
	if policyARN == "" {
		return nil
	}
	return condition.Map{"iam:permissionsboundary": condition.One(policyARN)}
}
