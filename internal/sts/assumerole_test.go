package sts_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"sallyport/internal/ident"
	"sallyport/test/inprocess"
)

type p = inprocess.P

const (
	account   = inprocess.Account
	deployARN = "arn:aws:iam::" + account + ":role/team/deploy"
	readARN   = "arn:aws:iam::aws:policy/ReadOnlyAccess"
	allowAll  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
)

func trusting(principal, more string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + principal + `"},` +
		`"Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]` + more + `}]}`
}

// with is in with further names and values.
func with(in p, pairs ...string) p {
	out := make(p, len(in)+len(pairs)/2)
	for name, value := range in {
		out[name] = value
	}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i]] = pairs[i+1]
	}
	return out
}

var assume = p{"RoleArn": deployARN, "RoleSessionName": "session"}

// deploying is a server with a role that its account may assume and that may
// do everything.
func deploying(t *testing.T) *inprocess.Server {
	s := inprocess.New(t)
	s.Admin.Do("iam:CreateRole", p{"RoleName": "deploy", "Path": "/team/", "MaxSessionDuration": "7200",
		"AssumeRolePolicyDocument": trusting(account, "")})
	s.Admin.Do("iam:PutRolePolicy", p{"RoleName": "deploy", "PolicyName": "all", "PolicyDocument": allowAll})
	return s
}

// user makes a user with an inline policy and returns its client.
func user(s *inprocess.Server, name, document string) *inprocess.Client {
	s.Admin.Do("iam:CreateUser", p{"UserName": name})
	if document != "" {
		s.Admin.Do("iam:PutUserPolicy", p{"UserName": name, "PolicyName": "own", "PolicyDocument": document})
	}
	return s.Client(s.Admin.Do("iam:CreateAccessKey", p{"UserName": name}).Credentials())
}

func TestAssumeRole(t *testing.T) {
	s := deploying(t)
	reply := s.Admin.Do("sts:AssumeRole", assume)
	// Row sts-002: the session's ARN has no path, its id is the role's with the
	// session's name.
	if arn := reply.Text("Arn"); arn != "arn:aws:sts::"+account+":assumed-role/deploy/session" {
		t.Errorf("the session is %s", arn)
	}
	if id := reply.Text("AssumedRoleId"); !strings.HasPrefix(id, "AROA") || !strings.HasSuffix(id, ":session") {
		t.Errorf("the session's id is %s", id)
	}
	// Row sts-004: what tokens have looked like since 2023.
	c := reply.Credentials()
	if !strings.HasPrefix(string(c.SessionToken), "IQoJb3JpZ2luX2Vj") || !strings.HasPrefix(c.AccessKeyID, "ASIA") {
		t.Errorf("credentials of %s", c.AccessKeyID)
	}
	if got := reply.Text("PackedPolicySize"); got != "" {
		t.Errorf("PackedPolicySize is %s for a session without policies and tags", got)
	}
	expires, err := time.Parse(time.RFC3339, reply.Text("Expiration"))
	if err != nil || expires.Sub(s.Now()).Round(time.Minute) != time.Hour {
		t.Errorf("the session expires at %s (%v)", expires, err)
	}
	session := s.Client(c)
	identity := session.Do("sts:GetCallerIdentity", nil)
	if identity.Text("UserId") != reply.Text("AssumedRoleId") || identity.Text("Arn") != reply.Text("Arn") {
		t.Errorf("the session is %s", identity.Text("Arn"))
	}
	session.Do("iam:ListUsers", nil)
	s.Advance(time.Hour)
	session.Refused("iam:ListUsers", nil, 403, "ExpiredToken")
}

// TestAssumeRoleRefusals: the rows of recorded behaviour, and what the
// parameters may be.
func TestAssumeRoleRefusals(t *testing.T) {
	s := deploying(t)
	device := s.Root.Device("admin")
	nobody := user(s, "nobody", "")
	for _, c := range []struct {
		name          string
		in            p
		status        int
		code, message string
	}{
		{"sts-006", p{"RoleArn": "nothing-valid-in-here", "RoleSessionName": "Session1"}, 400, "ValidationError", "nothing-valid-in-here is invalid"},
		{"sts-007", p{"RoleArn": "arn::b:::something/test-role", "RoleSessionName": "Session1"}, 400, "ValidationError", "arn::b:::something/test-role is invalid"},
		{"sts-008", p{"RoleArn": "arn:a::::something/test-role", "RoleSessionName": "Session1"}, 400, "ValidationError", "arn:a::::something/test-role is invalid"},
		{"sts-010", p{"RoleArn": "arn:a:a::aaaaaaaaaa:", "RoleSessionName": "Session1"}, 400, "ValidationError", "arn:a:a::aaaaaaaaaa: is invalid"},
		{"sts-011", p{"RoleArn": "arn:a:b:::something/test-role", "RoleSessionName": "Session1:2"}, 400, "ValidationError",
			`1 validation error detected: Value 'Session1:2' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*`},
		{"sts-012", with(assume, "Tags.member.1.Key", "SessionTag1", "Tags.member.1.Value", "v", "TransitiveTagKeys.member.1", "InvalidKey"),
			400, "InvalidParameterValue", "The specified transitive tag key must be included in the requested tags."},
		{"duplicate tags", with(assume, "Tags.member.1.Key", "a", "Tags.member.1.Value", "v", "Tags.member.2.Key", "A", "Tags.member.2.Value", "v"),
			400, "InvalidParameterValue", "Duplicate tag keys found. Please note that Tag keys are case insensitive."},
		{"a reserved key", with(assume, "Tags.member.1.Key", "AWS:team", "Tags.member.1.Value", "v"),
			400, "InvalidParameterValue", "Tag keys and values must not begin with the reserved prefix aws:"},
		{"a reserved value", with(assume, "Tags.member.1.Key", "team", "Tags.member.1.Value", "aws:v"),
			400, "InvalidParameterValue", "Tag keys and values must not begin with the reserved prefix aws:"},
		{"sts-023", with(assume, "SerialNumber", device.Serial, "TokenCode", device.Code(5)),
			403, "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code. "},
		{"longer than the role's sessions", with(assume, "DurationSeconds", "7201"), 400, "ValidationError",
			"The requested DurationSeconds exceeds the MaxSessionDuration set for this role."},
		{"malformed session policy", with(assume, "Policy", `{"Version":"2012-10-17"}`), 400, "MalformedPolicyDocument", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			reply := s.Admin.Refused("sts:AssumeRole", c.in, c.status, c.code)
			if c.message != "" {
				reply.WantMessage(c.message)
			}
		})
	}
	// Row sts-016: a role that is not there looks like one that may not be
	// assumed.
	for _, role := range []string{deployARN, "arn:aws:iam::" + account + ":role/missing", "arn:aws:iam::" + account + ":role/deploy"} {
		reply := nobody.Refused("sts:AssumeRole", with(assume, "RoleArn", role), 403, "AccessDenied")
		reply.WantMessage("User: arn:aws:iam::" + account + ":user/nobody is not authorized to perform: sts:AssumeRole on resource: " + role)
	}
	s.Root.Refused("sts:AssumeRole", assume, 403, "AccessDenied").WantMessage("Roles may not be assumed by root accounts.")
	// Row sts-013: transitive keys may differ from the tags' in case.
	s.Admin.Do("sts:AssumeRole", with(assume, "Tags.member.1.Key", "SessionTag1", "Tags.member.1.Value", "v", "TransitiveTagKeys.member.1", "sessiontag1"))
}

// TestSessionLimits: fifty tags, keys of 128 and values of 256 characters, ten
// managed policies are the most that a session can have.
func TestSessionLimits(t *testing.T) {
	s := deploying(t)
	tags := func(n, key, value int) p {
		in := with(assume)
		for i := range n {
			member := "Tags.member." + strconv.Itoa(i+1)
			in[member+".Key"], in[member+".Value"] = fmt.Sprintf("%0*d", key, i), strings.Repeat("v", value)
		}
		return in
	}
	policies := func(n int) p {
		in := with(assume)
		for i := range n {
			in["PolicyArns.member."+strconv.Itoa(i+1)+".arn"] = readARN
		}
		return in
	}
	for _, in := range []p{tags(50, 2, 0), tags(1, 128, 256), policies(10)} {
		s.Admin.Do("sts:AssumeRole", in)
	}
	for _, in := range []p{tags(51, 2, 0), tags(1, 129, 0), tags(1, 1, 257), with(assume, "Tags.member.1.Key", "", "Tags.member.1.Value", ""), policies(11),
		with(assume, "SourceIdentity", "a"), with(assume, "SourceIdentity", strings.Repeat("a", 65))} {
		s.Admin.Refused("sts:AssumeRole", in, 400, "ValidationError")
	}
	// Within each limit, and still too large when packed: random text doesn't
	// compress.
	in := with(assume)
	for i := range 12 {
		member := "Tags.member." + strconv.Itoa(i+1)
		in[member+".Key"], in[member+".Value"] = strconv.Itoa(i), ident.New(nil).Token(180)
	}
	s.Admin.Do("sts:AssumeRole", in)
	for i := 12; i < 50; i++ {
		member := "Tags.member." + strconv.Itoa(i+1)
		in[member+".Key"], in[member+".Value"] = strconv.Itoa(i), ident.New(nil).Token(180)
	}
	s.Admin.Refused("sts:AssumeRole", in, 400, "PackedPolicyTooLarge")
}

func TestSessionPolicyMissing(t *testing.T) {
	s := deploying(t)
	s.Admin.Refused("sts:AssumeRole", with(assume, "PolicyArns.member.1.arn", "arn:aws:iam::"+account+":policy/missing"), 400, "InvalidParameterValue")
}

func TestPackedPolicySize(t *testing.T) {
	s := deploying(t)
	if size := s.Admin.Do("sts:AssumeRole", with(assume, "Policy", allowAll)).Text("PackedPolicySize"); size != "2" && size != "3" {
		t.Errorf("a policy of 81 characters takes %s%%", size)
	}
	long := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"` + strings.Repeat("s3:GetObject\",\"", 140) + `s3:PutObject","Resource":"*"}]}`
	long = strings.Replace(long, `"Action":"`, `"Action":["`, 1)
	long = strings.Replace(long, `s3:PutObject"`, `s3:PutObject"]`, 1)
	s.Admin.Refused("sts:AssumeRole", with(assume, "Policy", long), 400, "PackedPolicyTooLarge")
}

// TestSessionPolicies: a session has what both its policies and the role's
// allow.
func TestSessionPolicies(t *testing.T) {
	s := deploying(t)
	inline := s.Client(s.Admin.Do("sts:AssumeRole", with(assume, "Policy",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:GetRole","Resource":"*"}]}`)).Credentials())
	inline.Do("iam:GetRole", p{"RoleName": "deploy"})
	inline.Denied("iam:CreateUser", p{"UserName": "mallory"}, "iam:CreateUser")

	managed := s.Client(s.Admin.Do("sts:AssumeRole", with(assume, "PolicyArns.member.1.arn", readARN)).Credentials())
	managed.Do("iam:GetRole", p{"RoleName": "deploy"})
	managed.Denied("iam:CreateUser", p{"UserName": "mallory"}, "iam:CreateUser").
		WantMessage("User: arn:aws:sts::" + account + ":assumed-role/deploy/session is not authorized to perform: iam:CreateUser on resource: arn:aws:iam::" +
			account + ":user/mallory because no session policy allows the iam:CreateUser action")
}

// TestChaining: an hour at most, transitive tags are kept and can't be
// replaced, others are left behind.
func TestChaining(t *testing.T) {
	s := deploying(t)
	first := s.Client(s.Admin.Do("sts:AssumeRole", with(assume,
		"Tags.member.1.Key", "team", "Tags.member.1.Value", "red", "Tags.member.2.Key", "stage", "Tags.member.2.Value", "test",
		"TransitiveTagKeys.member.1", "team")).Credentials())
	first.Refused("sts:AssumeRole", with(assume, "DurationSeconds", "3601"), 400, "ValidationError").
		WantMessage("The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.")
	first.Refused("sts:AssumeRole", with(assume, "Tags.member.1.Key", "Team", "Tags.member.1.Value", "blue"), 400, "InvalidParameterValue")
	second := s.Client(first.Do("sts:AssumeRole", assume).Credentials())

	s.Admin.Do("iam:PutRolePolicy", p{"RoleName": "deploy", "PolicyName": "all", "PolicyDocument": `{"Version":"2012-10-17","Statement":[` +
		`{"Effect":"Allow","Action":"iam:GetRole","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"red"}}},` +
		`{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/stage":"test"}}}]}`})
	first.Do("iam:ListUsers", nil)
	second.Do("iam:GetRole", p{"RoleName": "deploy"})
	second.Denied("iam:ListUsers", nil, "iam:ListUsers")
}

// TestAttack20TransitiveTagUnderAnotherSpelling: no spelling of a key that a
// policy would read as the inherited one replaces its value or stands beside
// it.
func TestAttack20TransitiveTagUnderAnotherSpelling(t *testing.T) {
	s := deploying(t)
	first := s.Client(s.Admin.Do("sts:AssumeRole", with(assume,
		"Tags.member.1.Key", "skills", "Tags.member.1.Value", "none", "TransitiveTagKeys.member.1", "SKILLS")).Credentials())
	for _, key := range []string{"skills", "Skills", "s\u212Aills", "\u017Fkills", "sk\u0130lls", "sk\u0131lls"} {
		first.Refused("sts:AssumeRole", with(assume, "Tags.member.1.Key", key, "Tags.member.1.Value", "all"), 400, "InvalidParameterValue").
			WantMessage("One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.")
	}
}

func TestSourceIdentityIsKept(t *testing.T) {
	s := deploying(t)
	reply := s.Admin.Do("sts:AssumeRole", with(assume, "SourceIdentity", "alice"))
	if reply.Text("SourceIdentity") != "alice" {
		t.Errorf("the source identity is %q", reply.Text("SourceIdentity"))
	}
	session := s.Client(reply.Credentials())
	session.Refused("sts:AssumeRole", with(assume, "SourceIdentity", "bob"), 400, "ValidationError").
		WantMessage("The source identity is already set for this assume role session")
	session.Do("sts:AssumeRole", with(assume, "SourceIdentity", "alice"))
	if chained := session.Do("sts:AssumeRole", assume); chained.Text("SourceIdentity") != "alice" {
		t.Errorf("the chained session's source identity is %q", chained.Text("SourceIdentity"))
	}
}

// TestTagSession: row sts-017. Passing tags asks for a permission of its own.
func TestTagSession(t *testing.T) {
	s := inprocess.New(t)
	s.Admin.Do("iam:CreateRole", p{"RoleName": "plain", "AssumeRolePolicyDocument": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + account + `"},"Action":"sts:AssumeRole"}]}`})
	role := "arn:aws:iam::" + account + ":role/plain"
	s.Admin.Do("sts:AssumeRole", p{"RoleArn": role, "RoleSessionName": "session"})
	s.Admin.Refused("sts:AssumeRole", p{"RoleArn": role, "RoleSessionName": "session", "Tags.member.1.Key": "a", "Tags.member.1.Value": "b"}, 403, "AccessDenied").
		WantMessage("User: arn:aws:iam::" + account + ":user/admin is not authorized to perform: sts:TagSession on resource: " + role)
}

// TestAttack21ExternalId: a role that asks for an external id is not assumed
// with none, an empty or another one.
// Both spellings of a role's tags grant and deny sts:AssumeRole
// (https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html).
func TestAttack15ResourceTagOfRole(t *testing.T) {
	s := deploying(t)
	s.Admin.Do("iam:TagRole", p{"RoleName": "deploy", "Tags.member.1.Key": "Team", "Tags.member.1.Value": "red"})
	statement := func(effect, key, value string) string {
		return `{"Effect":"` + effect + `","Action":"sts:AssumeRole","Resource":"*","Condition":{"StringEquals":{"` + key + `":"` + value + `"}}}`
	}
	for i, key := range []string{"iam:ResourceTag/team", "aws:ResourceTag/team"} {
		document := func(statements string) string { return `{"Version":"2012-10-17","Statement":[` + statements + `]}` }
		user(s, fmt.Sprint("granted", i), document(statement("Allow", key, "red"))).Do("sts:AssumeRole", assume)
		user(s, fmt.Sprint("other", i), document(statement("Allow", key, "blue"))).Denied("sts:AssumeRole", assume, "sts:AssumeRole")
		user(s, fmt.Sprint("denied", i), document(`{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"},`+statement("Deny", key, "red"))).
			Denied("sts:AssumeRole", assume, "sts:AssumeRole")
	}
}

func TestAttack21ExternalId(t *testing.T) {
	s := deploying(t)
	other := s.Admin.Do("sallyport:CreateAccount", p{"Email": "other@example.com", "Name": "AnyCompany"})
	stranger := s.Client(other.Credentials())
	s.Admin.Do("iam:UpdateAssumeRolePolicy", p{"RoleName": "deploy", "PolicyDocument": trusting(other.Text("Id"), `,"Condition":{"StringEquals":{"sts:ExternalId":"12345"}}`)})
	for _, in := range []p{assume, with(assume, "ExternalId", "54321"), with(assume, "ExternalId", "12345*")} {
		if reply := stranger.Call("sts:AssumeRole", in); reply.Status == 200 {
			t.Errorf("%v was let in", in)
		}
	}
	stranger.Refused("sts:AssumeRole", with(assume, "ExternalId", ""), 400, "ValidationError")
	session := s.Client(stranger.Do("sts:AssumeRole", with(assume, "ExternalId", "12345")).Credentials())
	session.Do("iam:GetRole", p{"RoleName": "deploy"})
	// The role's own account is not in the trust policy.
	s.Admin.Refused("sts:AssumeRole", with(assume, "ExternalId", "12345"), 403, "AccessDenied")
}

// TestGetSessionToken: the credentials have the user's permissions, but don't
// open IAM without a second factor, nor more of STS.
func TestGetSessionToken(t *testing.T) {
	s := deploying(t)
	alice := user(s, "alice", allowAll)
	session := s.Client(alice.Do("sts:GetSessionToken", nil).Credentials())
	if arn := session.Do("sts:GetCallerIdentity", nil).Text("Arn"); arn != "arn:aws:iam::"+account+":user/alice" {
		t.Errorf("the session is %s", arn)
	}
	session.Do("sts:AssumeRole", assume)
	session.Refused("iam:ListUsers", nil, 403, "InvalidClientTokenId")
	session.Refused("sts:GetSessionToken", nil, 403, "AccessDenied")
	alice.Refused("sts:GetSessionToken", p{"TokenCode": "11111111111111"}, 400, "ValidationError"). // row sts-024
													WantMessage("1 validation error detected: Value '11111111111111' at 'tokenCode' failed to satisfy constraint: Member must have length less than or equal to 6")
	alice.Refused("sts:GetSessionToken", p{"SerialNumber": "arn:aws:iam::" + account + ":mfa/alice", "TokenCode": "123456"}, 403, "AccessDenied")
	s.Root.Do("sts:GetSessionToken", p{"DurationSeconds": "129600"})
	if got := s.Root.Do("sts:GetSessionToken", p{"DurationSeconds": "129600"}).Text("Expiration"); got != s.Now().Add(time.Hour).Format(time.RFC3339) {
		t.Errorf("root's session expires at %s", got)
	}
	s.Admin.Do("iam:DeleteAccessKey", p{"UserName": "alice", "AccessKeyId": alice.Credentials.AccessKeyID})
	s.Admin.Do("iam:DeleteUserPolicy", p{"UserName": "alice", "PolicyName": "own"})
	s.Admin.Do("iam:DeleteUser", p{"UserName": "alice"})
	session.Refused("sts:GetCallerIdentity", nil, 403, "InvalidClientTokenId")
}

// TestAttack24RecreatedRole: sessions of a role end with it, whatever is made
// under its name.
func TestAttack24RecreatedRole(t *testing.T) {
	s := deploying(t)
	session := s.Client(s.Admin.Do("sts:AssumeRole", assume).Credentials())
	s.Admin.Do("iam:DeleteRolePolicy", p{"RoleName": "deploy", "PolicyName": "all"})
	session.Denied("iam:ListUsers", nil, "iam:ListUsers")
	s.Admin.Do("iam:DeleteRole", p{"RoleName": "deploy"})
	s.Admin.Do("iam:CreateRole", p{"RoleName": "deploy", "Path": "/team/", "AssumeRolePolicyDocument": trusting(account, "")})
	session.Refused("sts:GetCallerIdentity", nil, 403, "InvalidClientTokenId")
}
