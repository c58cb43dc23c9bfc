package sts_test

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/google/go-cmp/cmp"

	"sallyport/internal/app"
	"sallyport/test/inprocess"
)

const (
	identityToken = "sts:GetWebIdentityToken"
	self          = "arn:aws:sts::" + account + ":self"
)

var forExample = p{"Audience.member.1": "https://api.example.com", "SigningAlgorithm": "ES384"}

// issuing is a server whose first account issues web identity tokens, and its URL.
func issuing(t *testing.T) (*inprocess.Server, string) {
	s := deploying(t)
	return s, s.Admin.Do("iam:EnableOutboundWebIdentityFederation", nil).Text("IssuerIdentifier")
}

// verified are the claims of a token, which a relying party's library has verified
// with nothing but the issuer's URL.
func verified(t *testing.T, s *inprocess.Server, issuer, audience, token string) map[string]any {
	t.Helper()
	provider, err := oidc.NewProvider(context.Background(), issuer)
	if err != nil {
		t.Fatal(err)
	}
	checked, err := provider.Verifier(&oidc.Config{ClientID: audience, Now: s.Now}).Verify(context.Background(), token)
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := checked.Claims(&claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

// TestGetWebIdentityToken: tokens of a user, by both algorithms, have the claims
// that AWS's were recorded with.
func TestGetWebIdentityToken(t *testing.T) {
	s, issuer := issuing(t)
	s.Admin.Do("iam:TagUser", p{"UserName": "admin", "Tags.member.1.Key": "Team", "Tags.member.1.Value": "platform"})
	ids := map[any]bool{}
	for _, algorithm := range []string{"RS256", "ES384"} {
		reply := s.Admin.Do(identityToken, with(forExample, "SigningAlgorithm", algorithm, "DurationSeconds", "60",
			"Tags.member.1.Key", "Team", "Tags.member.1.Value", "request", "Tags.member.2.Key", "aws:test", "Tags.member.2.Value", "reserved"))
		claims := verified(t, s, issuer, "https://api.example.com", reply.Text("WebIdentityToken"))
		id, _ := claims["jti"].(string)
		if !regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`).MatchString(id) || ids[id] {
			t.Errorf("jti %q", id)
		}
		ids[id] = true
		want := map[string]any{
			"iss": issuer, "sub": adminARN, "aud": "https://api.example.com", "jti": id,
			"iat": float64(s.Now().Unix()), "exp": float64(s.Now().Unix() + 60),
			"https://sts.amazonaws.com/": map[string]any{
				"aws_account": account, "source_region": "us-east-1", "principal_id": adminARN,
				"principal_tags": map[string]any{"Team": "platform"},
				"request_tags":   map[string]any{"Team": "request", "aws:test": "reserved"},
			},
		}
		if diff := cmp.Diff(want, claims); diff != "" {
			t.Errorf("%s: %s", algorithm, diff)
		}
		if expires, err := time.Parse("2006-01-02T15:04:05.000Z", reply.Text("Expiration")); err != nil || expires.Sub(s.Now()).Round(time.Second) != time.Minute {
			t.Errorf("Expiration %s: %v", reply.Text("Expiration"), err)
		}
		record := s.RecordOf(reply, account)
		if strings.Contains(record.Raw, reply.Text("WebIdentityToken")) || record.ResponseElements["expiration"] == nil {
			t.Errorf("the record is %s", record.Raw)
		}
	}
	// Several audiences are a list, repetitions included; five minutes is the default.
	for _, second := range []string{"two", "one"} {
		reply := s.Admin.Do(identityToken, p{"Audience.member.1": "one", "Audience.member.2": second, "SigningAlgorithm": "RS256"})
		claims := verified(t, s, issuer, "one", reply.Text("WebIdentityToken"))
		if diff := cmp.Diff([]any{"one", second}, claims["aud"]); diff != "" || claims["exp"].(float64)-claims["iat"].(float64) != 300 {
			t.Errorf("aud: %s, exp %v", diff, claims["exp"])
		}
	}
}

// TestWebIdentityTokenOfSessions: a role's session is its role, with the session's
// tags over the role's; each session says when it ends.
func TestWebIdentityTokenOfSessions(t *testing.T) {
	s, issuer := issuing(t)
	s.Admin.Do("iam:TagRole", p{"RoleName": "deploy", "Tags.member.1.Key": "Team", "Tags.member.1.Value": "role", "Tags.member.2.Key": "untouched", "Tags.member.2.Value": "retained"})
	end := s.Now().Truncate(time.Second).Add(time.Hour).UTC().Format(time.RFC3339)
	role := s.Client(s.Admin.Do("sts:AssumeRole", with(assume, "SourceIdentity", "alice", "Tags.member.1.Key", "team", "Tags.member.1.Value", "session")).Credentials())
	for name, c := range map[string]struct {
		client *inprocess.Client
		want   map[string]any
	}{
		"role": {role, map[string]any{"principal_id": deployARN, "source_identity": "alice", "original_session_exp": end,
			"principal_tags": map[string]any{"untouched": "retained", "team": "session"}}},
		"user": {s.Client(s.Admin.Do("sts:GetSessionToken", p{"DurationSeconds": "3600"}).Credentials()),
			map[string]any{"principal_id": adminARN, "original_session_exp": end}},
		"root": {s.Root, map[string]any{"principal_id": "arn:aws:iam::" + account + ":root"}},
	} {
		claims := verified(t, s, issuer, "https://api.example.com", c.client.Do(identityToken, forExample).Text("WebIdentityToken"))
		c.want["aws_account"], c.want["source_region"] = account, "us-east-1"
		if diff := cmp.Diff(c.want, claims["https://sts.amazonaws.com/"]); diff != "" || claims["sub"] != c.want["principal_id"] {
			t.Errorf("%s, %v: %s", name, claims["sub"], diff)
		}
	}
}

// TestWebIdentityTokenRefusals: AWS's errors, as recorded, and in which order.
func TestWebIdentityTokenRefusals(t *testing.T) {
	s := deploying(t)
	const disabled = "OutboundWebIdentityFederation is disabled."
	unsupported := "Requested SigningAlgorithm is not supported. See the GetWebIdentityToken documentation for supported algorithms"
	for name, c := range map[string]struct {
		in            p
		status        int
		code, message string
	}{
		"disabled":              {forExample, 403, "OutboundWebIdentityFederationDisabledException", disabled},
		"RS384":                 {with(forExample, "SigningAlgorithm", "RS384"), 400, "ValidationError", unsupported},
		"HS256":                 {with(forExample, "SigningAlgorithm", "HS256"), 400, "ValidationError", unsupported},
		"rs256":                 {with(forExample, "SigningAlgorithm", "rs256"), 400, "ValidationError", unsupported},
		"none":                  {with(forExample, "SigningAlgorithm", "none"), 400, "ValidationError", "1 validation error detected: Value 'none' at 'signingAlgorithm' failed to satisfy constraint: Member must have length greater than or equal to 5"},
		"no audience":           {p{"SigningAlgorithm": "RS256"}, 400, "ValidationError", "1 validation error detected: Value null at 'audience' failed to satisfy constraint: Member must not be null"},
		"a minute less one":     {with(forExample, "DurationSeconds", "59"), 400, "ValidationError", "1 validation error detected: Value '59' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 60"},
		"an hour and one":       {with(forExample, "DurationSeconds", "3601"), 400, "ValidationError", "1 validation error detected: Value '3601' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 3600"},
		"one tag twice":         {with(forExample, "Tags.member.1.Key", "team", "Tags.member.1.Value", "a", "Tags.member.2.Key", "Team", "Tags.member.2.Value", "b"), 400, "InvalidParameterValue", "Duplicate tag keys found. Please note that Tag keys are case insensitive."},
		"a reserved tag is one": {with(forExample, "Tags.member.1.Key", "aws:team", "Tags.member.1.Value", "a"), 403, "OutboundWebIdentityFederationDisabledException", disabled},
		"an audience of blanks": {with(forExample, "Audience.member.1", " "), 403, "OutboundWebIdentityFederationDisabledException", disabled},
	} {
		t.Run(name, func(t *testing.T) { s.Admin.Refused(identityToken, c.in, c.status, c.code).WantMessage(c.message) })
	}
	// The session's end comes before the feature, permission before both.
	role := s.Client(s.Admin.Do("sts:AssumeRole", with(assume, "DurationSeconds", "900")).Credentials())
	for _, seconds := range []string{"3600", "900"} {
		role.Refused(identityToken, with(forExample, "DurationSeconds", seconds), 403, "SessionDurationEscalationException").
			WantMessage("Requested token expiry time must be before the original session's expiry time.")
	}
	role.Refused(identityToken, forExample, 403, "OutboundWebIdentityFederationDisabledException")
	user(s, "nobody", "").Refused(identityToken, forExample, 403, "AccessDenied").WantMessage("User: arn:aws:iam::" + account +
		":user/nobody is not authorized to perform: sts:GetWebIdentityToken on resource: " + self + " because no identity-based policy allows the sts:GetWebIdentityToken action")
}

// TestWebIdentityTokenPermissions: what policies can hold it to.
func TestWebIdentityTokenPermissions(t *testing.T) {
	s, _ := issuing(t)
	allow := func(action, condition string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":` + action + `,"Resource":"` + self + `","Condition":{` + condition + `}}]}`
	}
	both := `["sts:GetWebIdentityToken","sts:TagGetWebIdentityToken"]`
	tagged := with(forExample, "Tags.member.1.Key", "team", "Tags.member.1.Value", "red")
	for i, c := range []struct {
		policy string
		in     p
		denied string // the action that is; "" when none is
	}{
		{allow(`"sts:GetWebIdentityToken"`, ``), forExample, ""},
		{allow(`"sts:GetWebIdentityToken"`, ``), tagged, "sts:TagGetWebIdentityToken"},
		{allow(both, ``), tagged, ""},
		{allow(both, `"StringEquals":{"aws:RequestTag/team":"red"},"ForAllValues:StringEquals":{"aws:TagKeys":["team"]}`), tagged, ""},
		{allow(both, `"StringEquals":{"aws:RequestTag/team":"blue"}`), tagged, identityToken},
		{allow(`"sts:GetWebIdentityToken"`, `"ForAllValues:StringEquals":{"sts:IdentityTokenAudience":["https://api.example.com"]}`), forExample, ""},
		{allow(`"sts:GetWebIdentityToken"`, `"ForAllValues:StringEquals":{"sts:IdentityTokenAudience":["https://api.example.com"]}`), with(forExample, "Audience.member.2", "other"), identityToken},
		{allow(`"sts:GetWebIdentityToken"`, `"ForAnyValue:StringEquals":{"sts:IdentityTokenAudience":["other"]}`), forExample, identityToken},
		{allow(`"sts:GetWebIdentityToken"`, `"NumericLessThanEquals":{"sts:DurationSeconds":"300"}`), forExample, ""}, // the default is seen
		{allow(`"sts:GetWebIdentityToken"`, `"NumericLessThanEquals":{"sts:DurationSeconds":"300"}`), with(forExample, "DurationSeconds", "301"), identityToken},
		{allow(`"sts:GetWebIdentityToken"`, `"StringEquals":{"sts:SigningAlgorithm":"ES384"}`), forExample, ""},
		{allow(`"sts:GetWebIdentityToken"`, `"StringEquals":{"sts:SigningAlgorithm":"ES384"}`), with(forExample, "SigningAlgorithm", "RS256"), identityToken},
		{strings.ReplaceAll(allow(both, ``), self, "arn:aws:sts::444455556666:self"), forExample, identityToken},
	} {
		client := user(s, "user-"+string(rune('a'+i)), c.policy)
		if c.denied == "" {
			client.Do(identityToken, c.in)
		} else {
			client.Denied(identityToken, c.in, c.denied)
		}
	}
}

// TestAttack09WebIdentityToken: a session that is held to less proves nothing to
// others, and a federated user never does.
func TestAttack09WebIdentityToken(t *testing.T) {
	s, _ := issuing(t)
	s.Client(s.Admin.Do("sts:AssumeRole", with(assume, "Policy", allowing("iam:*", ""))).Credentials()).
		Denied(identityToken, forExample, identityToken)
	s.Client(s.Admin.Do("sts:AssumeRole", with(assume, "Policy", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"sts:*","Resource":"*"}]}`)).Credentials()).
		Denied(identityToken, forExample, identityToken)
	for _, maker := range []*inprocess.Client{s.Admin, s.Root} {
		federated(s, maker, with(kiosk, "Policy", allowAll)).Refused(identityToken, forExample, 403, "AccessDenied").
			WantMessage("GetWebIdentityToken does not support federated user sessions")
	}
}

// TestWebIdentityTokenPayload: claims have at most 14,984 bytes.
func TestWebIdentityTokenPayload(t *testing.T) {
	s, issuer := issuing(t)
	in := p{"SigningAlgorithm": "RS256"}
	for i := 1; i < 10; i++ {
		in["Audience.member."+strconv.Itoa(i)] = strings.Repeat("a", 1000)
	}
	for i := 1; i < 20; i++ {
		member := "Tags.member." + strconv.Itoa(i)
		in[member+".Key"], in[member+".Value"] = strconv.Itoa(i), strings.Repeat("v", 256)
	}
	// What is left is filled by the last audience, to the byte.
	size := func() int {
		t.Helper()
		claims := verified(t, s, issuer, strings.Repeat("a", 1000), s.Admin.Do(identityToken, in).Text("WebIdentityToken"))
		text, err := json.Marshal(claims)
		if err != nil {
			t.Fatal(err)
		}
		return len(text)
	}
	in["Audience.member.10"] = "b"
	room := 14984 - size()
	if room < 0 || room > 998 {
		t.Fatalf("%d bytes are left", room)
	}
	in["Audience.member.10"] = strings.Repeat("b", 1+room)
	if got := size(); got != 14984 {
		t.Errorf("the claims have %d bytes", got)
	}
	in["Audience.member.10"] += "b"
	s.Admin.Refused(identityToken, in, 400, "JWTPayloadSizeExceededException")
}

// TestAttack21AnothersIssuer: a token of one account does not verify as one of
// another, whose URL has other keys, and an account that never issued any has no
// documents under the UUID of one that does.
func TestAttack21AnothersIssuer(t *testing.T) {
	s, issuer := issuing(t)
	made := s.Admin.Do("sallyport:CreateAccount", p{"Email": "other@example.com", "Name": "AnyCompany"})
	other := s.Client(made.Credentials())
	uuid := issuer[strings.LastIndexByte(issuer, '/')+1:]
	wrong := strings.TrimSuffix(issuer, account+"/"+uuid) + made.Text("Id") + "/" + uuid
	if _, err := oidc.NewProvider(context.Background(), wrong); err == nil {
		t.Error("an account has the issuer of another")
	}
	theirs := other.Do("iam:EnableOutboundWebIdentityFederation", nil).Text("IssuerIdentifier")
	if theirs == issuer || strings.HasSuffix(theirs, uuid) {
		t.Errorf("two accounts have the issuer %s", theirs)
	}
	provider, err := oidc.NewProvider(context.Background(), theirs)
	if err != nil {
		t.Fatal(err)
	}
	token := s.Admin.Do(identityToken, forExample).Text("WebIdentityToken")
	for _, config := range []oidc.Config{{}, {SkipIssuerCheck: true}} {
		config.ClientID, config.Now = "https://api.example.com", s.Now
		if _, err := provider.Verifier(&config).Verify(context.Background(), token); err == nil {
			t.Errorf("a token of %s is taken for one of %s", issuer, theirs)
		}
	}
	if response, err := http.Get(wrong + "/.well-known/jwks.json"); err != nil || response.StatusCode != http.StatusNotFound {
		t.Errorf("%v, %v", response, err)
	}
}

// TestAttack19OwnToken: what one account vouches for opens no role of another of the
// same server, though it registers the issuer and trusts it.
func TestAttack19OwnToken(t *testing.T) {
	s := inprocess.New(t, func(c *app.Config) { c.PublicURL = "https://iam.example.com" })
	issuer := s.Admin.Do("iam:EnableOutboundWebIdentityFederation", nil).Text("IssuerIdentifier")
	made := s.Admin.Do("sallyport:CreateAccount", p{"Email": "other@example.com", "Name": "AnyCompany"})
	other, id := s.Client(made.Credentials()), made.Text("Id")
	provider := other.Do("iam:CreateOpenIDConnectProvider", p{"Url": issuer, "ClientIDList.member.1": "https://api.example.com",
		"ThumbprintList.member.1": strings.Repeat("0", 40)}).Text("OpenIDConnectProviderArn")
	other.Do("iam:CreateRole", p{"RoleName": "open", "AssumeRolePolicyDocument": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` +
		`"Principal":{"Federated":"` + provider + `"},"Action":"sts:AssumeRoleWithWebIdentity"}]}`})
	token := s.Admin.Do(identityToken, forExample).Text("WebIdentityToken")
	s.Refused(s.WebIdentity(token, p{"RoleArn": "arn:aws:iam::" + id + ":role/open"}), 400, "InvalidIdentityToken").
		WantMessage("Tokens of GetWebIdentityToken can't be used to assume a role.")
}

// TestWebIdentityTokenOfFederated: a token of somebody whom an identity provider
// vouched for says which one.
func TestWebIdentityTokenOfFederated(t *testing.T) {
	w := newWeb(t)
	issuer := w.Admin.Do("iam:EnableOutboundWebIdentityFederation", nil).Text("IssuerIdentifier")
	w.Admin.Do("iam:PutRolePolicy", p{"RoleName": "web", "PolicyName": "tokens", "PolicyDocument": allowing(identityToken, "")})
	session := w.Client(w.do(w.good(), nil).Credentials())
	claims := verified(t, w.Server, issuer, "https://api.example.com", session.Do(identityToken, forExample).Text("WebIdentityToken"))
	ours, _ := claims["https://sts.amazonaws.com/"].(map[string]any)
	if provider, _ := ours["federated_provider"].(string); !strings.HasPrefix(provider, "arn:aws:iam::"+account+":oidc-provider/") {
		t.Errorf("federated_provider is %q in %v", provider, claims)
	}
}
