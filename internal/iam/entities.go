package iam

import (
	"time"

	"sallyport/internal/operation"
)

// An Account is the single row of the account table (key AccountKey).
type Account struct {
	ID      string    `json:"id"`
	Name    string    `json:"name,omitempty"`
	Email   string    `json:"email"`
	Alias   string    `json:"alias,omitempty"`
	Created time.Time `json:"created"`
	// TokenVersion is that of the session tokens of STS's global endpoint; 0 is
	// the first.
	TokenVersion int `json:"tokenVersion,omitempty"`
	// PasswordLastUsed is when the root user last signed in to the console.
	PasswordLastUsed *time.Time `json:"passwordLastUsed,omitempty"`
}

// AccountKey is the key of the account table's only row.
const AccountKey = "account"

// A User is an IAM user. Its key in the table is its ID.
type User struct {
	ID               string          `json:"id"`
	Name             string          `json:"name"`
	Path             string          `json:"path"`
	Created          time.Time       `json:"created"`
	Boundary         string          `json:"boundary,omitempty"` // policy ARN
	Tags             []operation.Tag `json:"tags,omitempty"`
	PasswordLastUsed *time.Time      `json:"passwordLastUsed,omitempty"`
}

// A Group is an IAM group. Its key is its ID.
type Group struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Path    string    `json:"path"`
	Created time.Time `json:"created"`
}

// A Role is an IAM role. Its key is its ID.
type Role struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	Path        string    `json:"path"`
	Created     time.Time `json:"created"`
	Description *string   `json:"description,omitzero"`
	// Trust is the trust policy exactly as submitted.
	Trust string `json:"trust"`
	// TrustPins maps the users, roles and role sessions that Trust names by
	// ARN to their unique ids when it was written ("AROA…:session" for a
	// session). Trust goes to these ids: a principal created again under an
	// old ARN has none of it.
	TrustPins map[string]string `json:"trustPins,omitempty"`
	// MaxSession is the longest session in seconds.
	MaxSession int64           `json:"maxSession"`
	Boundary   string          `json:"boundary,omitempty"` // policy ARN
	Tags       []operation.Tag `json:"tags,omitempty"`
}

// A RoleDeletion is a task that deleted a service-linked role. Its key is its id.
type RoleDeletion struct {
	At time.Time `json:"at"`
}

// An InstanceProfile hands a role to an EC2 instance. Its key is its ID.
type InstanceProfile struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Path    string    `json:"path"`
	Created time.Time `json:"created"`
	// Role is the unique id of the one role it may hold; empty when it has
	// none.
	Role string          `json:"role,omitempty"`
	Tags []operation.Tag `json:"tags,omitempty"`
}

// A Policy is a customer managed policy. Its key is its ID.
type Policy struct {
	ID          string          `json:"id"`
	Name        string          `json:"name"`
	Path        string          `json:"path"`
	Created     time.Time       `json:"created"`
	Updated     time.Time       `json:"updated"`
	Description string          `json:"description,omitempty"`
	Default     int             `json:"default"` // version number
	Latest      int             `json:"latest"`  // highest version number ever given
	Tags        []operation.Tag `json:"tags,omitempty"`
}

// A PolicyVersion is one version of a customer managed policy. Its key is
// VersionKey(policy id, number).
type PolicyVersion struct {
	Number   int       `json:"n"`
	Document string    `json:"document"`
	Created  time.Time `json:"created"`
}

// An InlinePolicy is embedded in a user, group or role. Its key is
// InlineKey(entity id, policy name). Names of inline policies are
// case-sensitive.
type InlinePolicy struct {
	Name     string `json:"name"`
	Document string `json:"document"`
}

// An Attachment says that a managed policy is attached to a user, group or
// role. Its key is AttachmentKey(entity id, policy ARN).
type Attachment struct {
	Entity string    `json:"entity"` // unique id
	Policy string    `json:"policy"` // ARN
	At     time.Time `json:"at"`
}

// A Membership says that a user is in a group. Its key is
// MembershipKey(user id, group id).
type Membership struct {
	User  string    `json:"user"`
	Group string    `json:"group"`
	At    time.Time `json:"at"`
}

// An AccessKey is a long-term access key, without its secret, which is sealed
// apart under AccessKeySecret(id). Its key is its id.
type AccessKey struct {
	ID string `json:"id"`
	// User is the unique id of the user; empty for the root user.
	User    string    `json:"user,omitempty"`
	Active  bool      `json:"active"`
	Created time.Time `json:"created"`
}

// A LoginProfile says that a user (or root, key RootLogin) has a password. The
// password's hash is sealed apart under LoginSecret(key). Its key is the
// user's unique id.
type LoginProfile struct {
	Created       time.Time `json:"created"`
	Changed       time.Time `json:"changed"`
	ResetRequired bool      `json:"resetRequired,omitempty"`
}

// A PasswordPolicy is what the account asks of its users' passwords. Zero days
// and zero passwords are no limit.
type PasswordPolicy struct {
	MinimumLength    int   `json:"minimumLength"`
	RequireSymbols   bool  `json:"requireSymbols,omitempty"`
	RequireNumbers   bool  `json:"requireNumbers,omitempty"`
	RequireUppercase bool  `json:"requireUppercase,omitempty"`
	RequireLowercase bool  `json:"requireLowercase,omitempty"`
	UsersMayChange   bool  `json:"usersMayChange,omitempty"`
	MaxAgeDays       int   `json:"maxAgeDays,omitempty"`
	ReusePrevention  int   `json:"reusePrevention,omitempty"`
	HardExpiry       *bool `json:"hardExpiry,omitempty"` // nil when never given
}

// Expiry is when a password that was set then expires; ok is false if it never
// does.
func (p *PasswordPolicy) Expiry(set time.Time) (at time.Time, ok bool) {
	if p == nil || p.MaxAgeDays == 0 {
		return time.Time{}, false
	}
	return set.AddDate(0, 0, p.MaxAgeDays), true
}

// RootLogin is the key of the root user's login profile.
const RootLogin = "root"

// An SSHPublicKey is a user's RSA key for CodeCommit. Its key is
// CredentialKey(user id, id).
type SSHPublicKey struct {
	ID string `json:"id"`
	// Key is "ssh-rsa" and the key in base64, without comment.
	Key      string    `json:"key"`
	Active   bool      `json:"active"`
	Uploaded time.Time `json:"uploaded"`
}

// A SigningCertificate is an X.509 certificate of a user or of the root user.
// Its key is CredentialKey(user id or RootLogin, id).
type SigningCertificate struct {
	ID   string `json:"id"`
	Body string `json:"body"` // PEM
	// Fingerprint is the SHA-256 of the certificate, in hexadecimal digits.
	Fingerprint string    `json:"fingerprint"`
	Active      bool      `json:"active"`
	Uploaded    time.Time `json:"uploaded"`
}

// A ServerCertificate is a certificate for TLS of the account's servers, without
// its private key, which is sealed apart under ServerCertificateSecret(id). Its
// key is its ID.
type ServerCertificate struct {
	ID       string          `json:"id"`
	Name     string          `json:"name"`
	Path     string          `json:"path"`
	Body     string          `json:"body"`            // PEM
	Chain    string          `json:"chain,omitempty"` // PEM
	Uploaded time.Time       `json:"uploaded"`
	Expires  time.Time       `json:"expires"`
	Tags     []operation.Tag `json:"tags,omitempty"`
}

// A ServiceCredential is what a user has for one service that does not take
// access keys: a user name with a password, or an API key. The hash of what is
// secret of it is sealed apart under ServiceCredentialSecret(id). Its key is
// CredentialKey(user id, id).
type ServiceCredential struct {
	ID      string `json:"id"`
	Service string `json:"service"` // such as "codecommit.amazonaws.com"
	// UserName is the service user name, or an API key's alias.
	UserName string    `json:"userName"`
	Active   bool      `json:"active"`
	Created  time.Time `json:"created"`
	// Reset is when what is secret was replaced last.
	Reset   time.Time  `json:"reset,omitzero"`
	Expires *time.Time `json:"expires,omitempty"`
}
