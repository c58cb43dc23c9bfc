package federation

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sallyport/test/process"
)

// What the provider is called here, and the roles of its people.
const (
	roleARN     = "arn:aws:iam::" + process.Account + ":role/"
	providerARN = "arn:aws:iam::" + process.Account + ":saml-provider/example"
	awsClaims   = "https://aws.amazon.com/SAML/Attributes/"
)

// claims are what the provider says of somebody to AWS: reader may list users,
// auditor may list roles, closed does not trust the provider.
var claims = map[string][]string{
	"uid":                         {"alice"},
	awsClaims + "Role":            {roleARN + "reader," + providerARN, providerARN + "," + roleARN + "auditor", roleARN + "closed," + providerARN},
	awsClaims + "RoleSessionName": {"alice@example.com"},
	awsClaims + "SessionDuration": {"1800"},
	awsClaims + "PrincipalTag:team": {
		"red",
	},
}

// A world is a Sallyport process at which a SAML provider and its roles are known.
type world struct {
	*process.Server
	t      testing.TB
	public string // its public URL
	id     string // of the provider
}

func startWorld(t testing.TB, metadata string) *world {
	t.Helper()
	w := &world{Server: process.Run(t, t.TempDir()), t: t}
	w.public = strings.Replace(w.URL, "127.0.0.1", "localhost", 1)
	w.MustAdmin("CreateSAMLProvider", "Name", "example", "SAMLMetadataDocument", metadata)
	w.id = w.MustAdmin("GetSAMLProvider", "SAMLProviderArn", providerARN).Element("SAMLProviderUUID")
	trusted := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"` + providerARN + `"},"Action":["sts:AssumeRoleWithSAML","sts:TagSession"],
		"Condition":{"StringEquals":{"aws:RequestTag/team":"red","saml:sub_type":["persistent","urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"]}}}]}`
	untrusted := strings.Replace(trusted, `"red"`, `"blue"`, 1)
	for name, role := range map[string][2]string{"reader": {trusted, "iam:ListUsers"}, "auditor": {trusted, "iam:ListRoles"}, "closed": {untrusted, "*"}} {
		w.MustAdmin("CreateRole", "RoleName", name, "AssumeRolePolicyDocument", role[0])
		w.MustAdmin("PutRolePolicy", "RoleName", name, "PolicyName", "p", "PolicyDocument",
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"`+role[1]+`","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"red"}}}]}`)
	}
	return w
}

// document fetches one of the documents by which this server is registered.
func (w *world) document(path string) string {
	w.t.Helper()
	v := newVisitor(w.t)
	v.open(w.public + path)
	v.wants(path, 200, "SPSSODescriptor")
	return v.body
}

// call makes a call of IAM where the console does, by the visitor's cookie.
func (w *world) call(v *visitor, action string) int {
	w.t.Helper()
	form := url.Values{"Action": {action}, "Version": {"2010-05-08"}}
	if action == "CreateUser" {
		form.Set("UserName", "mallory")
	}
	request, err := http.NewRequest(http.MethodPost, w.public+"/console/api/", strings.NewReader(form.Encode()))
	if err != nil {
		w.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("X-Sallyport-Csrf", "1")
	request.Header.Set("Origin", w.public)
	for _, c := range v.jar.Cookies(request.URL) {
		request.AddCookie(c)
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		w.t.Fatal(err)
	}
	defer response.Body.Close()
	io.Copy(io.Discard, response.Body) //nolint:errcheck // the status is what counts
	return response.StatusCode
}

// land follows the provider's page to here, chooses a role, and holds the session
// to its rights.
func (w *world) land(v *visitor) {
	w.t.Helper()
	v.submit("SAMLResponse", nil)
	v.wants("/saml/roles", 200, "alice@example.com", "reader", "auditor", "closed")
	v.submit("role", map[string]string{"role": roleARN + "closed," + providerARN})
	v.wants("/saml/roles", 403, "Not authorized to perform sts:AssumeRoleWithSAML")
	v.submit("role", map[string]string{"role": roleARN + "reader," + providerARN})
	v.wants("/console/", 200)
	v.open(w.public + "/signin/session")
	v.wants("/signin/session", 200, "assumed-role/reader/alice@example.com")
	w.rights(v, "ListUsers", "ListRoles")
}

func (w *world) rights(v *visitor, allowed, denied string) {
	w.t.Helper()
	for action, want := range map[string]int{allowed: 200, denied: 403, "CreateUser": 403} {
		if code := w.call(v, action); code != want {
			w.t.Errorf("%s answers %d, want %d", action, code, want)
		}
	}
}

// TestSAMLSimpleSAMLphp: from Debian's SimpleSAMLphp to a session with a role's
// rights, in a browser and for the stock CLI.
func TestSAMLSimpleSAMLphp(t *testing.T) {
	provider := startSimpleSAMLphp(t)
	provider.person("alice", "alices-password", claims)
	w := startWorld(t, provider.metadata())
	signIn := func(t *testing.T, service, relay string) *visitor {
		t.Helper()
		w.t, provider.t = t, t
		v := newVisitor(t)
		provider.signIn(v, service, relay, "alice", "alices-password")
		return v
	}
	// As AWS is known to it: response and assertion are signed.
	const aws = "urn:amazon:webservices"
	provider.register("aws", w.document("/static/saml-metadata.xml"), map[string]any{})
	t.Run("by AWS's name", func(t *testing.T) {
		v := signIn(t, aws, "/signin/switchrole?account=1")
		_, form := v.form("SAMLResponse")
		v.submit("SAMLResponse", nil)
		v.wants("/saml/roles", 200, "Choose a role")
		v.submit("role", map[string]string{"role": roleARN + "auditor," + providerARN})
		v.wants("/signin/switchrole", 200)
		w.rights(v, "ListRoles", "ListUsers")
		// Once is enough, for the response and for the session.
		thief := newVisitor(t)
		thief.at = v.resolve(provider.url)
		thief.send(http.MethodPost, v.resolve(w.public+"/saml"), form)
		thief.wants("/saml", 403, "used before")
		v.open(w.public + "/signin/session")
		v.submit("token", nil) // the first form signs out
		v.wants("/signin/signout", 200, "You are signed out")
		if code := w.call(v, "ListRoles"); code != 403 {
			t.Errorf("after signing out: %d", code)
		}
	})
	t.Run("response signed", func(t *testing.T) {
		provider.register("own", w.document("/saml/metadata"), map[string]any{"saml20.sign.assertion": false})
		w.land(signIn(t, w.public+"/saml", ""))
	})
	t.Run("assertion signed", func(t *testing.T) {
		provider.register("own", w.document("/saml/metadata"), map[string]any{"saml20.sign.response": false})
		w.land(signIn(t, w.public+"/saml", ""))
	})
	t.Run("neither signed", func(t *testing.T) {
		provider.register("own", w.document("/saml/metadata"), map[string]any{"saml20.sign.response": false, "saml20.sign.assertion": false})
		v := signIn(t, w.public+"/saml", "")
		v.submit("SAMLResponse", nil)
		v.wants("/saml", 400, "Response signature invalid")
	})
	t.Run("stock CLI", func(t *testing.T) { w.assumeByCLI(signIn(t, aws, "")) })
	t.Run("encrypted", func(t *testing.T) {
		key, certificate := newPair(t)
		provider.register("encrypted", w.document("/static/saml/"+w.id+"/saml-metadata.xml"), map[string]any{
			"saml20.sign.response": false, "assertion.encryption": true,
			"keys": []map[string]any{{"type": "X509Certificate", "encryption": true, "signing": false, "X509Certificate": certificateText(certificate)}},
		})
		w.t = t
		w.MustAdmin("UpdateSAMLProvider", "SAMLProviderArn", providerARN, "AddPrivateKey", string(key), "AssertionEncryptionMode", "Required")
		v := signIn(t, w.public+"/saml/acs/"+w.id, "")
		_, form := v.form("SAMLResponse")
		if text := fromBase64(t, form.Get("SAMLResponse")); !strings.Contains(text, "EncryptedAssertion") || strings.Contains(text, "alice") {
			t.Fatalf("the assertion is not encrypted: %s", text)
		}
		elsewhere := newVisitor(t)
		elsewhere.at = v.at
		elsewhere.send(http.MethodPost, v.resolve(w.public+"/saml"), form)
		elsewhere.wants("/saml", 400, "must be sent to the URL of its provider")
		w.land(v)
		v = signIn(t, aws, "")
		v.submit("SAMLResponse", nil)
		v.wants("/saml", 400, "Response must contain an encrypted assertion")
		w.MustAdmin("UpdateSAMLProvider", "SAMLProviderArn", providerARN, "AssertionEncryptionMode", "Allowed")
	})
	t.Run("key rollover", func(t *testing.T) {
		old := signIn(t, aws, "")
		provider.roll()
		v := signIn(t, aws, "")
		v.submit("SAMLResponse", nil)
		v.wants("/saml", 400, "Response signature invalid")
		w.MustAdmin("UpdateSAMLProvider", "SAMLProviderArn", providerARN, "SAMLMetadataDocument", provider.metadata())
		w.land(signIn(t, aws, ""))
		old.submit("SAMLResponse", nil)
		old.wants("/saml", 400, "Response signature invalid")
	})
}

// assumeByCLI exchanges a response for credentials with the stock command, and uses
// them.
func (w *world) assumeByCLI(v *visitor) {
	w.t.Helper()
	_, form := v.form("SAMLResponse")
	file := filepath.Join(w.t.TempDir(), "response")
	if err := os.WriteFile(file, []byte(form.Get("SAMLResponse")), 0o600); err != nil {
		w.t.Fatal(err)
	}
	assume := func(role string) (string, error) {
		return w.aws(nil, "sts", "assume-role-with-saml", "--role-arn", roleARN+role, "--principal-arn", providerARN, "--saml-assertion", "file://"+file)
	}
	if out, err := assume("closed"); err == nil || !strings.Contains(err.Error(), "AccessDenied") {
		w.t.Errorf("a role that trusts no such people: %s, %v", out, err)
	}
	out, err := assume("reader")
	if err != nil {
		w.t.Fatal(err)
	}
	var made struct {
		Credentials     struct{ AccessKeyId, SecretAccessKey, SessionToken string }
		AssumedRoleUser struct{ Arn string }
		Issuer          string
		SubjectType     string
	}
	if err := json.Unmarshal([]byte(out), &made); err != nil {
		w.t.Fatal(err)
	}
	if made.Issuer != "https://idp.example.com/saml" || made.SubjectType != "persistent" || !strings.HasSuffix(made.AssumedRoleUser.Arn, ":assumed-role/reader/alice@example.com") {
		w.t.Errorf("%+v", made)
	}
	session := []string{
		"AWS_ACCESS_KEY_ID=" + made.Credentials.AccessKeyId, "AWS_SECRET_ACCESS_KEY=" + made.Credentials.SecretAccessKey,
		"AWS_SESSION_TOKEN=" + made.Credentials.SessionToken,
	}
	if _, err := w.aws(session, "iam", "list-users"); err != nil {
		w.t.Error(err)
	}
	if out, err := w.aws(session, "iam", "list-roles"); err == nil || !strings.Contains(err.Error(), "AccessDenied") {
		w.t.Errorf("list-roles: %s, %v", out, err)
	}
	w.land(v) // the same response in a browser
}
