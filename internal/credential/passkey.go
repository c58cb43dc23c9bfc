package credential

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
	"github.com/go-webauthn/webauthn/webauthn"
)

const (
	// MaxPasskeyAnswer is the longest answer of a browser that is read, in bytes.
	MaxPasskeyAnswer = 32 << 10
	// maxCredentialID is the longest credential id (Web Authentication Level 3,
	// section 7.1, step 25).
	maxCredentialID = 1023
	// maxPublicKey is more than an RSA key of 8192 bits takes.
	maxPublicKey = 2 << 10
	// maxTransports is more than there are.
	maxTransports = 8
	// passkeyTimeout is how long a browser lets its user look for the key: a
	// little less than what was proved at sign-in counts.
	passkeyTimeout = 4 * time.Minute
)

var (
	// ErrPasskey says that a browser's answer is not what was asked for.
	ErrPasskey = errors.New("credential: not a valid answer of a passkey")
	// ErrSignCount says that a passkey's counter went back, or stood still: there
	// may be a copy of it.
	ErrSignCount = errors.New("credential: the passkey's signature counter went back")
)

// passkeyAlgorithms are the signatures that may be: those that the specification
// names as what everything implements (Web Authentication Level 3, section 5.4).
var passkeyAlgorithms = []protocol.CredentialParameter{
	{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgEdDSA},
	{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgES256},
	{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgRS256},
}

// A Passkey is what a server keeps of a passkey or security key: nothing secret
// (Web Authentication Level 3, section 4, "Credential Record").
type Passkey struct {
	ID        []byte `json:"id"`
	PublicKey []byte `json:"publicKey"` // COSE (RFC 9052)
	AAGUID    []byte `json:"aaguid"`
	// SignCount is the counter when the passkey was registered.
	SignCount uint32 `json:"signCount,omitempty"`
	// Flags are those of the authenticator data when it was registered.
	Flags      byte     `json:"flags"`
	Transports []string `json:"transports,omitempty"`
	// Format is that of its attestation statement.
	Format string `json:"format"`
}

// A PasskeyUser is whom passkeys belong to.
type PasskeyUser struct {
	// Handle stands for the user to authenticators: at most 64 bytes that say
	// nothing about them.
	Handle []byte
	// Name is shown by the authenticator when it asks which passkey is meant.
	Name     string
	Passkeys []Passkey
}

// A RelyingParty asks browsers for passkeys that belong to one public URL, and
// checks their answers (https://www.w3.org/TR/webauthn-3/#sctn-rp-operations). It
// keeps nothing: challenges are its callers' to make and to use up.
type RelyingParty struct{ web *webauthn.WebAuthn }

// NewRelyingParty returns the relying party of a public URL: its id is the URL's
// host, and no other origin than the URL's counts. An address has no passkeys, nor
// has a name without TLS but localhost: browsers refuse them
// (https://www.w3.org/TR/webauthn-3/#rp-id).
func NewRelyingParty(publicURL string) (*RelyingParty, error) {
	u, err := url.Parse(publicURL)
	if err != nil {
		return nil, fmt.Errorf("the public URL: %w", err)
	}
	host := strings.ToLower(u.Hostname())
	if host == "" {
		return nil, errors.New("passkeys need a public URL, and this server has none")
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return nil, errors.New("passkeys need a public URL with a name, and this server's has an address")
	}
	if u.Scheme != "https" && host != "localhost" && !strings.HasSuffix(host, ".localhost") {
		return nil, errors.New("passkeys need a public URL with https, or of localhost")
	}
	web, err := webauthn.New(&webauthn.Config{
		RPID: host, RPDisplayName: "Sallyport", RPOrigins: []string{u.Scheme + "://" + strings.ToLower(u.Host)},
	})
	if err != nil {
		return nil, fmt.Errorf("the public URL: %w", err)
	}
	return &RelyingParty{web}, nil
}

// CreationOptions are what a browser is asked to make a passkey with, as
// PublicKeyCredentialCreationOptionsJSON. challenge is unpadded base64url of at
// least 16 random bytes.
func (p *RelyingParty) CreationOptions(u PasskeyUser, challenge string) ([]byte, error) {
	raw, err := decodeChallenge(challenge)
	if err != nil {
		return nil, err
	}
	return json.Marshal(protocol.PublicKeyCredentialCreationOptions{
		RelyingParty: protocol.RelyingPartyEntity{
			ID: p.web.Config.RPID, CredentialEntity: protocol.CredentialEntity{Name: p.web.Config.RPDisplayName},
		},
		User: protocol.UserEntity{
			ID: protocol.URLEncodedBase64(u.Handle), DisplayName: u.Name, CredentialEntity: protocol.CredentialEntity{Name: u.Name},
		},
		Challenge: raw, Parameters: passkeyAlgorithms, Timeout: int(passkeyTimeout.Milliseconds()),
		CredentialExcludeList: descriptors(u.Passkeys),
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementPreferred, UserVerification: protocol.VerificationPreferred,
		},
		Attestation: protocol.PreferNoAttestation,
	})
}

// Register checks a browser's answer to CreationOptions of the same user and
// challenge. answer is RegistrationResponseJSON, hostile. A failure is ErrPasskey.
func (p *RelyingParty) Register(u PasskeyUser, challenge string, answer []byte) (*Passkey, error) {
	if len(answer) > MaxPasskeyAnswer {
		return nil, ErrPasskey
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return nil, refused(err)
	}
	made, err := p.web.CreateCredential(holder(u), p.session(u, challenge, nil), parsed)
	if err != nil {
		return nil, refused(err)
	}
	out := &Passkey{
		ID: made.ID, PublicKey: made.PublicKey, AAGUID: made.Authenticator.AAGUID, SignCount: made.Authenticator.SignCount,
		Flags: byte(made.Flags.ProtocolValue()), Format: made.AttestationFormat,
	}
	if len(out.ID) == 0 || len(out.ID) > maxCredentialID || len(out.PublicKey) > maxPublicKey || len(made.Transport) > maxTransports {
		return nil, ErrPasskey
	}
	for _, t := range made.Transport {
		if knownTransports[t] {
			out.Transports = append(out.Transports, string(t))
		}
	}
	return out, nil
}

// RequestOptions are what a browser is asked for one of the user's passkeys with,
// as PublicKeyCredentialRequestOptionsJSON.
func (p *RelyingParty) RequestOptions(u PasskeyUser, challenge string) ([]byte, error) {
	raw, err := decodeChallenge(challenge)
	if err != nil {
		return nil, err
	}
	return json.Marshal(protocol.PublicKeyCredentialRequestOptions{
		Challenge: raw, Timeout: int(passkeyTimeout.Milliseconds()), RelyingPartyID: p.web.Config.RPID,
		AllowedCredentials: descriptors(u.Passkeys), UserVerification: protocol.VerificationPreferred,
	})
}

// Prove checks a browser's answer to RequestOptions of the same user and
// challenge, and returns the id of the passkey and its counter now. answer is
// AuthenticationResponseJSON, hostile. A failure is ErrPasskey. Whether the counter
// went on is for its keeper to say, by CheckSignCount.
func (p *RelyingParty) Prove(u PasskeyUser, challenge string, answer []byte) (id []byte, count uint32, err error) {
	if len(answer) > MaxPasskeyAnswer || len(u.Passkeys) == 0 {
		return nil, 0, ErrPasskey
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return nil, 0, refused(err)
	}
	var allowed [][]byte
	for _, k := range u.Passkeys {
		allowed = append(allowed, k.ID)
	}
	used, err := p.web.ValidateLogin(holder(u), p.session(u, challenge, allowed), parsed)
	if err != nil {
		return nil, 0, refused(err)
	}
	return used.ID, parsed.Response.AuthenticatorData.Counter, nil
}

// CheckSignCount is ErrSignCount when a counter did not go on since the last time.
// Authenticators without one always say 0 (Web Authentication Level 3, section
// 7.2, step 22).
func CheckSignCount(last, count uint32) error {
	if count <= last && (count != 0 || last != 0) {
		return ErrSignCount
	}
	return nil
}

// session is what the library wants to know of what was asked.
func (p *RelyingParty) session(u PasskeyUser, challenge string, allowed [][]byte) webauthn.SessionData {
	return webauthn.SessionData{
		Challenge: challenge, RelyingPartyID: p.web.Config.RPID, UserID: u.Handle, AllowedCredentialIDs: allowed,
		UserVerification: protocol.VerificationPreferred, CredParams: passkeyAlgorithms,
	}
}

// refused is ErrPasskey with its cause, which is for logs: it may name the
// challenge.
func refused(cause error) error { return fmt.Errorf("%w: %w", ErrPasskey, cause) }

func decodeChallenge(challenge string) (protocol.URLEncodedBase64, error) {
	var raw protocol.URLEncodedBase64
	if err := raw.UnmarshalJSON([]byte(`"` + challenge + `"`)); err != nil {
		return nil, err
	}
	if len(raw) < protocol.MinimumChallengeLength {
		return nil, errors.New("credential: the challenge is too short")
	}
	return raw, nil
}

// knownTransports are how authenticators are reached; what else a browser says is
// dropped (https://www.w3.org/TR/webauthn-3/#enum-transport).
var knownTransports = map[protocol.AuthenticatorTransport]bool{
	protocol.USB: true, protocol.NFC: true, protocol.BLE: true, protocol.SmartCard: true, protocol.Hybrid: true, protocol.Internal: true,
}

func descriptors(keys []Passkey) []protocol.CredentialDescriptor {
	var out []protocol.CredentialDescriptor
	for _, k := range keys {
		out = append(out, protocol.CredentialDescriptor{
			Type: protocol.PublicKeyCredentialType, CredentialID: k.ID, Transport: transports(k),
		})
	}
	return out
}

func transports(k Passkey) (out []protocol.AuthenticatorTransport) {
	for _, t := range k.Transports {
		out = append(out, protocol.AuthenticatorTransport(t))
	}
	return out
}

// holder is a user as the library asks for it.
type holder PasskeyUser

// WebAuthnID implements webauthn.User.
func (h holder) WebAuthnID() []byte { return h.Handle }

// WebAuthnName implements webauthn.User.
func (h holder) WebAuthnName() string { return h.Name }

// WebAuthnDisplayName implements webauthn.User.
func (h holder) WebAuthnDisplayName() string { return h.Name }

// WebAuthnCredentials implements webauthn.User.
func (h holder) WebAuthnCredentials() []webauthn.Credential {
	var out []webauthn.Credential
	for _, k := range h.Passkeys {
		out = append(out, webauthn.Credential{
			ID: k.ID, PublicKey: k.PublicKey, AttestationFormat: k.Format, Transport: transports(k),
			Flags:         webauthn.NewCredentialFlags(protocol.AuthenticatorFlags(k.Flags)),
			Authenticator: webauthn.Authenticator{AAGUID: bytes.Clone(k.AAGUID), SignCount: k.SignCount},
		})
	}
	return out
}
