package credentials

import (
	"sallyport/internal/api"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// defaultLength is the shortest password of a policy that doesn't say.
const defaultLength = 6

// noPasswordPolicy is AWS's answer for an account without one (row iam-178).
func noPasswordPolicy(c *operation.Call) error {
	return iamapi.NoSuchEntityException("The Password Policy with domain name %s cannot be found.", c.Caller.Account())
}

func (h *handlers) getPasswordPolicy(c *operation.Call, r state.Reader, _ *iamapi.GetAccountPasswordPolicyRequest) (*iamapi.GetAccountPasswordPolicyResponse, error) {
	p, ok := iam.PasswordPolicies.Get(r, iam.AccountKey)
	if !ok {
		return nil, noPasswordPolicy(c)
	}
	return &iamapi.GetAccountPasswordPolicyResponse{PasswordPolicy: iam.DescribedPasswordPolicy(p)}, nil
}

// updatePasswordPolicy replaces the whole policy: what is not given takes its
// default
// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccountPasswordPolicy.html).
func (h *handlers) updatePasswordPolicy(_ *operation.Call, tx *state.Tx, in *iamapi.UpdateAccountPasswordPolicyRequest) (*iamapi.UpdateAccountPasswordPolicyResponse, error) {
	p := &iam.PasswordPolicy{
		MinimumLength:  defaultLength,
		RequireSymbols: api.Value(in.RequireSymbols), RequireNumbers: api.Value(in.RequireNumbers),
		RequireUppercase: api.Value(in.RequireUppercaseCharacters), RequireLowercase: api.Value(in.RequireLowercaseCharacters),
		UsersMayChange: api.Value(in.AllowUsersToChangePassword),
		MaxAgeDays:     int(api.Value(in.MaxPasswordAge)), ReusePrevention: int(api.Value(in.PasswordReusePrevention)),
		HardExpiry: in.HardExpiry,
	}
	if in.MinimumPasswordLength != nil {
		p.MinimumLength = int(*in.MinimumPasswordLength)
	}
	iam.PasswordPolicies.Put(tx, iam.AccountKey, p)
	return &iamapi.UpdateAccountPasswordPolicyResponse{}, nil
}

func (h *handlers) deletePasswordPolicy(c *operation.Call, tx *state.Tx, _ *iamapi.DeleteAccountPasswordPolicyRequest) (*iamapi.DeleteAccountPasswordPolicyResponse, error) {
	if !iam.PasswordPolicies.Has(tx, iam.AccountKey) {
		return nil, noPasswordPolicy(c)
	}
	iam.PasswordPolicies.Delete(tx, iam.AccountKey)
	return &iamapi.DeleteAccountPasswordPolicyResponse{}, nil
}
