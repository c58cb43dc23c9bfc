package policies

import (
	"strings"

	"sallyport/internal/api"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// A user of a policy: who it is attached to, or whose boundary it is. Exactly
// one of the pointers is set.
type policyUser struct {
	key   string
	group *iam.Group
	user  *iam.User
	role  *iam.Role
}

// listEntities lists who uses a policy: groups, then users, then roles, each
// kind by name. A page may end within a kind.
func (p *policies) listEntities(c *operation.Call, r state.Reader, in *iamapi.ListEntitiesForPolicyRequest) (*iamapi.ListEntitiesForPolicyResponse, error) {
	arn := *in.PolicyArn
	if !iam.Attachable(r, c.Caller.Account(), arn) {
		return nil, noAttachablePolicy(arn)
	}
	page, truncated, next, err := iam.PageOf(in.Marker, in.MaxItems, usersOf(r, arn, in), func(u policyUser) string { return u.key })
	if err != nil {
		return nil, err
	}
	out := &iamapi.ListEntitiesForPolicyResponse{
		PolicyGroups: []iamapi.PolicyGroup{}, PolicyUsers: []iamapi.PolicyUser{}, PolicyRoles: []iamapi.PolicyRole{},
		IsTruncated: truncated, Marker: next,
	}
	for _, u := range page {
		switch {
		case u.group != nil:
			out.PolicyGroups = append(out.PolicyGroups, iamapi.PolicyGroup{GroupName: new(u.group.Name), GroupId: new(u.group.ID)})
		case u.user != nil:
			out.PolicyUsers = append(out.PolicyUsers, iamapi.PolicyUser{UserName: new(u.user.Name), UserId: new(u.user.ID)})
		default:
			out.PolicyRoles = append(out.PolicyRoles, iamapi.PolicyRole{RoleName: new(u.role.Name), RoleId: new(u.role.ID)})
		}
	}
	return out, nil
}

// usersOf gathers the policy's users that pass the request's filters, each
// once even if the policy is both attached to it and its boundary.
func usersOf(r state.Reader, arn string, in *iamapi.ListEntitiesForPolicyRequest) []policyUser {
	found := map[string]policyUser{}
	usage := api.Value(in.PolicyUsageFilter)
	if usage != usageBoundary {
		iam.AttachmentsByPolicy.Ascend(r, arn, func(_ string, a *iam.Attachment) bool {
			if g, ok := iam.Groups.Get(r, a.Entity); ok {
				keep(found, in, "Group", g.Path, policyUser{key: "0" + iam.FoldName(g.Name), group: g})
			} else if u, ok := iam.Users.Get(r, a.Entity); ok {
				keepUser(found, in, u)
			} else if role, ok := iam.Roles.Get(r, a.Entity); ok {
				keepRole(found, in, role)
			}
			return true
		})
	}
	if usage != usagePermissions {
		iam.UsersByBoundary.Ascend(r, arn, func(_ string, u *iam.User) bool { keepUser(found, in, u); return true })
		iam.RolesByBoundary.Ascend(r, arn, func(_ string, role *iam.Role) bool { keepRole(found, in, role); return true })
	}
	all := make([]policyUser, 0, len(found))
	for _, u := range found {
		all = append(all, u)
	}
	return all
}

func keepUser(found map[string]policyUser, in *iamapi.ListEntitiesForPolicyRequest, u *iam.User) {
	keep(found, in, "User", u.Path, policyUser{key: "1" + iam.FoldName(u.Name), user: u})
}

func keepRole(found map[string]policyUser, in *iamapi.ListEntitiesForPolicyRequest, role *iam.Role) {
	keep(found, in, "Role", role.Path, policyUser{key: "2" + iam.FoldName(role.Name), role: role})
}

// keep adds a user of the policy that passes EntityFilter and PathPrefix.
func keep(found map[string]policyUser, in *iamapi.ListEntitiesForPolicyRequest, kind, path string, u policyUser) {
	if in.EntityFilter != nil && *in.EntityFilter != kind {
		return
	}
	if strings.HasPrefix(path, api.Value(in.PathPrefix)) {
		found[u.key] = u
	}
}
