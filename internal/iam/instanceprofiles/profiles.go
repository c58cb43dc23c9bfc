package instanceprofiles

import (
	"slices"
	"strings"

	"sallyport/internal/api"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/iam/roles"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// kind is how ARNs call an instance profile.
const kind = "instance-profile"

func (s *profiles) create(c *operation.Call, tx *state.Tx, in *iamapi.CreateInstanceProfileRequest) (*iamapi.CreateInstanceProfileResponse, error) {
	tags, err := s.newTags(nil, in.Tags)
	if err != nil {
		return nil, err
	}
	name := *in.InstanceProfileName
	if _, _, taken := iam.InstanceProfilesByName.First(tx, iam.FoldName(name)); taken {
		return nil, iamapi.EntityAlreadyExistsException("Instance Profile %s already exists.", name)
	}
	if err := s.env.Limits.Check(iam.InstanceProfilesQuota, iam.InstanceProfiles.Len(tx)+1); err != nil {
		return nil, err
	}
	p := &iam.InstanceProfile{
		ID: s.env.Ident.InstanceProfileID(), Name: name, Path: iam.PathOf(in.Path), Created: iam.Moment(tx.Now()), Tags: tags,
	}
	iam.InstanceProfiles.Put(tx, p.ID, p)
	out := Listed(s.env, c.Caller.Account(), tx, p)
	out.Tags = iam.APITags(p.Tags)
	return &iamapi.CreateInstanceProfileResponse{InstanceProfile: &out}, nil
}

// get describes an instance profile in full; its list of tags is empty, not
// absent, when it has none.
func (s *profiles) get(c *operation.Call, r state.Reader, in *iamapi.GetInstanceProfileRequest) (*iamapi.GetInstanceProfileResponse, error) {
	p, err := iam.FindInstanceProfile(r, *in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	out := Listed(s.env, c.Caller.Account(), r, p)
	out.Tags = append([]iamapi.Tag{}, iam.APITags(p.Tags)...)
	return &iamapi.GetInstanceProfileResponse{InstanceProfile: &out}, nil
}

func (s *profiles) list(c *operation.Call, r state.Reader, in *iamapi.ListInstanceProfilesRequest) (*iamapi.ListInstanceProfilesResponse, error) {
	page, err := iam.NewPage(in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	out := &iamapi.ListInstanceProfilesResponse{InstanceProfiles: []iamapi.InstanceProfile{}}
	iam.InstanceProfilesByName.AscendAll(r, page.From, func(folded, _ string, p *iam.InstanceProfile) bool {
		if !strings.HasPrefix(p.Path, api.Value(in.PathPrefix)) {
			return true
		}
		return page.Add(folded, func() {
			out.InstanceProfiles = append(out.InstanceProfiles, Listed(s.env, c.Caller.Account(), r, p))
		})
	})
	out.IsTruncated, out.Marker = page.Result()
	return out, nil
}

func (s *profiles) listForRole(c *operation.Call, r state.Reader, in *iamapi.ListInstanceProfilesForRoleRequest) (*iamapi.ListInstanceProfilesForRoleResponse, error) {
	role, err := iam.FindRole(r, *in.RoleName)
	if err != nil {
		return nil, err
	}
	page, truncated, marker, err := iam.PageOf(in.Marker, in.MaxItems, holding(r, role.ID),
		func(p *iam.InstanceProfile) string { return iam.FoldName(p.Name) })
	if err != nil {
		return nil, err
	}
	return &iamapi.ListInstanceProfilesForRoleResponse{
		InstanceProfiles: described(s.env, c.Caller.Account(), r, page), IsTruncated: truncated, Marker: marker,
	}, nil
}

// delete refuses a profile that has a role.
func (s *profiles) delete(_ *operation.Call, tx *state.Tx, in *iamapi.DeleteInstanceProfileRequest) (*iamapi.DeleteInstanceProfileResponse, error) {
	p, err := iam.FindInstanceProfile(tx, *in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	if p.Role != "" {
		return nil, iam.Conflict("must remove roles from instance profile first")
	}
	iam.InstanceProfiles.Delete(tx, p.ID)
	return &iamapi.DeleteInstanceProfileResponse{}, nil
}

// change puts a changed copy of an instance profile.
func change(tx *state.Tx, p *iam.InstanceProfile, fn func(*iam.InstanceProfile)) {
	changed := *p
	fn(&changed)
	iam.InstanceProfiles.Put(tx, changed.ID, &changed)
}

// holding are the instance profiles that hold the role.
func holding(r state.Reader, roleID string) []*iam.InstanceProfile {
	var held []*iam.InstanceProfile
	iam.InstanceProfilesByRole.Ascend(r, roleID, func(_ string, p *iam.InstanceProfile) bool {
		held = append(held, p)
		return true
	})
	return held
}

// Holding describes the instance profiles that hold the role, by name, as lists
// do; never nil.
func Holding(env *iam.Env, account string, r state.Reader, roleID string) []iamapi.InstanceProfile {
	held := holding(r, roleID)
	slices.SortFunc(held, func(a, b *iam.InstanceProfile) int {
		return strings.Compare(iam.FoldName(a.Name), iam.FoldName(b.Name))
	})
	return described(env, account, r, held)
}

func described(env *iam.Env, account string, r state.Reader, of []*iam.InstanceProfile) []iamapi.InstanceProfile {
	out := make([]iamapi.InstanceProfile, len(of))
	for i, p := range of {
		out[i] = Listed(env, account, r, p)
	}
	return out
}

// Listed describes an instance profile as lists show it, without tags. Its role
// is there without the length of its sessions.
func Listed(env *iam.Env, account string, r state.Reader, p *iam.InstanceProfile) iamapi.InstanceProfile {
	out := iamapi.InstanceProfile{
		Path: new(p.Path), InstanceProfileName: new(p.Name), InstanceProfileId: new(p.ID),
		Arn: new(iam.InstanceProfileARN(account, p)), CreateDate: new(p.Created), Roles: []iamapi.Role{},
	}
	if role, ok := iam.Roles.Get(r, p.Role); ok {
		held := roles.Listed(env, account, r, role)
		held.MaxSessionDuration = nil
		out.Roles = append(out.Roles, held)
	}
	return out
}
