package oidcprovider

import (
	"bufio"
	"bytes"
	"context"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"embed"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sallyport/internal/federation/oidc/oidctest"
	"sallyport/test/clients/harness"
)

//go:embed npm/package.json npm/package-lock.json npm/issuer.mjs
var files embed.FS

// A Provider is an issuer that runs until its test ends.
type Provider struct {
	testing.TB
	// URL is its issuer URL, At the address and port where it is, CAFile the
	// certificate that it has its own from.
	URL, At, CAFile string

	folder string
	client *http.Client
	stop   func()
}

// Start installs and starts one, whose keys are "first". Without npm and node the
// test fails.
func Start(t testing.TB) *Provider {
	t.Helper()
	folder := t.TempDir()
	npm, err := fs.Sub(files, "npm")
	if err == nil {
		err = os.CopyFS(folder, npm)
	}
	if err != nil {
		t.Fatal(err)
	}
	install := exec.Command("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline")
	install.Dir = folder
	if output, err := install.CombinedOutput(); err != nil {
		t.Fatalf("npm ci of the issuer: %v\n%s", err, output)
	}
	at, err := harness.FreeAddress()
	if err != nil {
		t.Fatal(err)
	}
	p := &Provider{TB: t, URL: "https://" + oidctest.Host, At: at, CAFile: filepath.Join(folder, "ca.pem"), folder: folder}
	now := time.Now()
	ca, caKey := oidctest.Certificate(t, oidctest.Authority(now), nil, nil)
	leaf, key := oidctest.Certificate(t, oidctest.Leaf(now, oidctest.Host), ca, caKey)
	writePEM(t, p.CAFile, "CERTIFICATE", ca.Raw)
	writePEM(t, filepath.Join(folder, "cert.pem"), "CERTIFICATE", leaf.Raw)
	writePEM(t, filepath.Join(folder, "key.pem"), "PRIVATE KEY", pkcs8(t, key))
	p.Run("first")
	t.Cleanup(func() { p.Stop() })

	roots := x509.NewCertPool()
	roots.AddCert(ca)
	p.client = &http.Client{
		Timeout: time.Minute,
		Transport: &http.Transport{
			TLSClientConfig: &tls.Config{RootCAs: roots},
			DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, network, p.At)
			},
		},
		CheckRedirect: func(r *http.Request, _ []*http.Request) error {
			if r.URL.Host != oidctest.Host {
				return http.ErrUseLastResponse // the application's own address, which nobody serves
			}
			return nil
		},
	}
	t.Cleanup(p.client.CloseIdleConnections)
	return p
}

func pkcs8(t testing.TB, key crypto.Signer) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func writePEM(t testing.TB, file, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Run starts the process where it was before. It publishes the keys of these names,
// and signs with the first's.
func (p *Provider) Run(keys ...string) {
	p.Helper()
	_, port, _ := strings.Cut(p.At, ":")
	process := exec.Command("node", "issuer.mjs")
	process.Dir = p.folder
	process.Env = append(os.Environ(), "ISSUER="+p.URL, "TLS_CERT=cert.pem", "TLS_KEY=key.pem", "NODE_ENV=production",
		"PORT="+port, "KEYS="+strings.Join(keys, ","))
	var complained bytes.Buffer
	process.Stderr = &complained
	input, err := process.StdinPipe()
	if err != nil {
		p.Fatal(err)
	}
	output, err := process.StdoutPipe()
	if err != nil {
		p.Fatal(err)
	}
	if err := process.Start(); err != nil {
		p.Fatal(err)
	}
	p.stop = func() {
		input.Close()
		late := time.AfterFunc(30*time.Second, func() { _ = process.Process.Kill() })
		defer late.Stop()
		if err := process.Wait(); err != nil || p.Failed() {
			p.Logf("the issuer: %v\n%s", err, complained.String())
		}
	}
	for lines := bufio.NewScanner(output); lines.Scan(); {
		if lines.Text() == port { // it listens
			return
		}
	}
	p.Fatalf("the issuer does not start: %s", complained.String())
}

// Stop ends the process; nobody answers then.
func (p *Provider) Stop() {
	p.Helper()
	if p.stop != nil {
		p.client.CloseIdleConnections()
		p.stop()
		p.stop = nil
	}
}

// Settings lead a server to the issuer.
func (p *Provider) Settings() []string {
	return []string{"SALLYPORT_OIDC_PRIVATE_ISSUER=" + oidctest.Host + "=" + p.At, "SALLYPORT_OIDC_CA_FILE=" + p.CAFile}
}

// SignIn has a person sign in to the web application by a browser of their own,
// and returns the ID token that the application gets.
func (p *Provider) SignIn(name string) string {
	p.Helper()
	var err error
	if p.client.Jar, err = cookiejar.New(nil); err != nil {
		p.Fatal(err)
	}
	page := p.get("/auth?" + url.Values{"client_id": {"web-app"}, "response_type": {"code"}, "scope": {"openid email"},
		"redirect_uri": {"https://app.example.com/cb"}, "nonce": {"n-1"}}.Encode())
	for _, form := range []url.Values{{"prompt": {"login"}, "login": {name}, "password": {"any"}}, {"prompt": {"consent"}}} {
		response, err := p.client.PostForm(page.String(), form)
		if err != nil {
			p.Fatal(err)
		}
		response.Body.Close()
		page = response.Request.URL
		if to, err := response.Location(); err == nil {
			page = to
		}
	}
	code := page.Query().Get("code")
	if page.Host != "app.example.com" || code == "" {
		p.Fatalf("the sign-in ended at %s", page)
	}
	return p.token("id_token", "web-app", url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {"https://app.example.com/cb"}})
}

// Job is the access token of a program, a JWT.
func (p *Provider) Job() string {
	p.Helper()
	return p.token("access_token", "ci-job", url.Values{"grant_type": {"client_credentials"}, "scope": {"assume"}, "resource": {"https://sts.example.com"}})
}

func (p *Provider) get(path string) *url.URL {
	p.Helper()
	response, err := p.client.Get(p.URL + path)
	if err != nil {
		p.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		p.Fatalf("%s: %s", response.Request.URL, response.Status)
	}
	return response.Request.URL
}

func (p *Provider) token(member, client string, form url.Values) string {
	p.Helper()
	request, err := http.NewRequest(http.MethodPost, p.URL+"/token", strings.NewReader(form.Encode()))
	if err != nil {
		p.Fatal(err)
	}
	request.SetBasicAuth(client, client+"-secret")
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := p.client.Do(request)
	if err != nil {
		p.Fatal(err)
	}
	defer response.Body.Close()
	var answer map[string]any
	err = json.NewDecoder(response.Body).Decode(&answer)
	if token, ok := answer[member].(string); ok && err == nil {
		return token
	}
	p.Fatal(errors.Join(err, errors.New("no token")), response.Status, answer["error"], answer["error_description"])
	return ""
}
