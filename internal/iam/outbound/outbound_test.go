package outbound_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"sallyport/internal/app"
	"sallyport/internal/iam"
	"sallyport/internal/state"
	"sallyport/test/inprocess"
)

type p = inprocess.P

const (
	enable  = "iam:EnableOutboundWebIdentityFederation"
	disable = "iam:DisableOutboundWebIdentityFederation"
	info    = "iam:GetOutboundWebIdentityFederationInfo"

	documents = "/.well-known/openid-configuration"
	keySet    = "/.well-known/jwks.json"
)

var token = p{"Audience.member.1": "example", "SigningAlgorithm": "ES384", "DurationSeconds": "3600"}

// get is what anybody gets.
func get(t *testing.T, method, url string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequest(method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

func row(t *testing.T, s *inprocess.Server) *iam.OutboundFederation {
	t.Helper()
	f, ok := iam.OutboundFederations.Get(s.View(inprocess.Account), iam.AccountKey)
	if !ok {
		t.Fatal("there is no issuer")
	}
	return f
}

// TestOutboundFederation: AWS's answers, as recorded.
func TestOutboundFederation(t *testing.T) {
	s := inprocess.New(t)
	off := "Outbound identity federation is disabled for account " + inprocess.Account
	s.Admin.Refused(info, nil, 404, "FeatureDisabled").WantMessage(off)
	s.Admin.Refused(disable, nil, 404, "FeatureDisabled").WantMessage("Outbound identity federation is already disabled for account " + inprocess.Account)
	issuer := s.Admin.Do(enable, nil).Text("IssuerIdentifier")
	if !strings.HasPrefix(issuer, s.URL+"/outbound/"+inprocess.Account+"/") {
		t.Errorf("the issuer is %s", issuer)
	}
	s.Admin.Refused(enable, nil, 409, "FeatureEnabled").WantMessage("Outbound identity federation is already enabled for account " + inprocess.Account)
	reply := s.Admin.Do(info, nil)
	if reply.Text("IssuerIdentifier") != issuer || reply.Text("JwtVendingEnabled") != "true" {
		t.Errorf("info: %s", reply.Body)
	}
	s.Admin.Do(disable, nil)
	s.Admin.Refused(info, nil, 404, "FeatureDisabled").WantMessage(off)
	s.Admin.Refused("sts:GetWebIdentityToken", token, 403, "OutboundWebIdentityFederationDisabledException")
	if again := s.Admin.Do(enable, nil).Text("IssuerIdentifier"); again != issuer {
		t.Errorf("the issuer was %s and is %s", issuer, again)
	}
}

// TestOutboundLifetime: the documents outlast the feature by as much as the last
// token; enabled before that it has the keys it had, later on new ones.
func TestOutboundLifetime(t *testing.T) {
	s := inprocess.New(t)
	issuer := s.Admin.Do(enable, nil).Text("IssuerIdentifier")
	_, keys := get(t, http.MethodGet, issuer+keySet)
	first := row(t, s).Keys
	s.Admin.Do("sts:GetWebIdentityToken", token)
	s.Admin.Do(disable, nil)
	s.Advance(time.Hour)
	if r, body := get(t, http.MethodGet, issuer+keySet); r.StatusCode != http.StatusOK || body != keys {
		t.Errorf("while tokens hold: %s", r.Status)
	}
	s.Admin.Do(enable, nil)
	if _, body := get(t, http.MethodGet, issuer+keySet); body != keys {
		t.Error("other keys, though tokens hold")
	}
	s.Admin.Do(disable, nil)
	s.Advance(2 * time.Hour)
	for _, path := range []string{documents, keySet} {
		if r, _ := get(t, http.MethodGet, issuer+path); r.StatusCode != http.StatusNotFound {
			t.Errorf("%s of an issuer that is no more: %s", path, r.Status)
		}
	}
	if again := s.Admin.Do(enable, nil).Text("IssuerIdentifier"); again != issuer {
		t.Errorf("the issuer was %s and is %s", issuer, again)
	}
	_, body := get(t, http.MethodGet, issuer+keySet)
	for _, key := range first {
		if strings.Contains(body, key.ID) {
			t.Errorf("key %s is still there", key.ID)
		}
		if sealed, err := s.Journal.LoadSecret(context.Background(), "account/"+inprocess.Account, iam.IssuerKeySecret(key.ID)); err == nil {
			t.Errorf("the private key %s is still there: %d bytes", key.ID, len(sealed))
		}
	}
	s.Admin.Do("sts:GetWebIdentityToken", token)
}

// TestOutboundDocuments: what is published, to whom and how.
func TestOutboundDocuments(t *testing.T) {
	s := inprocess.New(t)
	issuer := s.Admin.Do(enable, nil).Text("IssuerIdentifier")
	for path, holds := range map[string]string{documents: `"issuer":"` + issuer + `"`, keySet: `"keys":[`} {
		r, body := get(t, http.MethodGet, issuer+path)
		if r.StatusCode != http.StatusOK || !strings.Contains(body, holds) || r.Header.Get("Content-Type") != "application/json" ||
			r.Header.Get("Cache-Control") != "public, max-age=300" {
			t.Errorf("%s: %s %v %s", path, r.Status, r.Header, body)
		}
		head, none := get(t, http.MethodHead, issuer+path)
		if head.StatusCode != http.StatusOK || none != "" || head.ContentLength != int64(len(body)) {
			t.Errorf("HEAD %s: %s, %d bytes", path, head.Status, head.ContentLength)
		}
		for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions} {
			if r, _ := get(t, method, issuer+path); r.StatusCode != http.StatusMethodNotAllowed || r.Header.Get("Allow") != "GET, HEAD" {
				t.Errorf("%s %s: %s", method, path, r.Status)
			}
		}
	}
	base := s.URL + "/outbound/"
	uuid := issuer[len(base+inprocess.Account+"/"):]
	for _, url := range []string{
		base, base + inprocess.Account, base + inprocess.Account + "/" + documents, base + inprocess.Account + "/" + uuid[:35] + documents,
		base + "444455556666/" + uuid + documents, base + inprocess.Account + "/00000000-0000-0000-0000-000000000000" + documents,
		base + "/" + inprocess.Account + "/" + uuid + documents, issuer, issuer + "/", issuer + "/" + documents, issuer + documents + "/",
		issuer + "/.well-known/jwks", issuer + "/%2ewell-known/jwks.json", issuer + strings.ToUpper(keySet), issuer + "x" + keySet,
		base + inprocess.Account + "/" + strings.ToUpper(uuid) + keySet, base + "x/../" + inprocess.Account + "/" + uuid + keySet,
	} {
		if r, body := get(t, http.MethodGet, url); r.StatusCode != http.StatusNotFound || strings.Contains(body, uuid) {
			t.Errorf("%s: %s %s", url, r.Status, body)
		}
	}
}

// TestAttack25IssuerKeys: private keys are sealed, and neither they nor tokens are
// in the state, the journal's entries, history or the trail.
func TestAttack25IssuerKeys(t *testing.T) {
	s := inprocess.New(t)
	s.Admin.Do(enable, nil)
	jwt := s.Admin.Do("sts:GetWebIdentityToken", token).Text("WebIdentityToken")
	history := s.Admin.Do("sallyport:GetEntityHistory", p{"Entity": inprocess.Account}).Body
	entries, err := s.Journal.Read(context.Background(), "account/"+inprocess.Account, 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	places := map[string]string{"state": s.Dump(), "history": history, "logs": s.Logs.String()}
	for _, e := range entries {
		places["entries"] += string(e.Data)
	}
	for _, r := range s.Trail() {
		places["trail"] += r.Raw
	}
	for _, key := range row(t, s).Keys {
		if !strings.Contains(history, key.ID) {
			t.Errorf("history doesn't show key %s", key.ID)
		}
		private, err := s.App.State().Secret(context.Background(), state.AccountStream(inprocess.Account), iam.IssuerKeySecret(key.ID))
		if err != nil {
			t.Fatal(err)
		}
		sealed, err := s.Journal.LoadSecret(context.Background(), "account/"+inprocess.Account, iam.IssuerKeySecret(key.ID))
		if err != nil || strings.Contains(string(sealed), string(private[40:])) {
			t.Errorf("key %s is stored as it is (%v)", key.ID, err)
		}
		for place, text := range places {
			if text == "" || strings.Contains(text, string(private[40:])) {
				t.Errorf("the %s hold key %s", place, key.ID)
			}
		}
	}
	for place, text := range places {
		if signature := jwt[strings.LastIndexByte(jwt, '.'):]; strings.Contains(text, jwt) || strings.Contains(text, signature) {
			t.Errorf("the %s hold a token", place)
		}
	}
}

// TestOutboundWithoutURL: nobody could find an issuer whose server has no URL.
func TestOutboundWithoutURL(t *testing.T) {
	s := inprocess.New(t, func(c *app.Config) { c.PublicURL = "" })
	s.Admin.Refused(enable, nil, 503, "ServiceUnavailable")
	s.Admin.Refused(info, nil, 404, "FeatureDisabled")
	other := inprocess.New(t, func(c *app.Config) { c.PublicURL = "https://iam.example.com/" })
	if issuer := other.Admin.Do(enable, nil).Text("IssuerIdentifier"); !strings.HasPrefix(issuer, "https://iam.example.com/outbound/") {
		t.Errorf("the issuer is %s", issuer)
	}
}
