package reports

import (
	"context"
	"slices"

	"sallyport/catalog/managed"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/iam/instanceprofiles"
	"sallyport/internal/iam/policies"
	"sallyport/internal/iam/roles"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// A snapshot gathers one page of iam:GetAccountAuthorizationDetails.
type snapshot struct {
	ctx     context.Context
	env     *iam.Env
	account string
	r       state.Reader
	page    *iam.Page
	out     *iamapi.GetAccountAuthorizationDetailsResponse
	// err is why the last use of a role could not be read, which ends the page.
	err error
}

// A stage visits the entities of one kind, in an order of their own from a key
// on, and reports whether the page has room for more.
type stage struct {
	filter string // the value of Filter that asks for them
	visit  func(s *snapshot, from string, add func(key string, take func()) bool) bool
}

// stages are the kinds of entities in the order that pages go through them. A
// marker is the stage's digit before the key within it.
var stages = []stage{
	{iamapi.EntityTypeUser, (*snapshot).users},
	{iamapi.EntityTypeGroup, (*snapshot).groups},
	{iamapi.EntityTypeRole, (*snapshot).roles},
	{iamapi.EntityTypeLocalManagedPolicy, (*snapshot).customerPolicies},
	{iamapi.EntityTypeAWSManagedPolicy, (*snapshot).awsPolicies},
}

// details describes the account's users, groups, roles and policies, each with
// what it is related to. A page costs what it returns: every stage starts at
// its marker, and each role on the page is one read of the store, for its last
// use
// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html).
func (h *handlers) details(c *operation.Call, r state.Reader, in *iamapi.GetAccountAuthorizationDetailsRequest) (*iamapi.GetAccountAuthorizationDetailsResponse, error) {
	page, err := iam.NewPage(in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	first, from, err := startOf(page.From)
	if err != nil {
		return nil, err
	}
	s := &snapshot{ctx: c.Context, env: h.env, account: c.Caller.Account(), r: r, page: page, out: &iamapi.GetAccountAuthorizationDetailsResponse{
		UserDetailList: []iamapi.UserDetail{}, GroupDetailList: []iamapi.GroupDetail{},
		RoleDetailList: []iamapi.RoleDetail{}, Policies: []iamapi.ManagedPolicyDetail{},
	}}
	for i := first; i < len(stages); i++ {
		if len(in.Filter) > 0 && !slices.Contains(in.Filter, stages[i].filter) {
			continue
		}
		add := func(key string, take func()) bool { return page.Add(string(rune('0'+i))+key, take) }
		if i > first {
			from = ""
		}
		if !stages[i].visit(s, from, add) {
			break
		}
	}
	if s.err != nil {
		return nil, s.err
	}
	s.out.IsTruncated, s.out.Marker = page.Result()
	return s.out, nil
}

// startOf splits a marker's key into the stage and the key within it.
func startOf(marker string) (first int, from string, err error) {
	if marker == "" {
		return 0, "", nil
	}
	first = int(marker[0]) - '0'
	if first < 0 || first >= len(stages) {
		return 0, "", iam.ValidationError("Invalid Marker.")
	}
	return first, marker[1:], nil
}

func (s *snapshot) users(from string, add func(string, func()) bool) (more bool) {
	more = true
	iam.UsersByName.AscendAll(s.r, from, func(name, _ string, u *iam.User) bool {
		more = add(name, func() { s.out.UserDetailList = append(s.out.UserDetailList, s.user(u)) })
		return more
	})
	return more
}

func (s *snapshot) groups(from string, add func(string, func()) bool) (more bool) {
	more = true
	iam.GroupsByName.AscendAll(s.r, from, func(name, _ string, g *iam.Group) bool {
		more = add(name, func() { s.out.GroupDetailList = append(s.out.GroupDetailList, s.group(g)) })
		return more
	})
	return more
}

func (s *snapshot) roles(from string, add func(string, func()) bool) (more bool) {
	more = true
	iam.RolesByName.AscendAll(s.r, from, func(name, _ string, role *iam.Role) bool {
		more = add(name, func() { s.out.RoleDetailList = append(s.out.RoleDetailList, s.role(role)) }) && s.err == nil
		return more
	})
	return more
}

func (s *snapshot) customerPolicies(from string, add func(string, func()) bool) (more bool) {
	more = true
	iam.PoliciesByName.AscendAll(s.r, from, func(name, _ string, p *iam.Policy) bool {
		more = add(name, func() { s.out.Policies = append(s.out.Policies, policies.CustomerDetail(s.r, s.account, p)) })
		return more
	})
	return more
}

// awsPolicies visits the AWS managed policies that the account uses, by ARN.
// AWS reports those that are in use and leaves the rest of its catalogue out.
func (s *snapshot) awsPolicies(from string, add func(string, func()) bool) bool {
	for next := max(from, managed.ARNPrefix); ; next += "\x00" {
		arn, ok := iam.NextUsedPolicy(s.r, next)
		if !ok || !isAWS(arn) {
			return true
		}
		next = arn
		p, known := managed.Lookup(arn)
		if known && !add(arn, func() { s.out.Policies = append(s.out.Policies, policies.AWSDetail(s.r, p)) }) {
			return false
		}
	}
}

func isAWS(policyARN string) bool {
	return len(policyARN) > len(managed.ARNPrefix) && policyARN[:len(managed.ARNPrefix)] == managed.ARNPrefix
}

func (s *snapshot) user(u *iam.User) iamapi.UserDetail {
	listed := iam.ListedUser(s.account, u)
	out := iamapi.UserDetail{
		Path: listed.Path, UserName: listed.UserName, UserId: listed.UserId, Arn: listed.Arn, CreateDate: listed.CreateDate,
		UserPolicyList: policies.InlineDetails(s.r, u.ID), GroupList: []string{},
		AttachedManagedPolicies: policies.AttachedTo(s.r, u.ID),
		PermissionsBoundary:     iam.DescribedBoundary(u.Boundary),
		Tags:                    append([]iamapi.Tag{}, iam.APITags(u.Tags)...),
	}
	iam.Memberships.AscendPrefix(s.r, iam.MembershipKey(u.ID, ""), func(_ string, m *iam.Membership) bool {
		if g, ok := iam.Groups.Get(s.r, m.Group); ok {
			out.GroupList = append(out.GroupList, g.Name)
		}
		return true
	})
	slices.Sort(out.GroupList)
	return out
}

func (s *snapshot) group(g *iam.Group) iamapi.GroupDetail {
	listed := iam.DescribedGroup(s.account, g)
	return iamapi.GroupDetail{
		Path: listed.Path, GroupName: listed.GroupName, GroupId: listed.GroupId, Arn: listed.Arn, CreateDate: listed.CreateDate,
		GroupPolicyList:         append([]iamapi.PolicyDetail{}, policies.InlineDetails(s.r, g.ID)...),
		AttachedManagedPolicies: policies.AttachedTo(s.r, g.ID),
	}
}

func (s *snapshot) role(role *iam.Role) iamapi.RoleDetail {
	full := roles.Described(s.env, s.account, s.r, role)
	var used *iamapi.RoleLastUsed
	used, s.err = roles.LastUsed(s.ctx, s.env, role)
	return iamapi.RoleDetail{
		Path: full.Path, RoleName: full.RoleName, RoleId: full.RoleId, Arn: full.Arn, CreateDate: full.CreateDate,
		AssumeRolePolicyDocument: full.AssumeRolePolicyDocument, InstanceProfileList: instanceprofiles.Holding(s.env, s.account, s.r, role.ID),
		RolePolicyList:          append([]iamapi.PolicyDetail{}, policies.InlineDetails(s.r, role.ID)...),
		AttachedManagedPolicies: policies.AttachedTo(s.r, role.ID),
		PermissionsBoundary:     full.PermissionsBoundary,
		Tags:                    append([]iamapi.Tag{}, full.Tags...), RoleLastUsed: used,
	}
}
