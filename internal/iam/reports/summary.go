package reports

import (
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// quotas says which quota each …Quota entry of the summary shows
// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html).
var quotas = map[string]string{
	iamapi.SummaryKeyTypeUsersQuota:                      iam.UsersPerAccount,
	iamapi.SummaryKeyTypeGroupsQuota:                     iam.GroupsPerAccount,
	iamapi.SummaryKeyTypeRolesQuota:                      iam.RolesPerAccount,
	iamapi.SummaryKeyTypePoliciesQuota:                   iam.PoliciesPerAccount,
	iamapi.SummaryKeyTypeInstanceProfilesQuota:           iam.InstanceProfilesQuota,
	iamapi.SummaryKeyTypeServerCertificatesQuota:         iam.ServerCertificateQuota,
	iamapi.SummaryKeyTypeSigningCertificatesPerUserQuota: iam.SigningCertificateQuota,
	iamapi.SummaryKeyTypeAccessKeysPerUserQuota:          iam.AccessKeysPerUser,
	iamapi.SummaryKeyTypeGroupsPerUserQuota:              iam.GroupsPerUser,
	iamapi.SummaryKeyTypeAttachedPoliciesPerUserQuota:    iam.PoliciesPerUser,
	iamapi.SummaryKeyTypeAttachedPoliciesPerGroupQuota:   iam.PoliciesPerGroup,
	iamapi.SummaryKeyTypeAttachedPoliciesPerRoleQuota:    iam.PoliciesPerRole,
	iamapi.SummaryKeyTypeUserPolicySizeQuota:             iam.UserPolicySize,
	iamapi.SummaryKeyTypeGroupPolicySizeQuota:            iam.GroupPolicySize,
	iamapi.SummaryKeyTypeRolePolicySizeQuota:             iam.RolePolicySize,
	iamapi.SummaryKeyTypeAssumeRolePolicySizeQuota:       iam.AssumeRolePolicySize,
	iamapi.SummaryKeyTypePolicySizeQuota:                 iam.PolicySize,
	iamapi.SummaryKeyTypeVersionsPerPolicyQuota:          iam.VersionsPerPolicy,
	iamapi.SummaryKeyTypePolicyVersionsInUseQuota:        iam.PolicyVersionsInUse,
}

// usage says how each other entry is counted.
var usage = map[string]func(state.Reader) int{
	iamapi.SummaryKeyTypeUsers:               func(r state.Reader) int { return iam.Users.Len(r) },
	iamapi.SummaryKeyTypeGroups:              func(r state.Reader) int { return iam.Groups.Len(r) },
	iamapi.SummaryKeyTypeRoles:               func(r state.Reader) int { return iam.Roles.Len(r) },
	iamapi.SummaryKeyTypeInstanceProfiles:    func(r state.Reader) int { return iam.InstanceProfiles.Len(r) },
	iamapi.SummaryKeyTypePolicies:            func(r state.Reader) int { return iam.Policies.Len(r) },
	iamapi.SummaryKeyTypePolicyVersionsInUse: func(r state.Reader) int { return iam.PolicyVersions.Len(r) },
	iamapi.SummaryKeyTypeAccountAccessKeysPresent: func(r state.Reader) int {
		return present(iam.AccessKeysByUser.Count(r, "") > 0)
	},
	iamapi.SummaryKeyTypeAccountPasswordPresent: func(r state.Reader) int {
		return present(iam.LoginProfiles.Has(r, iam.RootLogin))
	},
	iamapi.SummaryKeyTypeAccountMFAEnabled: func(r state.Reader) int {
		return present(iam.HasMFADevices(r, iam.RootLogin))
	},
	iamapi.SummaryKeyTypeMFADevices:      func(r state.Reader) int { return iam.MFADevices.Len(r) },
	iamapi.SummaryKeyTypeMFADevicesInUse: devicesInUse,
	iamapi.SummaryKeyTypeAccountSigningCertificatesPresent: func(r state.Reader) int {
		return present(iam.HasSigningCertificates(r, iam.RootLogin))
	},
	iamapi.SummaryKeyTypeGlobalEndpointTokenVersion: tokenVersion,
	iamapi.SummaryKeyTypeProviders:                  func(r state.Reader) int { return iam.OIDCProviders.Len(r) + iam.SAMLProviders.Len(r) },
	iamapi.SummaryKeyTypeServerCertificates:         func(r state.Reader) int { return iam.ServerCertificates.Len(r) },
}

// devicesInUse counts the MFA devices that are assigned to somebody.
func devicesInUse(r state.Reader) (n int) {
	iam.MFADevicesByOwner.AscendAll(r, "", func(string, string, *iam.MFADevice) bool {
		n++
		return true
	})
	return n
}

func present(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

func (h *handlers) summary(_ *operation.Call, r state.Reader, _ *iamapi.GetAccountSummaryRequest) (*iamapi.GetAccountSummaryResponse, error) {
	out := make(map[string]int64, len(quotas)+len(usage))
	for entry, quota := range quotas {
		out[entry] = int64(h.env.Limits[quota])
	}
	for entry, count := range usage {
		out[entry] = int64(count(r))
	}
	return &iamapi.GetAccountSummaryResponse{SummaryMap: out}, nil
}
