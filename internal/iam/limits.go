package iam

import (
	"fmt"
	"sort"

	"sallyport/internal/api"
	"sallyport/internal/api/iamapi"
)

// Limits are an account's quotas. Their names are those that AWS's
// LimitExceeded messages use; the defaults are AWS's
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html).
// Sizes are in characters, white space not counted.
type Limits map[string]int

// The names of the quotas.
const (
	UsersPerAccount         = "UsersPerAccount"
	GroupsPerAccount        = "GroupsPerAccount"
	RolesPerAccount         = "RolesPerAccount"
	PoliciesPerAccount      = "PoliciesPerAccount"
	AccessKeysPerUser       = "AccessKeysPerUser"
	GroupsPerUser           = "GroupsPerUser"
	PoliciesPerUser         = "PoliciesPerUser"
	PoliciesPerGroup        = "PoliciesPerGroup"
	PoliciesPerRole         = "PoliciesPerRole"
	VersionsPerPolicy       = "VersionsPerPolicy"
	PolicySize              = "PolicySize"
	UserPolicySize          = "UserPolicySize"
	GroupPolicySize         = "GroupPolicySize"
	RolePolicySize          = "RolePolicySize"
	AssumeRolePolicySize    = "ACLSizePerRole"
	TagsPerUser             = "TagsPerUser"
	TagsPerRole             = "TagsPerRole"
	TagsPerPolicy           = "TagsPerPolicy"
	ServerCertificateQuota  = "ServerCertificatesPerAccount"
	TagsPerMFADevice        = "TagsPerMFADevice"
	TagsPerInstanceProfile  = "TagsPerInstanceProfile"
	InstanceProfilesQuota   = "InstanceProfiles"
	SigningCertificateQuota = "SigningCertificatesPerUser"
	SSHPublicKeyQuota       = "SSHPublicKeysPerUser"
	// ServiceCredentialQuota counts those of one user for one service.
	ServiceCredentialQuota   = "ServiceSpecificCredentialsPerUser"
	TagsPerServerCert        = "TagsPerServerCertificate"
	MFADevicesPerUser        = "MFADevicesPerUser"
	PolicyVersionsInUse      = "PolicyVersionsInUse"
	OIDCProvidersPerAccount  = "OpenIDConnectProvidersPerAccount"
	ClientIDsPerOIDCProvider = "ClientIdsPerOpenIdConnectProvider"
	TagsPerOIDCProvider      = "TagsPerOpenIDConnectProvider"
	SAMLProvidersPerAccount  = "SAMLProvidersPerAccount"
	TagsPerSAMLProvider      = "TagsPerSAMLProvider"
)

// DefaultLimits returns AWS's default quotas.
func DefaultLimits() Limits {
	return Limits{
		UsersPerAccount: 5000, GroupsPerAccount: 300, RolesPerAccount: 1000,
		PoliciesPerAccount: 1500, AccessKeysPerUser: 2, GroupsPerUser: 10,
		PoliciesPerUser: 10, PoliciesPerGroup: 10, PoliciesPerRole: 10,
		VersionsPerPolicy: 5, PolicySize: 6144, UserPolicySize: 2048,
		GroupPolicySize: 5120, RolePolicySize: 10240, AssumeRolePolicySize: 2048,
		TagsPerUser: 50, TagsPerRole: 50, TagsPerPolicy: 50, TagsPerMFADevice: 50, TagsPerInstanceProfile: 50,
		ServerCertificateQuota: 20, InstanceProfilesQuota: 1000, SigningCertificateQuota: 2,
		SSHPublicKeyQuota: 5, ServiceCredentialQuota: 2, TagsPerServerCert: 50,
		MFADevicesPerUser: 8, PolicyVersionsInUse: 10000,
		OIDCProvidersPerAccount: 100, ClientIDsPerOIDCProvider: 100, TagsPerOIDCProvider: 50,
		SAMLProvidersPerAccount: 100, TagsPerSAMLProvider: 50,
	}
}

// With returns a copy of l with the quotas of changes in place. A name that is
// no quota, or a value below zero, is an error.
func (l Limits) With(changes map[string]int) (Limits, error) {
	out := make(Limits, len(l))
	for name, n := range l {
		out[name] = n
	}
	for name, n := range changes {
		if _, ok := l[name]; !ok {
			return nil, fmt.Errorf("unknown quota %q (known: %v)", name, l.names())
		}
		if n < 0 {
			return nil, fmt.Errorf("quota %s is %d: it must not be negative", name, n)
		}
		out[name] = n
	}
	return out, nil
}

func (l Limits) names() []string {
	names := make([]string, 0, len(l))
	for name := range l {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// Check returns AWS's LimitExceeded when having n of what the quota counts
// would exceed it.
func (l Limits) Check(quota string, n int) error {
	limit, ok := l[quota]
	if !ok {
		panic("iam: no quota is called " + quota)
	}
	if n > limit {
		return Exceeded(quota, limit)
	}
	return nil
}

// Exceeded is AWS's answer to a change that would exceed a quota.
func Exceeded(quota string, limit int) *api.Error {
	return iamapi.LimitExceededException("Cannot exceed quota for %s: %d", quota, limit)
}

// PolicyLength counts the characters of a policy document against its quota:
// white space is free.
func PolicyLength(document string) int {
	n := 0
	for _, r := range document {
		if r != ' ' && r != '\t' && r != '\n' && r != '\r' {
			n++
		}
	}
	return n
}
