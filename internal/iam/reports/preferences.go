package reports

import (
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// tokenVersions are the versions of the global endpoint's session tokens.
var tokenVersions = map[string]int{
	iamapi.GlobalEndpointTokenVersionV1Token: 1,
	iamapi.GlobalEndpointTokenVersionV2Token: 2,
}

// setPreferences chooses the version of the session tokens that the global endpoint
// of STS issues. Every endpoint here is a Region's, whose tokens hold in all Regions
// whatever the version, so that the choice is kept and shown and changes no token
// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_SetSecurityTokenServicePreferences.html).
func (h *handlers) setPreferences(_ *operation.Call, tx *state.Tx, in *iamapi.SetSecurityTokenServicePreferencesRequest) (*iamapi.SetSecurityTokenServicePreferencesResponse, error) {
	account, ok := iam.Accounts.Get(tx, iam.AccountKey)
	if !ok {
		return nil, errNoAccount
	}
	changed := *account
	changed.TokenVersion = tokenVersions[*in.GlobalEndpointTokenVersion]
	iam.Accounts.Put(tx, iam.AccountKey, &changed)
	return &iamapi.SetSecurityTokenServicePreferencesResponse{}, nil
}

// tokenVersion is the version that was chosen, or the first.
func tokenVersion(r state.Reader) int {
	if account, ok := iam.Accounts.Get(r, iam.AccountKey); ok && account.TokenVersion != 0 {
		return account.TokenVersion
	}
	return 1
}
