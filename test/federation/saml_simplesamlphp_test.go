package federation

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sallyport/test/debian"
)

// simpleSAMLphp is Debian's SimpleSAMLphp as an identity provider, served by PHP
// itself from a folder of the test's.
type simpleSAMLphp struct {
	t           testing.TB
	url, folder string
}

const simpleSAMLphpFolder = "/usr/share/simplesamlphp"

// The provider reads its configuration anew for every request, so that tests
// change what is in its folder. Services are imported from metadata documents by
// SimpleSAMLphp's own parser.
var simpleSAMLphpFiles = map[string]string{
	"config/config.php": `<?php
$config = [
    'baseurlpath' => getenv('PROVIDER_URL'), 'certdir' => getenv('PROVIDER') . '/keys/', 'loggingdir' => getenv('PROVIDER') . '/',
    'datadir' => getenv('PROVIDER') . '/', 'tempdir' => getenv('PROVIDER') . '/tmp', 'metadatadir' => getenv('PROVIDER') . '/metadata/',
    'technicalcontact_name' => 'Example Corp', 'technicalcontact_email' => 'na@example.com', 'timezone' => 'UTC',
    'secretsalt' => 'example-salt', 'auth.adminpassword' => bin2hex(random_bytes(16)),
    'enable.saml20-idp' => true, 'module.enable' => ['exampleauth' => true, 'core' => true, 'saml' => true],
    'store.type' => 'phpsession', 'session.phpsession.savepath' => getenv('PROVIDER') . '/tmp', 'session.cookie.secure' => false,
    'session.cookie.samesite' => null, 'logging.handler' => 'file', 'logging.logfile' => 'provider.log',
    'metadata.sources' => [['type' => 'flatfile']], 'language.default' => 'en', 'language.available' => ['en'],
];
`,
	"config/authsources.php": `<?php
$config = ['people' => ['exampleauth:UserPass'] + json_decode(file_get_contents(getenv('PROVIDER') . '/people.json'), true)];
`,
	"metadata/saml20-idp-hosted.php": `<?php
$metadata['https://idp.example.com/saml'] = [
    'host' => '__DEFAULT__', 'privatekey' => 'provider.key', 'certificate' => 'provider.crt', 'auth' => 'people',
    'NameIDFormat' => 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent', 'userid.attribute' => 'uid',
    'attributes.NameFormat' => 'urn:oasis:names:tc:SAML:2.0:attrname-format:uri',
];
`,
	"metadata/saml20-sp-remote.php": `<?php
foreach (glob(getenv('PROVIDER') . '/services/*.xml') as $file) {
    $service = SimpleSAML\Metadata\SAMLParser::parseString(file_get_contents($file))->getMetadata20SP();
    unset($service['attributes'], $service['attributes.required']);
    $more = json_decode(file_get_contents(substr($file, 0, -3) . 'json'), true);
    $metadata[$service['entityid']] = $more + $service;
}
`,
}

func startSimpleSAMLphp(t testing.TB) *simpleSAMLphp {
	t.Helper()
	installSimpleSAMLphp(t)
	p := &simpleSAMLphp{t: t, folder: t.TempDir()}
	for _, folder := range []string{"config", "metadata", "keys", "services", "tmp"} {
		if err := os.Mkdir(filepath.Join(p.folder, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range simpleSAMLphpFiles {
		p.write(name, []byte(text))
	}
	p.write("people.json", []byte(`{}`))
	p.roll()
	for range 5 {
		if p.serve() {
			return p
		}
	}
	t.Fatal("SimpleSAMLphp does not answer")
	return nil
}

// installSimpleSAMLphp has it from Debian unless it is there.
func installSimpleSAMLphp(t testing.TB) {
	t.Helper()
	_, missing := os.Stat(simpleSAMLphpFolder + "/www/module.php")
	_, err := exec.LookPath("php")
	if missing == nil && err == nil {
		return
	}
	if err := debian.Install("simplesamlphp", "php-cli", "php-xml", "php-mbstring", "php-curl"); err != nil {
		t.Fatalf("SimpleSAMLphp is not here: %v", err)
	}
}

// serve starts the provider on a free port, and says whether it answers.
func (p *simpleSAMLphp) serve() bool {
	p.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		p.t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close() //nolint:errcheck // PHP can't take an open one
	p.url = "http://" + address + "/"
	ctx, cancel := context.WithCancel(context.Background())
	command := exec.CommandContext(ctx, "php", "-S", address, "-t", simpleSAMLphpFolder+"/www")
	command.Env = append(os.Environ(), "PROVIDER="+p.folder, "PROVIDER_URL="+p.url, "SIMPLESAMLPHP_CONFIG_DIR="+filepath.Join(p.folder, "config"))
	if err := command.Start(); err != nil {
		p.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { command.Wait(); close(ended) }() //nolint:errcheck // killed
	p.t.Cleanup(func() { cancel(); <-ended })
	for range 600 {
		select {
		case <-ended:
			return false
		case <-time.After(50 * time.Millisecond):
		}
		if response, err := http.Get(p.url + "saml2/idp/metadata.php"); err == nil {
			response.Body.Close() //nolint:errcheck // not read
			return response.StatusCode == http.StatusOK
		}
	}
	return false
}

func (p *simpleSAMLphp) write(name string, text []byte) {
	p.t.Helper()
	if err := os.WriteFile(filepath.Join(p.folder, name), text, 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// roll gives the provider another key.
func (p *simpleSAMLphp) roll() {
	p.t.Helper()
	key, certificate := newPair(p.t)
	p.write("keys/provider.key", key)
	p.write("keys/provider.crt", certificate)
}

// person lets somebody sign in, with attributes.
func (p *simpleSAMLphp) person(name, password string, attributes map[string][]string) {
	p.t.Helper()
	text, err := json.Marshal(map[string]any{name + ":" + password: attributes})
	if err != nil {
		p.t.Fatal(err)
	}
	p.write("people.json", text)
}

// register imports a service from its metadata, with settings of SimpleSAMLphp's.
func (p *simpleSAMLphp) register(name, metadata string, settings map[string]any) {
	p.t.Helper()
	text, err := json.Marshal(settings)
	if err != nil {
		p.t.Fatal(err)
	}
	p.write("services/"+name+".json", text)
	p.write("services/"+name+".xml", []byte(metadata))
}

// metadata is the provider's own document.
func (p *simpleSAMLphp) metadata() string {
	v := newVisitor(p.t)
	v.open(p.url + "saml2/idp/metadata.php")
	v.wants("/saml2/idp/metadata.php", 200, "IDPSSODescriptor")
	return v.body
}

// signIn signs somebody in there, for a service, up to the page that posts the
// response.
func (p *simpleSAMLphp) signIn(v *visitor, service, relay, name, password string) {
	p.t.Helper()
	v.open(p.url + "saml2/idp/SSOService.php?" + url.Values{"spentityid": {service}, "RelayState": {relay}}.Encode())
	v.submit("password", map[string]string{"username": name, "password": password})
	if _, form := v.form("SAMLResponse"); form.Get("SAMLResponse") == "" {
		p.t.Fatalf("no response: %s", v.body)
	}
}

// newPair is an RSA key and its certificate, in PEM.
func newPair(t testing.TB) (key, certificate []byte) {
	t.Helper()
	made, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "idp.example.com"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, made.Public(), made)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(made)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded}), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// certificateText is a certificate in the form of metadata.
func certificateText(certificate []byte) string {
	block, _ := pem.Decode(certificate)
	return base64.StdEncoding.EncodeToString(block.Bytes)
}

// aws runs the stock command, and returns what it prints.
func (w *world) aws(env []string, args ...string) (string, error) {
	w.t.Helper()
	path, err := exec.LookPath("aws")
	if err != nil {
		w.t.Fatalf("the aws CLI is needed: %v", err)
	}
	command := exec.Command(path, append([]string{"--endpoint-url", w.URL, "--region", "us-east-1", "--output", "json"}, args...)...)
	command.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + w.t.TempDir(), "AWS_EC2_METADATA_DISABLED=true", "AWS_MAX_ATTEMPTS=1", "AWS_PAGER=",
	}, env...)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("%w: %s", err, strings.TrimSpace(stderr.String()))
	}
	return stdout.String(), nil
}
