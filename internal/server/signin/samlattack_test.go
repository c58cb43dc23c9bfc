package signin_test

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"sallyport/internal/app"
	"sallyport/internal/federation/samltest"
	"sallyport/test/inprocess"
)

// refusedResponse posts a form that must be refused: by the status, with the state
// as it was, with nobody signed in, and with a record in the account's trail; "" is
// that of nobody.
func (w *samlWorld) refusedResponse(name, path string, form url.Values, status int, message, recipient string) {
	w.Helper()
	before, known := w.Dump(), len(w.SignIns(0))
	b := w.Browser()
	page := w.arrive(b, path, form)
	if page.Status != status || page.Path != path || !strings.Contains(page.Body, message) {
		w.Errorf("%s: %s %d, want %d and %q: %s", name, page.Path, page.Status, status, message, page.Body)
	}
	if w.Dump() != before {
		w.Errorf("%s: the state changed", name)
	}
	if len(b.Cookies) > 0 {
		w.Errorf("%s: cookies were set: %v", name, b.Cookies)
	}
	records := w.SignIns(known + 1)
	if len(records) != known+1 {
		w.Fatalf("%s: %d records, %d before", name, len(records), known)
	}
	r := records[known]
	if r.EventName != "ConsoleLogin" || r.ResponseElements["ConsoleLogin"] != "Failure" || r.RecipientAccountID != recipient ||
		r.UserIdentity["type"] != "SAMLUser" || !strings.Contains(r.ErrorMessage, message) {
		w.Errorf("%s: the record is %s", name, r.Raw)
	}
}

func samlForm(response string) url.Values { return url.Values{"SAMLResponse": {response}} }

// hostileWorld is a server where the documents of package saml's testdata would
// count if they were good: at their time, with their provider and role.
func hostileWorld(t *testing.T) *samlWorld {
	t.Helper()
	s := inprocess.New(t, func(c *app.Config) { c.PublicURL = "https://signin.example.com" })
	certificate, err := os.ReadFile("../../federation/saml/testdata/keys/idp.crt.pem")
	if err != nil {
		t.Fatal(err)
	}
	body := regexp.MustCompile(`-----[A-Z ]+-----|\s`).ReplaceAllString(string(certificate), "")
	w := &samlWorld{s, samltest.New(t, s.Now())}
	given := regexp.MustCompile(`<X509Certificate>[^<]*`).ReplaceAllString(w.idp.Metadata(), "<X509Certificate>"+body)
	s.Admin.Do("iam:CreateSAMLProvider", p{"Name": "example", "SAMLMetadataDocument": given})
	s.Admin.Do("iam:CreateRole", p{"RoleName": "reader", "AssumeRolePolicyDocument": inprocess.TrustingSAML("")})
	s.Advance(time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC).Sub(s.Now()))
	return w
}

func document(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../../federation/saml/testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(text)
}

// TestAttack20Endpoint: every hostile document is refused where browsers post them.
func TestAttack20Endpoint(t *testing.T) {
	w := hostileWorld(t)
	at(t, w.post(w.Browser(), document(t, "recorded/assertion-exclusive.xml")), "/saml/roles", 200, "diego@example.com")
	files, err := filepath.Glob("../../federation/saml/testdata/attack/*/*.xml")
	if err != nil || len(files) < 120 {
		t.Fatalf("%d documents: %v", len(files), err)
	}
	refused := 0
	for _, file := range files {
		name := strings.TrimPrefix(file, "../../federation/saml/testdata/")
		if name == "attack/request/no-request.xml" {
			continue // which answers no request: here none is made
		}
		before := w.Dump()
		b := w.Browser()
		page := w.post(b, document(t, name))
		if page.Path != "/saml" || page.Status != 400 && page.Status != 403 || len(b.Cookies) > 0 || w.Dump() != before {
			t.Errorf("%s: %s %d, cookies %v", name, page.Path, page.Status, b.Cookies)
			continue
		}
		refused++
	}
	failures := 0
	for _, r := range w.SignIns(refused) {
		if r.ResponseElements["ConsoleLogin"] == "Failure" && r.UserIdentity["type"] == "SAMLUser" {
			failures++
		}
	}
	if failures != refused || refused != len(files)-1 {
		t.Errorf("%d of %d documents were refused, %d are on record", refused, len(files), failures)
	}
}

func TestAttack20EndpointRefusals(t *testing.T) {
	w := startSAML(t)
	stranger := samltest.New(t, w.Now())
	good := w.idp.Assertion(inprocess.SAMLRole, inprocess.SAMLProvider, w.Now())
	for _, c := range []struct {
		name, response  string
		status          int
		message, record string
	}{
		{"another's key", stranger.Sign(good), 400, "Response signature invalid", account},
		{"another audience", w.response(func(a *samltest.Assertion) { a.Audience = "urn:example" }), 400, "Response does not contain the required audience", account},
		{"another recipient", w.response(func(a *samltest.Assertion) { a.Recipient = "https://other.example.com/saml" }), 400, "Response is for another recipient", account},
		{"the recipient of one provider", w.response(func(a *samltest.Assertion) { a.Recipient = w.URL + "/saml/acs/SAMLSPEXAMPLE" }), 400, "Response is for another recipient", account},
		{"too old", w.response(func(a *samltest.Assertion) { a.Issued = a.Issued.Add(-10 * time.Minute) }), 400, "Token must be redeemed within 5 minutes of issuance", account},
		{"not yet", w.response(func(a *samltest.Assertion) { a.Issued = a.Issued.Add(10 * time.Minute) }), 400, "Response is not yet valid", account},
		{"the provider's session is over", w.response(func(a *samltest.Assertion) { a.Ends = a.Issued.Add(-time.Second) }), 400, "Response has expired", account},
		{"no name", w.response(func(a *samltest.Assertion) { delete(a.Attributes, "RoleSessionName") }), 400, "RoleSessionName is required", account},
		{"a reserved tag", w.response(attribute("PrincipalTag:aws:team", "red")), 400, "reserved prefix", account},
		{"a role of another account", w.response(offers("arn:aws:iam::444455556666:role/web")), 400, "SAML Assertion doesn't contain the requested Role", account},
		{"a provider of another account", w.response(attribute("Role", inprocess.SAMLRole+",arn:aws:iam::444455556666:saml-provider/example")), 400, "Specified provider doesn't exist", ""},
		{"a provider that isn't there", w.response(attribute("Role", inprocess.SAMLRole+","+inprocess.SAMLProvider+"x")), 400, "Specified provider doesn't exist", ""},
		{"no role", w.response(attribute("Role")), 400, "Specified provider doesn't exist", ""},
		{"no base64", "????", 400, "Invalid base64 SAMLResponse", ""},
		{"nothing", "", 400, "must have one SAMLResponse", ""},
		{"too long", strings.Repeat("A", 100_004), 400, "must have one SAMLResponse", ""},
	} {
		w.refusedResponse(c.name, "/saml", samlForm(c.response), c.status, c.message, c.record)
	}
	w.refusedResponse("two responses", "/saml", url.Values{"SAMLResponse": {w.response(), w.response()}}, 400, "must have one SAMLResponse", "")
	w.refusedResponse("two relay states", "/saml", url.Values{"SAMLResponse": {w.response()}, "RelayState": {"a", "b"}}, 400, "must have one SAMLResponse", "")
	w.refusedResponse("the URL of a provider that isn't there", "/saml/acs/SAMLSPEXAMPLE", samlForm(w.response()), 400, "Specified provider doesn't exist", "")
	w.refusedResponse("in the address", "/saml", nil, 400, "must have one SAMLResponse", "")

	// A provider with its own URL takes nothing there for another.
	w.Admin.Do("iam:CreateSAMLProvider", p{"Name": "second", "SAMLMetadataDocument": stranger.Metadata()})
	id := w.Admin.Do("iam:GetSAMLProvider", p{"SAMLProviderArn": iamARN + "saml-provider/second"}).Text("SAMLProviderUUID")
	w.refusedResponse("another provider's URL", "/saml/acs/"+id, samlForm(w.response()), 400, "Response signature invalid", account)
	w.refusedResponse("a role by another provider", "/saml/acs/"+id, samlForm(stranger.Sign(w.idp.Assertion(inprocess.SAMLRole, inprocess.SAMLProvider, w.Now()))), 400, "doesn't contain the requested Role", account)

	// A body that is too long is not read.
	page := w.arrive(w.Browser(), "/saml", samlForm(strings.Repeat("A", 200<<10)))
	if page.Status != 400 || page.Path != "/saml" {
		t.Errorf("a long body: %d", page.Status)
	}
	// A key that a new metadata document doesn't have vouches for nobody.
	late := w.Browser()
	w.post(late, w.response())
	old := w.response()
	w.Admin.Do("iam:UpdateSAMLProvider", p{"SAMLProviderArn": inprocess.SAMLProvider, "SAMLMetadataDocument": stranger.Metadata()})
	w.refusedResponse("an old key", "/saml", samlForm(old), 400, "Response signature invalid", account)
	at(t, choose(late, inprocess.SAMLRole), "/saml/roles", 400, "Response signature invalid")
}

// TestAttack20EndpointReplay: a response opens one session, however many post it,
// and shares what was used with AssumeRoleWithSAML.
func TestAttack20EndpointReplay(t *testing.T) {
	w := startSAML(t)
	response := w.response()
	pages := make(chan *inprocess.Page)
	browsers := make([]*inprocess.Browser, 8)
	for i := range browsers {
		browsers[i] = w.Browser()
		r := browsers[i].Request("POST", "/saml", samlForm(response))
		go func() {
			page, err := browsers[i].TrySend(r)
			if err != nil {
				page = &inprocess.Page{Body: err.Error()}
			}
			pages <- page
		}()
	}
	taken := 0
	for range browsers {
		switch page := <-pages; page.Status {
		case 303:
			taken++
		case 403:
		default:
			t.Errorf("%d: %s", page.Status, page.Body)
		}
	}
	if taken != 1 {
		t.Fatalf("the response was taken %d times", taken)
	}
	w.SignIns(len(browsers) - 1) // are on record
	w.refusedResponse("again", "/saml", samlForm(response), 403, "The assertion was used before", account)

	// What was taken opens one session, whoever has the cookie.
	b := w.Browser()
	w.post(b, w.response())
	twin := b.Clone()
	at(t, choose(b, inprocess.SAMLRole), "/console/", 200)
	before := w.Dump()
	at(t, choose(twin, inprocess.SAMLRole), "/saml/roles", 403, "opens one session")
	if w.Dump() != before {
		t.Error("a second session was opened")
	}
	// Nor is it good for longer than five minutes, or with another page's token.
	b = w.Browser()
	w.post(b, w.response())
	stolen := w.Browser()
	stolen.Page = b.Page
	at(t, choose(stolen, inprocess.SAMLRole), "/saml/roles", 403)
	w.Advance(5 * time.Minute)
	at(t, choose(b, inprocess.SAMLRole), "/saml/roles", 403)

	once := func(a *samltest.Assertion) { a.Once = true }
	first := w.response(once)
	w.in(first)
	w.Refused(w.SAML(first, nil), 400, "InvalidIdentityToken")
	second := w.response(once)
	w.Send(w.SAML(second, nil)).Want(200, "")
	w.refusedResponse("used by the API", "/saml", samlForm(second), 403, "The assertion was used before", account)
}

// TestAttack22SAMLRelayState: a response leads to pages of this server alone.
func TestAttack22SAMLRelayState(t *testing.T) {
	w := startSAML(t)
	for _, state := range []string{
		"https://attacker.example.com/", "//attacker.example.com/console/", "/\\attacker.example.com", "javascript:alert(1)",
		"/signin/signout", "/console/../signin", w.URL + ".example.com/console/", "https://console.aws.amazon.com/ec2", "\x00", strings.Repeat("/console/", 400),
	} {
		b := w.Browser()
		w.arrive(b, "/saml", url.Values{"SAMLResponse": {w.response()}, "RelayState": {state}})
		r := b.Request("POST", "/saml/roles", url.Values{"token": {b.Token()}, "role": {inprocess.SAMLRole + "," + inprocess.SAMLProvider}})
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		if page := b.Send(r); page.Status != 303 || page.Location != "/console/" {
			t.Errorf("%.40q: %d to %q", state, page.Status, page.Location)
		}
	}
}

// TestAttack22SAMLPageOfAnother: the page where a role is chosen takes no form of
// another site, and shows names as text.
func TestAttack22SAMLPageOfAnother(t *testing.T) {
	w := startSAML(t)
	b := w.Browser()
	w.post(b, w.response(offers(inprocess.SAMLRole, iamARN+"role/<script>alert(1)</script>")))
	if raw := fmt.Sprint(b.Page.Header.Get("Content-Security-Policy")); !strings.Contains(raw, "default-src 'none'") {
		t.Errorf("the page's policy is %q", raw)
	}
	r := b.Request("POST", "/saml/roles", url.Values{"token": {b.Token()}, "role": {inprocess.SAMLRole + "," + inprocess.SAMLProvider}})
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	r.Header.Set("Origin", "https://attacker.example.com")
	before := w.Dump()
	if page := b.Send(r); page.Status != 403 || w.Dump() != before {
		t.Errorf("another site's form: %d", page.Status)
	}
}
