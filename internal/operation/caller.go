package operation

import (
	"time"

	"sallyport/policy"
	"sallyport/policy/condition"
)

// A Caller is an authenticated principal, with the credentials it used.
type Caller struct {
	Principal policy.Principal
	// UserName is the IAM user's name (aws:username); empty for every other
	// kind of principal.
	UserName string
	// EntityID is the unique id of the entity the permissions come from: the
	// user (AIDA…), or the role (AROA…) of a role session. Empty for root.
	EntityID string
	// AccessKeyID is the id of the access key that signed the request.
	AccessKeyID string
	// Session is nil for long-term credentials.
	Session *Session
	// Console is set when the caller is signed in to the console.
	Console *Console
	// Tags are the principal's own tags with its session's over them
	// (aws:PrincipalTag/…).
	Tags []Tag
	// Assertion is set for a caller without credentials: what an identity provider
	// says of it (policy.Federated). Its account is the provider's, whose role it
	// asks for; none of that account's policies is its own.
	Assertion *Assertion
}

// An Assertion is what an identity provider says of a caller, verified.
type Assertion struct {
	Federation
	// Subject is whom it is about, Audience for whom it was made.
	Subject, Audience string
	// Context are further condition keys, in lower case, of this call alone.
	Context condition.Map
	// Tags, Transitive and SourceIdentity are those the session is to have.
	Tags           []Tag
	Transitive     []string
	SourceIdentity string
	// SessionName is the session's, where the request doesn't name it.
	SessionName string
	// SessionEnds is when the session must end, whatever the request asks for; nil
	// where the assertion doesn't say.
	SessionEnds *time.Time
	// Once, unless empty, names an assertion that must not be used twice, among all
	// others; it can't be used from OnceUntil on.
	Once      string
	OnceUntil time.Time
}

// A Federation is what the session of a federated caller keeps of its assertion.
type Federation struct {
	// Provider is the ARN of the identity provider (aws:FederatedProvider).
	Provider string `json:"provider"`
	// Keys are condition keys, in lower case, with their values.
	Keys map[string][]string `json:"keys,omitempty"`
}

// Lookup implements condition.Context for the provider and Keys.
func (f *Federation) Lookup(key string) (condition.Values, bool) {
	if f == nil {
		return condition.Values{}, false
	}
	if key == "aws:federatedprovider" {
		return condition.One(f.Provider), true
	}
	values, ok := f.Keys[key]
	return condition.Many(values...), ok
}

// Federation is that of the caller itself, or of its session; nil for none.
func (c *Caller) Federation() *Federation {
	switch {
	case c.Assertion != nil:
		return &c.Assertion.Federation
	case c.Session != nil:
		return c.Session.Federation
	}
	return nil
}

// A Session is what temporary credentials carry beside their principal.
type Session struct {
	Issued  time.Time
	Expires time.Time
	// Name is the role session name or federated user's name.
	Name string
	// Policies are the inline session policy documents, PolicyARNs the managed
	// ones. A session without either is limited by no session policy.
	Policies   []string
	PolicyARNs []string
	// Tags are the session tags; Transitive names those that role chaining
	// passes on.
	Tags       []Tag
	Transitive []string
	// SourceIdentity is set once and kept through role chaining.
	SourceIdentity string
	// MFAAt is when the caller proved a second factor; zero when none.
	MFAAt time.Time
	// MFADevice is the id of the device that proved it.
	MFADevice string
	// Chained says that the session was made with temporary credentials of
	// another role.
	Chained bool
	// Federation is set when an identity provider vouched for whoever began the
	// session.
	Federation *Federation
}

// A Console is the console session that a caller came by.
type Console struct {
	// Account has the session's row, under Key. It is not the caller's account
	// when that switched to a role of another.
	Account, Key string
}

// A Tag is a key and a value on an entity, a request or a session.
type Tag struct {
	Key   string `json:"k"`
	Value string `json:"v"`
}

// MFAPresent reports whether the caller's credentials prove a second factor.
func (c *Caller) MFAPresent() bool {
	return c.Session != nil && !c.Session.MFAAt.IsZero()
}

// Account is the id of the account the caller belongs to.
func (c *Caller) Account() string { return c.Principal.Account }
