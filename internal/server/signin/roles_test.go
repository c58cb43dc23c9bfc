package signin_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"sallyport/sigv4"
	"sallyport/test/inprocess"
)

func trusting(principal, condition string) string {
	if condition != "" {
		condition = `,"Condition":` + condition
	}
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + principal + `"},"Action":["sts:AssumeRole","sts:TagSession"]` + condition + `}]}`
}

const listUsers = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:ListUsers","iam:CreateUser"],"Resource":"*"}]}`

func role(s *inprocess.Server, name, trust string) string {
	s.Helper()
	s.Root.Do("iam:CreateRole", p{"RoleName": name, "AssumeRolePolicyDocument": trust})
	s.Root.Do("iam:PutRolePolicy", p{"RoleName": name, "PolicyName": "p", "PolicyDocument": listUsers})
	return iamARN + "role/" + name
}

func TestSwitchRole(t *testing.T) {
	s := start(t)
	alice(s)
	role(s, "deploy", trusting(iamARN+"user/alice", ""))
	role(s, "closed", trusting(iamARN+"user/admin", ""))
	role(s, "second", trusting(iamARN+"role/deploy", ""))
	b := s.Browser()
	b.SignIn("alice", password)
	at(t, b.Get("/signin/switchrole?account="+account+"&roleName=deploy&displayName=Deployment&color=red"), "/signin/switchrole", 200, `value="deploy"`, `value="Deployment"`)
	const refused = "The role can't be switched to."
	for _, name := range []string{"closed", "nothing", "second", "../deploy", ""} {
		at(t, b.Post("/signin/switchrole", p{"account": account, "roleName": name}), "/signin/switchrole", 403, refused)
	}
	at(t, b.Post("/signin/switchrole", p{"account": "999999999999", "roleName": "deploy"}), "/signin/switchrole", 403, refused)
	b.Call("iam:ListUsers", nil).Want(403, "AccessDenied")
	own := b.Clone()
	inside(t, b, b.Post("/signin/switchrole", p{"account": account, "roleName": "deploy", "displayName": "Deployment", "color": "red"}),
		"arn:aws:sts::"+account+":assumed-role/deploy/alice", `<div class="role red"`, "Deployment")
	at(t, own.Get("/console/"), "/signin", 200) // the id from before the switch
	told := b.Clone()
	ask := told.Request(http.MethodGet, "/signin/session", nil)
	ask.Header.Set("X-Sallyport-Csrf", "1")
	const deploy = `{"account":"` + account + `","roleName":"deploy","displayName":"Deployment","color":"red"`
	until := s.Now().Add(time.Hour).Unix()
	if page := told.Send(ask); page.Body != `{"signedIn":"`+iamARN+`user/alice","role":`+deploy+`,"until":`+strconv.FormatInt(until, 10)+`},"remembered":[`+deploy+`}]}` {
		t.Errorf("the console is told %d %s", page.Status, page.Body)
	}
	reply := b.Call("iam:ListUsers", nil)
	reply.Want(200, "")
	record := s.RecordOf(reply, account)
	if record.UserIdentity["arn"] != "arn:aws:sts::"+account+":assumed-role/deploy/alice" || !strings.Contains(record.Raw, `"sessionCredentialFromConsole":"true"`) {
		t.Errorf("the record is %s", record.Raw)
	}
	// As a role too it is the user's own permissions that open another.
	at(t, b.Post("/signin/switchrole", p{"account": account, "roleName": "second"}), "/signin/switchrole", 403, refused)
	b.Get("/console/")
	inside(t, b, b.Post("/signin/exitrole", nil), "Deployment")
	if strings.Contains(b.Page.Body, "assumed-role/deploy") {
		t.Error("still acting as the role")
	}
	b.Call("iam:ListUsers", nil).Want(403, "AccessDenied")

	// The role's session is over after its time, whatever the user's is.
	b.Post("/signin/switchrole", p{"account": account, "roleName": "deploy"})
	b.Call("iam:CreateUser", p{"UserName": "bob"}).Want(200, "")
	for range 4 {
		s.Advance(20 * time.Minute)
		b.Get("/console/")
	}
	at(t, b.Page, "/signin/session", 200, "is over", "Switch back")
	at(t, b.Get("/signin?next=/console/users"), "/signin/session", 200) // and not in a circle
	b.Call("iam:ListUsers", nil).Want(403, "ExpiredToken")
	at(t, b.Post("/signin/exitrole", nil), "/console/", 200)
	// Five roles are remembered, the last first.
	for _, name := range []string{"r1", "r2", "r3", "r4", "r5"} {
		role(s, name, trusting(iamARN+"user/alice", ""))
		b.Post("/signin/switchrole", p{"account": account, "roleName": name})
	}
	b.Session()
	for _, name := range []string{"r1", "r2", "r3", "r4", "r5"} {
		if !strings.Contains(b.Page.Body, name+" @ "+account) {
			t.Errorf("%s is not remembered", name)
		}
	}
	if strings.Contains(b.Page.Body, "deploy @") {
		t.Error("a sixth role is remembered")
	}
	names := map[string]int{}
	for _, r := range s.SignIns(0) {
		names[r.EventName]++
	}
	if names["SwitchRole"] != 7 || names["ExitRole"] != 2 {
		t.Errorf("records: %v", names)
	}
}

// TestSwitchRoleAcrossAccounts: the session is a row of the user's account, what
// it does counts in the role's, and revoking it counts for both.
func TestSwitchRoleAcrossAccounts(t *testing.T) {
	s := start(t)
	made := s.Admin.Do("sallyport:CreateAccount", p{"Email": "root@example.org", "Name": "AnyCompany"})
	other := made.Text("Id")
	otherAdmin := s.Client(sigv4.Credentials{AccessKeyID: made.Text("AccessKeyId"), SecretAccessKey: sigv4.Secret(made.Text("SecretAccessKey"))})
	otherAdmin.Do("iam:CreateRole", p{"RoleName": "guest", "AssumeRolePolicyDocument": trusting("arn:aws:iam::"+account+":root", `{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`)})
	otherAdmin.Do("iam:PutRolePolicy", p{"RoleName": "guest", "PolicyName": "p", "PolicyDocument": listUsers})
	alice(s)
	s.Root.Do("iam:PutUserPolicy", p{"UserName": "alice", "PolicyName": "p", "PolicyDocument": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}]}`})
	b := s.Browser()
	b.SignIn("alice", password)
	b.Get("/signin/switchrole")
	at(t, b.Post("/signin/switchrole", p{"account": other, "roleName": "guest"}), "/signin/switchrole", 403)
	phone := s.Root.Device("alice")
	s.Advance(time.Minute)
	b = s.Browser()
	b.SignIn("alice", password)
	b.Post("/signin/mfa", p{"code": phone.Code(0)})
	inside(t, b, b.Post("/signin/switchrole", p{"account": other, "roleName": "guest"}), "in account "+other)
	reply := b.Call("iam:CreateUser", p{"UserName": "bob"})
	reply.Want(200, "")
	if r := s.RecordOf(reply, other); r.Stream != "account/"+other || !strings.Contains(r.Raw, `"mfaAuthenticated":"false"`) {
		t.Errorf("the record is in %s: %s", r.Stream, r.Raw)
	}
	shared := map[string]string{}
	for _, r := range s.SignIns(0) {
		if r.EventName == "SwitchRole" && r.UserIdentity["arn"] == "arn:aws:sts::"+other+":assumed-role/guest/alice" {
			shared[r.RecipientAccountID] = r.SharedEventID
		}
	}
	if len(shared) != 2 || shared[account] == "" || shared[account] != shared[other] {
		t.Errorf("SwitchRole is on record in %v", shared)
	}
	sessions := s.Root.Do("sallyport:ListConsoleSessions", p{"PrincipalArn": iamARN + "user/alice"})
	ids, roles := sessions.Texts("SessionId"), sessions.Texts("SwitchedRoleArn")
	if len(ids) != 2 || len(roles) != 1 || roles[0] != "arn:aws:sts::"+other+":assumed-role/guest/alice" {
		t.Fatalf("sessions: %s", sessions.Body)
	}
	for _, id := range ids {
		s.Root.Do("sallyport:RevokeConsoleSession", p{"SessionId": id})
	}
	b.Call("iam:CreateUser", p{"UserName": "carol"}).Want(403, "ExpiredToken")
	b.Call("iam:ListUsers", nil).Want(403, "ExpiredToken")
	at(t, b.Get("/console/"), "/signin", 200)
}

// federation asks for a sign-in token as tools do, and returns the answer.
func federation(t *testing.T, s *inprocess.Server, c sigv4.Credentials, more url.Values) (token string, status int) {
	t.Helper()
	text, err := json.Marshal(map[string]string{"sessionId": c.AccessKeyID, "sessionKey": string(c.SecretAccessKey), "sessionToken": string(c.SessionToken)})
	if err != nil {
		t.Fatal(err)
	}
	in := url.Values{"Action": {"getSigninToken"}, "Session": {string(text)}}
	for k, v := range more {
		in[k] = v
	}
	response, err := http.Get(s.URL + "/federation?" + in.Encode())
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var out struct{ SigninToken string }
	if response.StatusCode == 200 {
		if err := json.NewDecoder(response.Body).Decode(&out); err != nil || out.SigninToken == "" {
			t.Fatalf("no token: %v", err)
		}
	}
	return out.SigninToken, response.StatusCode
}

func login(token, destination string) string {
	return "/federation?" + url.Values{"Action": {"login"}, "Issuer": {"https://idp.example.com"}, "Destination": {destination}, "SigninToken": {token}}.Encode()
}

func TestFederation(t *testing.T) {
	s := start(t)
	alice(s)
	deploy := role(s, "deploy", trusting(iamARN+"user/admin", ""))
	credentials := s.Admin.Do("sts:AssumeRole", p{"RoleArn": deploy, "RoleSessionName": "bob", "Tags.member.1.Key": "team", "Tags.member.1.Value": "a"}).Credentials()
	token, status := federation(t, s, credentials, nil)
	if status != 200 {
		t.Fatalf("a sign-in token is answered %d", status)
	}
	b := s.Browser()
	inside(t, b, b.Get(login(token, "https://console.aws.amazon.com/")), "assumed-role/deploy/bob", "temporary credentials")
	b.Call("iam:ListUsers", nil).Want(200, "")
	s.RecordOf(b.Call("iam:ListUsers", nil), account)
	// A token opens one session, and within fifteen minutes.
	at(t, s.Browser().Get(login(token, "")), "/federation", 403, "not good any more")
	late, _ := federation(t, s, credentials, nil)
	s.Advance(16 * time.Minute)
	at(t, s.Browser().Get(login(late, "")), "/federation", 403)
	// The session ends with the credentials, unless a longer one was asked for.
	long, status := federation(t, s, credentials, url.Values{"SessionDuration": {"43200"}})
	if status != 200 {
		t.Fatalf("SessionDuration: %d", status)
	}
	c := s.Browser()
	at(t, c.Get(login(long, "/console/")), "/console/", 200)
	for range 3 {
		s.Advance(20 * time.Minute)
		b.Get("/console/")
		c.Get("/console/")
	}
	at(t, b.Page, "/signin", 200)
	at(t, c.Page, "/console/", 200)
	// A role that is deleted takes its sessions with it.
	s.Root.Do("iam:DeleteRolePolicy", p{"RoleName": "deploy", "PolicyName": "p"})
	s.Root.Do("iam:DeleteRole", p{"RoleName": "deploy"})
	at(t, c.Get("/console/"), "/signin", 200)
	if strings.Contains(s.Dump(), `"consoleSessions"`) {
		t.Error("sessions of a deleted role are kept")
	}
}

func TestFederationRefuses(t *testing.T) {
	s := start(t)
	deploy := role(s, "deploy", trusting(account, ""))
	s.Root.Do("iam:PutRolePolicy", p{"RoleName": "deploy", "PolicyName": "chain", "PolicyDocument": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}]}`})
	credentials := s.Admin.Do("sts:AssumeRole", p{"RoleArn": deploy, "RoleSessionName": "bob"}).Credentials()
	chained := s.Client(credentials).Do("sts:AssumeRole", p{"RoleArn": deploy, "RoleSessionName": "carol"}).Credentials()
	wrong, mixed := credentials, credentials
	wrong.SecretAccessKey = "wrong"
	mixed.SessionToken = chained.SessionToken
	long := s.Admin.Credentials
	for name, c := range map[string]sigv4.Credentials{
		"a wrong key": wrong, "another's token": mixed, "long-term credentials": long,
		"a user's own session": s.Admin.Do("sts:GetSessionToken", nil).Credentials(),
		"nothing":              {},
	} {
		if _, status := federation(t, s, c, nil); status != 400 {
			t.Errorf("%s: %d", name, status)
		}
	}
	for _, duration := range []string{"899", "43201", "x", "-1", "1e4"} {
		if _, status := federation(t, s, credentials, url.Values{"SessionDuration": {duration}}); status != 400 {
			t.Errorf("SessionDuration %s: %d", duration, status)
		}
	}
	if _, status := federation(t, s, chained, url.Values{"SessionDuration": {"900"}}); status != 400 {
		t.Errorf("SessionDuration of a chained role: %d", status)
	}
	if _, status := federation(t, s, chained, nil); status != 200 {
		t.Errorf("a chained role: %d", status)
	}
	for _, text := range []string{"", "{", "[]", `{"sessionId":1}`, `"` + strings.Repeat("a", 40000) + `"`} {
		response, err := http.PostForm(s.URL+"/federation", url.Values{"Action": {"getSigninToken"}, "Session": {text}})
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != 400 {
			t.Errorf("Session %.20s: %d", text, response.StatusCode)
		}
	}
	at(t, s.Browser().Get("/federation?Action=other"), "/federation", 400)
	s.Advance(2 * time.Hour)
	if _, status := federation(t, s, credentials, nil); status != 400 {
		t.Errorf("expired credentials: %d", status)
	}
}
