package attacks

import (
	"net/http"
	"strings"
	"testing"

	"sallyport/test/inprocess"
)

const (
	historyOf  = "sallyport:GetEntityHistory"
	evaluateAt = "sallyport:EvaluateAt"
)

// TestAttack10HistoryApart: another account's administrator learns nothing of
// this account's past: not by ARN, not by unique id, not even that it was.
func TestAttack10HistoryApart(t *testing.T) {
	s := inprocess.New(t)
	other, otherAdmin := secondAccount(s)
	s.Admin.Do("iam:CreateUser", p{"UserName": "bob"})
	bob := s.Admin.Do("iam:GetUser", p{"UserName": "bob"}).Text("UserId")
	s.Admin.Do("iam:DeleteUser", p{"UserName": "bob"})
	admin := s.Admin.Do("iam:GetUser", p{"UserName": "admin"}).Text("UserId")
	for _, entity := range []string{
		iamARN + "user/admin", iamARN + "user/bob", iamARN + "user/nobody", iamARN + "root", account,
		admin, bob, "AIDACKCEVSQ6C2EXAMPLE", inprocess.AdminKey,
	} {
		otherAdmin.Refused(historyOf, p{"Entity": entity}, http.StatusBadRequest, "NoSuchEntityException").
			WantMessage("The entity " + entity + " cannot be found.")
	}
	for _, principal := range []string{iamARN + "user/admin", iamARN + "user/bob", iamARN + "root"} {
		otherAdmin.Refused(evaluateAt, p{"PrincipalArn": principal, "Action": "s3:GetObject", "Revision": "1"}, http.StatusBadRequest, "NoSuchEntityException").
			WantMessage("The principal " + principal + " cannot be found.")
	}
	// A policy there that names this account's ARNs opens nothing either.
	otherAdmin.Do("iam:CreateUser", p{"UserName": "mallory"})
	otherAdmin.Do("iam:PutUserPolicy", p{"UserName": "mallory", "PolicyName": "p", "PolicyDocument": allow("*", iamARN+"*")})
	mallory := s.Client(otherAdmin.Do("iam:CreateAccessKey", p{"UserName": "mallory"}).Credentials())
	mallory.Refused(historyOf, p{"Entity": iamARN + "user/admin"}, http.StatusBadRequest, "NoSuchEntityException")
	mallory.Denied(historyOf, p{"Entity": admin}, historyOf)
	mallory.Denied(historyOf, p{"Entity": "arn:aws:iam::" + other + ":user/admin"}, historyOf)
}

// TestAttack16HistoryByID: a unique id opens to who may see the ARN behind it,
// living or gone, and tells others neither that it exists nor whose it is.
func TestAttack16HistoryByID(t *testing.T) {
	s := inprocess.New(t)
	id := func(name string) string { return s.Admin.Do("iam:GetUser", p{"UserName": name}).Text("UserId") }
	for _, name := range []string{"alice", "bob", "gone", "lost"} {
		s.Admin.Do("iam:CreateUser", p{"UserName": name, "Path": "/staff/"})
	}
	alice, bob, gone, lost := id("alice"), id("bob"), id("gone"), id("lost")
	s.Admin.Do("iam:DeleteUser", p{"UserName": "gone"})
	s.Admin.Do("iam:DeleteUser", p{"UserName": "lost"})
	mallory := user(s, "mallory", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"`+historyOf+`","Resource":["`+iamARN+`user/staff/alice","`+iamARN+`user/staff/gone"]}]}`)

	for _, entity := range []string{alice, iamARN + "user/staff/alice", gone, iamARN + "user/staff/gone"} {
		if r := mallory.Do(historyOf, p{"Entity": entity}); r.Text("EventName") == "" {
			t.Errorf("%s: %s", entity, r.Body)
		}
	}
	for _, entity := range []string{bob, lost, "AIDACKCEVSQ6C2EXAMPLE", "AROACKCEVSQ6C2EXAMPLE", account, "444455556666"} {
		mallory.Denied(historyOf, p{"Entity": entity}, historyOf).
			WantMessage("User: " + iamARN + "user/mallory is not authorized to perform: " + historyOf + " on resource: " + entity +
				" because no identity-based policy allows the " + historyOf + " action")
	}
	for _, entity := range []string{iamARN + "user/staff/bob", iamARN + "user/staff/lost", iamARN + "user/staff/nobody", iamARN + "root", iamARN + "user/staff/*", iamARN + "user/staff/Alice"} {
		mallory.Denied(historyOf, p{"Entity": entity}, historyOf)
	}
	mallory.Denied(evaluateAt, p{"PrincipalArn": iamARN + "user/staff/gone", "Action": "s3:GetObject", "Revision": "2"}, evaluateAt)
}

// TestAttack16HistoryAfterRenaming: permission on a name shows what an entity
// was under it, and nothing of what it became.
func TestAttack16HistoryAfterRenaming(t *testing.T) {
	s := inprocess.New(t)
	mallory := user(s, "mallory", allow(historyOf, iamARN+"user/dev"))
	s.Admin.Do("iam:CreateUser", p{"UserName": "dev"})
	id := s.Admin.Do("iam:GetUser", p{"UserName": "dev"}).Text("UserId")
	if r := mallory.Do(historyOf, p{"Entity": id}); r.Text("EntityId") != id {
		t.Errorf("by id: %s", r.Body)
	}
	s.Admin.Do("iam:UpdateUser", p{"UserName": "dev", "NewUserName": "chief"})
	s.Admin.Do("iam:PutUserPolicy", p{"UserName": "chief", "PolicyName": "confidential", "PolicyDocument": allowAll})
	r := mallory.Do(historyOf, p{"Entity": iamARN + "user/dev"})
	if strings.Contains(r.Body, "confidential") || len(r.Texts("EventName")) != 2 {
		t.Errorf("under its old name: %s", r.Body)
	}
	mallory.Denied(historyOf, p{"Entity": id}, historyOf)
	mallory.Denied(historyOf, p{"Entity": iamARN + "user/chief"}, historyOf)
	s.Admin.Do("iam:DeleteUserPolicy", p{"UserName": "chief", "PolicyName": "confidential"})
	s.Admin.Do("iam:DeleteUser", p{"UserName": "chief"})
	mallory.Denied(historyOf, p{"Entity": id}, historyOf)
	if after := mallory.Do(historyOf, p{"Entity": iamARN + "user/dev"}); after.Body != r.Body {
		t.Errorf("after the deletion: %s", after.Body)
	}
}

// TestAttack16HistoryIsNotReadOnlyAccess: AWS's managed policies for reading
// don't open the past, with its policies, and a denial by tag holds for it.
func TestAttack16HistoryIsNotReadOnlyAccess(t *testing.T) {
	s := inprocess.New(t)
	s.Admin.Do("iam:CreateUser", p{"UserName": "chief", "Tags.member.1.Key": "secret", "Tags.member.1.Value": "yes"})
	id := s.Admin.Do("iam:GetUser", p{"UserName": "chief"}).Text("UserId")
	for name, policy := range map[string]string{"reader": "ReadOnlyAccess", "auditor": "SecurityAudit", "viewer": "job-function/ViewOnlyAccess", "iam": "IAMFullAccess"} {
		c := member(s, name, "arn:aws:iam::aws:policy/"+policy)
		for _, entity := range []string{iamARN + "user/chief", id, iamARN + "user/" + name} {
			c.Denied(historyOf, p{"Entity": entity}, historyOf)
		}
		c.Denied(evaluateAt, p{"PrincipalArn": iamARN + "user/chief", "Action": "s3:GetObject", "Revision": "1"}, evaluateAt)
	}
	// Everything but IAM is Sallyport's own service too; docs/history.md says so.
	member(s, "power", "arn:aws:iam::aws:policy/PowerUserAccess").Do(historyOf, p{"Entity": iamARN + "user/chief"})
	c := user(s, "limited", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},`+
		`{"Effect":"Deny","Action":"`+historyOf+`","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/secret":"yes"}}}]}`)
	c.Do(historyOf, p{"Entity": iamARN + "user/limited"})
	for _, entity := range []string{iamARN + "user/chief", id} {
		c.Denied(historyOf, p{"Entity": entity}, historyOf)
	}
}

// TestAttack25HistoryHoldsNoSecrets: of whatever has a secret, history shows
// that it was there and never what it was.
func TestAttack25HistoryHoldsNoSecrets(t *testing.T) {
	s := inprocess.New(t)
	client := user(s, "alice", allowAll)
	other, otherAdmin := secondAccount(s)
	created := s.Admin.Do("iam:CreateAccessKey", p{"UserName": "alice"})
	s.Admin.Do("iam:DeleteAccessKey", p{"UserName": "alice", "AccessKeyId": created.Text("AccessKeyId")})
	secrets := []string{
		inprocess.AdminSecret, inprocess.RootSecret, inprocess.AdminPassword, inprocess.RootPassword,
		string(client.Credentials.SecretAccessKey), string(created.Credentials().SecretAccessKey), string(otherAdmin.Credentials.SecretAccessKey),
		"argon2", "sealed", "HIDDEN",
	}
	kinds := map[string]bool{}
	for _, call := range []struct {
		client *inprocess.Client
		entity string
	}{
		{s.Admin, account}, {s.Admin, iamARN + "user/admin"}, {s.Admin, iamARN + "user/alice"},
		{otherAdmin, other}, {otherAdmin, "arn:aws:iam::" + other + ":user/admin"},
	} {
		reply := call.client.Do(historyOf, p{"Entity": call.entity, "MaxResults": "100"})
		for _, kind := range reply.Texts("Kind") {
			kinds[kind] = true
		}
		for _, secret := range secrets {
			if strings.Contains(reply.Body, secret) {
				t.Errorf("the history of %s holds %s", call.entity, secret)
			}
		}
	}
	for _, kind := range []string{"AccessKey", "LoginProfile"} {
		if !kinds[kind] {
			t.Errorf("no %s was shown", kind)
		}
	}
}
