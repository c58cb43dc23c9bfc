package signin_test

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"sallyport/internal/app"
	"sallyport/internal/federation/samltest"
	"sallyport/internal/iam"
	"sallyport/sigv4"
	"sallyport/test/inprocess"
)

// samlWorld is a server with a SAML provider, and the provider.
type samlWorld struct {
	*inprocess.Server
	idp *samltest.Provider
}

func startSAML(t *testing.T, options ...func(*app.Config)) *samlWorld {
	t.Helper()
	s, idp := inprocess.NewSAML(t, options...)
	return &samlWorld{s, idp}
}

// response is one that gives the role of all servers with a provider, changed by
// the test.
func (w *samlWorld) response(change ...func(*samltest.Assertion)) string {
	w.Helper()
	a := w.idp.Assertion(inprocess.SAMLRole, inprocess.SAMLProvider, w.Now())
	for _, c := range change {
		c(a)
	}
	return w.idp.Sign(a)
}

func attribute(name string, values ...string) func(*samltest.Assertion) {
	return func(a *samltest.Assertion) { a.Attributes[name] = values }
}

func offers(roles ...string) func(*samltest.Assertion) {
	pairs := make([]string, len(roles))
	for i, role := range roles {
		pairs[i] = role + "," + inprocess.SAMLProvider
	}
	return attribute("Role", pairs...)
}

// arrive has an identity provider's page post a form to a path. The browser sends
// no cookies with it, for it is another site's, and all of them from then on.
func (w *samlWorld) arrive(b *inprocess.Browser, path string, form url.Values) *inprocess.Page {
	w.Helper()
	kept := b.Cookies
	b.Cookies = make(map[string]string)
	r := b.Request(http.MethodPost, path, form)
	r.Header.Set("Origin", "https://idp.example.com")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	page := b.Send(r)
	for name, value := range b.Cookies {
		kept[name] = value
	}
	b.Cookies = kept
	if page.Location == "" {
		return page
	}
	next := b.Request(http.MethodGet, page.Location, nil)
	next.Header.Set("Sec-Fetch-Site", "cross-site")
	return b.Go(next)
}

func (w *samlWorld) post(b *inprocess.Browser, response string) *inprocess.Page {
	w.Helper()
	return w.arrive(b, "/saml", url.Values{"SAMLResponse": {response}})
}

// choose asks for a role on the page where one is chosen.
func choose(b *inprocess.Browser, role string) *inprocess.Page {
	fields := p{"role": role + "," + inprocess.SAMLProvider}
	if _, rest, ok := strings.Cut(b.Page.Body, `name="ends" value="`); ok {
		fields["ends"], _, _ = strings.Cut(rest, `"`)
	}
	return b.Post("/saml/roles", fields)
}

// in signs somebody in with a response.
func (w *samlWorld) in(response string) *inprocess.Browser {
	w.Helper()
	b := w.Browser()
	if page := w.post(b, response); page.Path != "/saml/roles" || page.Status != 200 {
		w.Fatalf("%s %d: %s", page.Path, page.Status, page.Body)
	}
	if page := choose(b, inprocess.SAMLRole); page.Path != "/console/" || page.Status != 200 {
		w.Fatalf("%s %d: %s", page.Path, page.Status, page.Body)
	}
	return b
}

func TestSAMLSignIn(t *testing.T) {
	w := startSAML(t)
	b := w.Browser()
	response := w.response()
	at(t, w.arrive(b, "/saml", url.Values{"SAMLResponse": {response}, "RelayState": {"/signin/switchrole?account=1"}}),
		"/saml/roles", 200, "you are <strong>alice</strong>", "Account "+account, "team/web", "checked")
	if strings.Contains(b.Page.Body, "You are signed in as") {
		t.Error("nobody was signed in")
	}
	at(t, choose(b, inprocess.SAMLRole), "/signin/switchrole", 200, "web/alice")
	inside(t, b, b.Get("/console/"), "arn:aws:sts::"+account+":assumed-role/web/alice")
	reply := b.Call("iam:ListUsers", nil)
	reply.Want(200, "")
	called := w.RecordOf(reply, account)
	login := w.SignIns(1)
	if len(login) != 1 || login[0].EventName != "ConsoleLogin" || login[0].ResponseElements["ConsoleLogin"] != "Success" ||
		login[0].Additional["SamlProviderArn"] != inprocess.SAMLProvider || login[0].Additional["MFAUsed"] != "No" ||
		login[0].UserIdentity["arn"] != "arn:aws:sts::"+account+":assumed-role/web/alice" || login[0].Stream != "account/"+account {
		t.Errorf("sign-ins on record: %+v", login)
	}
	var assumed []inprocess.Record
	for _, r := range w.Trail() {
		if r.EventName == "AssumeRoleWithSAML" {
			assumed = append(assumed, r)
		}
		if strings.Contains(r.Raw, response[:200]) {
			t.Errorf("the response is on record: %s", r.Raw)
		}
	}
	if len(assumed) != 1 || assumed[0].UserIdentity["type"] != "SAMLUser" || assumed[0].ErrorCode != "" {
		t.Fatalf("AssumeRoleWithSAML on record: %+v", assumed)
	}
	// One key id leads from the assumption to everything the session does.
	key := called.UserIdentity["accessKeyId"]
	if issued, _ := assumed[0].ResponseElements["credentials"].(map[string]any); key == "" || issued["accessKeyId"] != key || login[0].UserIdentity["accessKeyId"] != key {
		t.Errorf("key ids: %v, %v, %v", key, assumed[0].ResponseElements, login[0].UserIdentity)
	}
	if strings.Contains(w.Logs.String(), response[:200]) {
		t.Error("the response is in the logs")
	}
	at(t, b.Post("/signin/signout", nil), "/signin/signout", 200, "You are signed out")
	b.Call("iam:ListUsers", nil).Want(403, "ExpiredToken")
}

// TestSAMLRoles: every role whose provider vouches is offered, by account; one that
// can't be had leaves the others.
func TestSAMLRoles(t *testing.T) {
	w := startSAML(t)
	made := w.Admin.Do("sallyport:CreateAccount", p{"Email": "root@example.org", "Name": "AnyCompany"})
	other := made.Text("Id")
	admin := w.Client(sigv4.Credentials{AccessKeyID: made.Text("AccessKeyId"), SecretAccessKey: sigv4.Secret(made.Text("SecretAccessKey"))})
	admin.Do("iam:CreateAccountAlias", p{"AccountAlias": "anycompany"})
	admin.Do("iam:CreateSAMLProvider", p{"Name": "shared", "SAMLMetadataDocument": w.idp.Metadata()})
	stranger := samltest.New(t, w.Now())
	admin.Do("iam:CreateSAMLProvider", p{"Name": "theirs", "SAMLMetadataDocument": stranger.Metadata()})
	shared, theirs := "arn:aws:iam::"+other+":saml-provider/shared", "arn:aws:iam::"+other+":saml-provider/theirs"
	auditor := "arn:aws:iam::" + other + ":role/auditor"
	admin.Do("iam:CreateRole", p{"RoleName": "auditor", "AssumeRolePolicyDocument": strings.ReplaceAll(inprocess.TrustingSAML(""), inprocess.SAMLProvider, shared)})
	closed := role(w.Server, "closed", trusting(iamARN+"user/admin", ""))

	b := w.Browser()
	at(t, w.post(b, w.response(attribute("Role",
		auditor+","+shared, inprocess.SAMLRole+","+inprocess.SAMLProvider, closed+","+inprocess.SAMLProvider,
		inprocess.SAMLProvider+","+iamARN+"role/gone",
		"arn:aws:iam::"+other+":role/stolen,"+theirs,                  // whose metadata is another's
		"arn:aws:iam::"+other+":role/abroad,"+inprocess.SAMLProvider,  // of another account than the provider
		iamARN+"role/foreign,"+shared,                                 // likewise
		"arn:aws:iam::999999999999:role/nowhere,"+iamARN+"role/first", // nothing
	))), "/saml/roles", 200, "Choose a role", "anycompany ("+other+")", "Account "+account, "auditor", "team/web", "closed", "gone")
	for _, name := range []string{"stolen", "abroad", "foreign", "nowhere", "checked"} {
		if strings.Contains(b.Page.Body, name) {
			t.Errorf("%s is on the page", name)
		}
	}
	before := w.Dump()
	const denied = "Not authorized to perform sts:AssumeRoleWithSAML"
	at(t, choose(b, closed), "/saml/roles", 403, denied)
	at(t, choose(b, iamARN+"role/gone"), "/saml/roles", 403, denied)
	at(t, choose(b, iamARN+"role/foreign"), "/saml/roles", 403, "Choose one of the roles")
	at(t, choose(b, ""), "/saml/roles", 403, "Choose one of the roles")
	if w.Dump() != before {
		t.Error("a refused choice changed the state")
	}
	failed := w.SignIns(2)
	if len(failed) != 2 || failed[0].ResponseElements["ConsoleLogin"] != "Failure" || failed[0].ErrorMessage != denied || failed[0].UserIdentity["type"] != "SAMLUser" {
		t.Errorf("failures on record: %+v", failed)
	}
	inside(t, b, b.Post("/saml/roles", p{"role": auditor + "," + shared}), "arn:aws:sts::"+other+":assumed-role/auditor/alice")
	b.Call("iam:ListUsers", nil).Want(403, "AccessDenied")
}

// TestSAMLManyProviders: any number of providers that share a metadata document
// vouch by one look at it; of different documents, twenty are looked at.
func TestSAMLManyProviders(t *testing.T) {
	w := startSAML(t)
	offered := func(document func(i int) string, prefix string) int {
		pairs := make([]string, 24)
		for i := range pairs {
			name := prefix + strconv.Itoa(i)
			w.Admin.Do("iam:CreateSAMLProvider", p{"Name": name, "SAMLMetadataDocument": document(i)})
			pairs[i] = iamARN + "role/" + name + "," + iamARN + "saml-provider/" + name
		}
		b := w.Browser()
		at(t, w.post(b, w.response(attribute("Role", pairs...))), "/saml/roles", 200)
		return strings.Count(b.Page.Body, `type="radio"`)
	}
	if n := offered(func(int) string { return w.idp.Metadata() }, "same"); n != 24 {
		t.Errorf("%d roles of 24 by one document are offered", n)
	}
	if n := offered(func(i int) string { return w.idp.Metadata() + strings.Repeat(" ", i) }, "other"); n != 20 {
		t.Errorf("%d roles of 24 by as many documents are offered", n)
	}
}

// TestSAMLSessionAsAssumed: the session is what AssumeRoleWithSAML decides.
func TestSAMLSessionAsAssumed(t *testing.T) {
	w := startSAML(t)
	w.Admin.Do("iam:PutRolePolicy", p{"RoleName": "web", "PolicyName": "all", "PolicyDocument": `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"red","aws:SourceIdentity":"alice-id","saml:sub":"alice@example.com"}}},
		{"Effect":"Allow","Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"],"Resource":"*"}]}`})
	tagged := []func(*samltest.Assertion){attribute("PrincipalTag:team", "red"), attribute("TransitiveTagKeys", "team"), attribute("SourceIdentity", "alice-id")}
	b := w.in(w.response(tagged...))
	b.Call("iam:ListUsers", nil).Want(200, "")
	b.Call("iam:ListGroups", nil).Want(403, "AccessDenied")
	// What is transitive goes on to the role that is switched to.
	w.Admin.Do("iam:CreateRole", p{"RoleName": "next", "AssumeRolePolicyDocument": strings.Replace(trusting(account, `{"StringEquals":{"aws:PrincipalTag/team":"red"}}`), `"sts:TagSession"`, `"sts:TagSession","sts:SetSourceIdentity"`, 1)})
	w.Admin.Do("iam:PutRolePolicy", p{"RoleName": "next", "PolicyName": "p", "PolicyDocument": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:ListGroups","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"red","aws:SourceIdentity":"alice-id"}}}]}`})
	b.Get("/signin/switchrole")
	inside(t, b, b.Post("/signin/switchrole", p{"account": account, "roleName": "next"}), "assumed-role/next/")
	b.Call("iam:ListGroups", nil).Want(200, "")

	w.in(w.response()).Call("iam:ListUsers", nil).Want(403, "AccessDenied") // without the tags

	ends := func() (latest time.Time) {
		iam.ConsoleSessions.Ascend(w.View(account), "", func(_ string, row *iam.ConsoleSession) bool {
			if row.Created.Equal(iam.Moment(w.Now())) {
				latest = row.Expires
			}
			return true
		})
		return latest
	}
	for name, c := range map[string]struct {
		change func(*samltest.Assertion)
		after  time.Duration
	}{
		"an hour, as nothing is said": {func(*samltest.Assertion) {}, time.Hour},
		"SessionDuration":             {attribute("SessionDuration", "7200"), 2 * time.Hour},
		"the end of the provider's":   {func(a *samltest.Assertion) { a.Ends = w.Now().Add(20 * time.Minute) }, 20 * time.Minute},
		"the earlier of the two, theirs": {func(a *samltest.Assertion) {
			attribute("SessionDuration", "3600")(a)
			a.Ends = w.Now().Add(30 * time.Minute)
		}, 30 * time.Minute},
	} {
		w.Admin.Do("iam:UpdateRole", p{"RoleName": "web", "MaxSessionDuration": "7200"})
		w.Advance(time.Minute)
		w.in(w.response(c.change))
		if got, want := ends(), w.Now().Add(c.after); !got.Equal(want) {
			t.Errorf("%s: the session ends at %s, want %s", name, got, want)
		}
	}
	b = w.Browser()
	w.post(b, w.response(attribute("SessionDuration", "7201")))
	at(t, choose(b, inprocess.SAMLRole), "/saml/roles", 403, "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
}

// TestSAMLOverAnotherSession: who is signed in sees that it will end, and it does.
func TestSAMLOverAnotherSession(t *testing.T) {
	w := startSAML(t)
	alice(w.Server)
	b := w.Browser()
	b.SignIn("alice", password)
	old := b.Clone()
	at(t, w.post(b, w.response()), "/saml/roles", 200, "You are signed in as alice in account "+account)
	inside(t, old, old.Get("/console/"), "user/alice") // nothing has happened yet
	at(t, b.Post("/saml/roles", p{"role": inprocess.SAMLRole + "," + inprocess.SAMLProvider}), "/saml/roles", 409, "You are signed in already.")
	inside(t, b, choose(b, inprocess.SAMLRole), "assumed-role/web/alice")
	at(t, old.Get("/console/"), "/signin", 200)
	names := make(map[string]int)
	for _, r := range w.SignIns(3) {
		names[r.EventName]++
	}
	if names["ConsoleLogin"] != 2 || names["Logout"] != 1 {
		t.Errorf("on record: %v", names)
	}
}

// TestSAMLSessionsEnd: sessions are listed, revoked, and end with their role and
// with the provider that vouched.
func TestSAMLSessionsEnd(t *testing.T) {
	w := startSAML(t)
	b := w.in(w.response())
	sessions := w.Admin.Do("sallyport:ListConsoleSessions", p{"PrincipalArn": inprocess.SAMLRole})
	if arns := sessions.Texts("PrincipalArn"); len(arns) != 1 || arns[0] != "arn:aws:sts::"+account+":assumed-role/web/alice" {
		t.Errorf("sessions: %s", sessions.Body)
	}
	w.Admin.Do("sallyport:RevokeConsoleSession", p{"SessionId": sessions.Texts("SessionId")[0]})
	b.Call("iam:ListUsers", nil).Want(403, "ExpiredToken")

	b = w.in(w.response())
	late := w.Browser()
	w.post(late, w.response())
	w.Admin.Do("iam:DeleteSAMLProvider", p{"SAMLProviderArn": inprocess.SAMLProvider})
	b.Call("iam:ListUsers", nil).Want(403, "ExpiredToken")
	at(t, b.Get("/console/"), "/signin", 200)
	at(t, choose(late, inprocess.SAMLRole), "/saml/roles", 400, "Specified provider doesn't exist")
	w.Admin.Do("iam:CreateSAMLProvider", p{"Name": "example", "SAMLMetadataDocument": w.idp.Metadata()})
	b.Call("iam:ListUsers", nil).Want(403, "ExpiredToken") // the new one did not vouch

	b = w.in(w.response())
	w.Admin.Do("iam:DeleteRolePolicy", p{"RoleName": "web", "PolicyName": "all"})
	w.Admin.Do("iam:DeleteRole", p{"RoleName": "web"})
	b.Call("iam:ListUsers", nil).Want(403, "ExpiredToken")
	at(t, b.Get("/console/"), "/signin", 200)
}

// TestSAMLServiceMetadata: what identity providers import.
func TestSAMLServiceMetadata(t *testing.T) {
	w := startSAML(t)
	id := w.Admin.Do("iam:GetSAMLProvider", p{"SAMLProviderArn": inprocess.SAMLProvider}).Text("SAMLProviderUUID")
	for path, want := range map[string][2]string{
		"/saml/metadata":                            {w.URL + "/saml", w.URL + "/saml"},
		"/static/saml-metadata.xml":                 {"urn:amazon:webservices", w.URL + "/saml"},
		"/static/saml/" + id + "/saml-metadata.xml": {w.URL + "/saml/acs/" + id, w.URL + "/saml/acs/" + id},
	} {
		page := w.Browser().Get(path)
		var found struct {
			EntityID string `xml:"entityID,attr"`
			Service  struct {
				Formats  []string `xml:"NameIDFormat"`
				Consumer struct {
					Binding  string `xml:",attr"`
					Location string `xml:",attr"`
				} `xml:"AssertionConsumerService"`
				Wanted []struct {
					Name     string `xml:",attr"`
					Required bool   `xml:"isRequired,attr"`
				} `xml:"AttributeConsumingService>RequestedAttribute"`
			} `xml:"SPSSODescriptor"`
		}
		if err := xml.Unmarshal([]byte(page.Body), &found); err != nil {
			t.Fatalf("%s: %v: %s", path, err, page.Body)
		}
		if page.Status != 200 || page.Header.Get("Content-Type") != "application/samlmetadata+xml" || found.EntityID != want[0] ||
			found.Service.Consumer.Location != want[1] || found.Service.Consumer.Binding != "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" ||
			len(found.Service.Formats) != 4 || len(found.Service.Wanted) != 5 || !found.Service.Wanted[0].Required {
			t.Errorf("%s: %d %+v", path, page.Status, found)
		}
		// A response that names what the document says is taken where it says.
		b := w.Browser()
		at(t, w.arrive(b, strings.TrimPrefix(want[1], w.URL), url.Values{"SAMLResponse": {w.response(func(a *samltest.Assertion) {
			a.Audience, a.Recipient = want[0], want[1]
		})}}), "/saml/roles", 200)
	}
	for _, path := range []string{"/static/saml/../saml-metadata.xml", "/static/saml/x/saml-metadata.xml", "/static/saml/" + id, "/saml/", "/saml/acs/", "/saml/acs/x/y", "/saml/other"} {
		if page := w.Browser().Get(path); page.Status != 404 {
			t.Errorf("%s: %d", path, page.Status)
		}
	}
	if page := w.Browser().Get("/saml"); page.Status != 405 {
		t.Errorf("GET /saml: %d", page.Status)
	}
}
