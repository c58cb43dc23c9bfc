package authorize

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sallyport/test/inprocess"
)

// A revocation takes a right away: from a user in a group, or from sessions of
// a role, all of which hold it through the given entity.
type revocation struct {
	name   string
	grant  func(s *inprocess.Server, name string) *inprocess.Client
	revoke []step
	// code is what the holder is told afterwards.
	code string
}

// revocations may name the round's user, group, role and policy "%s".
func revocations() []revocation {
	anyRole := p{"RoleName": "%s"}
	older := deny("*", "*", `"DateLessThan":{"aws:TokenIssueTime":"`+inprocess.Start.Add(time.Second).Format(time.RFC3339)+`"}`)
	return []revocation{
		{"role deleted", sessionHolder, []step{{"iam:DetachRolePolicy", p{"RoleName": "%s", "PolicyArn": iamARN + "policy/%s"}}, {"iam:DeleteRole", anyRole}}, "InvalidClientTokenId"},
		{"policy detached from the role", sessionHolder, []step{{"iam:DetachRolePolicy", p{"RoleName": "%s", "PolicyArn": iamARN + "policy/%s"}}}, "AccessDenied"},
		{"sessions of the role revoked", sessionHolder, []step{{"iam:PutRolePolicy", p{"RoleName": "%s", "PolicyName": "AWSRevokeOlderSessions", "PolicyDocument": policyOf(older)}}}, "AccessDenied"},
		{"boundary put on the role", sessionHolder, []step{{"iam:PutRolePermissionsBoundary", p{"RoleName": "%s", "PermissionsBoundary": "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"}}}, "AccessDenied"},
		{"policy's version changed", sessionHolder, []step{{"iam:CreatePolicyVersion", p{"PolicyArn": iamARN + "policy/%s", "PolicyDocument": document, "SetAsDefault": "true"}}}, "AccessDenied"},
		{"user out of the group", groupHolder, []step{{"iam:RemoveUserFromGroup", p{"GroupName": "%s", "UserName": "%s"}}}, "AccessDenied"},
		{"group's policy detached", groupHolder, []step{{"iam:DetachGroupPolicy", p{"GroupName": "%s", "PolicyArn": iamARN + "policy/%s"}}}, "AccessDenied"},
		{"denial put on the group", groupHolder, []step{{"iam:PutGroupPolicy", p{"GroupName": "%s", "PolicyName": "stop", "PolicyDocument": policyOf(deny("*", "*"))}}}, "AccessDenied"},
		{"tag removed", groupHolder, []step{{"iam:UntagUser", p{"UserName": "%s", "TagKeys.member.1": "team"}}}, "AccessDenied"},
	}
}

// makePolicy makes the policy that lets a holder list users, while it is tagged.
func makePolicy(s *inprocess.Server, name string) (arn string) {
	s.Root.Do("iam:CreatePolicy", p{"PolicyName": name, "PolicyDocument": policyOf(allow(listsUsers, "*", `"StringEquals":{"aws:PrincipalTag/team":"red"}`))})
	return iamARN + "policy/" + name
}

func sessionHolder(s *inprocess.Server, name string) *inprocess.Client {
	arn := makePolicy(s, name)
	s.Root.Do("iam:CreateRole", with(tagged, "RoleName", name, "AssumeRolePolicyDocument", trust))
	s.Root.Do("iam:AttachRolePolicy", p{"RoleName": name, "PolicyArn": arn})
	return assume(s, s.Admin, iamARN+"role/"+name, "s1")
}

func groupHolder(s *inprocess.Server, name string) *inprocess.Client {
	arn := makePolicy(s, name)
	c := member(s, name)
	s.Root.Do("iam:TagUser", with(tagged, "UserName", name))
	s.Root.Do("iam:CreateGroup", p{"GroupName": name})
	s.Root.Do("iam:AttachGroupPolicy", p{"GroupName": name, "PolicyArn": arn})
	s.Root.Do("iam:AddUserToGroup", p{"GroupName": name, "UserName": name})
	return c
}

// TestAttack23RightsHeldIndirectly: rights that come through a role, group,
// policy version, boundary or tag are taken away under parallel requests. None
// that begins after the acknowledgement is allowed, and none is answered with
// anything but success or the refusal.
func TestAttack23RightsHeldIndirectly(t *testing.T) {
	rounds := 25 // of each: more than 200 together
	if testing.Short() {
		rounds = 3
	}
	for _, r := range revocations() {
		t.Run(r.name, func(t *testing.T) {
			s := inprocess.New(t)
			before := 0
			for round := range rounds {
				name := fmt.Sprintf("round-%d", round)
				holder := r.grant(s, name)
				before += under(t, s, holder, listsUsers, nil, r.code, func() {
					for _, step := range r.revoke {
						in := make(p, len(step.in))
						for k, v := range step.in {
							in[k] = v
							if k != "PolicyDocument" && len(v) >= 2 && v[len(v)-2:] == "%s" {
								in[k] = v[:len(v)-2] + name
							}
						}
						s.Root.Do(step.call, in)
					}
				})
			}
			if before == 0 {
				t.Error("no request was ever allowed: nothing was taken away")
			}
		})
	}
}

// TestAttack23NoSessionAfterDistrust: while a role ceases to trust a caller, or
// the caller loses its key, no session is made by a request that begins after
// the acknowledgement.
func TestAttack23NoSessionAfterDistrust(t *testing.T) {
	s := inprocess.New(t)
	rounds := 20
	if testing.Short() {
		rounds = 3
	}
	before := 0
	for round := range rounds {
		name := fmt.Sprintf("round-%d", round)
		in := p{"RoleArn": role(s, name, trust), "RoleSessionName": "s1"}
		holder := member(s, name, allow("sts:AssumeRole", "*"))
		before += under(t, s, holder, "sts:AssumeRole", in, "AccessDenied", func() {
			s.Root.Do("iam:UpdateAssumeRolePolicy", p{"RoleName": name, "PolicyDocument": trusting(iamARN + "user/admin")})
		})
		s.Root.Do("iam:UpdateAssumeRolePolicy", p{"RoleName": name, "PolicyDocument": trust})
		for call, in := range map[string]p{"sts:AssumeRole": in, "sts:GetSessionToken": nil} {
			key := p{"UserName": name, "AccessKeyId": holder.Credentials.AccessKeyID, "Status": "Active"}
			s.Root.Do("iam:UpdateAccessKey", key)
			before += under(t, s, holder, call, in, "InvalidClientTokenId", func() {
				s.Root.Do("iam:UpdateAccessKey", with(key, "Status", "Inactive"))
			})
		}
	}
	if before == 0 {
		t.Error("no session was ever made: nothing was taken away")
	}
}

// under has three clients make a call over and over while revoke runs, and
// counts the calls that were allowed.
func under(t *testing.T, s *inprocess.Server, holder *inprocess.Client, call string, in p, code string, revoke func()) int {
	t.Helper()
	const clients = 3
	var allowed atomic.Int64
	var revoked atomic.Bool
	var warm, running sync.WaitGroup
	warm.Add(clients)
	for range clients {
		running.Go(func() {
			first := sync.OnceFunc(warm.Done)
			defer first()
			for late := 0; late < 2; {
				after := revoked.Load() // before the request begins
				reply, err := s.TrySend(holder.Signed(call, in))
				first()
				switch {
				case err != nil:
					t.Error(err)
					return
				case reply.Status == http.StatusOK && after:
					t.Errorf("%s began after the acknowledgement and was allowed", call)
					return
				case reply.Status == http.StatusOK:
					allowed.Add(1)
				case reply.Status != http.StatusForbidden || after && reply.Code != code:
					t.Errorf("%s: got %d %s %s, want 403 %s", call, reply.Status, reply.Code, reply.Message, code)
					return
				}
				if after {
					late++
				}
			}
		})
	}
	warm.Wait()
	revoke()
	revoked.Store(true)
	running.Wait()
	return int(allowed.Load())
}
