package sts_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"sallyport/internal/app"
	"sallyport/internal/federation/oidc"
	"sallyport/internal/federation/oidc/oidctest"
	"sallyport/test/inprocess"
)

const rolesClaim = "https://aws.amazon.com/roles"

// TestAttack19TokenForAnotherRole: a token whose issuer names roles opens no other,
// be their trust policies what they may; and a role can demand to be named
// (sts:RoleAuthorizedByIdp).
func TestAttack19TokenForAnotherRole(t *testing.T) {
	w := newWeb(t)
	w.Admin.Do("iam:CreateRole", p{"RoleName": "other", "AssumeRolePolicyDocument": inprocess.TrustingWeb("")})
	other := p{"RoleArn": "arn:aws:iam::" + account + ":role/other"}
	const refused = "The token has an invalid claim: " + rolesClaim + " does not have the role"
	for _, named := range []any{inprocess.WebRole, []string{inprocess.WebRole}, []string{"arn:aws:iam::" + account + ":role/third", inprocess.WebRole}} {
		claims := w.good().With(rolesClaim, named)
		w.do(claims, nil)
		w.refused(w.WebIdentity(w.issuer.Sign(claims), other), 400, "InvalidIdentityToken", refused)
	}
	ran := 0
	for _, named := range []any{
		"arn:aws:iam::" + account + ":role/*", "*", "web", "", []string{}, []any{inprocess.WebRole, 7}, map[string]string{"role": inprocess.WebRole}, 7, true,
		strings.ToUpper(inprocess.WebRole), inprocess.WebRole + " ", inprocess.WebRole + "," + inprocess.WebRole, strings.Replace(inprocess.WebRole, account, "444455556666", 1),
	} {
		w.refused(w.WebIdentity(w.issuer.Sign(w.good().With(rolesClaim, named)), nil), 400, "InvalidIdentityToken", refused)
		ran++
	}
	if ran != 13 {
		t.Errorf("%d claims were tried", ran)
	}

	w.trust(`"Bool":{"sts:RoleAuthorizedByIdp":"true"}`)
	w.denies(w.good(), nil)
	w.denies(w.good().With("sts:RoleAuthorizedByIdp", true), nil)
	session := w.Client(w.do(w.good().With(rolesClaim, inprocess.WebRole, tagsClaim, map[string]any{"principal_tags": map[string]any{"team": []string{"red"}}}), nil).Credentials())
	w.trust(`"Bool":{"sts:RoleAuthorizedByIdp":"false"}`)
	w.do(w.good(), nil)
	w.denies(w.good().With(rolesClaim, inprocess.WebRole), nil)
	w.Admin.Do("iam:PutRolePolicy", p{"RoleName": "web", "PolicyName": "all",
		"PolicyDocument": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*","Condition":{"Null":{"sts:RoleAuthorizedByIdp":"true"}}}]}`})
	session.Do("iam:ListUsers", nil)
}

// federatedAt is a server with a provider of that URL, whose host leads to the
// issuer.
func federatedAt(t *testing.T, url, host string) (*inprocess.Server, *oidctest.Issuer) {
	t.Helper()
	i := oidctest.NewAt(t, url, host, inprocess.Start)
	s := inprocess.New(t, func(c *app.Config) { c.OIDC.PrivateIssuers, c.OIDC.CAFile = []string{host + "=" + i.At}, i.CAFile })
	s.Admin.Do("iam:CreateOpenIDConnectProvider", p{"Url": url, "ClientIDList.member.1": inprocess.Audience})
	return s, i
}

// TestAttack19ForgedTokens: what internal/federation/oidc refuses opens nothing
// here, changes nothing, and is on record as nobody's in the account it was for.
func TestAttack19ForgedTokens(t *testing.T) {
	w := newWeb(t)
	w.do(w.good(), nil)
	stranger := oidctest.NewKey(t, "first", jose.RS256)
	good := strings.Split(w.issuer.Sign(w.good()), ".")
	none := "eyJhbGciOiJub25lIn0." + good[1] + "."
	ran := 0
	for name, token := range map[string]string{
		"alg none": none, "alg none with a signature": none + good[2], "no signature": good[0] + "." + good[1] + ".",
		"another's key":       stranger.Sign(t, w.good(), nil),
		"its own key":         stranger.Sign(t, w.good(), map[jose.HeaderKey]any{"jwk": stranger.JWK}),
		"another's key set":   stranger.Sign(t, w.good(), map[jose.HeaderKey]any{"jku": w.issuer.URL + "/elsewhere"}),
		"another payload":     good[0] + "." + strings.Split(w.issuer.Sign(w.good().With("sub", "subject-2")), ".")[1] + "." + good[2],
		"another issuer":      w.issuer.Sign(w.good().With("iss", "https://other.example.com")),
		"another audience":    w.issuer.Sign(w.good().With("aud", "other")),
		"another party":       w.issuer.Sign(w.good().With("azp", "other")),
		"no subject":          w.issuer.Sign(w.good().With("sub", nil)),
		"not valid yet":       w.issuer.Sign(w.good().With("nbf", w.Now().Add(time.Hour).Unix())),
		"an unknown key's id": oidctest.NewKey(t, "unknown", jose.RS256).Sign(t, w.good(), nil),
	} {
		reply := w.Refused(w.WebIdentity(token, nil), 400, "InvalidIdentityToken")
		record := w.RecordOf(reply, account)
		if record.ErrorCode != "InvalidIdentityToken" || record.UserIdentity["type"] != "Unknown" || record.ResponseElements != nil {
			t.Errorf("%s is on record as %s", name, record.Raw)
		}
		if strings.Contains(reply.Body, good[1]) || strings.Contains(record.Raw, good[1]) {
			t.Errorf("%s: the token is told again", name)
		}
		ran++
	}
	if ran != 13 {
		t.Errorf("%d tokens were tried", ran)
	}
	w.Refused(w.WebIdentity(w.issuer.Sign(w.good().With("exp", w.Now().Unix())), nil), 400, "ExpiredTokenException")
}

// TestAttack19OtherAccountsProvider: a token of another account's provider, and a
// role of an account that has none, whatever its trust policy says.
func TestAttack19OtherAccountsProvider(t *testing.T) {
	w := newWeb(t)
	created := w.Root.Do("sallyport:CreateAccount", p{"Email": "b@example.com", "Name": "AnyCompany"})
	other, admin := created.Text("Id"), w.Client(created.Credentials())
	// The other account's role trusts the first account's provider. Its tokens are
	// none of the other account's, until it registers the issuer itself.
	admin.Do("iam:CreateRole", p{"RoleName": "web", "AssumeRolePolicyDocument": inprocess.TrustingWeb("")})
	in := p{"RoleArn": "arn:aws:iam::" + other + ":role/web"}
	reply := w.refused(w.WebIdentity(w.issuer.Sign(w.good()), in), 400, "InvalidIdentityToken", "No OpenIDConnect provider found in your account for "+w.issuer.URL)
	if record := w.RecordOf(reply, other); record.ErrorCode != "InvalidIdentityToken" {
		t.Errorf("on record as %s", record.Raw)
	}
	admin.Do("iam:CreateOpenIDConnectProvider", p{"Url": w.issuer.URL, "ClientIDList.member.1": inprocess.Audience})
	w.refused(w.WebIdentity(w.issuer.Sign(w.good()), in), 403, "AccessDenied", denied)
	if asked := w.issuer.Asked.Load(); asked != 0 {
		t.Errorf("the issuer got %d requests for a role that does not trust it", asked)
	}
	// Its client ids are not the first account's either.
	admin.Do("iam:AddClientIDToOpenIDConnectProvider", p{"OpenIDConnectProviderArn": "arn:aws:iam::" + other + ":oidc-provider/" + oidctest.Host, "ClientID": "theirs"})
	w.refused(w.WebIdentity(w.issuer.Sign(w.good().With("aud", "theirs")), nil), 400, "InvalidIdentityToken", "Incorrect token audience")
	w.do(w.good(), nil)
}

// TestAttack19SharedIssuer: trust in an issuer that serves everybody must say
// whose tokens.
func TestAttack19SharedIssuer(t *testing.T) {
	const host = "token.actions.githubusercontent.com"
	s, i := federatedAt(t, "https://"+host, host)
	trust := func(condition string) string {
		return strings.ReplaceAll(inprocess.TrustingWeb(condition), oidctest.Host, host)
	}
	document := "AssumeRolePolicyDocument"
	for _, condition := range []string{"", `"StringEquals":{"` + host + `:aud":"` + inprocess.Audience + `"}`} {
		s.Admin.Refused("iam:CreateRole", p{"RoleName": "ci", document: trust(condition)}, 400, "MalformedPolicyDocument")
	}
	s.Admin.Do("iam:CreateRole", p{"RoleName": "ci", document: trust(`"StringEquals":{"` + host + `:sub":"repo:octo-org/octo-repo:ref:refs/heads/main"}`)})
	s.Admin.Refused("iam:UpdateAssumeRolePolicy", p{"RoleName": "ci", "PolicyDocument": trust("")}, 400, "MalformedPolicyDocument")
	in := p{"RoleArn": "arn:aws:iam::" + account + ":role/ci"}
	claims := i.Claims(inprocess.Audience, s.Now())
	s.Send(s.WebIdentity(i.Sign(claims.With("sub", "repo:octo-org/octo-repo:ref:refs/heads/main")), in)).Want(200, "")
	for _, sub := range []string{"repo:mallory/octo-repo:ref:refs/heads/main", "repo:octo-org/octo-repo:ref:refs/heads/*", "repo:octo-org/*", "*", "${" + host + ":sub}"} {
		s.Refused(s.WebIdentity(i.Sign(claims.With("sub", sub)), in), 403, "AccessDenied")
	}
}

// TestAttack13Claims: a claim that looks like a pattern or a variable is text.
func TestAttack13Claims(t *testing.T) {
	w := newWeb(t)
	w.Admin.Do("iam:PutRolePolicy", p{"RoleName": "web", "PolicyName": "all", "PolicyDocument": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:GetUser",` +
		`"Resource":"arn:aws:iam::` + account + `:user/${` + oidctest.Host + `:sub}"}]}`})
	w.trust("")
	w.Admin.Do("iam:CreateUser", p{"UserName": "alice"})
	w.Client(w.do(w.good().With("sub", "alice"), nil).Credentials()).Do("iam:GetUser", p{"UserName": "alice"})
	for _, sub := range []string{"*", "al*", "alic?", "${*}", "${aws:username}", "x/alice", "../alice", "alice:*"} {
		w.Client(w.do(w.good().With("sub", sub), nil).Credentials()).Denied("iam:GetUser", p{"UserName": "alice"}, "iam:GetUser")
	}
}

// TestAttack19StrangersAskNobody: without credentials nobody can have the server
// make requests but for a role that trusts the issuer, and then at a bounded rate.
func TestAttack19StrangersAskNobody(t *testing.T) {
	w := newWeb(t)
	w.Admin.Do("iam:CreateRole", p{"RoleName": "plain", "AssumeRolePolicyDocument": trusting(account, "")})
	w.Admin.Do("iam:CreateRole", p{"RoleName": "never", "AssumeRolePolicyDocument": strings.ReplaceAll(inprocess.TrustingWeb(""), `"Allow"`, `"Deny"`)})
	stranger := oidctest.NewKey(t, "any", jose.ES256)
	for _, role := range []string{"plain", "never", "nobody", "team/plain", "web"} { // web is under /team/
		in := p{"RoleArn": "arn:aws:iam::" + account + ":role/" + role}
		w.refused(w.WebIdentity(w.issuer.Sign(w.good()), in), 403, "AccessDenied", denied)
		w.refused(w.WebIdentity(stranger.Sign(t, w.good(), nil), in), 403, "AccessDenied", denied)
	}
	if asked := w.issuer.Asked.Load(); asked != 0 {
		t.Errorf("the issuer got %d requests", asked)
	}
	const refusal = "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements"
	var wait sync.WaitGroup
	for n := range 40 {
		token := oidctest.KeyOf(t, strings.Repeat("x", n+1), jose.ES256, stranger.Private).Sign(t, w.good(), nil)
		wait.Go(func() {
			reply, err := w.TrySend(w.WebIdentity(token, nil))
			if err != nil || reply.Code != "InvalidIdentityToken" || reply.Message != refusal {
				t.Errorf("a made-up key: %v, %s: %s", err, reply.Code, reply.Message)
			}
		})
	}
	wait.Wait()
	if asked := w.issuer.Asked.Load(); asked != 2 {
		t.Errorf("forty strangers at once: the issuer got %d requests", asked)
	}
	// With its keys known, a role that does not trust the issuer is told from one
	// that does by nobody without a token of it.
	forged := oidctest.NewKey(t, "first", jose.RS256).Sign(t, w.good(), nil)
	for _, role := range []string{"plain", "nobody", "team/web"} {
		w.refused(w.WebIdentity(forged, p{"RoleArn": "arn:aws:iam::" + account + ":role/" + role}), 400, "InvalidIdentityToken", "The token's signature is not valid.")
	}
	w.do(w.good(), nil)
}

// TestAttack19IssuerOutageAndRotation: see the tests of the same name in
// internal/federation/oidc; here it is what clients are told.
func TestAttack19IssuerOutageAndRotation(t *testing.T) {
	w := newWeb(t)
	const refusal = "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements"
	w.issuer.Stop()
	w.refused(w.WebIdentity(w.issuer.Sign(w.good()), nil), 400, "InvalidIdentityToken", refusal) // row sts-028
	w.refused(w.WebIdentity(w.issuer.Sign(w.good()), nil), 400, "IDPCommunicationError", "The identity provider could not be reached. Try again later.")
	if !strings.Contains(w.Logs.String(), "the keys of an identity provider could not be retrieved") {
		t.Error("the operator is told nothing")
	}
	w.Advance(oidc.AskEvery)
	w.issuer.Start()
	w.do(w.good(), nil)
	old := w.issuer.Keys[0]
	w.issuer.Keys = []*oidctest.Key{oidctest.NewKey(t, "second", jose.ES384)}
	w.Advance(oidc.FreshFor)
	w.do(w.good(), nil)
	w.refused(w.WebIdentity(old.Sign(t, w.good(), nil), nil), 400, "InvalidIdentityToken", refusal)
	w.issuer.Stop()
	w.Advance(oidc.KeptFor - time.Second)
	w.do(w.good(), nil)
	w.Advance(time.Minute)
	w.refused(w.WebIdentity(w.issuer.Sign(w.good()), nil), 400, "InvalidIdentityToken", refusal)
}

// TestAttack19ServerSideRequests: a provider of any URL can be registered; none
// makes the server reach what is not public, nor is the client told what is there.
func TestAttack19ServerSideRequests(t *testing.T) {
	w := newWeb(t)
	for _, host := range []string{"127.0.0.1", "localhost", "169.254.169.254", "10.0.0.1", "192.168.1.1"} {
		w.Admin.Do("iam:CreateOpenIDConnectProvider", p{"Url": "https://" + host, "ClientIDList.member.1": inprocess.Audience})
		w.Admin.Do("iam:CreateRole", p{"RoleName": "at-" + host, "AssumeRolePolicyDocument": strings.ReplaceAll(inprocess.TrustingWeb(""), oidctest.Host, host)})
		reply := w.Refused(w.WebIdentity(w.issuer.Sign(w.good().With("iss", "https://"+host)), p{"RoleArn": "arn:aws:iam::" + account + ":role/at-" + host}), 400, "InvalidIdentityToken")
		if !strings.HasPrefix(reply.Message, "Couldn't retrieve verification key") || strings.Contains(reply.Body, "refused") {
			t.Errorf("%s: %s", host, reply.Body)
		}
	}
	reached := false
	w.issuer.Answer(func(rw http.ResponseWriter, r *http.Request) {
		reached = reached || r.URL.Path == "/elsewhere"
		http.Redirect(rw, r, "/elsewhere", http.StatusFound)
	})
	w.Refused(w.WebIdentity(w.issuer.Sign(w.good()), nil), 400, "InvalidIdentityToken")
	if reached {
		t.Error("a redirect was followed")
	}
}

// TestAttack19Revocation: what an administrator takes away is gone with the reply.
func TestAttack19Revocation(t *testing.T) {
	w := newWeb(t)
	token := w.issuer.Sign(w.good())
	w.do(w.good(), nil)
	provider := p{"OpenIDConnectProviderArn": inprocess.WebProvider}
	w.Admin.Do("iam:RemoveClientIDFromOpenIDConnectProvider", with(provider, "ClientID", inprocess.Audience))
	w.refused(w.WebIdentity(token, nil), 400, "InvalidIdentityToken", "Incorrect token audience")
	w.Admin.Do("iam:AddClientIDToOpenIDConnectProvider", with(provider, "ClientID", inprocess.Audience))
	w.do(w.good(), nil)
	w.trust(`"StringEquals":{"` + oidctest.Host + `:sub":"subject-2"}`)
	w.denies(w.good(), nil)
	w.trust("")
	w.Admin.Do("iam:DeleteOpenIDConnectProvider", provider)
	w.refused(w.WebIdentity(token, nil), 400, "InvalidIdentityToken", "No OpenIDConnect provider found in your account for "+w.issuer.URL)
	w.Admin.Do("iam:CreateOpenIDConnectProvider", p{"Url": w.issuer.URL, "ClientIDList.member.1": inprocess.Audience})
	session := w.Client(w.do(w.good(), nil).Credentials())
	w.Admin.Do("iam:DeleteRolePolicy", p{"RoleName": "web", "PolicyName": "all"})
	session.Denied("iam:ListUsers", nil, "iam:ListUsers")
	w.Admin.Do("iam:DeleteRole", p{"RoleName": "web"})
	session.Refused("iam:ListUsers", nil, 403, "InvalidClientTokenId")
	w.refused(w.WebIdentity(token, nil), 403, "AccessDenied", denied)
}

// TestAttack02SignedWebIdentity: credentials beside the token have no part in the
// call: they neither help nor harm, whoever's they are.
func TestAttack02SignedWebIdentity(t *testing.T) {
	w := newWeb(t)
	in := p{"RoleArn": inprocess.WebRole, "RoleSessionName": "session", "WebIdentityToken": w.issuer.Sign(w.good())}
	for name, client := range map[string]*inprocess.Client{"root": w.Root, "admin": w.Admin, "a stranger": w.Client(inprocess.Stranger)} {
		reply := client.Call("sts:AssumeRoleWithWebIdentity", in)
		reply.Want(200, "")
		if record := w.RecordOf(reply, account); record.UserIdentity["type"] != "WebIdentityUser" || strings.Contains(record.Raw, client.Credentials.AccessKeyID) {
			t.Errorf("%s: on record as %s", name, record.Raw)
		}
		client.Refused("sts:AssumeRoleWithWebIdentity", with(in, "WebIdentityToken", "none at all"), 400, "InvalidIdentityToken")
	}
	// Nothing else is served without a signature.
	for _, name := range []string{"sts:AssumeRole", "sts:GetCallerIdentity", "iam:ListUsers", "iam:CreateUser", "sts:GetSessionToken"} {
		r, _ := w.Request(name, with(in, "UserName", "mallory"))
		w.Refused(r, 403, "MissingAuthenticationToken")
	}
}
