package policy

import (
	"fmt"
	"slices"
	"strings"

	"sallyport/arn"
)

// PrincipalKind is what kind of principal makes a request.
type PrincipalKind uint8

// The kinds of principals. Anonymous is the zero value: only "*" names it.
const (
	Anonymous PrincipalKind = iota
	Root
	User
	RoleSession
	FederatedUser // GetFederationToken
	Service
	Federated // a web identity or SAML assertion, before it has a role
)

// String returns a name for messages.
func (k PrincipalKind) String() string {
	names := [...]string{"anonymous", "root", "user", "role session", "federated user", "service", "federated"}
	if int(k) < len(names) {
		return names[k]
	}
	return "unknown"
}

// HasAccount reports whether principals of the kind belong to an account, and so
// may have policies of their own.
func (k PrincipalKind) HasAccount() bool {
	switch k {
	case Root, User, RoleSession, FederatedUser:
		return true
	}
	return false
}

// ConditionValue is the value of aws:PrincipalType; "" for kinds that have none
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principaltype).
func (k PrincipalKind) ConditionValue() string {
	switch k {
	case Anonymous:
		return "Anonymous"
	case Root:
		return "Account"
	case User:
		return "User"
	case RoleSession:
		return "AssumedRole"
	case FederatedUser:
		return "FederatedUser"
	}
	return ""
}

// A Principal makes a request. Fields that don't apply to its kind are empty.
type Principal struct {
	Kind    PrincipalKind
	Account string // twelve digits
	// ARN is the caller's: of the user, of the assumed-role session, of the
	// federated-user session, or of the account's root.
	ARN string
	// RoleARN is the role's, with its path, for a RoleSession.
	RoleARN string
	// ID is the unique id: "AIDA…" of a user, "AROA…:session" of a session.
	ID        string
	Service   string // "ec2.amazonaws.com"
	Federated string // provider's ARN or host name
	// UserARN is the ARN of the user, or of the root user, whose keys made a
	// FederatedUser session.
	UserARN string
	// CanonicalUser is the canonical user id of the account, where it is known.
	CanonicalUser string
}

// OfRoot reports whether the principal is the root user or a federated user session
// that it made. Either has what its account has, without a policy.
func (p *Principal) OfRoot() bool {
	return p.Kind == Root || p.Kind == FederatedUser && strings.HasSuffix(p.UserARN, ":iam::"+p.Account+":root")
}

// Name is what a policy would call the principal: its ARN, the name of the service or
// of the identity provider, or "*".
func (p *Principal) Name() string {
	switch p.Kind {
	case Anonymous:
		return "*"
	case Service:
		return p.Service
	case Federated:
		return p.Federated
	}
	return p.ARN
}

// PrincipalMatch says how a Principal element named the caller, from the weakest
// to the strongest: how the grant combines with other layers depends on it.
type PrincipalMatch uint8

// The ways to be named.
const (
	NotNamed PrincipalMatch = iota
	// NamedAccount: the account, by number or root ARN. It delegates to the
	// account's own policies.
	NamedAccount
	// NamedRole: the role of a role session, or the user behind a federated user
	// session. Boundary and session policies still limit the session.
	NamedRole
	// NamedWildcard: "*". Everyone is named directly, sessions included
	// ("AWS JSON policy elements: Principal", role principals).
	NamedWildcard
	// NamedService: a service principal.
	NamedService
	// NamedFederated: an identity provider.
	NamedFederated
	// NamedPrincipal: the very principal: user, session or root.
	NamedPrincipal
)

// String returns a word for explanations; "" for NotNamed.
func (m PrincipalMatch) String() string {
	names := [...]string{"", "account", "role", "wildcard", "service", "federated", "principal"}
	if int(m) < len(names) {
		return names[m]
	}
	return "unknown"
}

// Types of principals in a Principal element.
const (
	principalAWS       = "AWS"
	principalService   = "Service"
	principalFederated = "Federated"
	principalCanonical = "CanonicalUser"
)

// principals is a compiled Principal or NotPrincipal element.
type principals struct {
	everyone  bool
	accounts  []string // by number
	roots     []string // by the ARNs of their root users
	canonical []string // ids of accounts too
	arns      []string
	ids       []string
	services  []string
	providers []string
}

// compilePrincipals checks each principal. Wildcards are allowed only as the
// whole of an AWS principal.
func compilePrincipals(e *PrincipalElement) (*principals, error) {
	p := &principals{everyone: e.Everyone}
	for i := range e.Entries {
		entry := &e.Entries[i]
		if len(entry.List.Items) == 0 {
			return nil, fmt.Errorf("no principals of type %s", entry.Type)
		}
		for _, item := range entry.List.Items {
			if err := p.add(entry.Type, item.Text); err != nil {
				return nil, err
			}
		}
	}
	return p, nil
}

func (p *principals) add(kind, text string) error {
	if text == "" {
		return fmt.Errorf("empty principal of type %s", kind)
	}
	if kind == principalAWS && text == "*" {
		p.everyone = true
		return nil
	}
	if strings.ContainsAny(text, "*?") {
		return fmt.Errorf("principal %q: wildcards can't match part of a principal", text)
	}
	switch kind {
	case principalAWS:
		return p.addAWS(text)
	case principalService:
		p.services = append(p.services, text)
	case principalFederated:
		p.providers = append(p.providers, text)
	case principalCanonical:
		p.canonical = append(p.canonical, text)
	default:
		return fmt.Errorf("unknown type of principal %q", kind)
	}
	return nil
}

func (p *principals) addAWS(text string) error {
	if IsAccountID(text) {
		p.accounts = append(p.accounts, text)
		return nil
	}
	if isUniqueID(text) {
		p.ids = append(p.ids, text)
		return nil
	}
	a, err := arn.Parse(text)
	if err != nil || a.Region != "" || !IsAccountID(a.Account) {
		return fmt.Errorf("invalid principal %q", text)
	}
	kind, name, _ := strings.Cut(a.Resource, "/")
	switch {
	case a.Service == "iam" && a.Resource == "root":
		p.roots = append(p.roots, text)
	case name != "" && a.Service == "iam" && (kind == "user" || kind == "role"),
		name != "" && a.Service == "sts" && (kind == "assumed-role" || kind == "federated-user"):
		p.arns = append(p.arns, text)
	default:
		return fmt.Errorf("invalid principal %q", text)
	}
	return nil
}

// IsAccountID reports whether text is an account id: twelve digits.
func IsAccountID(s string) bool {
	if len(s) != 12 {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// isUniqueID recognises the unique ids of users and roles, which replace their
// ARNs in policies once they are deleted, optionally with a session name.
func isUniqueID(s string) bool {
	if !strings.HasPrefix(s, "AIDA") && !strings.HasPrefix(s, "AROA") {
		return false
	}
	id, _, _ := strings.Cut(s, ":")
	if len(id) < 16 || len(id) > 128 {
		return false
	}
	for i := range len(id) {
		if c := id[i]; (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// names says how the element names a principal, by the strongest of its entries.
func (p *principals) names(who *Principal) PrincipalMatch {
	switch {
	case who.Kind.HasAccount():
		return p.namesIdentity(who)
	case who.Kind == Service:
		if who.Service != "" && slices.Contains(p.services, who.Service) {
			return NamedService
		}
	case who.Kind == Federated:
		if who.Federated != "" && slices.Contains(p.providers, who.Federated) {
			return NamedFederated
		}
	}
	if p.everyone {
		return NamedWildcard
	}
	return NotNamed
}

func (p *principals) namesIdentity(who *Principal) PrincipalMatch {
	account := p.listsAccount(who)
	switch {
	case who.Kind == Root && account, p.lists(who.ARN, who.ID):
		return NamedPrincipal
	case p.everyone:
		return NamedWildcard
	case p.listsOrigin(who):
		return NamedRole
	case account:
		return NamedAccount
	}
	return NotNamed
}

// listsAccount reports whether the caller's account is listed.
func (p *principals) listsAccount(who *Principal) bool {
	return who.Account != "" && (slices.Contains(p.accounts, who.Account) || slices.ContainsFunc(p.roots, who.isRoot)) ||
		who.CanonicalUser != "" && slices.Contains(p.canonical, who.CanonicalUser)
}

// isRoot reports whether the ARN of a root user is that of the caller's account. An
// account is of one partition, which the caller's ARN tells.
func (who *Principal) isRoot(root string) bool {
	end := len(root) - len(":iam::") - len(who.Account) - len(":root")
	return end > 0 && root[end+len(":iam::"):len(root)-len(":root")] == who.Account &&
		(who.ARN == "" || strings.HasPrefix(who.ARN, root[:end+1]))
}

// lists reports whether an ARN or unique id is listed.
func (p *principals) lists(arn, id string) bool {
	return arn != "" && slices.Contains(p.arns, arn) || id != "" && slices.Contains(p.ids, id)
}

// listsOrigin reports whether the role or user behind a session is listed.
func (p *principals) listsOrigin(who *Principal) bool {
	switch who.Kind {
	case RoleSession:
		role, _, _ := strings.Cut(who.ID, ":")
		return p.lists(who.RoleARN, role)
	case FederatedUser:
		return p.lists(who.UserARN, "")
	}
	return false
}

// exempts reports whether a NotPrincipal element spares a principal: every
// identity in its chain must be listed, from the account to the session. A
// principal with a permissions boundary is never spared, whatever is listed
// ("Permissions boundaries for IAM entities").
func (p *principals) exempts(who *Principal, bounded bool) bool {
	if bounded {
		return false
	}
	if p.everyone {
		return true
	}
	switch {
	case who.Kind == Anonymous:
		return false
	case !who.Kind.HasAccount():
		return p.names(who) != NotNamed
	}
	if !p.listsAccount(who) {
		return false
	}
	switch who.Kind {
	case User:
		return p.lists(who.ARN, who.ID)
	case RoleSession, FederatedUser:
		return p.lists(who.ARN, who.ID) && (who.OfRoot() || p.listsOrigin(who))
	}
	return true
}

// ValidPrincipal reports whether text can be a principal of a type: "AWS",
// "Service", "Federated" or "CanonicalUser". It does not say whether the
// principal exists.
func ValidPrincipal(kind, text string) bool {
	var p principals
	return p.add(kind, text) == nil
}
