package sts_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"sallyport/internal/federation/oidc/oidctest"
	"sallyport/test/inprocess"
)

// web is a federated server, and its issuer.
type web struct {
	*inprocess.Server
	issuer *oidctest.Issuer
}

func newWeb(t *testing.T) *web {
	t.Helper()
	s, issuer := inprocess.NewFederated(t)
	return &web{s, issuer}
}

func (w *web) good() oidctest.Claims { return w.issuer.Claims(inprocess.Audience, w.Now()) }

// call assumes the role with a token of these claims.
func (w *web) call(claims oidctest.Claims, in p) *inprocess.Reply {
	w.Helper()
	return w.Send(w.WebIdentity(w.issuer.Sign(claims), in))
}

func (w *web) do(claims oidctest.Claims, in p) *inprocess.Reply {
	w.Helper()
	reply := w.call(claims, in)
	if reply.Status != http.StatusOK {
		w.Fatalf("%d %s: %s", reply.Status, reply.Code, reply.Message)
	}
	return reply
}

// refused holds a call to an answer, to the state as it was, and to its record.
func (w *web) refused(r *http.Request, status int, code, message string) *inprocess.Reply {
	w.Helper()
	reply := w.Refused(r, status, code)
	reply.WantMessage(message)
	return reply
}

const denied = "Not authorized to perform sts:AssumeRoleWithWebIdentity"

// denies holds the role to denying a token, on record as the token's subject.
func (w *web) denies(claims oidctest.Claims, in p) {
	w.Helper()
	reply := w.refused(w.WebIdentity(w.issuer.Sign(claims), in), 403, "AccessDenied", denied)
	record := w.RecordOf(reply, account)
	if record.ErrorCode != "AccessDenied" || record.UserIdentity["type"] != "WebIdentityUser" || record.UserIdentity["userName"] != claims["sub"] {
		w.Errorf("on record as %s", record.Raw)
	}
}

// trust replaces the role's trust policy.
func (w *web) trust(conditions string) {
	w.Helper()
	w.Admin.Do("iam:UpdateAssumeRolePolicy", p{"RoleName": "web", "PolicyDocument": inprocess.TrustingWeb(conditions)})
}

func TestAssumeRoleWithWebIdentity(t *testing.T) {
	w := newWeb(t)
	reply := w.do(w.good(), nil)
	for name, want := range map[string]string{
		"Arn": "arn:aws:sts::" + account + ":assumed-role/web/session", "SubjectFromWebIdentityToken": "subject-1",
		"Audience": inprocess.Audience, "Provider": inprocess.WebProvider, "PackedPolicySize": "", "SourceIdentity": "",
	} {
		if got := reply.Text(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if id := reply.Text("AssumedRoleId"); !strings.HasPrefix(id, "AROA") || !strings.HasSuffix(id, ":session") {
		t.Errorf("the session's id is %s", id)
	}
	expires, err := time.Parse(time.RFC3339, reply.Text("Expiration"))
	if err != nil || !expires.Equal(w.Now().Add(time.Hour)) {
		t.Errorf("the session expires at %s (%v)", expires, err)
	}
	session := w.Client(reply.Credentials())
	if arn := session.Do("sts:GetCallerIdentity", nil).Text("Arn"); arn != reply.Text("Arn") {
		t.Errorf("the session is %s", arn)
	}
	session.Do("iam:ListUsers", nil)
	w.Advance(time.Hour)
	session.Refused("iam:ListUsers", nil, 403, "ExpiredToken")
}

// TestWebIdentityOnRecord: CloudTrail's form, for the call and for what its session
// does, and no token in it.
func TestWebIdentityOnRecord(t *testing.T) {
	w := newWeb(t)
	token := w.issuer.Sign(w.good())
	reply := w.Send(w.WebIdentity(token, p{"DurationSeconds": "900"}))
	reply.Want(200, "")
	record := w.RecordOf(reply, account)
	want := map[string]any{
		"type": "WebIdentityUser", "principalId": inprocess.WebProvider + ":" + inprocess.Audience + ":subject-1",
		"userName": "subject-1", "identityProvider": inprocess.WebProvider,
	}
	wantMembers(t, "userIdentity", want, record.UserIdentity)
	wantMembers(t, "requestParameters", map[string]any{"roleArn": inprocess.WebRole, "roleSessionName": "session", "durationSeconds": 900.0}, record.RequestParameters)
	if record.ResponseElements["provider"] != inprocess.WebProvider || record.ResponseElements["subjectFromWebIdentityToken"] != "subject-1" ||
		record.ResponseElements["audience"] != inprocess.Audience || len(record.Resources) != 1 || record.Resources[0]["ARN"] != inprocess.WebRole ||
		record.Resources[0]["type"] != "AWS::IAM::Role" || !record.ReadOnly || record.AWSRegion != "us-east-1" {
		t.Errorf("on record as %s", record.Raw)
	}
	later := w.RecordOf(w.Client(reply.Credentials()).Do("iam:ListUsers", nil), account)
	context, ok := later.UserIdentity["sessionContext"].(map[string]any)
	if federation, there := context["webIdFederationData"].(map[string]any); !ok || !there || federation["federatedProvider"] != inprocess.WebProvider {
		t.Errorf("a call of the session is on record as %s", later.Raw)
	}
	for _, r := range w.Trail() {
		if strings.Contains(r.Raw, token) || strings.Contains(r.Raw, strings.Split(token, ".")[1]) {
			t.Errorf("the token is on record: %s", r.Raw)
		}
	}
	if strings.Contains(w.Logs.String(), strings.Split(token, ".")[1]) {
		t.Error("the token is in the logs")
	}
}

func wantMembers(t *testing.T, what string, want, got map[string]any) {
	t.Helper()
	for name, value := range want {
		if got[name] != value {
			t.Errorf("%s.%s is %v, want %v", what, name, got[name], value)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%s is %v", what, got)
	}
}

// TestWebIdentityRefusals: AWS's answers, in the order in which it looks.
func TestWebIdentityRefusals(t *testing.T) {
	w := newWeb(t)
	token := w.issuer.Sign(w.good())
	other := w.good().With("iss", "https://other.example.com")
	for _, c := range []struct {
		name          string
		token         string
		in            p
		status        int
		code, message string
	}{
		{"no role", token, p{"RoleArn": "nothing-valid-in-here"}, 400, "ValidationError", "nothing-valid-in-here is invalid"},
		{"sts-031", "no token", nil, 400, "InvalidIdentityToken", "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"},
		{"sts-029", w.issuer.Sign(w.good().With("iss", "issuer")), nil, 400, "InvalidIdentityToken", "Issuer must be a valid URL"},
		{"sts-026", w.issuer.Sign(other), nil, 400, "InvalidIdentityToken", "No OpenIDConnect provider found in your account for https://other.example.com"},
		{"no account", token, p{"RoleArn": "arn:aws:iam::999999999999:role/web"}, 400, "InvalidIdentityToken", "No OpenIDConnect provider found in your account for " + w.issuer.URL},
		{"audience", w.issuer.Sign(w.good().With("aud", "other")), nil, 400, "InvalidIdentityToken", "Incorrect token audience"},
		{"sts-032", w.issuer.Sign(w.good().With("exp", w.Now().Unix())), nil, 400, "ExpiredTokenException",
			"Token expired: current date/time 1767323045 must be before the expiration date/time 1767323045"},
		{"too old", w.issuer.Sign(w.good().With("iat", w.Now().Add(-25*time.Hour).Unix())), nil, 400, "ExpiredTokenException", "Token must be redeemed within 24 hours of issuance"},
		{"sts-033", w.issuer.Sign(w.good().With("sub", nil)), nil, 400, "InvalidIdentityToken", "Missing a required claim: sub"},
		{"a role that isn't there", token, p{"RoleArn": "arn:aws:iam::" + account + ":role/nobody"}, 403, "AccessDenied", denied},
		{"an access token", token, p{"ProviderId": "www.amazon.com"}, 400, "ValidationError",
			"ProviderId is for OAuth 2.0 access tokens, which are not supported. Give an OpenID Connect ID token without it."},
		{"too long", token, p{"DurationSeconds": "3601"}, 400, "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."},
		{"a session policy that is none", token, p{"Policy": "{}"}, 400, "MalformedPolicyDocument", "Syntax errors in policy."},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.TB = t
			w.issuer.TB = t
			w.refused(w.WebIdentity(c.token, c.in), c.status, c.code, c.message)
		})
	}
	w.TB, w.issuer.TB = t, t
	reply := w.Send(w.WebIdentity("xy", p{"RoleSessionName": "no spaces"}))
	reply.Want(400, "ValidationError")
	if !strings.Contains(reply.Message, "2 validation errors detected") || strings.Contains(reply.Message, "xy") {
		t.Errorf("the parameters are refused by %s", reply.Message)
	}
}

// TestWebIdentityKeys: what trust policies can ask of a token.
func TestWebIdentityKeys(t *testing.T) {
	w := newWeb(t)
	host := oidctest.Host
	claims := w.good().With("azp", inprocess.Audience, "aud", []string{"api-1", "api-2"}, "amr", []string{"pwd", "mfa"},
		"email", "alice@example.com", "team", "red")
	ran := 0
	for condition, want := range map[string]bool{
		`"StringEquals":{"` + host + `:aud":"` + inprocess.Audience + `"}`:             true,
		`"StringEquals":{"` + host + `:aud":"api-1"}`:                                  false,
		`"ForAnyValue:StringEquals":{"` + host + `:oaud":"api-2"}`:                     true,
		`"StringEquals":{"ISSUER.example.com:SUB":"subject-1"}`:                        true,
		`"StringEquals":{"` + host + `:sub":"SUBJECT-1"}`:                              false,
		`"StringLike":{"` + host + `:sub":"subject-*"}`:                                true,
		`"ForAnyValue:StringEquals":{"` + host + `:amr":"mfa"}`:                        true,
		`"ForAnyValue:StringEquals":{"` + host + `:amr":"otp"}`:                        false,
		`"StringEquals":{"` + host + `:email":"alice@example.com"}`:                    true,
		`"StringEquals":{"` + host + `:team":"red"}`:                                   false, // no claim that AWS knows of the issuer
		`"StringEquals":{"other.example.com:sub":"subject-1"}`:                         false,
		`"ArnEquals":{"aws:FederatedProvider":"` + inprocess.WebProvider + `"}`:        true,
		`"ArnEquals":{"aws:FederatedProvider":"` + inprocess.WebProvider + `x"}`:       false,
		`"StringEquals":{"sts:RoleSessionName":"session"}`:                             true,
		`"StringEquals":{"aws:PrincipalAccount":"` + account + `"}`:                    false, // it belongs to none
		`"Null":{"aws:PrincipalArn":"true","aws:userid":"true","aws:username":"true"}`: true,
		`"Null":{"aws:PrincipalType":"true","aws:MultiFactorAuthPresent":"true"}`:      true,
		`"Bool":{"aws:PrincipalIsAWSService":"false"}`:                                 true,
		`"IpAddress":{"aws:SourceIp":"127.0.0.1"}`:                                     true,
		`"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}`:                                    false,
		`"StringEquals":{"aws:ResourceAccount":"` + account + `"}`:                     true,
	} {
		w.trust(condition)
		if want {
			w.do(claims, nil)
		} else {
			w.denies(claims, nil)
		}
		ran++
	}
	if ran < 20 {
		t.Errorf("%d conditions were tried", ran)
	}
}

// TestProviderClaims: issuers whose further claims AWS makes condition keys.
func TestProviderClaims(t *testing.T) {
	for issuer, c := range map[string]struct {
		claim string
		value any
		key   string
		want  string
	}{
		"token.actions.githubusercontent.com":      {"repository_id", "12345", "repository_id", "12345"},
		"token.actions.githubusercontent.com/octo": {"job_workflow_ref", "octo/ci.yml@main", "job_workflow_ref", "octo/ci.yml@main"},
		"gitlab.com":                                       {"ref_protected", true, "ref_protected", "true"},
		"oidc.circleci.com/org/11111111":                   {"oidc.circleci.com/project-id", "p-1", "oidc.circleci.com/project-id", "p-1"},
		"accounts.google.com":                              {"google", map[string]any{"organization_number": 123}, "google/organization_number", "123"},
		"idcs-0123456789abcdef.identity.oraclecloud.com":   {"rpst_id", "r-1", "rpst_id", "r-1"},
		"agent.buildkite.com":                              {"pipeline_id", "p-2", "pipeline_id", "p-2"},
		"oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D": {"sub", "system:serviceaccount:default:app", "sub", "system:serviceaccount:default:app"},
	} {
		t.Run(issuer, func(t *testing.T) {
			host, _, _ := strings.Cut(issuer, "/")
			s, i := federatedAt(t, "https://"+issuer, host)
			provider := "arn:aws:iam::" + account + ":oidc-provider/" + issuer
			trust := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"` + provider + `"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{` +
				`"StringLike":{"` + issuer + `:sub":"s*"},"StringEquals":{"` + issuer + `:` + c.key + `":"` + c.want + `"}}}]}`
			s.Admin.Do("iam:CreateRole", p{"RoleName": "of", "AssumeRolePolicyDocument": trust})
			in := p{"RoleArn": "arn:aws:iam::" + account + ":role/of"}
			claims := i.Claims(inprocess.Audience, s.Now())
			s.Send(s.WebIdentity(i.Sign(claims.With(c.claim, c.value)), in)).Want(200, "")
			s.Refused(s.WebIdentity(i.Sign(claims.With(c.claim, "other")), in), 403, "AccessDenied")
			s.Refused(s.WebIdentity(i.Sign(claims.With(c.claim, map[string]any{"x": c.want})), in), map[bool]int{true: 400, false: 403}[c.claim == "sub"],
				map[bool]string{true: "InvalidIdentityToken", false: "AccessDenied"}[c.claim == "sub"])
		})
	}
}

// TestWebIdentitySessionKeys: what stays with the session's requests.
func TestWebIdentitySessionKeys(t *testing.T) {
	w := newWeb(t)
	session := w.Client(w.do(w.good().With("amr", []string{"mfa"}, "email", "alice@example.com"), nil).Credentials())
	for condition, want := range map[string]bool{
		`"StringEquals":{"` + oidctest.Host + `:sub":"subject-1","` + oidctest.Host + `:aud":"` + inprocess.Audience + `"}`: true,
		`"ForAnyValue:StringEquals":{"` + oidctest.Host + `:amr":"mfa"}`:                                                    true,
		`"ArnEquals":{"aws:FederatedProvider":"` + inprocess.WebProvider + `"}`:                                             true,
		`"Null":{"` + oidctest.Host + `:email":"true","` + oidctest.Host + `:oaud":"true"}`:                                 true,
		`"StringEquals":{"` + oidctest.Host + `:sub":"subject-2"}`:                                                          false,
	} {
		w.Admin.Do("iam:PutRolePolicy", p{"RoleName": "web", "PolicyName": "all",
			"PolicyDocument": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{` + condition + `}}]}`})
		if want {
			session.Do("iam:ListUsers", nil)
		} else {
			session.Denied("iam:ListUsers", nil, "iam:ListUsers")
		}
	}
	// A session chained to it is no identity provider's.
	w.Admin.Do("iam:PutRolePolicy", p{"RoleName": "web", "PolicyName": "all", "PolicyDocument": allowAll})
	w.Admin.Do("iam:CreateRole", p{"RoleName": "next", "AssumeRolePolicyDocument": trusting(account, "")})
	w.Admin.Do("iam:PutRolePolicy", p{"RoleName": "next", "PolicyName": "all",
		"PolicyDocument": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Null":{"aws:FederatedProvider":"true","` + oidctest.Host + `:sub":"true"}}}]}`})
	next := w.Client(session.Do("sts:AssumeRole", p{"RoleArn": "arn:aws:iam::" + account + ":role/next", "RoleSessionName": "next"}).Credentials())
	next.Do("iam:ListUsers", nil)
}

// TestWebIdentitySessionPolicies: they limit the session, and are counted.
func TestWebIdentitySessionPolicies(t *testing.T) {
	w := newWeb(t)
	reply := w.do(w.good(), p{"PolicyArns.member.1.arn": readARN})
	if reply.Text("PackedPolicySize") == "" {
		t.Error("no PackedPolicySize")
	}
	session := w.Client(reply.Credentials())
	session.Do("iam:ListUsers", nil)
	session.Denied("iam:CreateUser", p{"UserName": "x"}, "iam:CreateUser")
	w.refused(w.WebIdentity(w.issuer.Sign(w.good()), p{"PolicyArns.member.1.arn": "arn:aws:iam::" + account + ":policy/none"}), 400, "InvalidParameterValue",
		"A session policy was not found among the managed policies of the session's account.")
}

const (
	tagsClaim   = "https://aws.amazon.com/tags"
	sourceClaim = "https://aws.amazon.com/source_identity"
)

// TestWebIdentityTags: session tags and source identity come by claims, nested or
// flat, and each needs its own permission.
func TestWebIdentityTags(t *testing.T) {
	w := newWeb(t)
	nested := w.good().With(tagsClaim, map[string]any{"principal_tags": map[string]any{"team": []string{"red"}, "cost": []string{"7"}}, "transitive_tag_keys": []string{"team"}})
	flat := w.good().With(tagsClaim+"/principal_tags/team", "red", tagsClaim+"/principal_tags/cost", []string{"7"}, tagsClaim+"/transitive_tag_keys", []string{"team"})
	w.Admin.Do("iam:PutRolePolicy", p{"RoleName": "web", "PolicyName": "all",
		"PolicyDocument": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"red","aws:PrincipalTag/cost":"7"}}}]}`})
	w.Admin.Do("iam:CreateRole", p{"RoleName": "next", "AssumeRolePolicyDocument": trusting(account, `,"Condition":{"StringEquals":{"aws:PrincipalTag/team":"red"}}`)})
	w.Admin.Do("iam:PutRolePolicy", p{"RoleName": "next", "PolicyName": "all",
		"PolicyDocument": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"red"},"Null":{"aws:PrincipalTag/cost":"true"}}}]}`})
	for name, claims := range map[string]oidctest.Claims{"nested": nested, "flat": flat} {
		w.trust(`"StringEquals":{"aws:RequestTag/team":"red"},"ForAllValues:StringEquals":{"aws:TagKeys":["team","cost"],"sts:TransitiveTagKeys":["team"]}`)
		session := w.Client(w.do(claims, nil).Credentials())
		session.Do("iam:ListUsers", nil)
		next := w.Client(session.Do("sts:AssumeRole", p{"RoleArn": "arn:aws:iam::" + account + ":role/next", "RoleSessionName": "next"}).Credentials())
		next.Do("iam:ListUsers", nil)
		w.trust(`"StringEquals":{"aws:RequestTag/team":"blue"}`)
		if reply := w.call(claims, nil); reply.Code != "AccessDenied" {
			t.Errorf("%s: a tag that the role does not want: %d %s", name, reply.Status, reply.Code)
		}
	}
	w.trust(`"StringEquals":{"sts:SourceIdentity":"alice"}`)
	reply := w.do(w.good().With(sourceClaim, "alice"), nil)
	if reply.Text("SourceIdentity") != "alice" {
		t.Errorf("the source identity is %q", reply.Text("SourceIdentity"))
	}
	w.denies(w.good(), nil)
	w.denies(w.good().With(sourceClaim, "bob"), nil)
	// The session's tags and source identity are each an action of their own.
	w.Admin.Do("iam:UpdateAssumeRolePolicy", p{"RoleName": "web", "PolicyDocument": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"` +
		inprocess.WebProvider + `"},"Action":"sts:AssumeRoleWithWebIdentity"}]}`})
	w.do(w.good(), nil)
	w.refused(w.WebIdentity(w.issuer.Sign(nested), nil), 403, "AccessDenied", "Not authorized to perform sts:TagSession")
	w.refused(w.WebIdentity(w.issuer.Sign(w.good().With(sourceClaim, "alice")), nil), 403, "AccessDenied", "Not authorized to perform sts:SetSourceIdentity")
}

// TestWebIdentityBadTags: claims that would make no parameters of AssumeRole.
func TestWebIdentityBadTags(t *testing.T) {
	w := newWeb(t)
	tags := func(principal any, more ...any) oidctest.Claims {
		claim := oidctest.Claims{"principal_tags": principal}.With(more...)
		return w.good().With(tagsClaim, claim)
	}
	many := map[string]any{}
	for n := range 51 {
		many[strings.Repeat("k", n+1)] = []string{"v"}
	}
	ran := 0
	for name, claims := range map[string]oidctest.Claims{
		"tags that are text":     w.good().With(tagsClaim, "team=red"),
		"a list of tags":         w.good().With(tagsClaim, []string{"team"}),
		"no value":               tags(map[string]any{"team": []string{}}),
		"two values":             tags(map[string]any{"team": []string{"red", "blue"}}),
		"a number":               tags(map[string]any{"team": 7}),
		"a bad key":              tags(map[string]any{"te*m": []string{"red"}}),
		"a bad value":            tags(map[string]any{"team": []string{"${aws:username}"}}),
		"a reserved key":         tags(map[string]any{"aws:team": []string{"red"}}),
		"a key in two cases":     tags(map[string]any{"team": []string{"red"}, "Team": []string{"blue"}}),
		"a long key":             tags(map[string]any{strings.Repeat("k", 129): []string{"red"}}),
		"a long value":           tags(map[string]any{"team": []string{strings.Repeat("v", 257)}}),
		"too many":               tags(many),
		"transitive without tag": tags(map[string]any{"team": []string{"red"}}, "transitive_tag_keys", []string{"cost"}),
		"transitive of no list":  tags(map[string]any{"team": []string{"red"}}, "transitive_tag_keys", "team"),
		"nested and flat":        tags(map[string]any{"team": []string{"red"}}).With(tagsClaim+"/principal_tags/team", "blue"),
		"a flat number":          w.good().With(tagsClaim+"/principal_tags/team", 7),
		"source of one letter":   w.good().With(sourceClaim, "a"),
		"source with spaces":     w.good().With(sourceClaim, "alice and bob"),
		"no source":              w.good().With(sourceClaim, ""),
		"two sources":            w.good().With(sourceClaim, []string{"alice", "bob"}),
		"a source object":        w.good().With(sourceClaim, map[string]any{"x": "alice"}),
	} {
		reply := w.Refused(w.WebIdentity(w.issuer.Sign(claims), nil), 400, "InvalidIdentityToken")
		if reply.Message == "" {
			t.Errorf("%s is refused without a word", name)
		}
		ran++
	}
	if ran < 20 {
		t.Errorf("%d claims were tried", ran)
	}
}

// TestBuiltInProviders: an issuer that AWS knows by itself must be registered like
// any other.
func TestBuiltInProviders(t *testing.T) {
	const google = "accounts.google.com"
	w := newWeb(t)
	w.Admin.Do("iam:CreateRole", p{"RoleName": "built-in", "AssumeRolePolicyDocument": strings.ReplaceAll(inprocess.TrustingWeb(""), inprocess.WebProvider, google)})
	in := p{"RoleArn": "arn:aws:iam::" + account + ":role/built-in"}
	token := w.issuer.Sign(w.good().With("iss", "https://"+google))
	w.refused(w.WebIdentity(token, in), 400, "InvalidIdentityToken", "No OpenIDConnect provider found in your account for https://"+google)
	w.Admin.Do("iam:CreateOpenIDConnectProvider", p{"Url": "https://" + google, "ClientIDList.member.1": inprocess.Audience})
	w.refused(w.WebIdentity(token, in), 403, "AccessDenied", denied)
}
