package authorize

import (
	"net/http"
	"strings"
	"testing"

	"sallyport/test/inprocess"
)

// TestAttack24RecreatedUser: a user made anew under an old name is another: it
// has another unique id, and none of the old one's keys, sessions, policies,
// groups, boundary, tags, password or trust, here or in another account
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids).
func TestAttack24RecreatedUser(t *testing.T) {
	s := inprocess.New(t)
	old := member(s, "alice", allow("iam:* sts:*", "*"))
	s.Root.Do("iam:AttachUserPolicy", p{"UserName": "alice", "PolicyArn": readOnly})
	s.Root.Do("iam:PutUserPermissionsBoundary", p{"UserName": "alice", "PermissionsBoundary": administrator})
	s.Root.Do("iam:TagUser", with(tagged, "UserName", "alice"))
	s.Root.Do("iam:CreateGroup", p{"GroupName": "admins"})
	s.Root.Do("iam:AttachGroupPolicy", p{"GroupName": "admins", "PolicyArn": administrator})
	s.Root.Do("iam:AddUserToGroup", joinAdmins.in)
	oldID := old.Do("sts:GetCallerIdentity", nil).Text("UserId")
	session := s.Client(old.Do("sts:GetSessionToken", nil).Credentials())

	otherID, other := account(s, "other@example.com")
	far := "arn:aws:iam::" + otherID + ":role/far"
	other.Do("iam:CreateRole", p{"RoleName": "far", "AssumeRolePolicyDocument": trusting(alice)})
	near := role(s, "near", trusting(alice))
	for _, target := range []string{near, far} {
		assume(s, old, target, "s1").Do("sts:GetCallerIdentity", nil)
	}

	for _, step := range []step{
		{"iam:DeleteAccessKey", p{"UserName": "alice", "AccessKeyId": old.Credentials.AccessKeyID}},
		{"iam:DetachUserPolicy", p{"UserName": "alice", "PolicyArn": readOnly}},
		{"iam:DeleteUserPolicy", p{"UserName": "alice", "PolicyName": "own"}},
		{"iam:RemoveUserFromGroup", joinAdmins.in},
		{"iam:DeleteUser", p{"UserName": "alice"}},
	} {
		s.Root.Do(step.call, step.in)
	}
	again := member(s, "alice")
	identity := again.Do("sts:GetCallerIdentity", nil)
	if id := identity.Text("UserId"); id == oldID || !strings.HasPrefix(id, "AIDA") || identity.Text("Arn") != alice {
		t.Errorf("the new user is %s, the old one was %s", identity.Body, oldID)
	}
	// The sessions and keys of the old one are nobody's.
	old.Refused("sts:GetCallerIdentity", nil, http.StatusForbidden, "InvalidClientTokenId")
	session.Refused("sts:GetCallerIdentity", nil, http.StatusForbidden, "InvalidClientTokenId")
	again.Denied(listsUsers, nil, listsUsers)
	if body := s.Root.Do("iam:GetUser", p{"UserName": "alice"}).Body; strings.Contains(body, "PermissionsBoundary") || strings.Contains(body, "team") {
		t.Errorf("the new user has the old one's boundary or tags: %s", body)
	}
	for _, list := range []string{"iam:ListGroupsForUser", "iam:ListAttachedUserPolicies", "iam:ListUserPolicies"} {
		if reply := s.Root.Do(list, p{"UserName": "alice"}); len(reply.Texts("member")) != 0 {
			t.Errorf("%s of the new user: %s", list, reply.Body)
		}
	}
	s.Root.Refused("iam:GetLoginProfile", p{"UserName": "alice"}, http.StatusNotFound, "NoSuchEntity")

	// Trust is in who was named, not in the name; permission does not help.
	s.Root.Do("iam:AttachUserPolicy", p{"UserName": "alice", "PolicyArn": administrator})
	for _, target := range []string{near, far} {
		again.Denied("sts:AssumeRole", p{"RoleArn": target, "RoleSessionName": "s1"}, "sts:AssumeRole")
	}
	if shown := s.Root.Do("iam:GetRole", p{"RoleName": "near"}).Text("AssumeRolePolicyDocument"); !strings.Contains(shown, oldID) {
		t.Errorf("the policy does not show who was trusted: %s", shown)
	}
	// Writing it anew trusts the new one.
	s.Root.Do("iam:UpdateAssumeRolePolicy", p{"RoleName": "near", "PolicyDocument": trusting(alice)})
	assume(s, again, near, "s1").Do("sts:GetCallerIdentity", nil)
}

// TestAttack24RecreatedRole: sessions of a deleted role stay dead when a role of
// its name is made, and trust in it or in its sessions does not come back.
func TestAttack24RecreatedRole(t *testing.T) {
	s := inprocess.New(t)
	builder := role(s, "builder", trust, allow("*", "*"))
	sessionARN := "arn:aws:sts::" + inprocess.Account + ":assumed-role/builder/nightly"
	old := assume(s, s.Admin, builder, "nightly")
	byRole, bySession := role(s, "by-role", trusting(builder)), role(s, "by-session", trusting(sessionARN))
	for _, target := range []string{byRole, bySession} {
		assume(s, old, target, "s1").Do("sts:GetCallerIdentity", nil)
	}
	onward := assume(s, old, byRole, "s2")

	s.Root.Do("iam:DeleteRolePolicy", p{"RoleName": "builder", "PolicyName": "own"})
	s.Root.Do("iam:DeleteRole", p{"RoleName": "builder"})
	old.Refused("sts:GetCallerIdentity", nil, http.StatusForbidden, "InvalidClientTokenId")
	role(s, "builder", trust, allow("*", "*"))
	old.Refused("sts:GetCallerIdentity", nil, http.StatusForbidden, "InvalidClientTokenId")
	old.Refused(listsUsers, nil, http.StatusForbidden, "InvalidClientTokenId")
	old.Refused("iam:CreateAccessKey", p{"UserName": "admin"}, http.StatusForbidden, "InvalidClientTokenId")

	again := assume(s, s.Admin, builder, "nightly")
	again.Do(listsUsers, nil)
	for _, target := range []string{byRole, bySession} {
		again.Denied("sts:AssumeRole", p{"RoleArn": target, "RoleSessionName": "s1"}, "sts:AssumeRole")
	}
	// A session made before with the old role's is its own role's.
	onward.Do("sts:GetCallerIdentity", nil)
}

// TestAttack24RecreatedGroupAndPolicy: a group made anew has no members or
// policies, and a policy made anew is attached to nothing and has no versions of
// the old one.
func TestAttack24RecreatedGroupAndPolicy(t *testing.T) {
	s := inprocess.New(t)
	c := member(s, "alice")
	s.Root.Do("iam:CreateGroup", p{"GroupName": "admins"})
	s.Root.Do("iam:CreatePolicy", p{"PolicyName": "limits", "PolicyDocument": policyOf(allow("*", "*"))})
	s.Root.Do("iam:CreatePolicyVersion", version2.in)
	attach := p{"GroupName": "admins", "PolicyArn": limits}
	s.Root.Do("iam:AttachGroupPolicy", attach)
	s.Root.Do("iam:AddUserToGroup", joinAdmins.in)
	oldPolicy := s.Root.Do("iam:GetPolicy", p{"PolicyArn": limits}).Text("PolicyId")
	oldGroup := s.Root.Do("iam:GetGroup", p{"GroupName": "admins"}).Text("GroupId")
	c.Do(listsUsers, nil)

	s.Root.Refused("iam:DeletePolicy", p{"PolicyArn": limits}, http.StatusConflict, "DeleteConflict")
	s.Root.Refused("iam:DeleteGroup", p{"GroupName": "admins"}, http.StatusConflict, "DeleteConflict")
	for _, step := range []step{
		{"iam:RemoveUserFromGroup", joinAdmins.in}, {"iam:DetachGroupPolicy", attach}, {"iam:DeleteGroup", p{"GroupName": "admins"}},
		{"iam:DeletePolicyVersion", p{"PolicyArn": limits, "VersionId": "v2"}}, {"iam:DeletePolicy", p{"PolicyArn": limits}},
		{"iam:CreateGroup", p{"GroupName": "admins"}}, {"iam:CreatePolicy", p{"PolicyName": "limits", "PolicyDocument": policyOf(allow("*", "*"))}},
	} {
		s.Root.Do(step.call, step.in)
	}
	c.Denied(listsUsers, nil, listsUsers)
	group := s.Root.Do("iam:GetGroup", p{"GroupName": "admins"})
	if group.Text("GroupId") == oldGroup || group.Text("UserName") != "" {
		t.Errorf("the group made anew: %s", group.Body)
	}
	if attached := s.Root.Do("iam:ListAttachedGroupPolicies", p{"GroupName": "admins"}); attached.Text("PolicyArn") != "" {
		t.Errorf("the group made anew has policies: %s", attached.Body)
	}
	if id := s.Root.Do("iam:GetPolicy", p{"PolicyArn": limits}).Text("PolicyId"); id == oldPolicy {
		t.Error("the policy made anew has the old one's id")
	}
	s.Root.Refused("iam:GetPolicyVersion", p{"PolicyArn": limits, "VersionId": "v2"}, http.StatusNotFound, "NoSuchEntity")
	if entities := s.Root.Do("iam:ListEntitiesForPolicy", p{"PolicyArn": limits}); entities.Text("GroupName")+entities.Text("UserName") != "" {
		t.Errorf("the policy made anew is attached: %s", entities.Body)
	}
	s.Root.Do("iam:AddUserToGroup", joinAdmins.in)
	c.Denied(listsUsers, nil, listsUsers)
}

// TestAttack24Renamed: a principal that is renamed keeps what it was given, and
// who takes its old name gets nothing of it.
func TestAttack24Renamed(t *testing.T) {
	s := inprocess.New(t)
	first := member(s, "alice", allow(listsUsers+" sts:*", "*"))
	near := role(s, "near", trusting(alice))
	s.Root.Do("iam:UpdateUser", p{"UserName": "alice", "NewUserName": "alicia"})
	second := member(s, "alice", allow("sts:*", "*"))
	first.Do(listsUsers, nil)
	assume(s, first, near, "s1").Do("sts:GetCallerIdentity", nil)
	second.Denied(listsUsers, nil, listsUsers)
	second.Denied("sts:AssumeRole", p{"RoleArn": near, "RoleSessionName": "s1"}, "sts:AssumeRole")
	if shown := s.Root.Do("iam:GetRole", p{"RoleName": "near"}).Text("AssumeRolePolicyDocument"); !strings.Contains(shown, "alicia") {
		t.Errorf("the policy does not show the new name: %s", shown)
	}
}
