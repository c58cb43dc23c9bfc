package sts_test

import (
	"net/http"
	"testing"
	"time"

	"sallyport/test/inprocess"
)

// keyed makes a user with an access key and returns the key's client.
func keyed(s *inprocess.Server, name string) *inprocess.Client {
	s.Admin.Do("iam:CreateUser", inprocess.P{"UserName": name})
	return s.Client(s.Admin.Do("iam:CreateAccessKey", inprocess.P{"UserName": name}).Credentials())
}

// TestGetCallerIdentity tells users and root who they are (row sts-001),
// denials notwithstanding.
func TestGetCallerIdentity(t *testing.T) {
	s := inprocess.New(t)
	carol := keyed(s, "carol")
	id := s.Admin.Do("iam:GetUser", inprocess.P{"UserName": "carol"}).Text("UserId")
	s.Admin.Do("iam:PutUserPolicy", inprocess.P{"UserName": "carol", "PolicyName": "deny",
		"PolicyDocument": `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}`})
	for _, c := range []struct {
		client  *inprocess.Client
		id, arn string
	}{
		{carol, id, "arn:aws:iam::" + inprocess.Account + ":user/carol"},
		{s.Root, inprocess.Account, "arn:aws:iam::" + inprocess.Account + ":root"},
	} {
		reply := c.client.Do("sts:GetCallerIdentity", nil)
		if reply.Text("UserId") != c.id || reply.Text("Account") != inprocess.Account || reply.Text("Arn") != c.arn {
			t.Errorf("%s: %s", c.arn, reply.Body)
		}
	}
}

// TestGetSessionTokenDurations: half a day for users unless they say less or
// more, an hour at most for root.
func TestGetSessionTokenDurations(t *testing.T) {
	s := inprocess.New(t)
	carol := keyed(s, "carol")
	for _, c := range []struct {
		name    string
		client  *inprocess.Client
		seconds string
		want    time.Duration
	}{
		{"user", carol, "", 12 * time.Hour}, {"user, shortest", carol, "900", 15 * time.Minute}, {"user, longest", carol, "129600", 36 * time.Hour},
		{"root", s.Root, "", time.Hour}, {"root, shortest", s.Root, "900", 15 * time.Minute}, {"root asks for more", s.Root, "3601", time.Hour},
	} {
		in := inprocess.P{}
		if c.seconds != "" {
			in["DurationSeconds"] = c.seconds
		}
		if got, want := c.client.Do("sts:GetSessionToken", in).Text("Expiration"), s.Now().Add(c.want).Format(time.RFC3339); got != want {
			t.Errorf("%s: until %s, want %s", c.name, got, want)
		}
	}
	for _, seconds := range []string{"899", "129601"} {
		carol.Refused("sts:GetSessionToken", inprocess.P{"DurationSeconds": seconds}, http.StatusBadRequest, "ValidationError")
	}
}

// TestGetSessionTokenIsForLongTermKeys: neither a session of a user nor one of
// a role gets further ones.
func TestGetSessionTokenIsForLongTermKeys(t *testing.T) {
	s := inprocess.New(t)
	s.Admin.Do("iam:CreateRole", inprocess.P{"RoleName": "deploy", "AssumeRolePolicyDocument": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + inprocess.Account + `"},"Action":"sts:AssumeRole"}]}`})
	role := s.Admin.Do("sts:AssumeRole", inprocess.P{"RoleArn": "arn:aws:iam::" + inprocess.Account + ":role/deploy", "RoleSessionName": "s1"})
	user := s.Admin.Do("sts:GetSessionToken", nil)
	for _, made := range []*inprocess.Reply{role, user} {
		s.Client(made.Credentials()).Refused("sts:GetSessionToken", nil, http.StatusForbidden, "AccessDenied").
			WantMessage("Cannot call GetSessionToken with session credentials")
	}
}

// TestSessionsOfAUser outlive the key they were made with, as AWS's do, and
// end with the user, whoever gets the name next.
func TestSessionsOfAUser(t *testing.T) {
	s := inprocess.New(t)
	carol := keyed(s, "carol")
	session := s.Client(carol.Do("sts:GetSessionToken", nil).Credentials())
	s.Admin.Do("iam:DeleteAccessKey", inprocess.P{"UserName": "carol", "AccessKeyId": carol.Credentials.AccessKeyID})
	session.Do("sts:GetCallerIdentity", nil)
	s.Admin.Do("iam:DeleteUser", inprocess.P{"UserName": "carol"})
	s.Admin.Do("iam:CreateUser", inprocess.P{"UserName": "carol"})
	session.Refused("sts:GetCallerIdentity", nil, http.StatusForbidden, "InvalidClientTokenId")
}
