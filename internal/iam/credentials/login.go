package credentials

import (
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// findUser is find for login profiles, which the root user cannot act on
// without naming a user: AWS wants a session of AssumeRoot for its own
// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetLoginProfile.html).
func findUser(c *operation.Call, r state.Reader, name *string) (iam.Subject, error) {
	subject, err := iam.FindSubject(c, r, name)
	if err == nil && subject.Root {
		err = iam.UserNameRequired()
	}
	return subject, err
}

// findLogin returns the login profile of a user that exists.
func findLogin(c *operation.Call, r state.Reader, name *string) (*iam.User, *iam.LoginProfile, error) {
	subject, err := findUser(c, r, name)
	if err != nil {
		return nil, nil, err
	}
	if err := subject.Missing(); err != nil {
		return nil, nil, err
	}
	p, ok := iam.LoginProfiles.Get(r, subject.User.ID)
	if !ok {
		return nil, nil, iamapi.NoSuchEntityException("Login Profile for User %s cannot be found.", subject.Name)
	}
	return subject.User, p, nil
}

func (h *handlers) getLogin(c *operation.Call, r state.Reader, in *iamapi.GetLoginProfileRequest) (*iamapi.GetLoginProfileResponse, error) {
	u, p, err := findLogin(c, r, in.UserName)
	if err != nil {
		return nil, err
	}
	return &iamapi.GetLoginProfileResponse{LoginProfile: &iamapi.LoginProfile{
		UserName: new(u.Name), CreateDate: new(p.Created), PasswordResetRequired: new(p.ResetRequired),
	}}, nil
}

func (h *handlers) deleteLogin(c *operation.Call, tx *state.Tx, in *iamapi.DeleteLoginProfileRequest) (*iamapi.DeleteLoginProfileResponse, error) {
	u, _, err := findLogin(c, tx, in.UserName)
	if err != nil {
		return nil, err
	}
	iam.LoginProfiles.Delete(tx, u.ID)
	tx.DeleteSecret(iam.LoginSecret(u.ID))
	return &iamapi.DeleteLoginProfileResponse{}, nil
}
