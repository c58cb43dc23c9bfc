package roles

import (
	"strings"

	"sallyport/arn"
	"sallyport/internal/iam"
	"sallyport/internal/state"
	"sallyport/policy"
)

// Types of principals in a Principal element.
const (
	principalService   = "Service"
	principalFederated = "Federated"
)

// A directory finds the principals of all accounts of this server. Those of its
// home account are read from the transaction that asks.
type directory struct {
	account  string
	home     state.Reader
	accounts func(account string) (*state.View, bool)
}

// of returns the state of an account that exists.
func (d directory) of(account string) (state.Reader, bool) {
	if account == d.account {
		return d.home, true
	}
	// A nil *View must not become a Reader that is not nil.
	if view, ok := d.accounts(account); ok {
		return view, true
	}
	return nil, false
}

// exists reports whether a principal exists, whatever its type is.
func (d directory) exists(text string) bool {
	if strings.HasSuffix(text, serviceDomain) {
		return knownService(text)
	}
	_, ok := d.resolveAWS(text)
	return ok || d.federated(text)
}

// resolve reports whether a principal of that type exists. For users, roles and
// role sessions that are named by ARN it returns the unique id to pin them to.
func (d directory) resolve(kind, text string) (id string, ok bool) {
	switch kind {
	case iam.PrincipalAWS:
		return d.resolveAWS(text)
	case principalService:
		return "", knownService(text)
	case principalFederated:
		return "", d.federated(text)
	}
	return "", false
}

func (d directory) resolveAWS(value string) (id string, ok bool) {
	if value == "*" {
		return "", true
	}
	if policy.IsAccountID(value) {
		_, ok := d.of(value)
		return "", ok
	}
	a, err := arn.Parse(value)
	if err != nil {
		return "", d.hasID(value)
	}
	r, ok := d.of(a.Account)
	if !ok || a.Partition != "aws" || a.Region != "" {
		return "", false
	}
	kind, name, _ := strings.Cut(a.Resource, "/")
	switch {
	case a.Service == "iam" && a.Resource == "root":
		return "", true
	case a.Service == "iam" && kind == "user":
		u, err := iam.FindUser(r, lastSegment(name))
		if err != nil || iam.UserARN(a.Account, u) != value {
			return "", false
		}
		return u.ID, true
	case a.Service == "iam" && kind == "role":
		role, err := iam.FindRole(r, lastSegment(name))
		if err != nil || iam.RoleARN(a.Account, role) != value {
			return "", false
		}
		return role.ID, true
	case a.Service == "sts" && kind == "assumed-role":
		roleName, session, _ := strings.Cut(name, "/")
		role, err := iam.FindRole(r, roleName)
		if err != nil || role.Name != roleName || !sessionName(session) {
			return "", false
		}
		return role.ID + ":" + session, true
	case a.Service == "sts" && kind == "federated-user":
		return "", sessionName(name)
	}
	return "", false
}

// sessionName reports whether s may name a session: a session policy's
// wildcards and further path segments are no names.
func sessionName(s string) bool {
	return s != "" && !strings.ContainsAny(s, "/*?")
}

// hasID reports whether a unique id is that of a user or role of the home
// account, or of a session of such a role.
func (d directory) hasID(value string) bool {
	id, session, isSession := strings.Cut(value, ":")
	if _, ok := iam.Roles.Get(d.home, id); ok {
		return !isSession || sessionName(session)
	}
	_, ok := iam.Users.Get(d.home, id)
	return ok && !isSession
}

// federated reports whether an identity provider may be named: one of those
// that every account has, or a provider of an account by ARN.
func (d directory) federated(value string) bool {
	switch value {
	case "cognito-identity.amazonaws.com", "www.amazon.com", "graph.facebook.com", "accounts.google.com":
		return true
	}
	a, err := arn.Parse(value)
	if err != nil || a.Partition != "aws" || a.Service != "iam" || a.Region != "" {
		return false
	}
	kind, name, _ := strings.Cut(a.Resource, "/")
	if (kind != "saml-provider" && kind != "oidc-provider") || name == "" || strings.ContainsAny(name, "*?") {
		return false
	}
	_, ok := d.of(a.Account)
	return ok
}

// present is how a pinned principal is named now: by its ARN, which changes
// when it is renamed or moved to another path, or by unique id when it is gone.
func (d directory) present(pinned, id string) string {
	a, err := arn.Parse(pinned)
	if err != nil {
		return id
	}
	r, ok := d.of(a.Account)
	if !ok {
		return id
	}
	roleID, session, isSession := strings.Cut(id, ":")
	if role, ok := iam.Roles.Get(r, roleID); ok {
		if isSession {
			return iam.RoleCaller(a.Account, role, session).Principal.ARN
		}
		return iam.RoleARN(a.Account, role)
	}
	if u, ok := iam.Users.Get(r, id); ok {
		return iam.UserARN(a.Account, u)
	}
	return id
}

// lastSegment is the name at the end of a path.
func lastSegment(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }
