package federation

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"
	"time"

	"sallyport/internal/app"
	"sallyport/internal/federation/oidc"
	"sallyport/internal/federation/oidc/oidctest"
	"sallyport/sigv4"
	"sallyport/test/federation/oidcprovider"
	"sallyport/test/inprocess"
)

type p = inprocess.P

const (
	account  = inprocess.Account
	provider = "arn:aws:iam::" + account + ":oidc-provider/" + oidctest.Host
	// people is a role of alice, when she has signed in to the web application.
	people = "arn:aws:iam::" + account + ":role/People"
)

// oidcServer knows the provider and trusts it with alice. Its clock is right, and
// stands still.
func oidcServer(t *testing.T, of *oidcprovider.Provider) *inprocess.Server {
	t.Helper()
	s := inprocess.New(t, func(c *app.Config) {
		c.OIDC.PrivateIssuers, c.OIDC.CAFile = []string{oidctest.Host + "=" + of.At}, of.CAFile
	})
	s.Advance(time.Since(s.Now()))
	s.Admin.Do("iam:CreateOpenIDConnectProvider", p{"Url": of.URL, "ClientIDList.member.1": "web-app"})
	s.Admin.Do("iam:CreateRole", p{"RoleName": "People", "AssumeRolePolicyDocument": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` +
		`"Principal":{"Federated":"` + provider + `"},"Action":["sts:AssumeRoleWithWebIdentity","sts:TagSession","sts:SetSourceIdentity"],` +
		`"Condition":{"StringEquals":{"` + oidctest.Host + `:aud":"web-app","` + oidctest.Host + `:sub":"alice"}}}]}`})
	s.Admin.Do("iam:PutRolePolicy", p{"RoleName": "People", "PolicyName": "own", "PolicyDocument": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` +
		`"Action":["iam:ListUsers","iam:CreateGroup"],"Resource":["arn:aws:iam::` + account + `:user/","arn:aws:iam::` + account + `:group/red-*"],` +
		`"Condition":{"StringEquals":{"aws:PrincipalTag/team":"red","aws:FederatedProvider":"` + provider + `"}}}]}`})
	return s
}

// assume is a call of AssumeRoleWithWebIdentity, which nobody signs.
func assume(s *inprocess.Server, token string) *http.Request {
	r, _ := s.Request("sts:AssumeRoleWithWebIdentity", p{"RoleArn": people, "RoleSessionName": "alice", "WebIdentityToken": token})
	return r
}

// TestOIDCFromSignInToConsole: alice signs in at her identity provider; with the ID
// token she gets credentials here, and with them a session of the console, both with
// the role's rights and no others.
func TestOIDCFromSignInToConsole(t *testing.T) {
	of := oidcprovider.Start(t)
	s := oidcServer(t, of)
	reply := s.Send(assume(s, of.SignIn("alice")))
	reply.Want(200, "")
	const arn = "arn:aws:sts::" + account + ":assumed-role/People/alice"
	if reply.Text("Arn") != arn || reply.Text("SubjectFromWebIdentityToken") != "alice" || reply.Text("Provider") != provider || reply.Text("SourceIdentity") != "alice" {
		t.Errorf("the reply is %s", reply.Body)
	}
	s.RecordOf(reply, account)
	credentials := reply.Credentials()
	rights(t, s.Client(credentials).Call)

	session := s.Browser()
	session.Get(loginLink(t, s, credentials))
	if session.Page.Path != "/console/" || session.Page.Status != 200 {
		t.Fatalf("the sign-in ends at %s %d", session.Page.Path, session.Page.Status)
	}
	rights(t, session.Call)
	record := s.RecordOf(session.Call("iam:ListUsers", nil), account)
	if record.UserIdentity["arn"] != arn {
		t.Errorf("the record is %s", record.Raw)
	}

	// Bob signs in as well, and gets nothing here.
	s.Refused(assume(s, of.SignIn("bob")), 403, "AccessDenied")
	// Without the role there is neither the one nor the other.
	s.Admin.Do("iam:DeleteRolePolicy", p{"RoleName": "People", "PolicyName": "own"})
	s.Admin.Do("iam:DeleteRole", p{"RoleName": "People"})
	s.Client(credentials).Call("iam:ListUsers", nil).Want(403, "InvalidClientTokenId")
	session.Call("iam:ListUsers", nil).Want(403, "ExpiredToken")
}

// rights holds a session of People to what the role may.
func rights(t *testing.T, call func(string, p) *inprocess.Reply) {
	t.Helper()
	call("iam:ListUsers", nil).Want(200, "")
	call("iam:CreateGroup", p{"GroupName": "blue-1"}).Want(403, "AccessDenied")
	call("iam:ListRoles", nil).Want(403, "AccessDenied")
	call("iam:CreateAccessKey", p{"UserName": "admin"}).Want(403, "AccessDenied")
	call("sts:GetCallerIdentity", nil).Want(200, "")
}

// loginLink asks the federation endpoint for a link that opens the console.
func loginLink(t *testing.T, s *inprocess.Server, c sigv4.Credentials) string {
	t.Helper()
	text, err := json.Marshal(map[string]string{"sessionId": c.AccessKeyID, "sessionKey": string(c.SecretAccessKey), "sessionToken": string(c.SessionToken)})
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.PostForm(s.URL+"/federation", url.Values{"Action": {"getSigninToken"}, "Session": {string(text)}})
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var out struct{ SigninToken string }
	if err := json.NewDecoder(response.Body).Decode(&out); err != nil || out.SigninToken == "" {
		t.Fatalf("no sign-in token: %s %v", response.Status, err)
	}
	return "/federation?" + url.Values{"Action": {"login"}, "Issuer": {"https://portal.example.com"}, "Destination": {"/console/"}, "SigninToken": {out.SigninToken}}.Encode()
}

// TestOIDCRotationAndOutage: a token of a key that the provider has begun to use is
// good without a restart here, and one of a key that it has withdrawn is not; while
// the provider is away, keys that are known are used for as long as is documented.
func TestOIDCRotationAndOutage(t *testing.T) {
	of := oidcprovider.Start(t)
	s := oidcServer(t, of)
	first := of.SignIn("alice")
	s.Send(assume(s, first)).Want(200, "")

	// Both keys are published, the second signs.
	of.Stop()
	of.Run("second", "first")
	second := of.SignIn("alice")
	s.Advance(oidc.AskEvery)
	s.Send(assume(s, second)).Want(200, "")
	s.Send(assume(s, first)).Want(200, "")

	// The first is withdrawn.
	of.Stop()
	of.Run("second")
	s.Send(assume(s, first)).Want(200, "") // it has not been asked since
	s.Advance(oidc.FreshFor)
	s.Send(assume(s, second)).Want(200, "")
	s.Refused(assume(s, first), 400, "InvalidIdentityToken")

	// The provider is away; a token that nobody can check is not taken meanwhile.
	of.Stop()
	of.Run("third")
	third := of.SignIn("alice")
	of.Stop()
	s.Advance(oidc.FreshFor + time.Second)
	s.Send(assume(s, second)).Want(200, "")
	s.Refused(assume(s, third), 400, "InvalidIdentityToken")
	s.Advance(oidc.KeptFor - oidc.FreshFor - 2*time.Second)
	s.Send(assume(s, second)).Want(200, "")
	s.Advance(3 * time.Second)
	s.Refused(assume(s, second), 400, "IDPCommunicationError")

	// It is back, with its new keys.
	of.Run("third", "second")
	s.Advance(oidc.AskEvery)
	s.Send(assume(s, third)).Want(200, "")
	s.Send(assume(s, second)).Want(200, "")
}
