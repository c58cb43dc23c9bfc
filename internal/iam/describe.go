package iam

import (
	"time"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/state"
)

// boundaryType is the only kind of permissions boundary there is. AWS's model
// has it as "PermissionsBoundaryPolicy", AWS's replies as "Policy".
const boundaryType = "Policy"

// ListedUser is a user as lists show it: without tags and boundary (row
// iam-006).
func ListedUser(account string, u *User) iamapi.User {
	return iamapi.User{
		Path: new(u.Path), UserName: new(u.Name), UserId: new(u.ID),
		Arn: new(UserARN(account, u)), CreateDate: new(u.Created),
		PasswordLastUsed: u.PasswordLastUsed,
	}
}

// DescribedUser is a user in full.
func DescribedUser(account string, u *User) iamapi.User {
	out := ListedUser(account, u)
	out.PermissionsBoundary = DescribedBoundary(u.Boundary)
	out.Tags = APITags(u.Tags)
	return out
}

// DescribedRoot is the root user as it is shown to itself: its id is the
// account's, its name the account's alias, and it has no path.
func DescribedRoot(r state.Reader, account string) *iamapi.User {
	root := &iamapi.User{UserId: new(account), Arn: new(RootARN(account))}
	if a, ok := Accounts.Get(r, AccountKey); ok {
		root.CreateDate, root.PasswordLastUsed = new(a.Created), a.PasswordLastUsed
		if a.Alias != "" {
			root.UserName = new(a.Alias)
		}
	}
	return root
}

// DescribedGroup is a group as every reply shows it.
func DescribedGroup(account string, g *Group) iamapi.Group {
	return iamapi.Group{
		Path: new(g.Path), GroupName: new(g.Name), GroupId: new(g.ID),
		Arn: new(GroupARN(account, g)), CreateDate: new(g.Created),
	}
}

// DescribedBoundary is the permissions boundary of a user or role; nil when it
// has none.
func DescribedBoundary(policyARN string) *iamapi.AttachedPermissionsBoundary {
	if policyARN == "" {
		return nil
	}
	return &iamapi.AttachedPermissionsBoundary{
		PermissionsBoundaryType: new(boundaryType), PermissionsBoundaryArn: new(policyARN),
	}
}

// Moment is the precision at which entities record times: AWS's replies give
// whole seconds, and milliseconds on CreateUser (row iam-002).
func Moment(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// DescribedPasswordPolicy is an account's password policy. What was never given
// is absent (row iam-179).
func DescribedPasswordPolicy(p *PasswordPolicy) *iamapi.PasswordPolicy {
	out := &iamapi.PasswordPolicy{
		MinimumPasswordLength: new(int64(p.MinimumLength)),
		RequireSymbols:        &p.RequireSymbols, RequireNumbers: &p.RequireNumbers,
		RequireUppercaseCharacters: &p.RequireUppercase, RequireLowercaseCharacters: &p.RequireLowercase,
		AllowUsersToChangePassword: &p.UsersMayChange, ExpirePasswords: new(p.MaxAgeDays > 0), HardExpiry: p.HardExpiry,
	}
	if p.MaxAgeDays > 0 {
		out.MaxPasswordAge = new(int64(p.MaxAgeDays))
	}
	if p.ReusePrevention > 0 {
		out.PasswordReusePrevention = new(int64(p.ReusePrevention))
	}
	return out
}
