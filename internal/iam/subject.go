package iam

import (
	"sallyport/internal/api/iamapi"
	"sallyport/internal/operation"
	"sallyport/internal/state"
	"sallyport/policy"
)

// A Subject is whom an operation with an optional UserName acts on: the user
// that is named, or else the user or root user whose credentials signed the
// request.
type Subject struct {
	// User is nil for the root user, and when no user has the name.
	User *User
	// Name is the user's name as given, or as the caller's; empty for root.
	Name string
	Root bool
}

// FindSubject resolves an optional UserName. Without one, credentials that are
// no user's and not root's are a ValidationError, as AWS has it.
func FindSubject(c *operation.Call, r state.Reader, name *string) (Subject, error) {
	if name != nil {
		u, _ := FindUser(r, *name)
		return Subject{User: u, Name: *name}, nil
	}
	switch c.Caller.Principal.Kind {
	case policy.Root:
		return Subject{Root: true}, nil
	case policy.User:
		u, _ := Users.Get(r, c.Caller.EntityID)
		return Subject{User: u, Name: c.Caller.UserName}, nil
	}
	return Subject{}, UserNameRequired()
}

// UserNameRequired is AWS's answer when UserName is left out and the caller's
// credentials do not stand for one user.
func UserNameRequired() error {
	return ValidationError("Must specify userName when calling with non-User credentials")
}

// Check asks for an IAM action on the subject.
func (s Subject) Check(account, action string) operation.Check {
	switch {
	case s.Root:
		return operation.Check{Action: action, Resource: RootARN(account)}
	case s.User != nil:
		return operation.Check{
			Action: action, Resource: UserARN(account, s.User),
			Name: "user " + s.Name, ResourceTags: s.User.Tags,
		}
	default:
		return operation.Check{
			Action: action, Resource: EntityARN(account, "user", "/", s.Name), Name: "user " + s.Name,
		}
	}
}

// Missing returns AWS's NoSuchEntity when the subject is a user that does not
// exist.
func (s Subject) Missing() error {
	if s.Root || s.User != nil {
		return nil
	}
	return iamapi.NoSuchEntityException("The user with name %s cannot be found.", s.Name)
}

// KeyOwner is how access keys name the subject: its unique id, or nothing for
// root.
func (s Subject) KeyOwner() string {
	if s.User == nil {
		return ""
	}
	return s.User.ID
}

// CredentialOwner is how credentials that are keyed by CredentialKey name the
// subject: its unique id, or RootLogin.
func (s Subject) CredentialOwner() string {
	if s.User == nil {
		return RootLogin
	}
	return s.User.ID
}
