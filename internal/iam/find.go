package iam

import (
	"sallyport/catalog/managed"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/state"
)

// FindUser returns the user of that name, or AWS's NoSuchEntity.
func FindUser(r state.Reader, name string) (*User, error) {
	if _, u, ok := UsersByName.First(r, FoldName(name)); ok {
		return u, nil
	}
	return nil, iamapi.NoSuchEntityException("The user with name %s cannot be found.", name)
}

// FindGroup returns the group of that name, or AWS's NoSuchEntity.
func FindGroup(r state.Reader, name string) (*Group, error) {
	if _, g, ok := GroupsByName.First(r, FoldName(name)); ok {
		return g, nil
	}
	return nil, iamapi.NoSuchEntityException("The group with name %s cannot be found.", name)
}

// FindRole returns the role of that name, or AWS's NoSuchEntity.
func FindRole(r state.Reader, name string) (*Role, error) {
	if _, role, ok := RolesByName.First(r, FoldName(name)); ok {
		return role, nil
	}
	return nil, iamapi.NoSuchEntityException("The role with name %s cannot be found.", name)
}

// FindInstanceProfile returns the instance profile of that name, or AWS's
// NoSuchEntity (row iam-082).
func FindInstanceProfile(r state.Reader, name string) (*InstanceProfile, error) {
	if _, p, ok := InstanceProfilesByName.First(r, FoldName(name)); ok {
		return p, nil
	}
	return nil, iamapi.NoSuchEntityException("Instance Profile %s cannot be found.", name)
}

// FindPolicy returns the customer managed policy with that ARN in the
// reader's account, or AWS's NoSuchEntity.
func FindPolicy(r state.Reader, account, policyARN string) (*Policy, error) {
	owner, path, name, ok := SplitPolicyARN(policyARN)
	if ok && owner == account {
		if _, p, found := PoliciesByName.First(r, FoldName(name)); found && p.Path == path && p.Name == name {
			return p, nil
		}
	}
	return nil, iamapi.NoSuchEntityException("Policy %s was not found.", policyARN)
}

// PolicyDocument returns the document in force of a managed policy, customer's
// or AWS's, by ARN.
func PolicyDocument(r state.Reader, account, policyARN string) (document string, ok bool) {
	if p, err := FindPolicy(r, account, policyARN); err == nil {
		v, found := PolicyVersions.Get(r, VersionKey(p.ID, p.Default))
		if !found {
			return "", false
		}
		return v.Document, true
	}
	if p, found := managed.Lookup(policyARN); found {
		return string(p.Document()), true
	}
	return "", false
}

// Attachable reports whether a managed policy with that ARN exists for the
// account: its own or AWS's.
func Attachable(r state.Reader, account, policyARN string) bool {
	if _, err := FindPolicy(r, account, policyARN); err == nil {
		return true
	}
	_, ok := managed.Lookup(policyARN)
	return ok
}

// NextUsedPolicy returns the first managed policy ARN, from one on, that is
// attached to a user, group or role of the account or is somebody's permissions
// boundary.
func NextUsedPolicy(r state.Reader, from string) (policyARN string, ok bool) {
	take := func(arn string) bool {
		if !ok || arn < policyARN {
			policyARN, ok = arn, true
		}
		return false
	}
	AttachmentsByPolicy.AscendAll(r, from, func(arn, _ string, _ *Attachment) bool { return take(arn) })
	UsersByBoundary.AscendAll(r, from, func(arn, _ string, _ *User) bool { return take(arn) })
	RolesByBoundary.AscendAll(r, from, func(arn, _ string, _ *Role) bool { return take(arn) })
	return policyARN, ok
}
