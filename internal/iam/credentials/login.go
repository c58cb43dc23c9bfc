package credentials

import (
	"sallyport/internal/api"
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
	return &iamapi.GetLoginProfileResponse{LoginProfile: described(u, p)}, nil
}

func described(u *iam.User, p *iam.LoginProfile) *iamapi.LoginProfile {
	return &iamapi.LoginProfile{
		UserName: new(u.Name), CreateDate: new(p.Created), PasswordResetRequired: new(p.ResetRequired),
	}
}

// createLogin gives a user a password. A profile without one is only for the
// root user of a member account, which cannot be the subject here.
func (h *handlers) createLogin(c *operation.Call, tx *state.Tx, in *iamapi.CreateLoginProfileRequest) (*iamapi.CreateLoginProfileResponse, error) {
	subject, err := findUser(c, tx, in.UserName)
	if err != nil {
		return nil, err
	}
	if err := subject.Missing(); err != nil {
		return nil, err
	}
	u := subject.User
	if iam.LoginProfiles.Has(tx, u.ID) {
		// AWS has "user" in lower case here alone (row iam-174).
		return nil, iamapi.EntityAlreadyExistsException("Login Profile for user %s already exists.", u.Name)
	}
	if in.Password == nil {
		return nil, iam.ValidationError("A login profile needs a password.")
	}
	if err := setUserPassword(c, tx, u, *in.Password); err != nil {
		return nil, err
	}
	now := iam.Moment(tx.Now())
	p := &iam.LoginProfile{Created: now, Changed: now, ResetRequired: api.Value(in.PasswordResetRequired)}
	iam.LoginProfiles.Put(tx, u.ID, p)
	return &iamapi.CreateLoginProfileResponse{LoginProfile: described(u, p)}, nil
}

// updateLogin changes what the request gives: the password, whether the next
// sign-in must choose another, or both.
func (h *handlers) updateLogin(c *operation.Call, tx *state.Tx, in *iamapi.UpdateLoginProfileRequest) (*iamapi.UpdateLoginProfileResponse, error) {
	u, p, err := findLogin(c, tx, in.UserName)
	if err != nil {
		return nil, err
	}
	changed := *p
	if in.Password != nil {
		if err := setUserPassword(c, tx, u, *in.Password); err != nil {
			return nil, err
		}
		changed.Changed = iam.Moment(tx.Now())
		iam.EndConsoleSessions(tx, u.ID, iam.KeptConsoleSession(c.Caller))
	}
	if in.PasswordResetRequired != nil {
		changed.ResetRequired = *in.PasswordResetRequired
	}
	iam.LoginProfiles.Put(tx, u.ID, &changed)
	return &iamapi.UpdateLoginProfileResponse{}, nil
}

// setUserPassword sets a user's password, held to the account's policy.
func setUserPassword(c *operation.Call, tx *state.Tx, u *iam.User, password string) error {
	rules, _ := iam.PasswordPolicies.Get(tx, iam.AccountKey)
	return setPassword(c, tx, u.ID, rules, password)
}

func (h *handlers) deleteLogin(c *operation.Call, tx *state.Tx, in *iamapi.DeleteLoginProfileRequest) (*iamapi.DeleteLoginProfileResponse, error) {
	u, _, err := findLogin(c, tx, in.UserName)
	if err != nil {
		return nil, err
	}
	iam.LoginProfiles.Delete(tx, u.ID)
	tx.DeleteSecret(iam.LoginSecret(u.ID))
	tx.DeleteSecret(iam.EarlierLoginSecret(u.ID))
	iam.EndConsoleSessions(tx, u.ID, "")
	return &iamapi.DeleteLoginProfileResponse{}, nil
}
