package authorize

import (
	"strings"
	"testing"

	"sallyport/internal/app"
	"sallyport/test/inprocess"
)

// TestAttack16Compound: an operation that does the work of several needs the
// permission of each, on its own resource, and names the one that is missing.
func TestAttack16Compound(t *testing.T) {
	staff, sts := iamARN+"user/staff/alice", "arn:aws:sts::"+inprocess.Account+":"
	kiosk, self := sts+"federated-user/kiosk", sts+"self"
	for name, c := range map[string]struct {
		setup []step
		call  string
		in    p
		// needs are the actions and their resources, in the order they are asked for.
		needs [][2]string
	}{
		"a user with tags":              {nil, "iam:CreateUser", with(tagged, "UserName", "alice"), [][2]string{{"iam:CreateUser", alice}, {"iam:TagUser", alice}}},
		"a device with tags":            {nil, makePhone.call, with(tagged, "VirtualMFADeviceName", "phone"), [][2]string{{"iam:CreateVirtualMFADevice", phone}, {"iam:TagMFADevice", phone}}},
		"a role with tags":              {nil, "iam:CreateRole", with(tagged, "RoleName", "deploy", "AssumeRolePolicyDocument", trust), [][2]string{{"iam:CreateRole", deploy}, {"iam:TagRole", deploy}}},
		"a policy with tags":            {nil, "iam:CreatePolicy", with(tagged, "PolicyName", "limits", "PolicyDocument", document), [][2]string{{"iam:CreatePolicy", limits}, {"iam:TagPolicy", limits}}},
		"moving a user":                 {[]step{makeAlice}, "iam:UpdateUser", p{"UserName": "alice", "NewPath": "/staff/"}, [][2]string{{"iam:UpdateUser", alice}, {"iam:UpdateUser", staff}}},
		"renaming a group":              {[]step{makeAdmins}, "iam:UpdateGroup", p{"GroupName": "admins", "NewGroupName": "staff"}, [][2]string{{"iam:UpdateGroup", admins}, {"iam:UpdateGroup", iamARN + "group/staff"}}},
		"an instance profile with tags": {nil, "iam:CreateInstanceProfile", with(tagged, "InstanceProfileName", "web", "Path", "/app/"), [][2]string{{"iam:CreateInstanceProfile", webProfile}, {"iam:TagInstanceProfile", webProfile}}},
		"passing a role":                {[]step{makeWeb, makeDeploy}, deployWeb.call, deployWeb.in, [][2]string{{"iam:AddRoleToInstanceProfile", webProfile}, {"iam:PassRole", deploy}}},
		"a session with tags": {[]step{makeDeploy, {"iam:UpdateAssumeRolePolicy", p{"RoleName": "deploy", "PolicyDocument": trusting(inprocess.Account)}}},
			"sts:AssumeRole", with(tagged, "RoleArn", deploy, "RoleSessionName", "s1"), [][2]string{{"sts:AssumeRole", deploy}, {"sts:TagSession", deploy}}},
		"a federated user with tags":     {nil, "sts:GetFederationToken", with(tagged, "Name", "kiosk"), [][2]string{{"sts:GetFederationToken", kiosk}, {"sts:TagSession", kiosk}}},
		"a web identity token with tags": {[]step{enableOutbound}, "sts:GetWebIdentityToken", with(tagged, "Audience.member.1", "example", "SigningAlgorithm", "ES384"), [][2]string{{"sts:GetWebIdentityToken", self}, {"sts:TagGetWebIdentityToken", self}}},
		"a session with a source identity": {[]step{makeDeploy, {"iam:UpdateAssumeRolePolicy", p{"RoleName": "deploy", "PolicyDocument": trusting(inprocess.Account)}}},
			"sts:AssumeRole", p{"RoleArn": deploy, "RoleSessionName": "s1", "SourceIdentity": "alice"}, [][2]string{{"sts:AssumeRole", deploy}, {"sts:SetSourceIdentity", deploy}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, probe, _ := probed(t, fixture{setup: c.setup})
			for missing := range c.needs {
				var grants []string
				for i, need := range c.needs {
					if i != missing {
						grants = append(grants, allow(need[0], need[1]))
					}
				}
				s.Root.Do("iam:PutUserPolicy", p{"UserName": "probe", "PolicyName": "grant", "PolicyDocument": policyOf(grants...)})
				onRecord(t, s, probe.Denied(c.call, c.in, c.needs[missing][0]), c.call[strings.IndexByte(c.call, ':')+1:], "probe")
			}
			s.Root.Do("iam:PutUserPolicy", p{"UserName": "probe", "PolicyName": "grant",
				"PolicyDocument": policyOf(allow(c.needs[0][0], c.needs[0][1]), allow(c.needs[1][0], c.needs[1][1]))})
			probe.Do(c.call, c.in)
		})
	}
}

// TestAttack16ExistenceHidden: who may not act on a thing is told the same
// whether it exists or not.
func TestAttack16ExistenceHidden(t *testing.T) {
	compared := 0
	for _, d := range app.Operations().All() {
		name := d.Op.Service.SigningName + ":" + d.Op.Name
		f, ok := fixtures[name]
		if !ok || len(f.setup) == 0 {
			continue
		}
		compared++
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, probe, _ := probed(t, fixture{})
			nobodys := filled(f.in, nobodysID)
			missing := unnamed(probe.Denied(name, nobodys, actionOf(name)), f.in, nobodys)
			made := setUp(s, f)
			there := unnamed(probe.Denied(name, made, actionOf(name)), f.in, made)
			if missing != there {
				t.Errorf("without it: %s\nwith it:    %s", missing, there)
			}
		})
	}
	if compared < 50 {
		t.Errorf("only %d operations were compared", compared)
	}
}

// unnamed is what a reply says, without the ids that the request itself gave.
func unnamed(reply *inprocess.Reply, in, given p) string {
	message := reply.Message
	for name, value := range in {
		if value == madeID {
			owner, _, _ := strings.Cut(given[name], "/")
			message = strings.ReplaceAll(message, owner, "ID")
		}
	}
	return message
}
