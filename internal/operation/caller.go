package operation

import (
	"time"

	"sallyport/policy"
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
