package attacks

import (
	"testing"

	"sallyport/test/inprocess"
)

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
