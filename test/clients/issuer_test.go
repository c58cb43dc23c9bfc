package clients

import (
	"bufio"
	"bytes"
	"context"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
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
)

// peerIssuer is npm's oidc-provider in a process of its own: an OpenID Connect
// issuer that shares nothing with Sallyport (testdata/issuer).
type peerIssuer struct {
	t *testing.T
	// url is its issuer URL, at the address and port where it is, caFile the
	// certificate that it has its own from.
	url, at, caFile string
	client          *http.Client
}

// startIssuer installs and starts one. Without npm and node the test fails.
func startIssuer(t *testing.T) *peerIssuer {
	t.Helper()
	folder := t.TempDir()
	for _, name := range []string{"package.json", "package-lock.json", "issuer.mjs"} {
		file, err := os.ReadFile(filepath.Join("testdata", "issuer", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), file, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	install := exec.Command("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
	install.Dir = folder
	if output, err := install.CombinedOutput(); err != nil {
		t.Fatalf("npm ci of the issuer: %v\n%s", err, output)
	}
	i := &peerIssuer{t: t, url: "https://" + oidctest.Host, caFile: filepath.Join(folder, "ca.pem")}
	now := time.Now()
	ca, caKey := oidctest.Certificate(t, oidctest.Authority(now), nil, nil)
	leaf, key := oidctest.Certificate(t, oidctest.Leaf(now, oidctest.Host), ca, caKey)
	writePEM(t, i.caFile, "CERTIFICATE", ca.Raw)
	writePEM(t, filepath.Join(folder, "cert.pem"), "CERTIFICATE", leaf.Raw)
	writePEM(t, filepath.Join(folder, "key.pem"), "PRIVATE KEY", pkcs8(t, key))
	i.start(folder)

	roots := x509.NewCertPool()
	roots.AddCert(ca)
	i.client = &http.Client{
		Timeout: time.Minute,
		Transport: &http.Transport{
			TLSClientConfig: &tls.Config{RootCAs: roots},
			DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, network, i.at)
			},
		},
		CheckRedirect: func(r *http.Request, _ []*http.Request) error {
			if r.URL.Host != oidctest.Host {
				return http.ErrUseLastResponse // the application's own address, which nobody serves
			}
			return nil
		},
	}
	t.Cleanup(i.client.CloseIdleConnections)
	return i
}

func pkcs8(t *testing.T, key crypto.Signer) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func writePEM(t *testing.T, file, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

// start runs the process until the test ends.
func (i *peerIssuer) start(folder string) {
	t := i.t
	t.Helper()
	process := exec.Command("node", "issuer.mjs")
	process.Dir = folder
	process.Env = append(os.Environ(), "ISSUER="+i.url, "TLS_CERT=cert.pem", "TLS_KEY=key.pem", "NODE_ENV=production")
	var complained bytes.Buffer
	process.Stderr = &complained
	input, err := process.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		input.Close()
		late := time.AfterFunc(30*time.Second, func() { _ = process.Process.Kill() })
		defer late.Stop()
		if err := process.Wait(); err != nil || t.Failed() {
			t.Logf("the issuer: %v\n%s", err, complained.String())
		}
	})
	for lines := bufio.NewScanner(output); lines.Scan(); {
		if port := lines.Text(); port != "" && strings.Trim(port, "0123456789") == "" {
			i.at = "127.0.0.1:" + port
			go io.Copy(io.Discard, output) //nolint:errcheck // it ends with the process
			return
		}
	}
	t.Fatalf("the issuer does not start: %s", complained.String())
}

// settings lead a server to the issuer.
func (i *peerIssuer) settings() []string {
	return []string{"SALLYPORT_OIDC_PRIVATE_ISSUER=" + oidctest.Host + "=" + i.at, "SALLYPORT_OIDC_CA_FILE=" + i.caFile}
}

// signIn has a person sign in to the web application by a browser of their own,
// and returns the ID token that the application gets.
func (i *peerIssuer) signIn(name string) string {
	i.t.Helper()
	var err error
	if i.client.Jar, err = cookiejar.New(nil); err != nil {
		i.t.Fatal(err)
	}
	page := i.get("/auth?" + url.Values{"client_id": {"web-app"}, "response_type": {"code"}, "scope": {"openid email"},
		"redirect_uri": {"https://app.example.com/cb"}, "nonce": {"n-1"}}.Encode())
	for _, form := range []url.Values{{"prompt": {"login"}, "login": {name}, "password": {"any"}}, {"prompt": {"consent"}}} {
		response, err := i.client.PostForm(page.String(), form)
		if err != nil {
			i.t.Fatal(err)
		}
		response.Body.Close()
		page = response.Request.URL
		if to, err := response.Location(); err == nil {
			page = to
		}
	}
	code := page.Query().Get("code")
	if page.Host != "app.example.com" || code == "" {
		i.t.Fatalf("the sign-in ended at %s", page)
	}
	return i.token("id_token", "web-app", url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {"https://app.example.com/cb"}})
}

// job is the access token of a program, a JWT.
func (i *peerIssuer) job() string {
	i.t.Helper()
	return i.token("access_token", "ci-job", url.Values{"grant_type": {"client_credentials"}, "scope": {"assume"}, "resource": {"https://sts.example.com"}})
}

func (i *peerIssuer) get(path string) *url.URL {
	i.t.Helper()
	response, err := i.client.Get(i.url + path)
	if err != nil {
		i.t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		i.t.Fatalf("%s: %s", response.Request.URL, response.Status)
	}
	return response.Request.URL
}

func (i *peerIssuer) token(member, client string, form url.Values) string {
	i.t.Helper()
	request, err := http.NewRequest(http.MethodPost, i.url+"/token", strings.NewReader(form.Encode()))
	if err != nil {
		i.t.Fatal(err)
	}
	request.SetBasicAuth(client, client+"-secret")
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := i.client.Do(request)
	if err != nil {
		i.t.Fatal(err)
	}
	defer response.Body.Close()
	var answer map[string]any
	err = json.NewDecoder(response.Body).Decode(&answer)
	if token, ok := answer[member].(string); ok && err == nil {
		return token
	}
	i.t.Fatal(errors.Join(err, errors.New("no token")), response.Status, answer["error"], answer["error_description"])
	return ""
}
