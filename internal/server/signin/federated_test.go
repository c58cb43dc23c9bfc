package signin_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"sallyport/sigv4"
	"sallyport/test/inprocess"
)

// broker is a user who hands out federated users, and may do more than they.
func broker(s *inprocess.Server) *inprocess.Client {
	s.Helper()
	s.Root.Do("iam:CreateUser", p{"UserName": "broker"})
	s.Root.Do("iam:PutUserPolicy", p{"UserName": "broker", "PolicyName": "p", "PolicyDocument": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sts:*","iam:ListUsers","iam:ListRoles","sallyport:ListConsoleSessions"],"Resource":"*"}]}`})
	made := s.Root.Do("iam:CreateAccessKey", p{"UserName": "broker"})
	return s.Client(sigv4.Credentials{AccessKeyID: made.Text("AccessKeyId"), SecretAccessKey: sigv4.Secret(made.Text("SecretAccessKey"))})
}

const kiosk = "arn:aws:sts::" + account + ":federated-user/kiosk"

// kioskPolicy has iam:ListGroups too, which the broker has not.
const kioskPolicy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:ListUsers","iam:ListGroups","sts:AssumeRole"],"Resource":"*"}]}`

// kioskSession opens the console with a federated user's credentials.
func kioskSession(t *testing.T, s *inprocess.Server, by *inprocess.Client, more p) *inprocess.Browser {
	t.Helper()
	in := p{"Name": "kiosk", "Policy": kioskPolicy}
	for k, v := range more {
		in[k] = v
	}
	token, status := federation(t, s, by.Do("sts:GetFederationToken", in).Credentials(), nil)
	if status != 200 {
		t.Fatalf("a federated user's sign-in token is answered %d", status)
	}
	b := s.Browser()
	at(t, b.Get(login(token, "/console/")), "/console/", 200)
	at(t, b.Get("/signin/session"), "/signin/session", 200, "federated-user/kiosk", "temporary credentials")
	return b
}

// TestFederationOfFederatedUsers: the session acts as the federated user, with what
// both its policy and its user allow, IAM among it.
func TestFederationOfFederatedUsers(t *testing.T) {
	s := start(t)
	by := broker(s)
	b := kioskSession(t, s, by, p{"Tags.member.1.Key": "team", "Tags.member.1.Value": "red"})
	b.Call("iam:ListUsers", nil).Want(200, "")
	b.Call("iam:ListRoles", nil).Want(403, "AccessDenied")  // not in its policy
	b.Call("iam:ListGroups", nil).Want(403, "AccessDenied") // not its user's
	if arn := b.Call("sts:GetCallerIdentity", nil).Text("Arn"); arn != kiosk {
		t.Errorf("the session is %s", arn)
	}
	record := s.RecordOf(b.Call("iam:ListUsers", nil), account)
	if record.UserIdentity["type"] != "FederatedUser" || record.UserIdentity["arn"] != kiosk || !strings.Contains(record.Raw, `"sessionCredentialFromConsole":"true"`) {
		t.Errorf("the record is %s", record.Raw)
	}
	events := map[string]string{}
	for _, r := range s.SignIns(0) {
		arn, _ := r.UserIdentity["arn"].(string)
		events[r.EventName] = arn
	}
	if events["GetSigninToken"] != kiosk || events["ConsoleLogin"] != kiosk {
		t.Errorf("on record: %v", events)
	}

	// Another site's link says who one is about to be.
	token, _ := federation(t, s, by.Do("sts:GetFederationToken", p{"Name": "kiosk"}).Credentials(), nil)
	stranger := s.Browser()
	r := stranger.Request("GET", login(token, ""), nil)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	at(t, stranger.Go(r), "/federation", 200, "as the federated user kiosk")

	// The session is the user's to find and to revoke.
	sessions := s.Root.Do("sallyport:ListConsoleSessions", p{"PrincipalArn": iamARN + "user/broker"})
	ids, arns := sessions.Texts("SessionId"), sessions.Texts("PrincipalArn")
	if len(ids) != 1 || len(arns) != 1 || arns[0] != kiosk {
		t.Fatalf("sessions: %s", sessions.Body)
	}
	s.Root.Do("sallyport:RevokeConsoleSession", p{"SessionId": ids[0]})
	b.Call("iam:ListUsers", nil).Want(403, "ExpiredToken")
	at(t, b.Get("/console/"), "/signin", 200)
}

// TestFederatedUsersSessionEnds: with the credentials, which may last longer than
// any other session of the console, or sooner when that is asked for; and with the
// user.
func TestFederatedUsersSessionEnds(t *testing.T) {
	s := start(t)
	by := broker(s)
	short := kioskSession(t, s, by, p{"DurationSeconds": "900"})
	long := kioskSession(t, s, by, p{"DurationSeconds": "129600"})
	credentials := by.Do("sts:GetFederationToken", p{"Name": "kiosk", "Policy": kioskPolicy, "DurationSeconds": "129600"}).Credentials()
	for _, refused := range []url.Values{
		{"SessionDuration": {"3600"}}, {"SessionDuration": {"900"}, "DurationSeconds": {"900"}},
		{"DurationSeconds": {"899"}}, {"DurationSeconds": {"129601"}}, {"DurationSeconds": {"x"}},
	} {
		if _, status := federation(t, s, credentials, refused); status != 400 {
			t.Errorf("%v is answered %d", refused, status)
		}
	}
	token, status := federation(t, s, credentials, url.Values{"DurationSeconds": {"1800"}})
	if status != 200 {
		t.Fatalf("DurationSeconds: %d", status)
	}
	asked := s.Browser()
	at(t, asked.Get(login(token, "")), "/console/", 200)

	s.Advance(16 * time.Minute)
	at(t, short.Get("/console/"), "/signin", 200)
	at(t, asked.Get("/console/"), "/console/", 200)
	at(t, long.Get("/console/"), "/console/", 200)
	s.Advance(15 * time.Minute)
	at(t, asked.Get("/console/"), "/signin", 200)
	at(t, long.Get("/console/"), "/console/", 200)
	for range 26 { // beyond twelve hours
		s.Advance(28 * time.Minute)
		at(t, long.Get("/console/"), "/console/", 200)
	}
	// A key that is gone leaves what it made, here as in the API.
	s.Root.Do("iam:DeleteAccessKey", p{"UserName": "broker", "AccessKeyId": by.Credentials.AccessKeyID})
	at(t, long.Get("/console/"), "/console/", 200)
	late, status := federation(t, s, credentials, nil)
	if status != 200 {
		t.Fatalf("a token before the user is deleted: %d", status)
	}
	s.Root.Do("iam:DeleteUserPolicy", p{"UserName": "broker", "PolicyName": "p"})
	long.Call("iam:ListUsers", nil).Want(403, "AccessDenied")
	s.Root.Do("iam:DeleteUser", p{"UserName": "broker"})
	long.Call("iam:ListUsers", nil).Want(403, "ExpiredToken")
	at(t, long.Get("/console/"), "/signin", 200)
	at(t, s.Browser().Get(login(late, "")), "/federation", 403, "not good any more")
	if _, status := federation(t, s, credentials, nil); status != 400 {
		t.Errorf("a token after the user was deleted: %d", status)
	}
	if strings.Contains(s.Dump(), `"consoleSessions"`) {
		t.Error("sessions of a deleted user are kept")
	}
}

// TestAttack09FederatedUserInConsole: a federated user is neither its user nor the
// root user, in nothing that the console does for whom is signed in.
func TestAttack09FederatedUserInConsole(t *testing.T) {
	s := start(t)
	by := broker(s)
	s.Root.Do("iam:CreateLoginProfile", p{"UserName": "broker", "Password": password})
	role(s, "deploy", trusting(account, ""))
	own := s.Browser()
	own.SignIn("broker", password)
	at(t, own.Get("/console/"), "/console/", 200)
	ownKey := s.Root.Do("sallyport:ListConsoleSessions", p{"PrincipalArn": iamARN + "user/broker"}).Text("SessionId")
	other := kioskSession(t, s, by, nil)
	for name, b := range map[string]*inprocess.Browser{
		"a user's":        kioskSession(t, s, by, nil),
		"the root user's": kioskSession(t, s, s.Root, p{"Policy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`}),
	} {
		t.Run(name, func(t *testing.T) {
			b.Call("iam:ChangePassword", p{"OldPassword": password, "NewPassword": "another-" + password}).Want(400, "InvalidUserType")
			b.Call("sts:GetSessionToken", nil).Want(403, "AccessDenied")
			b.Call("sts:GetFederationToken", p{"Name": "more"}).Want(403, "AccessDenied")
			b.Call("sts:AssumeRole", p{"RoleArn": iamARN + "role/deploy", "RoleSessionName": "kiosk"}).Want(403, "AccessDenied")
			b.Get("/signin/switchrole")
			at(t, b.Post("/signin/switchrole", p{"account": account, "roleName": "deploy"}), "/signin/switchrole", 403, "The role can't be switched to.")
			at(t, b.Get("/signin/password"), "/console/", 200)
			b.Get("/signin/session")
			if strings.Contains(b.Page.Body, ownKey) {
				t.Error("the page lists the user's own session")
			}
			b.Post("/signin/sessions", p{"session": ownKey})
			at(t, own.Get("/console/"), "/console/", 200)
		})
	}
	at(t, other.Get("/console/"), "/console/", 200)
}

// TestFederatedUserEndsWithUsers: what ends the sessions of a user ends those of
// federated users that the user's keys made.
func TestFederatedUserEndsWithUsers(t *testing.T) {
	s := start(t)
	by := broker(s)
	s.Root.Do("iam:CreateLoginProfile", p{"UserName": "broker", "Password": password})
	b := kioskSession(t, s, by, nil)
	s.Root.Do("iam:UpdateLoginProfile", p{"UserName": "broker", "Password": "another-" + password})
	b.Call("iam:ListUsers", nil).Want(403, "ExpiredToken")
}
