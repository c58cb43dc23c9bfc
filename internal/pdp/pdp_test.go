package pdp_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"sallyport/test/inprocess"
)

type p = inprocess.P

const account = inprocess.Account

func statement(effect, action, resource, condition string) string {
	if condition != "" {
		condition = `,"Condition":` + condition
	}
	return `{"Effect":"` + effect + `","Action":"` + action + `","Resource":"` + resource + `"` + condition + `}`
}

func document(statements ...string) string {
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
}

// alice is a user with a tag, a policy and a key.
func alice(s *inprocess.Server, policy string) *inprocess.Client {
	s.Admin.Do("iam:CreateUser", p{"UserName": "alice", "Tags.member.1.Key": "Team", "Tags.member.1.Value": "red"})
	if policy != "" {
		s.Admin.Do("iam:PutUserPolicy", p{"UserName": "alice", "PolicyName": "own", "PolicyDocument": policy})
	}
	return s.Client(s.Admin.Do("iam:CreateAccessKey", p{"UserName": "alice"}).Credentials())
}

// TestConditionKeys: each key that a request fills has the value AWS gives it,
// and no other.
func TestConditionKeys(t *testing.T) {
	const self = "arn:aws:iam::" + account + ":user/alice"
	for _, c := range []struct{ name, operator, key, value string }{
		{"user name", "StringEquals", "aws:username", "alice"},
		{"key in another case", "StringEquals", "AWS:UserName", "alice"},
		{"principal ARN", "ArnEquals", "aws:PrincipalArn", self},
		{"principal account", "StringEquals", "aws:PrincipalAccount", account},
		{"principal type", "StringEquals", "aws:PrincipalType", "User"},
		{"principal tag", "StringEquals", "aws:PrincipalTag/team", "red"},
		{"no service", "Bool", "aws:PrincipalIsAWSService", "false"},
		{"not via a service", "Bool", "aws:ViaAWSService", "false"},
		{"source address", "IpAddress", "aws:SourceIp", "127.0.0.0/8"},
		{"plain text", "Bool", "aws:SecureTransport", "false"},
		{"Region", "StringEquals", "aws:RequestedRegion", "us-east-1"},
		{"owner", "StringEquals", "aws:ResourceAccount", account},
		{"resource tag", "StringEquals", "aws:ResourceTag/Team", "red"},
		{"resource tag of the service", "StringEquals", "iam:ResourceTag/Team", "red"},
		{"time", "DateGreaterThan", "aws:CurrentTime", "2026-01-01T00:00:00Z"},
		{"epoch time", "NumericGreaterThan", "aws:EpochTime", "1767225600"},
		{"no second factor with a long-term key", "Null", "aws:MultiFactorAuthPresent", "true"},
		{"no issue time with a long-term key", "Null", "aws:TokenIssueTime", "true"},
		{"no source identity", "Null", "aws:SourceIdentity", "true"},
		{"no request tags", "Null", "aws:TagKeys", "true"},
		{"no referer", "Null", "aws:Referer", "true"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := inprocess.New(t)
			client := alice(s, document(statement("Allow", "iam:GetUser", self, fmt.Sprintf(`{%q:{%q:%q}}`, c.operator, c.key, c.value))))
			client.Do("iam:GetUser", p{"UserName": "alice"})
			opposite := map[string]string{"true": "false", "false": "true"}[c.value]
			switch {
			case opposite == "" && strings.HasPrefix(c.operator, "Date"):
				opposite = "2027-01-01T00:00:00Z"
			case opposite == "" && strings.HasPrefix(c.operator, "Numeric"):
				opposite = "1798761600"
			case opposite == "" && c.operator == "IpAddress":
				opposite = "192.0.2.0/24"
			case opposite == "":
				opposite = c.value + "x"
			}
			s.Admin.Do("iam:PutUserPolicy", p{"UserName": "alice", "PolicyName": "own",
				"PolicyDocument": document(statement("Allow", "iam:GetUser", self, fmt.Sprintf(`{%q:{%q:%q}}`, c.operator, c.key, opposite)))})
			client.Denied("iam:GetUser", p{"UserName": "alice"}, "iam:GetUser")
		})
	}
}

// TestRequestTagKeys: tags in a request can be demanded and forbidden.
func TestRequestTagKeys(t *testing.T) {
	s := inprocess.New(t)
	client := alice(s, document(statement("Allow", "iam:TagUser", "*",
		`{"StringEquals":{"aws:RequestTag/stage":"test"},"ForAllValues:StringEquals":{"aws:TagKeys":["stage"]}}`)))
	tag := func(pairs ...string) p {
		in := p{"UserName": "alice"}
		for i := 0; i < len(pairs); i += 2 {
			in[fmt.Sprintf("Tags.member.%d.Key", i/2+1)], in[fmt.Sprintf("Tags.member.%d.Value", i/2+1)] = pairs[i], pairs[i+1]
		}
		return in
	}
	client.Denied("iam:TagUser", tag("stage", "live"), "iam:TagUser")
	client.Denied("iam:TagUser", tag("stage", "test", "team", "blue"), "iam:TagUser")
	client.Do("iam:TagUser", tag("stage", "test"))
}

// TestDenialNamesAction: the words of every reason, and no link to details
// that are nowhere to be found.
func TestDenialNamesAction(t *testing.T) {
	const (
		who  = "User: arn:aws:iam::" + account + ":user/alice is not authorized to perform: iam:CreateGroup on resource: arn:aws:iam::" + account + ":group/crew "
		free = "arn:aws:iam::aws:policy/IAMFullAccess"
		own  = "arn:aws:iam::" + account + ":policy/deny"
	)
	s := inprocess.New(t)
	client := alice(s, "")
	create := p{"GroupName": "crew"}
	client.Denied("iam:CreateGroup", create, "iam:CreateGroup").WantMessage(who + "because no identity-based policy allows the iam:CreateGroup action")

	s.Admin.Do("iam:AttachUserPolicy", p{"UserName": "alice", "PolicyArn": free})
	s.Admin.Do("iam:PutUserPermissionsBoundary", p{"UserName": "alice", "PermissionsBoundary": "arn:aws:iam::aws:policy/ReadOnlyAccess"})
	client.Denied("iam:CreateGroup", create, "iam:CreateGroup").WantMessage(who + "because no permissions boundary allows the iam:CreateGroup action")
	s.Admin.Do("iam:DeleteUserPermissionsBoundary", p{"UserName": "alice"})

	s.Admin.Do("iam:CreatePolicy", p{"PolicyName": "deny", "PolicyDocument": document(statement("Deny", "iam:Create*", "*", ""))})
	s.Admin.Do("iam:AttachUserPolicy", p{"UserName": "alice", "PolicyArn": own})
	client.Denied("iam:CreateGroup", create, "iam:CreateGroup").WantMessage(who + "with an explicit deny in an identity-based policy: " + own)
	s.Admin.Do("iam:DetachUserPolicy", p{"UserName": "alice", "PolicyArn": own})

	s.Admin.Do("iam:PutUserPolicy", p{"UserName": "alice", "PolicyName": "deny", "PolicyDocument": document(statement("Deny", "iam:Create*", "*", ""))})
	client.Denied("iam:CreateGroup", create, "iam:CreateGroup").WantMessage(who + "with an explicit deny in an identity-based policy")
	s.Admin.Do("iam:DeleteUserPolicy", p{"UserName": "alice", "PolicyName": "deny"})
	client.Do("iam:CreateGroup", create)
}

// TestEvaluate: the decision enforcement would take, and which statement took
// it.
func TestEvaluate(t *testing.T) {
	s := inprocess.New(t)
	alice(s, document(
		`{"Sid":"Read","Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*"}`,
		statement("Allow", "s3:PutObject", "arn:aws:s3:::bucket/*", `{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}`),
		`{"Sid":"Never","Effect":"Deny","Action":"s3:Delete*","Resource":"*"}`))
	const who = "arn:aws:iam::" + account + ":user/alice"
	ask := func(action, resource string, more ...string) *inprocess.Reply {
		in := p{"PrincipalArn": who, "Action": action, "ResourceArn": resource}
		for i := 0; i < len(more); i += 2 {
			in[more[i]] = more[i+1]
		}
		return s.Admin.Do("sallyport:Evaluate", in)
	}
	for _, c := range []struct{ action, resource, decision, layer, sid string }{
		{"s3:GetObject", "arn:aws:s3:::bucket/key", "allow", "identityPolicy", "Read"},
		{"s3:GetObject", "arn:aws:s3:::other/key", "implicitDeny", "identityPolicy", ""},
		{"s3:PutObject", "arn:aws:s3:::bucket/key", "implicitDeny", "identityPolicy", ""},
		{"s3:DeleteObject", "arn:aws:s3:::bucket/key", "explicitDeny", "identityPolicy", "Never"},
	} {
		r := ask(c.action, c.resource)
		if r.Text("Decision") != c.decision || r.Text("Layer") != c.layer || r.Text("StatementId") != c.sid {
			t.Errorf("%s on %s: %s", c.action, c.resource, r.Body)
		}
	}
	if r := ask("s3:GetObject", "arn:aws:s3:::bucket"); r.Text("Decision") != "implicitDeny" || r.Text("Layer") != "identityPolicy" {
		t.Errorf("an object's action on a bucket, ungranted: %s", r.Body)
	}
	s.Admin.Do("iam:PutUserPolicy", p{"UserName": "alice", "PolicyName": "all", "PolicyDocument": document(statement("Allow", "*", "*", ""))})
	if r := ask("s3:GetObject", "arn:aws:s3:::bucket"); r.Text("Decision") != "implicitDeny" || r.Text("Layer") != "resourceType" {
		t.Errorf("an object's action on a bucket: %s", r.Body)
	}
	// A key's policy must allow even within its account.
	key := "arn:aws:kms:us-east-1:" + account + ":key/1234abcd-12ab-34cd-56ef-1234567890ab"
	others := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"kms:*","Resource":"*"}]}`
	if r := ask("kms:Decrypt", key, "ResourcePolicy", others); r.Text("Decision") != "implicitDeny" || r.Text("Layer") != "resourcePolicy" {
		t.Errorf("a key of others: %s", r.Body)
	}
	if r := ask("kms:Decrypt", key, "ResourcePolicy", strings.Replace(others, "444455556666", account, 1)); r.Text("Decision") != "allow" {
		t.Errorf("a key of one's own: %s", r.Body)
	}
	if r := s.Admin.Do("sallyport:Evaluate", p{"PrincipalArn": "arn:aws:iam::" + account + ":root", "Action": "s3:GetObject"}); r.Text("Decision") != "allow" || r.Text("Layer") != "rootUser" {
		t.Errorf("root: %s", r.Body)
	}
	s.Admin.Refused("sallyport:Evaluate", p{"PrincipalArn": "arn:aws:iam::" + account + ":user/missing", "Action": "s3:GetObject"}, 400, "NoSuchEntityException")
	s.Admin.Refused("sallyport:Evaluate", p{"PrincipalArn": who, "Action": "s3:GetObject", "ResourcePolicy": "{"}, 400, "MalformedPolicyDocumentException")
	s.Admin.Refused("sallyport:Evaluate", p{"PrincipalArn": who, "Action": "s3:*"}, 400, "ValidationException")
}

// TestAttack14CachedEqualsUncached: decisions under changing policies are
// always those of the policies in force: the answer to a request that runs
// alone after a change is the change's.
func TestAttack14CachedEqualsUncached(t *testing.T) {
	s := inprocess.New(t)
	client := alice(s, "")
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for range 3 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					client.Call("iam:ListUsers", nil)
				}
			}
		})
	}
	for n := range 60 {
		s.Admin.Do("iam:PutUserPolicy", p{"UserName": "alice", "PolicyName": "own", "PolicyDocument": document(statement("Allow", "iam:ListUsers", "*", ""))})
		if r := client.Call("iam:ListUsers", nil); r.Status != 200 {
			t.Errorf("round %d: allowed, and answered %s", n, r.Code)
		}
		s.Admin.Do("iam:DeleteUserPolicy", p{"UserName": "alice", "PolicyName": "own"})
		if r := client.Call("iam:ListUsers", nil); r.Code != "AccessDenied" {
			t.Errorf("round %d: not allowed, and answered %d", n, r.Status)
		}
	}
	close(stop)
	readers.Wait()
}

// TestAllowUsersToChangePassword: the password policy's permission is as good as a
// policy of the user's own, and no better.
func TestAllowUsersToChangePassword(t *testing.T) {
	s := inprocess.New(t)
	user := alice(s, "")
	s.Admin.Do("iam:CreateLoginProfile", p{"UserName": "alice", "Password": "Correct-Horse-1"})
	change := func(from, to string) p { return p{"OldPassword": from, "NewPassword": to} }
	user.Denied("iam:ChangePassword", change("Correct-Horse-1", "Correct-Horse-2"), "iam:ChangePassword")
	s.Admin.Do("iam:UpdateAccountPasswordPolicy", p{"AllowUsersToChangePassword": "true"})
	user.Do("iam:ChangePassword", change("Correct-Horse-1", "Correct-Horse-2"))
	user.Do("iam:GetAccountPasswordPolicy", nil)
	user.Denied("iam:UpdateAccountPasswordPolicy", nil, "iam:UpdateAccountPasswordPolicy")
	user.Denied("iam:UpdateLoginProfile", p{"UserName": "alice", "Password": "Correct-Horse-3"}, "iam:UpdateLoginProfile")
	s.Admin.Do("iam:PutUserPolicy", p{"UserName": "alice", "PolicyName": "own", "PolicyDocument": document(statement("Deny", "iam:ChangePassword", "*", ""))})
	user.Denied("iam:ChangePassword", change("Correct-Horse-2", "Correct-Horse-3"), "iam:ChangePassword")
	s.Admin.Do("iam:DeleteUserPolicy", p{"UserName": "alice", "PolicyName": "own"})
	s.Admin.Do("iam:PutUserPermissionsBoundary", p{"UserName": "alice", "PermissionsBoundary": "arn:aws:iam::aws:policy/AmazonSQSFullAccess"})
	user.Denied("iam:ChangePassword", change("Correct-Horse-2", "Correct-Horse-3"), "iam:ChangePassword")
	s.Admin.Do("iam:DeleteUserPermissionsBoundary", p{"UserName": "alice"})
	s.Admin.Do("iam:DeleteAccountPasswordPolicy", nil)
	user.Denied("iam:ChangePassword", change("Correct-Horse-2", "Correct-Horse-3"), "iam:ChangePassword")
}
