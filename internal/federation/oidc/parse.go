package oidc

import (
	"encoding/base64"
	"errors"
	"net/url"
	"strings"

	"github.com/go-json-experiment/json"
)

// MaxToken is the longest token, in characters
// (https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html).
const MaxToken = 20000

// A Parsed token has the form of one. Nothing it says is to be believed.
type Parsed struct {
	// Issuer is who claims to have issued it, a URL.
	Issuer string

	raw     string
	header  header
	payload []byte
	claims  members
}

// Parse takes a token apart. Errors are of type *Error.
func Parse(raw string) (*Parsed, error) {
	if len(raw) > MaxToken {
		return nil, invalid(msgNotJWT, errors.New("the token is too long"))
	}
	parts := strings.Split(raw, ".")
	if len(parts) != 3 {
		return nil, invalid(msgNotJWT, errors.New("a JWS has three parts"))
	}
	var decoded [3][]byte
	for i, part := range parts {
		var err error
		if decoded[i], err = decode(part); err != nil {
			return nil, invalid(msgNotJWT, err)
		}
	}
	h, refusal := parseHeader(decoded[0])
	if refusal != nil {
		return nil, refusal
	}
	t := &Parsed{raw: raw, header: h, payload: decoded[1]}
	var err error
	if t.claims, err = object(t.payload); err != nil {
		return nil, invalid(msgNotJWT, err)
	}
	issuer, given, err := member[string](t.claims, "iss")
	switch {
	case err != nil:
		return nil, invalid(msgClaim+"iss", err)
	case !given:
		return nil, invalid(msgMissing+"iss", nil)
	case !issuerURL(issuer):
		return nil, invalid(msgIssuer, nil)
	}
	t.Issuer = issuer
	return t, nil
}

// decode reads base64url without padding (RFC 7515, section 2), of which each
// value has one spelling.
func decode(part string) ([]byte, error) {
	if part == "" || strings.ContainsAny(part, "\r\n") {
		return nil, errors.New("a part of a JWS is base64url")
	}
	return base64.RawURLEncoding.Strict().DecodeString(part)
}

// issuerURL reports whether s can be an issuer (OpenID Connect Core 1.0, section
// 2).
func issuerURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && len(s) <= 2048 && u.Scheme == "https" && u.Host != "" && u.User == nil && u.RawQuery == "" && u.Fragment == ""
}

// object reads a JSON object. No name may be there twice, at any depth: readers
// differ in which counts (RFC 8725, section 2.4; RFC 7519, section 4).
func object(raw []byte) (members, error) {
	var m members
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, errors.New("not a JSON object") // the error might quote it
	}
	if m == nil {
		return nil, errors.New("not a JSON object")
	}
	return m, nil
}

// member is the value of a name that has one other than null.
func member[T any](m members, name string) (v T, given bool, err error) {
	raw, ok := m[name]
	if !ok || raw.Kind() == 'n' {
		return v, false, nil
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		return v, false, errors.New("a value of the wrong type for " + name)
	}
	return v, true, nil
}

// texts is the value of a name that has one string or several.
func texts(m members, name string) ([]string, bool, error) {
	if m[name].Kind() == '"' {
		one, given, err := member[string](m, name)
		return []string{one}, given, err
	}
	return member[[]string](m, name)
}
