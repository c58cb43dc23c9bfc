package oidc

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

const (
	// skew is how far the clock of an issuer may be ahead. AWS doesn't publish its
	// own figure.
	skew = 5 * time.Minute
	// maxAge is how long after its issue a token may be used.
	maxAge = 24 * time.Hour
	// maxMethods is how much text the authentication methods may be, in bytes: every
	// session token holds them.
	maxMethods = 1024
	// maxSubject is the longest subject, in bytes (OpenID Connect Core 1.0, section
	// 2).
	maxSubject = 255
)

// A Token is a token that was verified.
type Token struct {
	// Issuer is a URL, Subject who the token is about.
	Issuer, Subject string
	// Audience is the client id that the token is for: the authorized party, or
	// without one the first client id of the provider that is an audience.
	Audience string
	// Audiences are the token's own ("aud").
	Audiences []string
	// AuthorizedParty is "azp"; empty for none.
	AuthorizedParty string
	// AMR are the authentication methods.
	AMR              []string
	IssuedAt, Expiry time.Time
	// Claims are all claims, in JSON.
	Claims map[string]jsontext.Value
}

// token checks what a token claims, before any key is looked for. It must not
// leave this package unless the signature was verified.
func (t *Parsed) token(clientIDs []string, now time.Time) (*Token, error) {
	out := &Token{Issuer: t.Issuer, Claims: t.claims}
	if err := t.audience(out, clientIDs); err != nil {
		return nil, err
	}
	if err := t.times(out, now); err != nil {
		return nil, err
	}
	subject, given, err := member[string](t.claims, "sub")
	switch {
	case err != nil:
		return nil, invalid(msgClaim+"sub", err)
	case !given || subject == "":
		return nil, invalid(msgMissing+"sub", nil)
	case len(subject) > maxSubject:
		return nil, invalid(msgClaim+"sub", errors.New("the subject is too long"))
	}
	out.Subject = subject
	if len(t.claims["amr"]) > maxMethods {
		return nil, invalid(msgClaim+"amr", errors.New("the authentication methods are too long"))
	}
	if out.AMR, _, err = texts(t.claims, "amr"); err != nil {
		return nil, invalid(msgClaim+"amr", err)
	}
	return out, nil
}

// audience checks for whom the token is. An authorized party stands for the
// audience when there is one
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif):
// it must be a client id of the provider, and trust policies see it as "aud".
func (t *Parsed) audience(out *Token, clientIDs []string) error {
	audiences, given, err := texts(t.claims, "aud")
	if err != nil {
		return invalid(msgClaim+"aud", err)
	}
	party, authorized, err := member[string](t.claims, "azp")
	if err != nil {
		return invalid(msgClaim+"azp", err)
	}
	if !given || len(audiences) == 0 {
		return invalid(msgMissing+"aud", nil)
	}
	out.Audiences, out.AuthorizedParty = audiences, party
	if authorized {
		audiences = []string{party}
	}
	i := slices.IndexFunc(clientIDs, func(id string) bool { return slices.Contains(audiences, id) })
	if i < 0 {
		return invalid(msgAudience, nil)
	}
	out.Audience = clientIDs[i]
	return nil
}

// times checks when the token is good. AWS takes whole seconds only.
func (t *Parsed) times(out *Token, now time.Time) error {
	expiry, err := t.seconds("exp", true)
	if err != nil {
		return err
	}
	issued, err := t.seconds("iat", true)
	if err != nil {
		return err
	}
	notBefore, err := t.seconds("nbf", false)
	if err != nil {
		return err
	}
	second := now.Unix()
	switch {
	case second >= expiry:
		return &Error{Kind: Expired, Message: fmt.Sprintf("Token expired: current date/time %d must be before the expiration date/time %d", second, expiry)}
	case issued > second+int64(skew/time.Second), notBefore > second+int64(skew/time.Second):
		return invalid(msgNotYet, nil)
	case issued < second-int64(maxAge/time.Second):
		return &Error{Kind: Expired, Message: msgTooOld}
	}
	out.Expiry, out.IssuedAt = time.Unix(expiry, 0).UTC(), time.Unix(issued, 0).UTC()
	return nil
}

func (t *Parsed) seconds(name string, required bool) (int64, error) {
	v, given, err := member[int64](t.claims, name)
	switch {
	case err != nil:
		return 0, invalid(msgClaim+name, err)
	case !given && required:
		return 0, invalid(msgMissing+name, nil)
	}
	return v, nil
}
