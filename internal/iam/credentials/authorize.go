package credentials

import (
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/ident"
	"sallyport/internal/operation"
	"sallyport/internal/state"
	"sallyport/policy"
)

// The resource of every action here is the user that the credential belongs
// to, or the root user
// (https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html).

func checkCreateKey(c *operation.Call, r state.Reader, in *iamapi.CreateAccessKeyRequest) ([]operation.Check, error) {
	return onSubject(c, r, "iam:CreateAccessKey", in.UserName)
}

func checkUpdateKey(c *operation.Call, r state.Reader, in *iamapi.UpdateAccessKeyRequest) ([]operation.Check, error) {
	if err := needsUserName(c, in.UserName); err != nil {
		return nil, err
	}
	return onSubject(c, r, "iam:UpdateAccessKey", in.UserName)
}

func checkDeleteKey(c *operation.Call, r state.Reader, in *iamapi.DeleteAccessKeyRequest) ([]operation.Check, error) {
	return onSubject(c, r, "iam:DeleteAccessKey", in.UserName)
}

func checkListKeys(c *operation.Call, r state.Reader, in *iamapi.ListAccessKeysRequest) ([]operation.Check, error) {
	if err := needsUserName(c, in.UserName); err != nil {
		return nil, err
	}
	return onSubject(c, r, "iam:ListAccessKeys", in.UserName)
}

// checkKeyLastUsed asks for the action on the key's owner. A key of another
// account is asked for there, where no policy allows it; a key that nobody has
// is a resource that only a policy for all resources covers. Either way the
// denial names the key, so that it tells nothing about its owner.
func checkKeyLastUsed(c *operation.Call, r state.Reader, in *iamapi.GetAccessKeyLastUsedRequest) ([]operation.Check, error) {
	account := c.Caller.Account()
	check := operation.Check{Action: "iam:GetAccessKeyLastUsed", Name: "access key " + *in.AccessKeyId}
	if k, ok := iam.AccessKeys.Get(r, *in.AccessKeyId); ok {
		owner := ownerOf(r, k)
		named := owner.Check(account, check.Action)
		check.Resource, check.ResourceTags = named.Resource, named.ResourceTags
		return []operation.Check{check}, nil
	}
	if owner, ok := ident.AccessKeyAccount(*in.AccessKeyId); ok && owner != account {
		account, check.Account = owner, owner
	}
	check.Resource = iam.EntityARN(account, "access-key", "/", *in.AccessKeyId)
	return []operation.Check{check}, nil
}

func checkGetLogin(c *operation.Call, r state.Reader, in *iamapi.GetLoginProfileRequest) ([]operation.Check, error) {
	return onUser(c, r, "iam:GetLoginProfile", in.UserName)
}

func checkDeleteLogin(c *operation.Call, r state.Reader, in *iamapi.DeleteLoginProfileRequest) ([]operation.Check, error) {
	return onUser(c, r, "iam:DeleteLoginProfile", in.UserName)
}

func checkCreateLogin(c *operation.Call, r state.Reader, in *iamapi.CreateLoginProfileRequest) ([]operation.Check, error) {
	return onUser(c, r, "iam:CreateLoginProfile", in.UserName)
}

func checkUpdateLogin(c *operation.Call, r state.Reader, in *iamapi.UpdateLoginProfileRequest) ([]operation.Check, error) {
	return onUser(c, r, "iam:UpdateLoginProfile", in.UserName)
}

// checkChangePassword is for users alone, who change their own password.
func checkChangePassword(c *operation.Call, r state.Reader, _ *iamapi.ChangePasswordRequest) ([]operation.Check, error) {
	if c.Caller.Principal.Kind != policy.User {
		return nil, iamapi.InvalidUserTypeException("Only an IAM user can change its password.")
	}
	return onUser(c, r, "iam:ChangePassword", nil)
}

// onAccount asks for an action that has no resource.
func onAccount[In any](action string) func(*operation.Call, state.Reader, *In) ([]operation.Check, error) {
	return func(*operation.Call, state.Reader, *In) ([]operation.Check, error) {
		return []operation.Check{iam.AccountCheck(action)}, nil
	}
}

// needsUserName refuses to take the user from temporary credentials, as AWS
// does for ListAccessKeys and UpdateAccessKey
// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccessKeys.html).
func needsUserName(c *operation.Call, name *string) error {
	if name == nil && c.Caller.Session != nil {
		return iam.UserNameRequired()
	}
	return nil
}

func onSubject(c *operation.Call, r state.Reader, action string, name *string) ([]operation.Check, error) {
	subject, err := iam.FindSubject(c, r, name)
	if err != nil {
		return nil, err
	}
	return []operation.Check{subject.Check(c.Caller.Account(), action)}, nil
}

// onUser is onSubject for what the root user cannot be the subject of.
func onUser(c *operation.Call, r state.Reader, action string, name *string) ([]operation.Check, error) {
	subject, err := findUser(c, r, name)
	if err != nil {
		return nil, err
	}
	return []operation.Check{subject.Check(c.Caller.Account(), action)}, nil
}
