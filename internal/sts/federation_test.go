package sts_test

import (
	"strings"
	"testing"
	"time"

	"sallyport/sigv4"
	"sallyport/test/inprocess"
)

const (
	kioskARN = "arn:aws:sts::" + account + ":federated-user/kiosk"
	adminARN = "arn:aws:iam::" + account + ":user/admin"
)

var (
	kiosk = p{"Name": "kiosk"}
	// evaluating is a call that a federated user may make when its policies let it.
	evaluating = p{"PrincipalArn": adminARN, "Action": "s3:GetObject"}
)

const evaluate = "sallyport:Evaluate"

// allowing is a policy for these actions, with members of its statement besides.
func allowing(actions, more string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["` +
		strings.Join(strings.Fields(actions), `","`) + `"],"Resource":"*"` + more + `}]}`
}

// federated is a session of a federated user.
func federated(s *inprocess.Server, c *inprocess.Client, in p) *inprocess.Client {
	return s.Client(c.Do("sts:GetFederationToken", in).Credentials())
}

func TestGetFederationToken(t *testing.T) {
	s := inprocess.New(t)
	// Row sts-005.
	reply := s.Admin.Do("sts:GetFederationToken", with(kiosk, "DurationSeconds", "900"))
	if arn, id := reply.Text("Arn"), reply.Text("FederatedUserId"); arn != kioskARN || id != account+":kiosk" {
		t.Errorf("the federated user is %s, %s", arn, id)
	}
	if packed := reply.Text("PackedPolicySize"); packed != "0" {
		t.Errorf("PackedPolicySize is %q", packed)
	}
	session := s.Client(reply.Credentials())
	identity := session.Do("sts:GetCallerIdentity", nil)
	if identity.Text("Arn") != kioskARN || identity.Text("UserId") != account+":kiosk" || identity.Text("Account") != account {
		t.Errorf("the session is %s", identity.Body)
	}
	// Row ct-017 and the example of CloudTrail's page on userIdentity.
	record := s.RecordOf(reply, account)
	credentials, _ := record.ResponseElements["credentials"].(map[string]any)
	user, _ := record.ResponseElements["federatedUser"].(map[string]any)
	if record.ReadOnly || credentials["accessKeyId"] != reply.Credentials().AccessKeyID || user["federatedUserId"] != account+":kiosk" {
		t.Errorf("the record is %s", record.Raw)
	}
	used := s.RecordOf(identity, account)
	context, _ := used.UserIdentity["sessionContext"].(map[string]any)
	issuer, _ := context["sessionIssuer"].(map[string]any)
	if used.UserIdentity["type"] != "FederatedUser" || used.UserIdentity["principalId"] != account+":kiosk" ||
		issuer["type"] != "IAMUser" || issuer["arn"] != adminARN || issuer["userName"] != "admin" {
		t.Errorf("the session's call is on record as %s", used.Raw)
	}
	s.Advance(15 * time.Minute)
	session.Refused("sts:GetCallerIdentity", nil, 403, "ExpiredToken")
}

// TestFederationDurations: twelve hours unless it is said, at most 36, and at most
// one for the root user, whatever it asks for.
func TestFederationDurations(t *testing.T) {
	s := inprocess.New(t)
	for _, c := range []struct {
		client  *inprocess.Client
		seconds string
		want    time.Duration
	}{
		{s.Admin, "", 12 * time.Hour}, {s.Admin, "129600", 36 * time.Hour}, {s.Admin, "900", 15 * time.Minute},
		{s.Root, "", time.Hour}, {s.Root, "129600", time.Hour}, {s.Root, "900", 15 * time.Minute},
	} {
		in := kiosk
		if c.seconds != "" {
			in = with(kiosk, "DurationSeconds", c.seconds)
		}
		expires, err := time.Parse(time.RFC3339, c.client.Do("sts:GetFederationToken", in).Text("Expiration"))
		if err != nil || expires.Sub(s.Now()).Round(time.Minute) != c.want {
			t.Errorf("%q seconds: until %s (%v), want %s", c.seconds, expires, err, c.want)
		}
	}
	for _, seconds := range []string{"899", "129601"} {
		s.Admin.Refused("sts:GetFederationToken", with(kiosk, "DurationSeconds", seconds), 400, "ValidationError")
	}
}

// TestFederationRefusals: what session policies, tags and names may be.
func TestFederationRefusals(t *testing.T) {
	s := inprocess.New(t)
	long := strings.Repeat("a", 1100)
	for name, c := range map[string]struct {
		in   p
		code string
	}{
		"a name of one character": {p{"Name": "k"}, "ValidationError"},
		"a name with a slash":     {p{"Name": "ki/osk"}, "ValidationError"},
		"a name with a colon":     {p{"Name": "ki:osk"}, "ValidationError"},
		"a malformed policy":      {with(kiosk, "Policy", `{"Version":"2012-10-17"}`), "MalformedPolicyDocument"},
		"a principal in a policy": {with(kiosk, "Policy", trusting(account, "")), "MalformedPolicyDocument"},
		"a missing policy":        {with(kiosk, "PolicyArns.member.1.arn", "arn:aws:iam::"+account+":policy/none"), "InvalidParameterValue"},
		"too many characters":     {with(kiosk, "Policy", allowing("s3:"+long, ""), "PolicyArns.member.1.arn", "arn:aws:iam::"+account+":policy/"+long[:900]), "InvalidParameterValue"},
		"tags twice":              {with(kiosk, "Tags.member.1.Key", "a", "Tags.member.1.Value", "v", "Tags.member.2.Key", "A", "Tags.member.2.Value", "v"), "InvalidParameterValue"},
		"a reserved tag":          {with(kiosk, "Tags.member.1.Key", "aws:a", "Tags.member.1.Value", "v"), "InvalidParameterValue"},
	} {
		t.Run(name, func(t *testing.T) { s.Admin.Refused("sts:GetFederationToken", c.in, 400, c.code) })
	}
	// Another account's policies are as missing as one that is not there.
	other := s.Admin.Do("sallyport:CreateAccount", p{"Email": "other@example.com", "Name": "AnyCompany"})
	s.Client(other.Credentials()).Do("iam:CreatePolicy", p{"PolicyName": "theirs", "PolicyDocument": allowAll})
	s.Admin.Refused("sts:GetFederationToken", with(kiosk, "PolicyArns.member.1.arn", "arn:aws:iam::"+other.Text("Id")+":policy/theirs"), 400, "InvalidParameterValue")
}

// TestFederatedUserPermissions: what the user and the session policies both allow,
// and nothing without session policies; the user's policies are those of the moment.
func TestFederatedUserPermissions(t *testing.T) {
	s := inprocess.New(t)
	s.Admin.Do("iam:CreatePolicy", p{"PolicyName": "evaluates", "PolicyDocument": allowing(evaluate, "")})
	managed := "arn:aws:iam::" + account + ":policy/evaluates"
	broker := user(s, "broker", allowing("sts:GetFederationToken sallyport:Evaluate", ""))

	federated(s, broker, kiosk).Denied(evaluate, evaluating, evaluate)
	federated(s, broker, with(kiosk, "Policy", allowing("s3:*", ""))).Denied(evaluate, evaluating, evaluate)
	inline := federated(s, broker, with(kiosk, "Policy", allowAll))
	inline.Do(evaluate, evaluating)
	// Not what the user has not.
	inline.Denied("sallyport:GetEntityHistory", p{"Entity": adminARN}, "sallyport:GetEntityHistory")
	both := federated(s, broker, with(kiosk, "Policy", allowing("s3:*", ""), "PolicyArns.member.1.arn", managed))
	both.Do(evaluate, evaluating)

	// A boundary of the user's holds its federated users, a policy that is deleted
	// gives them nothing more, and what is taken from the user is taken from them.
	s.Admin.Do("iam:PutUserPermissionsBoundary", p{"UserName": "broker", "PermissionsBoundary": readARN})
	inline.Denied(evaluate, evaluating, evaluate)
	s.Admin.Do("iam:DeleteUserPermissionsBoundary", p{"UserName": "broker"})
	s.Admin.Do("iam:DeletePolicy", p{"PolicyArn": managed})
	both.Denied(evaluate, evaluating, evaluate)
	inline.Do(evaluate, evaluating)
	s.Admin.Do("iam:DeleteUserPolicy", p{"UserName": "broker", "PolicyName": "own"})
	inline.Denied(evaluate, evaluating, evaluate)
}

// TestFederatedUserContext: the condition keys of a federated user's requests.
func TestFederatedUserContext(t *testing.T) {
	s := inprocess.New(t)
	s.Admin.Do("iam:TagUser", p{"UserName": "admin", "Tags.member.1.Key": "Team", "Tags.member.1.Value": "red", "Tags.member.2.Key": "cost", "Tags.member.2.Value": "42"})
	for condition, allowed := range map[string]bool{
		`"StringEquals":{"aws:userid":"` + account + `:kiosk"}`:             true,
		`"StringEquals":{"aws:PrincipalType":"FederatedUser"}`:              true,
		`"ArnEquals":{"aws:PrincipalArn":"` + kioskARN + `"}`:               true,
		`"ArnEquals":{"aws:PrincipalArn":"` + adminARN + `"}`:               false,
		`"Null":{"aws:username":"true","aws:FederatedProvider":"true"}`:     true,
		`"StringLike":{"aws:username":"*"}`:                                 false,
		`"Bool":{"aws:MultiFactorAuthPresent":"false"}`:                     true,
		`"Null":{"aws:TokenIssueTime":"false"}`:                             true,
		`"StringEquals":{"aws:PrincipalTag/team":"blue"}`:                   true, // the session's before the user's
		`"StringEquals":{"aws:PrincipalTag/cost":"42"}`:                     true,
		`"StringEquals":{"aws:PrincipalAccount":"` + account + `"}`:         true,
		`"DateGreaterThan":{"aws:TokenIssueTime":"2000-01-01T00:00:00Z"}`:   true,
		`"Null":{"aws:SourceIdentity":"true","aws:RequestTag/team":"true"}`: true,
	} {
		session := federated(s, s.Admin, with(kiosk, "Policy", allowing(evaluate, `,"Condition":{`+condition+`}`),
			"Tags.member.1.Key", "team", "Tags.member.1.Value", "blue"))
		if allowed {
			session.Do(evaluate, evaluating)
		} else {
			session.Denied(evaluate, evaluating, evaluate)
		}
	}
}

// TestAttack09FederatedUser: the credentials of a federated user make no others,
// call nothing of IAM, and are no more than their session policy, root's neither.
func TestAttack09FederatedUser(t *testing.T) {
	s := deploying(t)
	for name, maker := range map[string]*inprocess.Client{"user": s.Admin, "root": s.Root} {
		t.Run(name, func(t *testing.T) {
			free := federated(s, maker, with(kiosk, "Policy", allowAll))
			free.Do(evaluate, evaluating)
			for _, call := range []string{"iam:ListUsers", "iam:CreateAccessKey", "iam:GetUser"} {
				free.Refused(call, p{"UserName": "admin"}, 403, "InvalidClientTokenId")
			}
			for call, in := range map[string]p{
				"sts:GetFederationToken": with(kiosk, "Policy", allowAll), "sts:GetSessionToken": nil, "sts:AssumeRole": assume,
				"sts:GetAccessKeyInfo": {"AccessKeyId": inprocess.AdminKey},
			} {
				free.Refused(call, in, 403, "AccessDenied").WantMessage("Cannot call " + strings.TrimPrefix(call, "sts:") + " with session credentials")
			}
			held := federated(s, maker, with(kiosk, "Policy", allowing(evaluate, "")))
			held.Do(evaluate, evaluating)
			held.Denied("sallyport:CreateAccount", p{"Email": "mallory@example.com", "Name": "AnyCompany"}, "sallyport:CreateAccount")
			federated(s, maker, kiosk).Denied(evaluate, evaluating, evaluate)
			denied := federated(s, maker, with(kiosk, "Policy", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"`+evaluate+`","Resource":"*"}]}`))
			denied.Denied(evaluate, evaluating, evaluate)
		})
	}
	// Other temporary credentials make none either.
	role := s.Client(s.Admin.Do("sts:AssumeRole", assume).Credentials())
	session := s.Client(s.Admin.Do("sts:GetSessionToken", nil).Credentials())
	for _, c := range []*inprocess.Client{role, session} {
		c.Refused("sts:GetFederationToken", kiosk, 403, "AccessDenied").WantMessage("Cannot call GetFederationToken with session credentials")
	}
}

// TestAttack04FederatedToken: a federated user's token holds for its own access key
// alone, and not at all when a character of it is another.
func TestAttack04FederatedToken(t *testing.T) {
	s := inprocess.New(t)
	a, b := s.Admin.Do("sts:GetFederationToken", kiosk).Credentials(), s.Root.Do("sts:GetFederationToken", kiosk).Credentials()
	mixed := a
	mixed.SessionToken = b.SessionToken
	bare := a
	bare.SessionToken = ""
	changed := a
	token := []byte(a.SessionToken)
	token[len(token)/2] ^= 1
	changed.SessionToken = sigv4.Secret(token)
	for _, c := range []sigv4.Credentials{mixed, bare, changed} {
		s.Client(c).Refused("sts:GetCallerIdentity", nil, 403, "InvalidClientTokenId")
	}
}

// TestFederatedUserIsRevoked: deleting the user ends its federated users' sessions,
// and one of the same name brings none back; its key becoming inactive or deleted
// does not end them.
func TestFederatedUserIsRevoked(t *testing.T) {
	s := inprocess.New(t)
	broker := user(s, "broker", allowing("sts:GetFederationToken", ""))
	key := broker.Credentials.AccessKeyID
	session := federated(s, broker, kiosk)
	s.Admin.Do("iam:UpdateAccessKey", p{"UserName": "broker", "AccessKeyId": key, "Status": "Inactive"})
	broker.Refused("sts:GetFederationToken", kiosk, 403, "InvalidClientTokenId")
	session.Do("sts:GetCallerIdentity", nil)
	s.Admin.Do("iam:DeleteAccessKey", p{"UserName": "broker", "AccessKeyId": key})
	session.Do("sts:GetCallerIdentity", nil)
	s.Admin.Do("iam:DeleteUserPolicy", p{"UserName": "broker", "PolicyName": "own"})
	s.Admin.Do("iam:DeleteUser", p{"UserName": "broker"})
	session.Refused("sts:GetCallerIdentity", nil, 403, "InvalidClientTokenId")
	user(s, "broker", allowAll)
	session.Refused("sts:GetCallerIdentity", nil, 403, "InvalidClientTokenId")
	// The root user is always there.
	federated(s, s.Root, kiosk).Do("sts:GetCallerIdentity", nil)
}
