package saml

import (
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"sallyport/arn"
	"sallyport/policy/condition"
)

// awsAttributes begins the names of the attributes that are for AWS (IAM User
// Guide, id_roles_providers_create_saml_assertions.html).
const awsAttributes = "https://aws.amazon.com/SAML/Attributes/"

// formatPrefix is left out of a NameID's format where AWS shows it.
const formatPrefix = "urn:oasis:names:tc:SAML:2.0:nameid-format:"

// Limits of SessionDuration.
const (
	minDuration = 900
	maxDuration = 43200
)

// RolePair is a role that a subject may have, through a provider; both are ARNs.
type RolePair struct{ Role, Provider string }

// Tag is a session tag.
type Tag struct{ Key, Value string }

// Claims are what an assertion says to STS.
type Claims struct {
	Roles           []RolePair
	RoleSessionName string
	// SessionDuration is 0 if the assertion does not say.
	SessionDuration time.Duration
	// Tags are the principal tags, in order. Whether keys are reserved, repeated or
	// long is STS's to check, as for any session.
	Tags              []Tag
	TransitiveTagKeys []string
	SourceIdentity    string // "" if there is none

	// What AssumeRoleWithSAML returns of the assertion. Audience is the Recipient.
	Subject, SubjectType, Issuer, Audience, NameQualifier string

	// Keys are the condition keys of prefix saml (IAM User Guide,
	// reference_policies_iam-condition-keys.html).
	Keys condition.Map
}

// Claims reads the attributes that are for AWS, for the provider of the name in
// the account. Errors are *Error.
func (a *Assertion) Claims(account, provider string) (*Claims, error) {
	c := &Claims{
		Subject: a.Subject.Value, SubjectType: strings.TrimPrefix(a.Subject.Format, formatPrefix),
		Issuer: a.Issuer, Audience: a.Recipient, NameQualifier: nameQualifier(a.Issuer, account, provider),
	}
	seen := make(map[string]bool)
	for i := range a.Attributes {
		name, ok := strings.CutPrefix(a.Attributes[i].Name, awsAttributes)
		if !ok {
			continue
		}
		if seen[name] {
			return nil, malformed(messageMalformed, errors.New("an attribute for AWS is there twice"))
		}
		seen[name] = true
		if err := c.take(name, a.Attributes[i].Values); err != nil {
			return nil, err
		}
	}
	if !seen["RoleSessionName"] {
		return nil, invalid(messageSession, nil)
	}
	c.Keys = a.keys()
	c.Keys["saml:aud"] = condition.One(c.Audience)
	c.Keys["saml:doc"] = condition.One(account + "/" + provider)
	c.Keys["saml:iss"] = condition.One(c.Issuer)
	c.Keys["saml:namequalifier"] = condition.One(c.NameQualifier)
	c.Keys["saml:sub"] = condition.One(c.Subject)
	c.Keys["saml:sub_type"] = condition.One(c.SubjectType)
	return c, nil
}

// nameQualifier is the namespace of a provider's subjects (AWS STS API Reference,
// AssumeRoleWithSAML). AWS's is made with SHA-1; it is a name, and nothing is
// believed because of it.
func nameQualifier(issuer, account, provider string) string {
	sum := sha1.Sum([]byte(issuer + account + "/" + provider))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// take reads one attribute that is for AWS; others of its namespace are not ours.
func (c *Claims) take(name string, values []string) error {
	value, single := "", len(values) == 1
	if single {
		value = values[0]
	}
	switch {
	case name == "Role":
		for _, v := range values {
			if pair, ok := rolePair(v); ok {
				c.Roles = append(c.Roles, pair)
			}
		}
	case name == "RoleSessionName":
		if !single || !sessionName(value) {
			return invalid(messageSessionName, nil)
		}
		c.RoleSessionName = value
	case name == "SourceIdentity":
		if !single || !sessionName(value) {
			return invalid(messageSource, nil)
		}
		c.SourceIdentity = value
	case name == "SessionDuration":
		seconds, err := strconv.ParseUint(value, 10, 32)
		if !single || err != nil || seconds < minDuration || seconds > maxDuration {
			return invalid(messageDuration, nil)
		}
		c.SessionDuration = time.Duration(seconds) * time.Second
	case name == "TransitiveTagKeys":
		c.TransitiveTagKeys = slices.Clone(values)
	case strings.HasPrefix(name, "PrincipalTag:"):
		key := strings.TrimPrefix(name, "PrincipalTag:")
		if !single || key == "" {
			return invalid(messageTag, nil)
		}
		c.Tags = append(c.Tags, Tag{Key: key, Value: value})
	}
	return nil
}

// rolePair reads two ARNs, of a role and of a SAML provider, in either order. A
// value that is something else gives nobody a role. Names of roles may hold
// commas, those of providers can't.
func rolePair(value string) (RolePair, bool) {
	if first, second, ok := cutAt(value, strings.IndexByte(value, ',')); ok && isProvider(first) && isRole(second) {
		return RolePair{Role: second, Provider: first}, true
	}
	first, second, ok := cutAt(value, strings.LastIndexByte(value, ','))
	return RolePair{Role: first, Provider: second}, ok && isRole(first) && isProvider(second)
}

func cutAt(s string, i int) (before, after string, ok bool) {
	if i < 0 {
		return "", "", false
	}
	return strings.TrimSpace(s[:i]), strings.TrimSpace(s[i+1:]), true
}

func isRole(s string) bool {
	a, err := arn.Parse(s)
	return err == nil && a.Service == "iam" && strings.HasPrefix(a.Resource, "role/")
}

func isProvider(s string) bool {
	a, err := arn.Parse(s)
	name, ok := strings.CutPrefix(a.Resource, "saml-provider/")
	return err == nil && a.Service == "iam" && ok && name != "" && !strings.ContainsAny(name, ",/:")
}

// CheckRole refuses a pair of ARNs that the assertion does not have.
func (c *Claims) CheckRole(role, provider string) error {
	if slices.Contains(c.Roles, RolePair{Role: role, Provider: provider}) {
		return nil
	}
	return invalid(messageRole, nil)
}

// sessionName reports whether a session or source may be named so: 2 to 64 of
// letters, digits and _+=,.@-, all of ASCII.
func sessionName(s string) bool {
	if len(s) < 2 || len(s) > 64 {
		return false
	}
	for _, b := range []byte(s) {
		letter := b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9'
		if !letter && !strings.ContainsRune("_+=,.@-", rune(b)) {
			return false
		}
	}
	return true
}
