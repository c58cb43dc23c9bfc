package iam

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"sallyport/internal/operation"
	"sallyport/internal/state"
	"sallyport/policy"
)

// A ConsoleSession is somebody signed in to the console. Its key is
// ConsoleSessionKey(owner, SHA-256 of the session's id); the id itself is in the
// browser's cookie alone. The row holds nothing that could sign a request or
// open a session.
type ConsoleSession struct {
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires"`
	// MFAAt is when a second factor was proved, MFADevice the id of its device.
	MFAAt     time.Time `json:"mfaAt,omitzero"`
	MFADevice string    `json:"mfaDevice,omitempty"`
	// AccessKeyID names the session in records; no secret belongs to it.
	AccessKeyID string `json:"accessKeyId"`
	SourceIP    string `json:"sourceIp"`
	UserAgent   string `json:"userAgent,omitempty"`
	// Temporary is set when somebody signed in with temporary credentials: those of
	// a role, which is the owner, or of a federated user, whose user is.
	Temporary *TemporarySession `json:"role,omitempty"`
	// Switched is the role that the session acts as for now; nil for its own
	// principal.
	Switched *SwitchedRole `json:"switched,omitempty"`
}

// A TemporarySession is what temporary credentials of a role or of a federated user
// say, without the credentials.
type TemporarySession struct {
	// FederatedUser is set for GetFederationToken's. EntityID is the unique id of the
	// user then, empty for the root user, and else of the role.
	FederatedUser  bool            `json:"federatedUser,omitempty"`
	Account        string          `json:"account"`
	AccessKeyID    string          `json:"accessKeyId"`
	EntityID       string          `json:"roleId"`
	Name           string          `json:"name"`
	Issued         time.Time       `json:"issued"`
	Expires        time.Time       `json:"expires"`
	Policies       []string        `json:"policies,omitempty"`
	PolicyARNs     []string        `json:"policyArns,omitempty"`
	Tags           []operation.Tag `json:"tags,omitempty"`
	Transitive     []string        `json:"transitive,omitempty"`
	SourceIdentity string          `json:"sourceIdentity,omitempty"`
	Chained        bool            `json:"chained,omitempty"`
	// Federation is set when an identity provider vouched for whoever began it.
	Federation *operation.Federation `json:"federation,omitempty"`
}

// Owner is whom console sessions of these credentials belong to.
func (t *TemporarySession) Owner() string {
	if t.EntityID == "" {
		return RootLogin
	}
	return t.EntityID
}

// Stands reports whether there still is who the credentials act as: the role, and the
// identity provider that vouched for it, or the federated user's user.
func (t *TemporarySession) Stands(r state.Reader) bool {
	switch {
	case t.FederatedUser:
		return t.EntityID == "" || Users.Has(r, t.EntityID)
	case t.Federation != nil && !ProviderExists(r, t.Federation.Provider):
		return false
	}
	return Roles.Has(r, t.EntityID)
}

// A SwitchedRole is a role that was switched to, with what marks it on pages.
type SwitchedRole struct {
	TemporarySession
	RoleName string `json:"roleName"`
	Display  string `json:"display,omitempty"`
	Color    string `json:"color,omitempty"`
}

// ConsoleSessions has every console session of the account's principals,
// expired ones among them until the next sign-in.
var ConsoleSessions = state.NewTable[ConsoleSession]("consoleSessions")

// ConsoleSessionsByExpiry is by the time they expire, in a form that sorts.
var ConsoleSessionsByExpiry = state.NewIndex(ConsoleSessions, "expires", func(_ string, s *ConsoleSession) []string { return []string{expiryKey(s.Expires)} })

func expiryKey(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05") }

// ConsoleSessionKey is the key of a session: its owner, the unique id of a user
// or role or RootLogin, comes first.
func ConsoleSessionKey(owner, idHash string) string { return owner + "/" + idHash }

// ConsoleSessionOwner is the owner that begins a ConsoleSessionKey.
func ConsoleSessionOwner(key string) string {
	owner, _, _ := strings.Cut(key, "/")
	return owner
}

// EndConsoleSessions ends every console session of an owner but the one with the
// key keep, which may be none.
func EndConsoleSessions(tx *state.Tx, owner, keep string) {
	var keys []string
	ConsoleSessions.AscendPrefix(tx, owner+"/", func(key string, _ *ConsoleSession) bool {
		if key != keep {
			keys = append(keys, key)
		}
		return true
	})
	for _, key := range keys {
		ConsoleSessions.Delete(tx, key)
	}
}

// How many sessions somebody may have, and all who come as one user or role together.
// Signing in needs no permission, so that there would be no end to them otherwise.
const (
	sessionsOfPerson = 20
	sessionsOfOwner  = 5000
)

// person tells those apart who come as one role or by one user's federated users: by
// how their sessions are named.
func (s *ConsoleSession) person() string {
	if s.Temporary == nil {
		return ""
	}
	return s.Temporary.Name
}

// AddConsoleSession begins a session. The oldest ones of the same person and owner end
// when there are too many.
func AddConsoleSession(tx *state.Tx, key string, s *ConsoleSession) {
	var own, all []string
	created := make(map[string]time.Time)
	ConsoleSessions.AscendPrefix(tx, ConsoleSessionOwner(key)+"/", func(key string, other *ConsoleSession) bool {
		created[key] = other.Created
		all = append(all, key)
		if other.person() == s.person() {
			own = append(own, key)
		}
		return true
	})
	for _, some := range []struct {
		keys []string
		most int
	}{{own, sessionsOfPerson}, {all, sessionsOfOwner}} {
		slices.SortFunc(some.keys, func(a, b string) int { return cmp.Or(created[a].Compare(created[b]), strings.Compare(a, b)) })
		for _, old := range some.keys[:max(0, len(some.keys)+1-some.most)] {
			ConsoleSessions.Delete(tx, old)
		}
	}
	ConsoleSessions.Put(tx, key, s)
}

// EndFederatedSessions ends every console session that an identity provider, given
// by its ARN, vouched for. One that is made anew under its name vouches for none.
func EndFederatedSessions(tx *state.Tx, provider string) {
	var keys []string
	ConsoleSessions.Ascend(tx, "", func(key string, s *ConsoleSession) bool {
		if s.Temporary != nil && s.Temporary.Federation != nil && s.Temporary.Federation.Provider == provider {
			keys = append(keys, key)
		}
		return true
	})
	for _, key := range keys {
		ConsoleSessions.Delete(tx, key)
	}
}

// maxForgotten bounds how many expired sessions one sign-in deletes, so that its
// entry stays small.
const maxForgotten = 100

// ForgetConsoleSessions deletes sessions that have expired, the oldest first.
func ForgetConsoleSessions(tx *state.Tx) {
	var keys []string
	before := expiryKey(tx.Now())
	ConsoleSessionsByExpiry.AscendAll(tx, "", func(expires, key string, _ *ConsoleSession) bool {
		if expires >= before || len(keys) == maxForgotten {
			return false
		}
		keys = append(keys, key)
		return true
	})
	for _, key := range keys {
		ConsoleSessions.Delete(tx, key)
	}
}

// LoginOwner is how login profiles and console sessions name the caller: the
// unique id of its user or role, or RootLogin.
func LoginOwner(c *operation.Caller) string {
	if c.Principal.Kind == policy.Root {
		return RootLogin
	}
	return c.EntityID
}

// KeptConsoleSession is the key of the caller's own session, which a change of
// its password doesn't end; "" for a caller without one.
func KeptConsoleSession(c *operation.Caller) string {
	if c.Console == nil {
		return ""
	}
	return c.Console.Key
}
