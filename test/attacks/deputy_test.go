package attacks

import (
	"testing"
	"time"

	"sallyport/test/inprocess"
)

// TestAttack21ConfusedDeputy: ExternalId missing, empty or another's; a chained
// session is no longer than an hour and keeps what it inherited.
func TestAttack21ConfusedDeputy(t *testing.T) {
	s := inprocess.New(t)
	other, deputy := secondAccount(s)
	guarded := role(s, "guarded", trusting(other, `{"StringEquals":{"sts:ExternalId":"tenant-1"}}`), "")
	in := p{"RoleArn": guarded, "RoleSessionName": "s1"}
	with := func(id string) p { return p{"RoleArn": guarded, "RoleSessionName": "s1", "ExternalId": id} }
	deputy.Denied("sts:AssumeRole", in, "sts:AssumeRole")
	deputy.Refused("sts:AssumeRole", with(""), 400, "ValidationError")
	deputy.Denied("sts:AssumeRole", with("tenant-2"), "sts:AssumeRole")
	deputy.Denied("sts:AssumeRole", with("TENANT-1"), "sts:AssumeRole")
	deputy.Refused("sts:AssumeRole", with("tenant-*?"), 400, "ValidationError")
	deputy.Do("sts:AssumeRole", with("tenant-1"))

	hop := func(name string) string {
		arn := role(s, name, trusting(account, ""), allow("sts:*", "*"))
		s.Root.Do("iam:UpdateRole", p{"RoleName": name, "MaxSessionDuration": "43200"})
		return arn
	}
	first, second := hop("first"), hop("second")
	alice := user(s, "alice", allow("sts:*", "*"))
	one := session(alice, s, first, p{"DurationSeconds": "43200", "SourceIdentity": "alice",
		"Tags.member.1.Key": "team", "Tags.member.1.Value": "red", "TransitiveTagKeys.member.1": "team"})
	next := p{"RoleArn": second, "RoleSessionName": "s2"}
	add := func(pairs ...string) p {
		out := p{}
		for k, v := range next {
			out[k] = v
		}
		for i := 0; i < len(pairs); i += 2 {
			out[pairs[i]] = pairs[i+1]
		}
		return out
	}
	one.Refused("sts:AssumeRole", add("DurationSeconds", "3601"), 400, "ValidationError").
		WantMessage("The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.")
	one.Refused("sts:AssumeRole", add("SourceIdentity", "bob"), 400, "InvalidParameterValue")
	one.Refused("sts:AssumeRole", add("Tags.member.1.Key", "Team", "Tags.member.1.Value", "blue"), 400, "InvalidParameterValue")
	reply := one.Do("sts:AssumeRole", add("DurationSeconds", "3600"))
	if got := reply.Text("SourceIdentity"); got != "alice" {
		t.Errorf("the chained session's source identity is %q", got)
	}
	if at, err := time.Parse(time.RFC3339, reply.Text("Expiration")); err != nil || !at.Equal(s.Now().Add(time.Hour)) {
		t.Errorf("the chained session expires at %s", reply.Text("Expiration"))
	}
	// The chained session is still the tagged one.
	s.Root.Do("iam:PutRolePolicy", p{"RoleName": "second", "PolicyName": "p", "PolicyDocument": statement(
		`"Effect":"Allow","Action":"iam:ListUsers","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"red","aws:SourceIdentity":"alice"}}`)})
	two := s.Client(reply.Credentials())
	two.Do("iam:ListUsers", nil)
	session(alice, s, second, nil).Denied("iam:ListUsers", nil, "iam:ListUsers")
	s.Advance(time.Hour)
	two.Refused("iam:ListUsers", nil, 403, "ExpiredToken")
}

// TestAttack24RecreatedPrincipal: one made anew under an old name has another
// id and none of the old grants: no policy, no group, no key, no trust.
func TestAttack24RecreatedPrincipal(t *testing.T) {
	s := inprocess.New(t)
	alice := user(s, "alice", allow("*", "*"))
	id := s.Root.Do("iam:GetUser", p{"UserName": "alice"}).Text("UserId")
	trusted := role(s, "trusted", trusting(iamARN+"user/alice", ""), allow("*", "*"))
	worker := role(s, "worker", trusting(account, ""), allow("sts:*", "*"))
	byRole := role(s, "by-role", trusting(worker, ""), allow("*", "*"))
	old := session(alice, s, worker, nil)
	old.Do("sts:AssumeRole", p{"RoleArn": byRole, "RoleSessionName": "s1"})
	userSession := s.Client(alice.Do("sts:GetSessionToken", nil).Credentials())

	key := alice.Credentials.AccessKeyID
	s.Root.Do("iam:DeleteUserPolicy", p{"UserName": "alice", "PolicyName": "p"})
	s.Root.Do("iam:DeleteAccessKey", p{"UserName": "alice", "AccessKeyId": key})
	s.Root.Do("iam:DeleteUser", p{"UserName": "alice"})
	s.Root.Do("iam:DeleteRolePolicy", p{"RoleName": "worker", "PolicyName": "p"})
	s.Root.Do("iam:DeleteRole", p{"RoleName": "worker"})
	again := user(s, "alice", "")
	role(s, "worker", trusting(account, ""), allow("sts:*", "*"))
	if now := s.Root.Do("iam:GetUser", p{"UserName": "alice"}).Text("UserId"); now == id {
		t.Errorf("alice made anew is %s again", now)
	}
	for name, c := range map[string]*inprocess.Client{"old key": alice, "old session of the user": userSession, "old session of the role": old} {
		t.Run(name, func(t *testing.T) { c.Refused("sts:GetCallerIdentity", nil, 403, "InvalidClientTokenId") })
	}
	again.Denied("iam:ListUsers", nil, "iam:ListUsers")
	again.Denied("sts:AssumeRole", p{"RoleArn": trusted, "RoleSessionName": "s1"}, "sts:AssumeRole")
	s.Root.Do("iam:PutUserPolicy", p{"UserName": "alice", "PolicyName": "p", "PolicyDocument": allow("sts:*", "*")})
	again.Denied("sts:AssumeRole", p{"RoleArn": trusted, "RoleSessionName": "s1"}, "sts:AssumeRole")
	session(again, s, iamARN+"role/worker", nil).Denied("sts:AssumeRole", p{"RoleArn": byRole, "RoleSessionName": "s1"}, "sts:AssumeRole")
}
