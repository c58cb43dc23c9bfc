package history_test

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sallyport/internal/app"
	"sallyport/internal/history"
	"sallyport/internal/iam"
	"sallyport/test/inprocess"
)

// TestEveryTable: no table of an account is left out.
func TestEveryTable(t *testing.T) {
	known := history.KnownTables()
	for _, directory := range iam.DirectoryTables() {
		known = append(known, directory.Name())
	}
	slices.Sort(known)
	if all := app.Schema().Tables(); !slices.Equal(all, known) {
		t.Errorf("tables\n%v\nknown to history or of the directory\n%v", all, known)
	}
}

// TestUser: everything that belongs to a user is its history.
func TestUser(t *testing.T) {
	s := inprocess.New(t)
	do := s.Admin.Do
	do("iam:CreateUser", p{"UserName": "alice", "Tags.member.1.Key": "team", "Tags.member.1.Value": "red"})
	do("iam:CreateUser", p{"UserName": "bob"})
	do("iam:CreateGroup", p{"GroupName": "crew"})
	do("iam:CreatePolicy", p{"PolicyName": "limits", "PolicyDocument": document})
	key := do("iam:CreateAccessKey", p{"UserName": "alice"}).Text("AccessKeyId")
	do("iam:PutUserPolicy", p{"UserName": "alice", "PolicyName": "own", "PolicyDocument": document})
	do("iam:PutUserPolicy", p{"UserName": "alice", "PolicyName": "own", "PolicyDocument": wider})
	do("iam:AttachUserPolicy", p{"UserName": "alice", "PolicyArn": readOnly})
	do("iam:AttachUserPolicy", p{"UserName": "alice", "PolicyArn": iamARN + "policy/limits"})
	do("iam:AddUserToGroup", p{"UserName": "alice", "GroupName": "crew"})
	do("iam:PutUserPermissionsBoundary", p{"UserName": "alice", "PermissionsBoundary": readOnly})
	do("iam:UpdateAccessKey", p{"UserName": "alice", "AccessKeyId": key, "Status": "Inactive"})
	do("iam:UpdateUser", p{"UserName": "alice", "NewUserName": "carol"})
	do("iam:DeleteAccessKey", p{"UserName": "carol", "AccessKeyId": key})
	do("iam:DeleteUserPolicy", p{"UserName": "carol", "PolicyName": "own"})
	do("iam:DetachUserPolicy", p{"UserName": "carol", "PolicyArn": readOnly})
	do("iam:DetachUserPolicy", p{"UserName": "carol", "PolicyArn": iamARN + "policy/limits"})
	do("iam:RemoveUserFromGroup", p{"UserName": "carol", "GroupName": "crew"})
	do("iam:DeleteUser", p{"UserName": "carol"})

	events := historyOf(s.Admin, t, iamARN+"user/carol")
	wantLines(t, events,
		"iam:CreateUser made User user/alice",
		"iam:CreateAccessKey made AccessKey "+key,
		"iam:PutUserPolicy made InlinePolicy own",
		"iam:PutUserPolicy changed InlinePolicy own",
		"iam:AttachUserPolicy made AttachedPolicy "+readOnly,
		"iam:AttachUserPolicy made AttachedPolicy policy/limits",
		"iam:AddUserToGroup made GroupMembership group/crew",
		"iam:PutUserPermissionsBoundary changed User user/alice",
		"iam:UpdateAccessKey changed AccessKey "+key,
		"iam:UpdateUser changed User user/carol",
		"iam:DeleteAccessKey removed AccessKey "+key,
		"iam:DeleteUserPolicy removed InlinePolicy own",
		"iam:DetachUserPolicy removed AttachedPolicy "+readOnly,
		"iam:DetachUserPolicy removed AttachedPolicy policy/limits",
		"iam:RemoveUserFromGroup removed GroupMembership group/crew",
		"iam:DeleteUser removed User user/carol")

	// The events say who, when and from where, and name the entity as it was
	// called then.
	for i, e := range events {
		if e.EntityId != events[0].EntityId || e.CallerArn != iamARN+"user/admin" || e.SourceIpAddress != "127.0.0.1" ||
			e.UserAgent == "" || e.RequestId == "" || e.EventTime != float64(inprocess.Start.Unix()) {
			t.Errorf("event %+v", e)
		}
		if i > 0 && e.Revision >= events[i-1].Revision {
			t.Errorf("revision %d comes after %d", e.Revision, events[i-1].Revision)
		}
		if want := map[bool]string{true: alice, false: iamARN + "user/carol"}[e.Revision < 14]; e.EntityArn != want {
			t.Errorf("revision %d is of %s, want %s", e.Revision, e.EntityArn, want)
		}
	}
	if by := historyOf(s.Admin, t, events[0].EntityId); !reflect.DeepEqual(by, events) {
		t.Errorf("by id the history is\n%v\nby ARN\n%v", by, events)
	}
}

// TestFurtherCredentials: what a user has beside keys and password belongs to
// its history, root's to the account's; a server certificate has its own. What
// is secret of them is not shown.
func TestFurtherCredentials(t *testing.T) {
	s := inprocess.New(t)
	do := s.Admin.Do
	cert, key := certificate(t)
	do("iam:CreateUser", p{"UserName": "alice"})
	ssh := do("iam:UploadSSHPublicKey", p{"UserName": "alice", "SSHPublicKeyBody": sshKey}).Text("SSHPublicKeyId")
	signing := do("iam:UploadSigningCertificate", p{"UserName": "alice", "CertificateBody": cert}).Text("CertificateId")
	made := do("iam:CreateServiceSpecificCredential", p{"UserName": "alice", "ServiceName": "bedrock.amazonaws.com", "CredentialAgeDays": "30"})
	service := made.Text("ServiceSpecificCredentialId")
	reset := do("iam:ResetServiceSpecificCredential", p{"UserName": "alice", "ServiceSpecificCredentialId": service})
	do("iam:UpdateSSHPublicKey", p{"UserName": "alice", "SSHPublicKeyId": ssh, "Status": "Inactive"})
	do("iam:DeleteSSHPublicKey", p{"UserName": "alice", "SSHPublicKeyId": ssh})
	do("iam:DeleteSigningCertificate", p{"UserName": "alice", "CertificateId": signing})
	do("iam:DeleteServiceSpecificCredential", p{"UserName": "alice", "ServiceSpecificCredentialId": service})
	events := historyOf(s.Admin, t, alice)
	wantLines(t, events,
		"iam:CreateUser made User user/alice",
		"iam:UploadSSHPublicKey made SSHPublicKey "+ssh,
		"iam:UploadSigningCertificate made SigningCertificate "+signing,
		"iam:CreateServiceSpecificCredential made ServiceSpecificCredential "+service,
		"iam:ResetServiceSpecificCredential changed ServiceSpecificCredential "+service,
		"iam:UpdateSSHPublicKey changed SSHPublicKey "+ssh,
		"iam:DeleteSSHPublicKey removed SSHPublicKey "+ssh,
		"iam:DeleteSigningCertificate removed SigningCertificate "+signing,
		"iam:DeleteServiceSpecificCredential removed ServiceSpecificCredential "+service)
	credential := func(more string) string {
		return `{"ServiceSpecificCredentialId":"` + service + `","ServiceName":"bedrock.amazonaws.com","ServiceUserName":"alice-at-` + account +
			`","Status":"Active","CreateDate":"2026-01-02T03:04:05Z"` + more + `,"ExpirationDate":"2026-02-01T03:04:05Z"}`
	}
	wantChange(t, events[4].Changes[0], credential(""), credential(`,"ResetDate":"2026-01-02T03:04:05Z"`))
	wantChange(t, events[3].Changes[0], `{"SSHPublicKeyId":"`+ssh+`","SSHPublicKeyBody":"`+sshKey+`","Status":"Active","UploadDate":"2026-01-02T03:04:05Z"}`,
		`{"SSHPublicKeyId":"`+ssh+`","SSHPublicKeyBody":"`+sshKey+`","Status":"Inactive","UploadDate":"2026-01-02T03:04:05Z"}`)

	rootCertificate := s.Root.Do("iam:UploadSigningCertificate", p{"CertificateBody": cert}).Text("CertificateId")
	if e := historyOf(s.Admin, t, iamARN+"root")[0]; e.EventName != "iam:UploadSigningCertificate" || e.Changes[0].Name != rootCertificate {
		t.Errorf("root's certificate is shown as %+v", e)
	}

	id := do("iam:UploadServerCertificate", p{"ServerCertificateName": "www", "CertificateBody": cert, "PrivateKey": key}).Text("ServerCertificateId")
	do("iam:UpdateServerCertificate", p{"ServerCertificateName": "www", "NewPath": "/cloudfront/"})
	do("iam:DeleteServerCertificate", p{"ServerCertificateName": "www"})
	all := historyOf(s.Admin, t, id)
	wantLines(t, all,
		"iam:UploadServerCertificate made ServerCertificate server-certificate/www",
		"iam:UpdateServerCertificate changed ServerCertificate server-certificate/cloudfront/www",
		"iam:DeleteServerCertificate removed ServerCertificate server-certificate/cloudfront/www")
	for _, e := range append(all, events...) {
		for _, c := range e.Changes {
			for _, secret := range []string{strings.Split(key, "\n")[1], made.Text("ServiceCredentialSecret"), reset.Text("ServiceCredentialSecret")} {
				if strings.Contains(c.Before+c.After, secret) {
					t.Errorf("%s of a %s shows a secret", e.EventName, c.Kind)
				}
			}
		}
	}
}

// TestDocuments: what was before and after has the IAM API's member names.
func TestDocuments(t *testing.T) {
	s := inprocess.New(t)
	do := s.Admin.Do
	do("iam:CreateUser", p{"UserName": "alice", "Path": "/staff/"})
	do("iam:TagUser", p{"UserName": "alice", "Tags.member.1.Key": "team", "Tags.member.1.Value": "red"})
	do("iam:PutUserPermissionsBoundary", p{"UserName": "alice", "PermissionsBoundary": readOnly})
	do("iam:CreateRole", p{"RoleName": "deploy", "Description": "deploys", "MaxSessionDuration": "7200", "AssumeRolePolicyDocument": strings.ReplaceAll(trust, `"AWS":"`+account+`"`, `"AWS":"`+iamARN+`user/admin"`)})
	do("iam:CreatePolicy", p{"PolicyName": "limits", "PolicyDocument": document, "Description": "what is allowed"})
	do("iam:CreatePolicyVersion", p{"PolicyArn": iamARN + "policy/limits", "PolicyDocument": wider, "SetAsDefault": "true"})
	admin := s.Admin.Do("iam:GetUser", nil).Text("UserId")

	const created = `"CreateDate":"2026-01-02T03:04:05Z"`
	user := func(id, tail string) string {
		return `{"Path":"/staff/","UserName":"alice","UserId":"` + id + `","Arn":"` + iamARN + `user/staff/alice",` + created + tail + `}`
	}
	const (
		tags     = `"Tags":[{"Key":"team","Value":"red"}]`
		boundary = `"PermissionsBoundary":{"PermissionsBoundaryType":"Policy","PermissionsBoundaryArn":"` + readOnly + `"}`
	)
	events := historyOf(s.Admin, t, iamARN+"user/staff/alice")
	id := events[0].EntityId
	wantChange(t, events[0].Changes[0], user(id, ","+tags), user(id, ","+boundary+","+tags))
	wantChange(t, events[1].Changes[0], user(id, ""), user(id, ","+tags))
	wantChange(t, events[2].Changes[0], "", user(id, ""))

	events = historyOf(s.Admin, t, iamARN+"role/deploy")
	wantChange(t, events[0].Changes[0], "", `{"Path":"/","RoleName":"deploy","RoleId":"`+events[0].EntityId+`","Arn":"`+iamARN+`role/deploy",`+created+
		`,"AssumeRolePolicyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"`+iamARN+`user/admin"},"Action":"sts:AssumeRole"}]}`+
		`,"TrustedPrincipalIds":{"`+iamARN+`user/admin":"`+admin+`"},"Description":"deploys","MaxSessionDuration":7200}`)

	events = historyOf(s.Admin, t, iamARN+"policy/limits")
	policy := func(version string) string {
		return `{"PolicyName":"limits","PolicyId":"` + events[0].EntityId + `","Arn":"` + iamARN + `policy/limits","Path":"/","DefaultVersionId":"` + version + `",` +
			created + `,"UpdateDate":"2026-01-02T03:04:05Z","Description":"what is allowed"}`
	}
	for _, c := range events[0].Changes {
		switch c.Kind {
		case "Policy":
			wantChange(t, c, policy("v1"), policy("v2"))
		case "PolicyVersion":
			wantChange(t, c, "", `{"VersionId":"v2","Document":`+wider+`,`+created+`}`)
		}
	}
	if len(events[0].Changes) != 2 || len(events[1].Changes) != 2 {
		t.Errorf("changes of a policy: %+v", events)
	}
}

func wantChange(t testing.TB, c change, before, after string) {
	t.Helper()
	if c.Before != before || c.After != after {
		t.Errorf("%s\nbefore %s\n  want %s\nafter  %s\n  want %s", c.Kind, c.Before, before, c.After, after)
	}
}

// TestOtherKinds: groups with their members, roles, policies with their
// versions and attachments, and the account.
func TestOtherKinds(t *testing.T) {
	s := inprocess.New(t)
	do := s.Admin.Do
	limits := iamARN + "policy/limits"
	do("iam:CreateUser", p{"UserName": "alice"})
	do("iam:CreateGroup", p{"GroupName": "crew"})
	do("iam:CreatePolicy", p{"PolicyName": "limits", "PolicyDocument": document})
	do("iam:CreateRole", p{"RoleName": "deploy", "AssumeRolePolicyDocument": trust})
	do("iam:AddUserToGroup", p{"UserName": "alice", "GroupName": "crew"})
	do("iam:PutGroupPolicy", p{"GroupName": "crew", "PolicyName": "own", "PolicyDocument": document})
	do("iam:AttachGroupPolicy", p{"GroupName": "crew", "PolicyArn": limits})
	do("iam:AttachRolePolicy", p{"RoleName": "deploy", "PolicyArn": limits})
	do("iam:PutRolePolicy", p{"RoleName": "deploy", "PolicyName": "own", "PolicyDocument": document})
	do("iam:UpdateAssumeRolePolicy", p{"RoleName": "deploy", "PolicyDocument": strings.ReplaceAll(trust, "sts:AssumeRole", "sts:*")})
	do("iam:UpdateUser", p{"UserName": "alice", "NewUserName": "carol"})
	do("iam:UpdateGroup", p{"GroupName": "crew", "NewGroupName": "staff"})
	do("iam:RemoveUserFromGroup", p{"UserName": "carol", "GroupName": "staff"})
	do("iam:DetachGroupPolicy", p{"GroupName": "staff", "PolicyArn": limits})
	do("iam:CreatePolicyVersion", p{"PolicyArn": limits, "PolicyDocument": wider})
	do("iam:SetDefaultPolicyVersion", p{"PolicyArn": limits, "VersionId": "v2"})
	do("iam:DeletePolicyVersion", p{"PolicyArn": limits, "VersionId": "v1"})
	do("iam:CreateAccountAlias", p{"AccountAlias": "anycompany"})
	do("iam:DeleteAccountAlias", p{"AccountAlias": "anycompany"})
	s.Root.Do("iam:DeleteAccessKey", p{"AccessKeyId": inprocess.RootKey})

	wantLines(t, historyOf(s.Admin, t, iamARN+"group/staff"),
		"iam:CreateGroup made Group group/crew",
		"iam:AddUserToGroup made GroupMembership user/alice",
		"iam:PutGroupPolicy made InlinePolicy own",
		"iam:AttachGroupPolicy made AttachedPolicy policy/limits",
		"iam:UpdateGroup changed Group group/staff",
		"iam:RemoveUserFromGroup removed GroupMembership user/carol",
		"iam:DetachGroupPolicy removed AttachedPolicy policy/limits")
	wantLines(t, historyOf(s.Admin, t, iamARN+"role/deploy"),
		"iam:CreateRole made Role role/deploy",
		"iam:AttachRolePolicy made AttachedPolicy policy/limits",
		"iam:PutRolePolicy made InlinePolicy own",
		"iam:UpdateAssumeRolePolicy changed Role role/deploy")
	wantLines(t, historyOf(s.Admin, t, limits),
		"iam:CreatePolicy made Policy policy/limits", "iam:CreatePolicy made PolicyVersion v1",
		"iam:AttachGroupPolicy made AttachedPolicy group/crew",
		"iam:AttachRolePolicy made AttachedPolicy role/deploy",
		"iam:DetachGroupPolicy removed AttachedPolicy group/staff",
		"iam:CreatePolicyVersion made PolicyVersion v2", "iam:CreatePolicyVersion changed Policy policy/limits",
		"iam:SetDefaultPolicyVersion changed Policy policy/limits",
		"iam:DeletePolicyVersion removed PolicyVersion v1")
	do("iam:CreateInstanceProfile", p{"InstanceProfileName": "web", "Path": "/app/", "Tags.member.1.Key": "team", "Tags.member.1.Value": "red"})
	do("iam:AddRoleToInstanceProfile", p{"InstanceProfileName": "web", "RoleName": "deploy"})
	do("iam:RemoveRoleFromInstanceProfile", p{"InstanceProfileName": "web", "RoleName": "deploy"})
	do("iam:UntagInstanceProfile", p{"InstanceProfileName": "web", "TagKeys.member.1": "team"})
	profile := historyOf(s.Admin, t, iamARN+"instance-profile/app/web")
	wantLines(t, profile,
		"iam:CreateInstanceProfile made InstanceProfile instance-profile/app/web",
		"iam:AddRoleToInstanceProfile changed InstanceProfile instance-profile/app/web",
		"iam:RemoveRoleFromInstanceProfile changed InstanceProfile instance-profile/app/web",
		"iam:UntagInstanceProfile changed InstanceProfile instance-profile/app/web")
	without := `{"Path":"/app/","InstanceProfileName":"web","InstanceProfileId":"` + profile[0].EntityId + `","Arn":"` + iamARN +
		`instance-profile/app/web","CreateDate":"2026-01-02T03:04:05Z","Tags":[{"Key":"team","Value":"red"}]}`
	deploy := do("iam:GetRole", p{"RoleName": "deploy"}).Text("RoleId")
	wantChange(t, profile[2].Changes[0], without, strings.Replace(without, `,"Tags"`, `,"RoleId":"`+deploy+`","Tags"`, 1))
	wantLines(t, historyOf(s.Admin, t, profile[0].EntityId), lines(profile)...)
	do("iam:DeleteInstanceProfile", p{"InstanceProfileName": "web"})
	wantLines(t, historyOf(s.Admin, t, profile[0].EntityId)[:1], "iam:DeleteInstanceProfile removed InstanceProfile instance-profile/app/web")
	// The task of a deletion is in no history: the role's shows the deletion.
	do("iam:CreateServiceLinkedRole", p{"AWSServiceName": "batch.amazonaws.com"})
	do("iam:DeleteServiceLinkedRole", p{"RoleName": "AWSServiceRoleForBatch"})
	const linked, policy = "role/aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch", "arn:aws:iam::aws:policy/aws-service-role/BatchServiceRolePolicy"
	wantLines(t, historyOf(s.Admin, t, iamARN+linked),
		"iam:CreateServiceLinkedRole made Role "+linked, "iam:CreateServiceLinkedRole made AttachedPolicy "+policy,
		"iam:DeleteServiceLinkedRole removed AttachedPolicy "+policy, "iam:DeleteServiceLinkedRole removed Role "+linked)
	for _, root := range []string{iamARN + "root", account} {
		wantLines(t, historyOf(s.Admin, t, root),
			"sallyport:FirstStart made Account root", "sallyport:FirstStart made LoginProfile root",
			"sallyport:FirstStart made AccessKey "+inprocess.RootKey,
			"iam:CreateAccountAlias changed Account root",
			"iam:DeleteAccountAlias changed Account root",
			"iam:DeleteAccessKey removed AccessKey "+inprocess.RootKey)
	}
}

// TestMFADevices: a device has a history of its own, and is in that of everybody
// it was assigned to.
func TestMFADevices(t *testing.T) {
	s := inprocess.New(t)
	serial := iamARN + "mfa/phone"
	s.Admin.Do("iam:CreateUser", p{"UserName": "alice"})
	s.Admin.Do("iam:CreateUser", p{"UserName": "bob"})
	phone := s.Admin.NewDevice("phone")
	for _, user := range []string{"alice", "bob"} {
		s.Admin.Do("iam:EnableMFADevice", phone.Enabling(user))
		s.Admin.Do("iam:TagMFADevice", p{"SerialNumber": serial, "Tags.member.1.Key": "of", "Tags.member.1.Value": user})
		s.Admin.Do("iam:DeactivateMFADevice", p{"UserName": user, "SerialNumber": serial})
		s.Advance(time.Minute)
	}
	s.Admin.Do("iam:DeleteVirtualMFADevice", p{"SerialNumber": serial})
	ofOne := []string{"iam:EnableMFADevice changed MFADevice mfa/phone", "iam:TagMFADevice changed MFADevice mfa/phone", "iam:DeactivateMFADevice changed MFADevice mfa/phone"}
	events := historyOf(s.Admin, t, serial)
	wantLines(t, events, slices.Concat([]string{"iam:CreateVirtualMFADevice made MFADevice mfa/phone"}, ofOne, ofOne,
		[]string{"iam:DeleteVirtualMFADevice removed MFADevice mfa/phone"})...)
	for _, user := range []string{"alice", "bob"} {
		wantLines(t, historyOf(s.Admin, t, iamARN+"user/"+user), append([]string{"iam:CreateUser made User user/" + user}, ofOne...)...)
	}
	wantLines(t, historyOf(s.Admin, t, events[0].EntityId), lines(events)...)
	id := historyOf(s.Admin, t, alice)[3].EntityId
	enabled := historyOf(s.Admin, t, alice)[2].Changes[0]
	if !strings.Contains(enabled.After, `"AssignedTo":"`+id+`"`) || strings.Contains(enabled.Before, "AssignedTo") || strings.Contains(enabled.After, phone.Seed) {
		t.Errorf("enabling is shown as %+v", enabled)
	}
	// Who may see that is who may see the device.
	s.Admin.Do("iam:CreateVirtualMFADevice", p{"VirtualMFADeviceName": "tagged", "Tags.member.1.Key": "team", "Tags.member.1.Value": "red"})
	s.Admin.Do("iam:PutUserPolicy", p{"UserName": "bob", "PolicyName": "own", "PolicyDocument": `{"Version":"2012-10-17","Statement":[` +
		`{"Effect":"Allow","Action":"sallyport:GetEntityHistory","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"red"}}}]}`})
	bob := s.Client(s.Admin.Do("iam:CreateAccessKey", p{"UserName": "bob"}).Credentials())
	bob.Do("sallyport:GetEntityHistory", p{"Entity": iamARN + "mfa/tagged"})
	bob.Denied("sallyport:GetEntityHistory", p{"Entity": serial}, "sallyport:GetEntityHistory")
}

// TestRecreated: an ARN stands for all that bore it, each marked with its id;
// an id for one of them, whatever it was called.
func TestRecreated(t *testing.T) {
	s := inprocess.New(t)
	do := s.Admin.Do
	do("iam:CreateUser", p{"UserName": "alice"})
	do("iam:DeleteUser", p{"UserName": "alice"})
	do("iam:CreateUser", p{"UserName": "alice"})
	do("iam:PutUserPolicy", p{"UserName": "alice", "PolicyName": "own", "PolicyDocument": document})
	do("iam:UpdateUser", p{"UserName": "alice", "NewUserName": "carol"})
	do("iam:PutUserPolicy", p{"UserName": "carol", "PolicyName": "later", "PolicyDocument": wider})
	do("iam:CreateUser", p{"UserName": "alice"})

	events := historyOf(s.Admin, t, alice)
	wantLines(t, events,
		"iam:CreateUser made User user/alice", "iam:DeleteUser removed User user/alice",
		"iam:CreateUser made User user/alice", "iam:PutUserPolicy made InlinePolicy own",
		"iam:UpdateUser changed User user/carol", // and no more of it under this ARN
		"iam:CreateUser made User user/alice")
	var ids []string
	for _, e := range events {
		ids = append(ids, e.EntityId)
	}
	third, second, first := ids[0], ids[1], ids[4]
	if !slices.Equal(ids, []string{third, second, second, second, first, first}) || third == second || second == first {
		t.Errorf("ids are %v", ids)
	}
	wantLines(t, historyOf(s.Admin, t, first), "iam:CreateUser made User user/alice", "iam:DeleteUser removed User user/alice")
	wantLines(t, historyOf(s.Admin, t, second),
		"iam:CreateUser made User user/alice", "iam:PutUserPolicy made InlinePolicy own",
		"iam:UpdateUser changed User user/carol", "iam:PutUserPolicy made InlinePolicy later")
	if by := historyOf(s.Admin, t, iamARN+"user/carol"); len(by) != 4 {
		t.Errorf("under its new name the user has %v", lines(by))
	}
}

// TestTimes: only what happened within the times asked for, both ends counted,
// whatever part of a millisecond the clock showed.
func TestTimes(t *testing.T) {
	s := inprocess.New(t)
	s.Advance(700 * time.Microsecond)
	for _, call := range []string{"iam:CreateUser", "iam:DeleteUser", "iam:CreateUser"} {
		s.Advance(time.Second)
		s.Admin.Do(call, p{"UserName": "alice"})
	}
	all := historyOf(s.Admin, t, alice)
	at := func(n int) string { return strconv.FormatFloat(all[len(all)-n].EventTime, 'f', 3, 64) }
	for _, c := range []struct {
		times []string
		want  []event
	}{
		{[]string{"StartTime", at(2)}, all[:2]},
		{[]string{"EndTime", at(2)}, all[1:]},
		{[]string{"StartTime", at(2), "EndTime", at(2)}, all[1:2]},
		{[]string{"StartTime", at(1), "EndTime", at(3), "MaxResults", "1"}, all},
		{[]string{"EndTime", "1000000000"}, nil},
		{[]string{"StartTime", "4000000000"}, nil},
	} {
		if got := historyOf(s.Admin, t, alice, c.times...); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%v: %v, want %v", c.times, lines(got), lines(c.want))
		}
	}
	s.Admin.Refused("sallyport:GetEntityHistory", p{"Entity": alice, "StartTime": at(3), "EndTime": at(1)}, 400, "ValidationException")
}

// TestNoSuchEntity: what never was has no history, and neither has what is not
// the account's own.
func TestNoSuchEntity(t *testing.T) {
	s := inprocess.New(t)
	for _, entity := range []string{
		alice, iamARN + "user/", iamARN + "user/*", iamARN + "user/ADMIN", iamARN + "policy/admin", iamARN + "user/x/admin",
		readOnly, "arn:aws:sts::" + account + ":assumed-role/deploy/s1", "arn:aws:iam::444455556666:user/admin", "arn:aws:iam::444455556666:root",
		"AIDACKCEVSQ6C2EXAMPLE", "444455556666", "AKIAADMINEXAMPLE0001",
	} {
		s.Admin.Refused("sallyport:GetEntityHistory", p{"Entity": entity}, 400, "NoSuchEntityException").
			WantMessage("The entity " + entity + " cannot be found.")
	}
	for _, entity := range []string{"alice", "arn:aws:iam::" + account + ":user/al ice", "user/alice-of-the-account", "arn:"} {
		s.Admin.Refused("sallyport:GetEntityHistory", p{"Entity": entity}, 400, "ValidationException")
	}
}
