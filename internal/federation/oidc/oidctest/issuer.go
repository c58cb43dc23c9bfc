package oidctest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json"
)

// Host is the issuer's host, whose name leads nowhere.
const Host = "issuer.example.com"

// Claims are those of a token.
type Claims map[string]any

// With returns the claims with others in place of those of the same name; nil
// leaves one out.
func (c Claims) With(pairs ...any) Claims {
	out := make(Claims, len(c)+len(pairs)/2)
	for name, value := range c {
		out[name] = value
	}
	for i := 0; i < len(pairs); i += 2 {
		name := pairs[i].(string)
		if out[name] = pairs[i+1]; pairs[i+1] == nil {
			delete(out, name)
		}
	}
	return out
}

// A Key signs tokens.
type Key struct {
	ID      string
	Alg     jose.SignatureAlgorithm
	Private crypto.Signer
	// JWK is changed by tests that publish more than the key.
	JWK map[string]any
}

// An Issuer is an OpenID Connect issuer. Its fields may be changed while nothing
// is asked of it.
type Issuer struct {
	testing.TB
	// URL is its issuer URL, At the address and port where it is.
	URL, At string
	// CAFile holds its certificate authority, Thumbprint is that one's.
	CAFile, Thumbprint string
	// Keys are published; the first signs.
	Keys []*Key
	// Discovery is the discovery document.
	Discovery map[string]any
	// Asked counts the requests that were answered.
	Asked atomic.Int64

	mu       sync.Mutex
	override http.Handler // in place of the issuer
	server   *http.Server
	config   *tls.Config
}

// New starts an issuer with an RSA key, for the time of the test. Its certificates
// are good around that time.
func New(t testing.TB, now time.Time) *Issuer {
	t.Helper()
	return NewAt(t, "https://"+Host, Host, now)
}

// NewAt is New for an issuer of another URL, whose host is given apart.
func NewAt(t testing.TB, url, host string, now time.Time) *Issuer {
	t.Helper()
	i := &Issuer{TB: t, URL: url}
	i.Discovery = map[string]any{"issuer": i.URL, "jwks_uri": "https://" + host + "/keys"}
	i.certify(host, now)
	i.Keys = []*Key{NewKey(t, "first", jose.RS256)}
	i.Start()
	t.Cleanup(i.Stop)
	return i
}

// PrivateIssuer is the option that leads to the issuer.
func (i *Issuer) PrivateIssuer() string { return Host + "=" + i.At }

// Start begins to answer, where it did before.
func (i *Issuer) Start() {
	i.Helper()
	at := i.At
	if at == "" {
		at = "127.0.0.1:0"
	}
	listener, err := net.Listen("tcp", at)
	if err != nil {
		i.Fatal(err)
	}
	i.At = listener.Addr().String()
	i.server = &http.Server{Handler: i, ErrorLog: log.New(io.Discard, "", 0), ReadHeaderTimeout: time.Minute}
	go i.server.Serve(tls.NewListener(listener, i.config)) //nolint:errcheck // it ends when the test does
}

// Stop ceases to answer.
func (i *Issuer) Stop() { i.server.Close() } //nolint:errcheck // of listeners that are gone

// Answer has h answer in place of the issuer; nil ends it.
func (i *Issuer) Answer(h http.HandlerFunc) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.override = h; h == nil {
		i.override = nil
	}
}

// ServeHTTP implements http.Handler.
func (i *Issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i.Asked.Add(1)
	i.mu.Lock()
	override := i.override
	i.mu.Unlock()
	switch {
	case override != nil:
		override.ServeHTTP(w, r)
	case strings.HasSuffix(r.URL.Path, "/.well-known/openid-configuration"):
		i.write(w, i.Discovery)
	case r.URL.Path == "/keys":
		i.write(w, i.KeySet())
	default:
		http.NotFound(w, r)
	}
}

// KeySet is what the issuer publishes.
func (i *Issuer) KeySet() map[string]any {
	keys := []any{}
	for _, k := range i.Keys {
		keys = append(keys, k.JWK)
	}
	return map[string]any{"keys": keys}
}

func (i *Issuer) write(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.MarshalWrite(w, v); err != nil {
		i.Error(err)
	}
}

// Claims are those of a good token for an audience.
func (i *Issuer) Claims(audience string, now time.Time) Claims {
	return Claims{"iss": i.URL, "sub": "subject-1", "aud": audience, "iat": now.Unix(), "exp": now.Add(time.Hour).Unix()}
}

// Sign signs claims with the first key.
func (i *Issuer) Sign(claims Claims) string {
	i.Helper()
	return i.Keys[0].Sign(i, claims, nil)
}

// Sign signs claims with the key, which its header names beside extra parameters.
func (k *Key) Sign(t testing.TB, claims any, extra map[jose.HeaderKey]any) string {
	t.Helper()
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	return k.SignBytes(t, payload, extra)
}

// SignBytes signs any payload.
func (k *Key) SignBytes(t testing.TB, payload []byte, extra map[jose.HeaderKey]any) string {
	t.Helper()
	options := (&jose.SignerOptions{}).WithType("JWT")
	if k.ID != "" {
		options.WithHeader("kid", k.ID)
	}
	for name, value := range extra {
		options.WithHeader(name, value)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: k.Alg, Key: k.Private}, options)
	if err != nil {
		t.Fatal(err)
	}
	jws, err := signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	token, err := jws.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// NewKey makes a key for an algorithm.
func NewKey(t testing.TB, id string, alg jose.SignatureAlgorithm) *Key {
	t.Helper()
	var private crypto.Signer
	var err error
	switch alg {
	case jose.ES256:
		private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case jose.ES384:
		private, err = ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case jose.ES512:
		private, err = ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	case jose.EdDSA:
		_, private, err = ed25519.GenerateKey(rand.Reader)
	default:
		private, err = rsa.GenerateKey(rand.Reader, 2048)
	}
	if err != nil {
		t.Fatal(err)
	}
	return KeyOf(t, id, alg, private)
}

// WeakKey is an RSA key that is too short.
func WeakKey(t testing.TB, id string) *Key {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	return KeyOf(t, id, jose.RS256, private)
}

// KeyOf is a private key under an id.
func KeyOf(t testing.TB, id string, alg jose.SignatureAlgorithm, private crypto.Signer) *Key {
	t.Helper()
	raw, err := jose.JSONWebKey{Key: private.Public(), KeyID: id, Use: "sig"}.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	k := &Key{ID: id, Alg: alg, Private: private}
	if err := json.Unmarshal(raw, &k.JWK); err != nil {
		t.Fatal(err)
	}
	return k
}

// certify makes a certificate authority and a certificate for a host.
func (i *Issuer) certify(host string, now time.Time) {
	i.Helper()
	ca, caKey := Certificate(i, Authority(now), nil, nil)
	leaf, leafKey := Certificate(i, Leaf(now, host), ca, caKey)
	i.config = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{leaf.Raw, ca.Raw}, PrivateKey: leafKey}}}
	i.CAFile = filepath.Join(i.TempDir(), "ca.pem")
	if err := os.WriteFile(i.CAFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Raw}), 0o600); err != nil {
		i.Fatal(err)
	}
	i.Thumbprint = Thumbprint(ca)
}

// Present has the issuer send other certificates from now on.
func (i *Issuer) Present(key crypto.Signer, chain ...*x509.Certificate) {
	c := tls.Certificate{PrivateKey: key}
	for _, certificate := range chain {
		c.Certificate = append(c.Certificate, certificate.Raw)
	}
	i.Stop()
	i.config = &tls.Config{Certificates: []tls.Certificate{c}}
	i.Start()
}

// Authority is the template of a certificate authority.
func Authority(now time.Time) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Example authority"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: now.Add(-24 * time.Hour), NotAfter: now.AddDate(1, 0, 0), KeyUsage: x509.KeyUsageCertSign,
	}
}

// Leaf is the template of a server's certificate.
func Leaf(now time.Time, host string) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host},
		NotBefore: now.Add(-24 * time.Hour), NotAfter: now.AddDate(1, 0, 0), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
}

// Certificate makes one, signed by its own key when there is no parent.
func Certificate(t testing.TB, template, parent *x509.Certificate, parentKey crypto.Signer) (*x509.Certificate, crypto.Signer) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if parent == nil {
		parent, parentKey = template, private
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, private.Public(), parentKey)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c, private
}

// Thumbprint is a certificate's, as IAM has it.
func Thumbprint(c *x509.Certificate) string {
	sum := sha1.Sum(c.Raw)
	return strings.ToLower(hex.EncodeToString(sum[:]))
}
