package sts_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"sallyport/internal/federation/samltest"
	"sallyport/test/inprocess"
)

// samlWorld is a server with a SAML provider, and the provider.
type samlWorld struct {
	*inprocess.Server
	idp *samltest.Provider
}

func newSAML(t *testing.T) *samlWorld {
	t.Helper()
	s, idp := inprocess.NewSAML(t)
	return &samlWorld{s, idp}
}

// good is an assertion for the role, changed by the test.
func (w *samlWorld) good(change ...func(*samltest.Assertion)) *samltest.Assertion {
	a := w.idp.Assertion(inprocess.SAMLRole, inprocess.SAMLProvider, w.Now())
	for _, c := range change {
		c(a)
	}
	return a
}

func (w *samlWorld) do(a *samltest.Assertion, in p) *inprocess.Reply {
	w.Helper()
	reply := w.Send(w.SAML(w.idp.Sign(a), in))
	if reply.Status != http.StatusOK {
		w.Fatalf("%d %s: %s", reply.Status, reply.Code, reply.Message)
	}
	return reply
}

// refused holds a response to an answer, to the state as it was, and to its record.
func (w *samlWorld) refused(response string, in p, status int, code, message string) *inprocess.Reply {
	w.Helper()
	reply := w.Refused(w.SAML(response, in), status, code)
	reply.WantMessage(message)
	return reply
}

const samlDenied = "Not authorized to perform sts:AssumeRoleWithSAML"

func attribute(name string, values ...string) func(*samltest.Assertion) {
	return func(a *samltest.Assertion) { a.Attributes[name] = values }
}

func TestAssumeRoleWithSAML(t *testing.T) {
	w := newSAML(t)
	reply := w.do(w.good(), nil)
	for name, want := range map[string]string{
		"Arn": "arn:aws:sts::" + account + ":assumed-role/web/alice", "Subject": "alice@example.com", "SubjectType": "persistent",
		"Issuer": samltest.EntityID, "Audience": samltest.Recipient, "SourceIdentity": "", "PackedPolicySize": "",
	} {
		if got := reply.Text(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if len(reply.Text("NameQualifier")) != 28 {
		t.Errorf("NameQualifier is %q, no SHA-1 in base64", reply.Text("NameQualifier"))
	}
	session := w.Client(reply.Credentials())
	if arn := session.Do("sts:GetCallerIdentity", nil).Text("Arn"); arn != reply.Text("Arn") {
		t.Errorf("the session is %s", arn)
	}
	session.Do("iam:ListUsers", nil)
	// It can be used again until it expires, as at AWS.
	again := w.good()
	response := w.idp.Sign(again)
	for range 2 {
		w.Send(w.SAML(response, nil)).Want(http.StatusOK, "")
	}
	w.Advance(time.Hour)
	session.Refused("iam:ListUsers", nil, 403, "ExpiredToken")
}

// TestSAMLOnRecord: CloudTrail's form, and no assertion in it.
func TestSAMLOnRecord(t *testing.T) {
	w := newSAML(t)
	response := w.idp.Sign(w.good())
	reply := w.Send(w.SAML(response, nil))
	reply.Want(http.StatusOK, "")
	record := w.RecordOf(reply, account)
	wantMembers(t, "userIdentity", map[string]any{
		"type": "SAMLUser", "principalId": reply.Text("NameQualifier") + ":alice@example.com",
		"userName": "alice@example.com", "identityProvider": inprocess.SAMLProvider,
	}, record.UserIdentity)
	for _, r := range w.Trail() {
		if strings.Contains(r.Raw, response[:200]) {
			t.Errorf("the assertion is on record: %s", r.Raw)
		}
	}
	if strings.Contains(w.Logs.String(), response[:200]) {
		t.Error("the assertion is in the logs")
	}
}

// TestSAMLRefusals: AWS's answers.
func TestSAMLRefusals(t *testing.T) {
	w := newSAML(t)
	good := w.idp.Sign(w.good())
	stranger := samltest.New(t, w.Now())
	for _, c := range []struct {
		name, response string
		in             p
		status         int
		code, message  string
	}{
		{"no role", good, p{"RoleArn": "nothing-valid-in-here"}, 400, "ValidationError", "nothing-valid-in-here is invalid"},
		{"no provider", good, p{"PrincipalArn": "arn:aws:iam::111122223333:role/web"}, 400, "ValidationError", "arn:aws:iam::111122223333:role/web is invalid"},
		{"sts-037, another's key", stranger.Sign(w.good()), nil, 400, "InvalidIdentityToken", "Response signature invalid"},
		{"sts-038", w.idp.Sign(w.good(func(a *samltest.Assertion) { delete(a.Attributes, "RoleSessionName") })), nil, 400, "InvalidIdentityToken", "RoleSessionName is required in AuthnResponse"},
		{"sts-038, malformed", w.idp.Sign(w.good(attribute("RoleSessionName", "no spaces"))), nil, 400, "InvalidIdentityToken", "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}"},
		{"another role", w.idp.Sign(w.good(attribute("Role", inprocess.SAMLRole+"x,"+inprocess.SAMLProvider))), nil, 400, "InvalidIdentityToken", "SAML Assertion doesn't contain the requested Role and Metadata in the attributes"},
		{"too old", w.idp.Sign(w.good(func(a *samltest.Assertion) { a.Issued = a.Issued.Add(-10 * time.Minute) })), nil, 400, "ExpiredTokenException", "Token must be redeemed within 5 minutes of issuance"},
		{"another audience", w.idp.Sign(w.good(func(a *samltest.Assertion) { a.Audience = "urn:example" })), nil, 400, "InvalidIdentityToken", "Response does not contain the required audience"},
		{"another recipient", w.idp.Sign(w.good(func(a *samltest.Assertion) { a.Recipient = "https://other.example.com/saml" })), nil, 400, "InvalidIdentityToken", "Response is for another recipient"},
		{"too long", good, p{"DurationSeconds": "3601"}, 400, "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."},
		{"a session policy that is none", good, p{"Policy": "{}"}, 400, "MalformedPolicyDocument", "Syntax errors in policy."},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.TB = t
			w.refused(c.response, c.in, c.status, c.code, c.message)
		})
	}
	w.TB = t
	for name, c := range map[string]struct {
		response string
		in       p
		prefix   string
	}{
		"sts-035":                     {"????", nil, "Invalid base64 SAMLResponse (Service: AWSOpenIdDiscoveryService; Status Code: 400; Error Code: AuthSamlInvalidSamlResponseException; Request ID: "},
		"a provider that isn't there": {good, p{"PrincipalArn": inprocess.SAMLProvider + "x"}, "Specified provider doesn't exist (Service: AWSOpenIdDiscoveryService; Status Code: 400; Error Code: AuthSamlManifestNotFoundException; Request ID: "},
		"a provider of another's":     {good, p{"PrincipalArn": "arn:aws:iam::444455556666:saml-provider/example"}, "Specified provider doesn't exist"},
		"a role of another account's": {good, p{"RoleArn": "arn:aws:iam::444455556666:role/team/web"}, "Specified provider doesn't exist"},
	} {
		reply := w.Refused(w.SAML(c.response, c.in), 400, "InvalidIdentityToken")
		if !strings.HasPrefix(reply.Message, c.prefix) {
			t.Errorf("%s: %s %q, want %q", name, reply.Code, reply.Message, c.prefix)
		}
	}
}

// TestSAMLConditions: what trust policies can ask of an assertion, and what its
// session keeps.
func TestSAMLConditions(t *testing.T) {
	w := newSAML(t)
	ran := 0
	for conditions, want := range map[string]bool{
		`"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}`:       true,
		`"StringEquals":{"SAML:aud":"https://other.example.com/saml"}`:           false,
		`"StringEquals":{"saml:iss":"` + samltest.EntityID + `"}`:                true,
		`"StringLike":{"saml:sub":"*@example.com"}`:                              true,
		`"StringLike":{"saml:sub":"bob@*"}`:                                      false,
		`"StringEquals":{"saml:doc":"` + account + `/example"}`:                  true,
		`"StringEquals":{"saml:sub_type":"persistent"}`:                          true,
		`"StringEquals":{"saml:sub_type":"transient"}`:                           false,
		`"StringEquals":{"sts:RoleSessionName":"alice"}`:                         true,
		`"ForAnyValue:StringEquals":{"saml:eduPersonAffiliation":"staff"}`:       true,
		`"ForAnyValue:StringEquals":{"saml:eduPersonAffiliation":"guest"}`:       false,
		`"ArnEquals":{"aws:FederatedProvider":"` + inprocess.SAMLProvider + `"}`: true,
	} {
		w.Admin.Do("iam:UpdateAssumeRolePolicy", p{"RoleName": "web", "PolicyDocument": inprocess.TrustingSAML(conditions)})
		a := w.good(attribute("urn:oid:1.3.6.1.4.1.5923.1.1.1.1", "staff"))
		if want {
			w.do(a, nil)
		} else {
			w.refused(w.idp.Sign(a), nil, 403, "AccessDenied", samlDenied)
		}
		ran++
	}
	if ran != 12 {
		t.Errorf("%d conditions were tried", ran)
	}
	w.Admin.Do("iam:UpdateAssumeRolePolicy", p{"RoleName": "web", "PolicyDocument": inprocess.TrustingSAML("")})
	session := w.Client(w.do(w.good(), nil).Credentials())
	w.Admin.Do("iam:PutRolePolicy", p{"RoleName": "web", "PolicyName": "all",
		"PolicyDocument": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*","Condition":{"StringEquals":{"saml:sub":"alice@example.com"}}},
			{"Effect":"Allow","Action":"iam:ListGroups","Resource":"*","Condition":{"StringEquals":{"saml:iss":"` + samltest.EntityID + `"}}}]}`})
	session.Do("iam:ListUsers", nil)
	session.Denied("iam:ListGroups", nil, "iam:ListGroups") // the issuer is known at the beginning alone
}

// TestSAMLSession: what the assertion says of the session it gets, which trust must
// allow.
func TestSAMLSession(t *testing.T) {
	w := newSAML(t)
	a := w.good(attribute("PrincipalTag:team", "red"), attribute("TransitiveTagKeys", "team"), attribute("SourceIdentity", "alice-id"))
	reply := w.do(a, p{"DurationSeconds": "900"})
	if reply.Text("SourceIdentity") != "alice-id" {
		t.Errorf("the source identity is %q", reply.Text("SourceIdentity"))
	}
	session := w.Client(reply.Credentials())
	w.Admin.Do("iam:PutRolePolicy", p{"RoleName": "web", "PolicyName": "all",
		"PolicyDocument": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"red","aws:SourceIdentity":"alice-id"}}}]}`})
	session.Do("iam:ListUsers", nil)
	// Without the permission to set them there is no session.
	w.Admin.Do("iam:UpdateAssumeRolePolicy", p{"RoleName": "web", "PolicyDocument": strings.Replace(inprocess.TrustingSAML(""), `,"sts:TagSession"`, "", 1)})
	w.refused(w.idp.Sign(a), nil, 403, "AccessDenied", "Not authorized to perform sts:TagSession")
	w.Admin.Do("iam:UpdateAssumeRolePolicy", p{"RoleName": "web", "PolicyDocument": inprocess.TrustingSAML("")})
	w.refused(w.idp.Sign(w.good(attribute("PrincipalTag:aws:team", "red"))), nil, 400, "InvalidIdentityToken", "Tag keys and values must not begin with the reserved prefix aws:")
	// How long a console session is to be doesn't count here.
	reply = w.do(w.good(attribute("SessionDuration", "43200")), nil)
	if got, want := reply.Text("Expiration"), w.Now().Add(time.Hour).UTC().Format(time.RFC3339); got != want {
		t.Errorf("the session ends at %s, want %s", got, want)
	}
	// The provider's end of the session counts.
	ends := w.Now().Add(20 * time.Minute)
	reply = w.do(w.good(func(a *samltest.Assertion) { a.Ends = ends }), nil)
	if got := reply.Text("Expiration"); got != ends.UTC().Format(time.RFC3339) {
		t.Errorf("the session ends at %s, want %s", got, ends)
	}
}

// TestAttack20Replay: an assertion that says so opens one session, however many
// ask at once; and once a provider is gone or has other keys, none.
func TestAttack20Replay(t *testing.T) {
	w := newSAML(t)
	response := w.idp.Sign(w.good(func(a *samltest.Assertion) { a.Once = true }))
	results := make(chan int)
	for range 8 {
		go func() {
			reply, err := w.TrySend(w.SAML(response, nil))
			if err != nil {
				results <- 0
				return
			}
			results <- reply.Status
		}()
	}
	opened := 0
	for range 8 {
		switch status := <-results; status {
		case http.StatusOK:
			opened++
		case http.StatusBadRequest:
		default:
			t.Errorf("status %d", status)
		}
	}
	if opened != 1 {
		t.Errorf("%d sessions were opened by one assertion", opened)
	}
	good := w.idp.Sign(w.good())
	other := samltest.New(t, w.Now())
	w.Admin.Do("iam:UpdateSAMLProvider", p{"SAMLProviderArn": inprocess.SAMLProvider, "SAMLMetadataDocument": other.Metadata()})
	w.refused(good, nil, 400, "InvalidIdentityToken", "Response signature invalid")
	w.Send(w.SAML(other.Sign(w.good()), nil)).Want(http.StatusOK, "")
	w.Admin.Do("iam:DeleteSAMLProvider", p{"SAMLProviderArn": inprocess.SAMLProvider})
	reply := w.Refused(w.SAML(other.Sign(w.good()), nil), 400, "InvalidIdentityToken")
	if !strings.HasPrefix(reply.Message, "Specified provider doesn't exist") {
		t.Errorf("a deleted provider: %q", reply.Message)
	}
}

// TestAttack21SAMLOfAnotherAccount: a provider vouches in its own account alone,
// whatever roles trust it.
func TestAttack21SAMLOfAnotherAccount(t *testing.T) {
	w := newSAML(t)
	w.Admin.Do("iam:CreateRole", p{"RoleName": "other", "AssumeRolePolicyDocument": strings.ReplaceAll(inprocess.TrustingSAML(""), "saml-provider/example", "saml-provider/others")})
	role := "arn:aws:iam::" + account + ":role/other"
	a := w.good(attribute("Role", role+","+inprocess.SAMLProvider))
	w.refused(w.idp.Sign(a), p{"RoleArn": role}, 403, "AccessDenied", samlDenied)
}

// TestAttack20FloodOfResponses: strangers who have responses refused, which is work,
// are soon told to slow down, and keep nobody else waiting.
func TestAttack20FloodOfResponses(t *testing.T) {
	w := newSAML(t)
	good := w.idp.Sign(w.good())
	costly := w.idp.Sign(w.good(func(a *samltest.Assertion) {
		for i := range 250 {
			a.Attributes["https://example.com/attribute/"+strconv.Itoa(i)] = []string{strings.Repeat("x", 100)}
		}
	}))
	other := samltest.New(t, w.Now())
	w.Admin.Do("iam:UpdateSAMLProvider", p{"SAMLProviderArn": inprocess.SAMLProvider, "SAMLMetadataDocument": other.Metadata()})
	throttled := 0
	for round := 0; throttled == 0; round++ {
		if round == 20 {
			t.Fatal("a flood of responses is verified without end")
		}
		codes := make(chan string)
		for range 200 {
			go func() {
				reply, err := w.TrySend(w.SAML(costly, nil))
				if err != nil {
					codes <- err.Error()
					return
				}
				codes <- reply.Code
			}()
		}
		w.Admin.Do("iam:ListUsers", nil)
		for range 200 {
			switch code := <-codes; code {
			case "Throttling":
				throttled++
			case "InvalidIdentityToken":
			default:
				t.Fatalf("a stranger's response: %s", code)
			}
		}
	}
	w.Send(w.SAML(good, nil)).Want(http.StatusBadRequest, "InvalidIdentityToken") // of the key that was replaced
	w.Send(w.SAML(other.Sign(w.good()), nil)).Want(http.StatusOK, "")
}
