package policies_test

import (
	"testing"

	"sallyport/internal/iam"
	"sallyport/internal/iam/iamtest"
	"sallyport/internal/operation"
)

// A subject runs the operations on one kind of entity, so that the three kinds
// are held to the same behaviour. Each returns the call's error alone, or the
// page of its reply.
type subject struct {
	noun           string // "user"
	name, arn, id  string
	tags           []operation.Tag
	missing        string // AWS's message about a missing entity called "nobody"
	attached, size string // quotas

	put, attach, detach, remove func(entity string, args ...string) error
	get                         func(entity, policyName string) (name, policy, document string, err error)
	list                        func(entity string, marker *string, max *int64) (names []string, truncated *bool, next *string, err error)
	listAttached                func(entity string, prefix, marker *string, max *int64) (arns []string, truncated *bool, next *string, err error)
}

// check is what a call on the subject must ask for.
func (s *subject) check(action string) operation.Check {
	return operation.Check{Action: action, Resource: s.arn, Name: s.noun + " " + s.name, ResourceTags: s.tags}
}

// eachKind runs a test on a user, a group and a role.
func eachKind(t *testing.T, test func(t *testing.T, f *iamtest.Fixture, s *subject)) {
	for _, of := range []func(*iamtest.Fixture) *subject{aUser, aGroup, aRole} {
		f := fixture(t)
		s := of(f)
		t.Run(s.noun, func(t *testing.T) {
			f.TB = t
			test(t, f, s)
		})
	}
}

func aUser(f *iamtest.Fixture) *subject {
	u := f.AddUser("alice")
	s := userCalls(f)
	s.noun, s.name, s.arn, s.id = "user", u.Name, f.ARN("user/alice"), u.ID
	s.missing = "The user with name nobody cannot be found."
	s.attached, s.size = iam.PoliciesPerUser, iam.UserPolicySize
	return s
}

func aGroup(f *iamtest.Fixture) *subject {
	g := f.AddGroup("devops")
	s := groupCalls(f)
	s.noun, s.name, s.arn, s.id = "group", g.Name, f.ARN("group/devops"), g.ID
	s.missing = "The group with name nobody cannot be found."
	s.attached, s.size = iam.PoliciesPerGroup, iam.GroupPolicySize
	return s
}

func aRole(f *iamtest.Fixture) *subject {
	role := addRole(f, "/a/", "builder", "")
	s := roleCalls(f)
	s.noun, s.name, s.arn, s.id = "role", role.Name, f.ARN("role/a/builder"), role.ID
	s.missing = "The role with name nobody cannot be found."
	s.attached, s.size = iam.PoliciesPerRole, iam.RolePolicySize
	return s
}
