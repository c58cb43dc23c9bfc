package iam

import (
	"sallyport/internal/api"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/state"
)

// Conflict is AWS's answer to deleting a user, group or role that still has
// something: "Cannot delete entity, " + what must be done + ".".
func Conflict(first string) *api.Error {
	return iamapi.DeleteConflictException("Cannot delete entity, %s.", first)
}

// HasAttachments reports whether a managed policy is attached to the entity.
func HasAttachments(r state.Reader, entityID string) bool {
	return anyRow(Attachments, r, entityID+"/")
}

// HasInlinePolicies reports whether the entity has an inline policy.
func HasInlinePolicies(r state.Reader, entityID string) bool {
	return anyRow(InlinePolicies, r, entityID+"/")
}

// HasMemberships reports whether the user is in a group.
func HasMemberships(r state.Reader, userID string) bool {
	return anyRow(Memberships, r, userID+"/")
}

// HasSigningCertificates reports whether the user, or the root user as
// RootLogin, has a signing certificate.
func HasSigningCertificates(r state.Reader, owner string) bool {
	return anyRow(SigningCertificates, r, owner+"/")
}

// HasServiceAccess reports whether the user has an SSH public key or a
// service-specific credential.
func HasServiceAccess(r state.Reader, userID string) bool {
	return anyRow(SSHPublicKeys, r, userID+"/") || anyRow(ServiceCredentials, r, userID+"/")
}

// HasMFADevices reports whether an MFA device is enabled for the user.
func HasMFADevices(r state.Reader, userID string) bool {
	_, _, ok := MFADevicesByOwner.First(r, userID)
	return ok
}

// InInstanceProfile reports whether an instance profile holds the role.
func InInstanceProfile(r state.Reader, roleID string) bool {
	_, _, held := InstanceProfilesByRole.First(r, roleID)
	return held
}

func anyRow[V any](t *state.Table[V], r state.Reader, prefix string) (found bool) {
	t.AscendPrefix(r, prefix, func(string, *V) bool {
		found = true
		return false
	})
	return found
}
