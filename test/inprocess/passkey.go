package inprocess

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/descope/virtualwebauthn"

	"sallyport/internal/app"
)

// Localhost gives a server a public name: passkeys belong to none with an address.
func Localhost(c *app.Config) {
	c.PublicURL = strings.Replace(c.PublicURL, "127.0.0.1", "localhost", 1)
}

// A Passkey is a security key with one credential, and the browser that talks to
// it. Its fields may be changed to lie.
type Passkey struct {
	Party         virtualwebauthn.RelyingParty
	Authenticator virtualwebauthn.Authenticator
	Credential    virtualwebauthn.Credential
	// Serial is set when it is registered.
	Serial string

	server *Server
}

// NewPasskey is a security key that is registered nowhere.
func (s *Server) NewPasskey() *Passkey {
	s.Helper()
	public, err := url.Parse(s.URL)
	if err != nil {
		s.Fatal(err)
	}
	return &Passkey{
		Party:         virtualwebauthn.RelyingParty{ID: "localhost", Name: "Sallyport", Origin: "http://localhost:" + public.Port()},
		Authenticator: virtualwebauthn.NewAuthenticator(), Credential: newCredential(), server: s,
	}
}

// newCredential is one whose key is written as COSE wants it: the library leaves
// zeros at the beginning of a coordinate out (RFC 9053, section 7.1.1).
func newCredential() virtualwebauthn.Credential {
	for {
		c := virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2)
		key := string(c.Key.AttestationData())
		if strings.Contains(key, "\x21\x58\x20") && strings.Contains(key, "\x22\x58\x20") {
			return c
		}
	}
}

// Create answers options of navigator.credentials.create.
func (k *Passkey) Create(options string) string {
	k.server.Helper()
	asked, err := virtualwebauthn.ParseAttestationOptions(options)
	if err != nil {
		k.server.Fatalf("%v: %s", err, options)
	}
	return virtualwebauthn.CreateAttestationResponse(k.Party, k.Authenticator, k.Credential, *asked)
}

// Get answers options of navigator.credentials.get, and counts.
func (k *Passkey) Get(options string) string {
	k.server.Helper()
	asked, err := virtualwebauthn.ParseAssertionOptions(options)
	if err != nil {
		k.server.Fatalf("%v: %s", err, options)
	}
	k.Credential.Counter++
	return virtualwebauthn.CreateAssertionResponse(k.Party, k.Authenticator, k.Credential, *asked)
}

// Begin begins a registration for a user; "" is the caller.
func (c *Client) Begin(user string) *Reply {
	c.server.Helper()
	return c.Do("sallyport:BeginPasskeyRegistration", named(user, P{}))
}

// Finishing are the parameters that finish a registration with an answer.
func Finishing(user string, begun *Reply, answer string) P {
	return named(user, P{"DeviceName": "key", "Registration": begun.Text("Registration"), "Credential": answer})
}

func named(user string, in P) P {
	if user != "" {
		in["UserName"] = user
	}
	return in
}

// Passkey makes a security key and registers it for a user; "" is the caller.
func (c *Client) Passkey(user string) *Passkey {
	c.server.Helper()
	k, begun := c.server.NewPasskey(), c.Begin(user)
	k.Serial = c.Do("sallyport:FinishPasskeyRegistration", Finishing(user, begun, k.Create(begun.Text("CreationOptions")))).Text("SerialNumber")
	return k
}

var optionsField = regexp.MustCompile(`data-options="(\{.*\})"`)

// Options are what the last page asks of a security key; "" when it asks nothing.
func (b *Browser) Options() string {
	if b.Page == nil {
		return ""
	}
	if m := optionsField.FindStringSubmatch(b.Page.Body); m != nil {
		return m[1]
	}
	return ""
}

// Prove answers the page that asks for a security key.
func (b *Browser) Prove(k *Passkey) *Page {
	b.server.Helper()
	options := b.Options()
	if options == "" {
		b.server.Fatalf("%s asks for no security key: %s", b.Page.Path, b.Page.Body)
	}
	return b.Post("/signin/passkey", P{"answer": k.Get(options)})
}
