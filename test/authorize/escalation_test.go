package authorize

import (
	"net/http"
	"testing"

	"sallyport/test/inprocess"
)

// TestAttack15SelfService: a user who may manage itself by a policy variable
// manages nobody else, under no spelling, and can't become somebody else
// ("IAM policy elements: Variables and tags",
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html).
func TestAttack15SelfService(t *testing.T) {
	s := inprocess.New(t)
	s.Root.Do("iam:CreateUser", p{"UserName": "alice.smith"})
	s.Root.Do("iam:CreateUser", p{"UserName": "chief", "Path": "/staff/"})
	mallory := member(s, "mallory", allow("iam:*", iamARN+"user/${aws:username}"), allow("iam:*", iamARN+"user/staff/${aws:username}/*"))
	key := mallory.Do("iam:CreateAccessKey", p{"UserName": "mallory"}).Text("AccessKeyId")
	mallory.Do("iam:DeleteAccessKey", p{"AccessKeyId": key})
	for _, name := range []string{"admin", "ADMIN", "Admin", "alice.smith", "chief", "CHIEF", "nobody"} {
		for _, call := range []string{"iam:CreateAccessKey", "iam:DeleteUser", "iam:DeleteLoginProfile"} {
			mallory.Denied(call, p{"UserName": name}, call)
		}
	}
	mallory.Denied("iam:UpdateAccessKey", p{"UserName": "admin", "AccessKeyId": inprocess.AdminKey, "Status": "Inactive"}, "iam:UpdateAccessKey")
	// Named as one's own, another's key is not found.
	mallory.Refused("iam:UpdateAccessKey", p{"UserName": "mallory", "AccessKeyId": inprocess.AdminKey, "Status": "Inactive"}, http.StatusNotFound, "NoSuchEntity")
	mallory.Refused("iam:DeleteAccessKey", p{"AccessKeyId": inprocess.AdminKey}, http.StatusNotFound, "NoSuchEntity")
	mallory.Denied("iam:UpdateUser", p{"UserName": "mallory", "NewUserName": "administrator"}, "iam:UpdateUser")
	mallory.Denied("iam:UpdateUser", p{"UserName": "mallory", "NewPath": "/staff/"}, "iam:UpdateUser")
	for _, wild := range []string{"*", "?dmin", "${aws:username}", "mallory/*", "../admin", "staff/chief"} {
		mallory.Refused("iam:CreateAccessKey", p{"UserName": wild}, http.StatusBadRequest, "ValidationError")
	}
}

// TestAttack15Spelling: names are one whatever their case, so that neither an
// allow for one spelling reaches an entity of another nor a deny misses it.
func TestAttack15Spelling(t *testing.T) {
	s := inprocess.New(t)
	s.Root.Do("iam:CreateGroup", p{"GroupName": "Admins"})
	s.Root.Do("iam:CreateRole", p{"RoleName": "Deploy", "AssumeRolePolicyDocument": trust})
	wide := member(s, "wide", allow("iam:*", "*"), deny("iam:*", iamARN+"user/admin"), deny("iam:*", iamARN+"group/Admins"), deny("iam:*", iamARN+"role/Deploy"))
	narrow := member(s, "narrow", allow("iam:*", iamARN+"user/ADMIN"), allow("iam:*", iamARN+"group/ADMINS"), allow("iam:*", iamARN+"role/DEPLOY"))
	for _, c := range []*inprocess.Client{wide, narrow} {
		c.Denied("iam:CreateAccessKey", p{"UserName": "ADMIN"}, "iam:CreateAccessKey")
		c.Denied("iam:AddUserToGroup", p{"GroupName": "ADMINS", "UserName": "wide"}, "iam:AddUserToGroup")
		c.Denied("iam:PutRolePolicy", p{"RoleName": "DEPLOY", "PolicyName": "own", "PolicyDocument": document}, "iam:PutRolePolicy")
	}
}

// TestAttack15Tags: a grant by tag opens only to who may give the tag, on
// creation too, and a ban on a tag holds for its every spelling.
func TestAttack15Tags(t *testing.T) {
	s := inprocess.New(t)
	s.Root.Do("iam:CreateUser", p{"UserName": "alice"})
	s.Root.Do("iam:TagUser", p{"UserName": "alice", "Tags.member.1.Key": "owner", "Tags.member.1.Value": "root"})
	tag := func(key, value string) p {
		return p{"UserName": "alice", "Tags.member.1.Key": key, "Tags.member.1.Value": value}
	}
	red := `"StringEquals":{"aws:ResourceTag/team":"red"}`
	mallory := member(s, "mallory", allow("iam:CreateUser", "*"), allow("iam:CreateAccessKey iam:AttachUserPolicy", "*", red),
		allow("iam:TagUser", alice), deny("iam:TagUser", "*", `"StringEquals":{"aws:RequestTag/team":"red"}`),
		deny("iam:TagUser", "*", `"ForAnyValue:StringEquals":{"aws:TagKeys":["team","Team","TEAM"]}`))
	mallory.Denied("iam:CreateUser", p{"UserName": "puppet", "Tags.member.1.Key": "team", "Tags.member.1.Value": "red"}, "iam:TagUser")
	mallory.Denied("iam:AttachUserPolicy", p{"UserName": "mallory", "PolicyArn": administrator}, "iam:AttachUserPolicy")
	for _, key := range []string{"team", "Team", "TEAM"} {
		mallory.Denied("iam:TagUser", tag(key, "red"), "iam:TagUser")
		mallory.Denied("iam:TagUser", with(tag("stage", "test"), "Tags.member.2.Key", key, "Tags.member.2.Value", "red"), "iam:TagUser")
	}
	mallory.Refused("iam:TagUser", with(tag("stage", "test"), "Tags.member.2.Key", "STAGE", "Tags.member.2.Value", "live"), http.StatusBadRequest, "InvalidInput")
	mallory.Do("iam:TagUser", tag("stage", "test"))
	mallory.Denied("iam:CreateAccessKey", p{"UserName": "alice"}, "iam:CreateAccessKey")
	mallory.Denied("iam:UntagUser", p{"UserName": "alice", "TagKeys.member.1": "owner"}, "iam:UntagUser")
}

// TestAttack15OnlyCertainPolicies: who may attach certain policies attaches no
// other, and can't get round by writing one, into a version or inline.
func TestAttack15OnlyCertainPolicies(t *testing.T) {
	s := inprocess.New(t)
	s.Root.Do("iam:CreateGroup", p{"GroupName": "crew"})
	s.Root.Do("iam:CreateRole", p{"RoleName": "deploy", "AssumeRolePolicyDocument": trust})
	s.Root.Do("iam:CreatePolicy", p{"PolicyName": "limits", "PolicyDocument": document})
	only := `"ArnEquals":{"iam:PolicyARN":["` + readOnly + `","` + limits + `"]}`
	mallory := member(s, "mallory", allow("iam:AttachUserPolicy iam:AttachGroupPolicy iam:AttachRolePolicy", "*", only), allow("iam:PutUserPolicy iam:PutGroupPolicy iam:PutRolePolicy", "*", only))
	for kind, name := range map[string]string{"User": "mallory", "Group": "crew", "Role": "deploy"} {
		entity := p{kind + "Name": name}
		mallory.Do("iam:Attach"+kind+"Policy", with(entity, "PolicyArn", readOnly))
		mallory.Do("iam:Attach"+kind+"Policy", with(entity, "PolicyArn", limits))
		for _, arn := range []string{administrator, readOnly + "X", "arn:aws:iam::aws:policy/readonlyaccess"} {
			mallory.Denied("iam:Attach"+kind+"Policy", with(entity, "PolicyArn", arn), "iam:Attach"+kind+"Policy")
		}
		mallory.Denied("iam:Put"+kind+"Policy", with(entity, "PolicyName", "own", "PolicyDocument", policyOf(allow("*", "*"))), "iam:Put"+kind+"Policy")
	}
	wider := policyOf(allow("*", "*"))
	mallory.Denied("iam:CreatePolicyVersion", p{"PolicyArn": limits, "PolicyDocument": wider, "SetAsDefault": "true"}, "iam:CreatePolicyVersion")
	mallory.Denied("iam:SetDefaultPolicyVersion", p{"PolicyArn": limits, "VersionId": "v1"}, "iam:SetDefaultPolicyVersion")
	mallory.Denied("iam:DeletePolicy", p{"PolicyArn": limits}, "iam:DeletePolicy")
}

// TestAttack15NothingIsTakenAlong: groups and roles give nothing to who only
// made them, joined another, or is named like them.
func TestAttack15NothingIsTakenAlong(t *testing.T) {
	s := inprocess.New(t)
	s.Root.Do("iam:CreateGroup", p{"GroupName": "admins"})
	s.Root.Do("iam:AttachGroupPolicy", p{"GroupName": "admins", "PolicyArn": administrator})
	mallory := member(s, "mallory", allow("iam:CreateGroup iam:AddUserToGroup iam:UpdateGroup", iamARN+"group/crew"), allow("iam:CreateRole", "*"))
	mallory.Do("iam:CreateGroup", p{"GroupName": "crew"})
	mallory.Do("iam:AddUserToGroup", p{"GroupName": "crew", "UserName": "mallory"})
	mallory.Denied("iam:AddUserToGroup", p{"GroupName": "admins", "UserName": "mallory"}, "iam:AddUserToGroup")
	mallory.Denied("iam:UpdateGroup", p{"GroupName": "admins", "NewGroupName": "crew2"}, "iam:UpdateGroup")
	mallory.Denied("iam:UpdateGroup", p{"GroupName": "crew", "NewGroupName": "admins2"}, "iam:UpdateGroup")
	mallory.Denied(listsUsers, nil, listsUsers)
	// A role made to trust oneself has no permissions until somebody gives some.
	mallory.Do("iam:CreateRole", p{"RoleName": "admin", "AssumeRolePolicyDocument": trusting(iamARN + "user/mallory")})
	session := assume(s, mallory, iamARN+"role/admin", "admin")
	session.Denied(listsUsers, nil, listsUsers)
	session.Denied("iam:CreateAccessKey", p{"UserName": "admin"}, "iam:CreateAccessKey")
	session.Refused("iam:CreateAccessKey", nil, http.StatusBadRequest, "ValidationError")
}
