package iam

import (
	"sallyport/internal/operation"
	"sallyport/policy"
)

// RootCaller is the account's root user as a caller, before credentials.
func RootCaller(account string) *operation.Caller {
	return &operation.Caller{Principal: policy.Principal{
		Kind: policy.Root, Account: account, ARN: RootARN(account), ID: account,
	}}
}

// UserCaller is an IAM user as a caller, before credentials.
func UserCaller(account string, u *User) *operation.Caller {
	return &operation.Caller{
		Principal: policy.Principal{Kind: policy.User, Account: account, ARN: UserARN(account, u), ID: u.ID},
		UserName:  u.Name,
		EntityID:  u.ID,
		Tags:      u.Tags,
	}
}

// FederatedCaller is a federated user session of a user, or of the root user when
// u is nil, as a caller, before credentials
// (https://docs.aws.amazon.com/STS/latest/APIReference/API_FederatedUser.html).
func FederatedCaller(account string, u *User, name string) *operation.Caller {
	c := &operation.Caller{Principal: policy.Principal{
		Kind: policy.FederatedUser, Account: account,
		ARN: FederatedUserARN(account, name), UserARN: RootARN(account), ID: account + ":" + name,
	}}
	if u != nil {
		c.Principal.UserARN, c.EntityID, c.Tags = UserARN(account, u), u.ID, u.Tags
	}
	return c
}

// FederatedUserARN is the ARN of federated user sessions of that name.
func FederatedUserARN(account, name string) string {
	return "arn:aws:sts::" + account + ":federated-user/" + name
}

// RoleCaller is a session of a role as a caller, before credentials. The ARN of
// a session has no path
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html).
func RoleCaller(account string, r *Role, session string) *operation.Caller {
	return &operation.Caller{
		Principal: policy.Principal{
			Kind: policy.RoleSession, Account: account,
			ARN:     "arn:aws:sts::" + account + ":assumed-role/" + r.Name + "/" + session,
			RoleARN: RoleARN(account, r),
			ID:      r.ID + ":" + session,
		},
		EntityID: r.ID,
		Tags:     r.Tags,
	}
}
