package iam

import (
	"strconv"
	"strings"

	"sallyport/internal/state"
)

// The tables of an account.
var (
	Accounts       = state.NewTable[Account]("account")
	Users          = state.NewTable[User]("users")
	Groups         = state.NewTable[Group]("groups")
	Roles          = state.NewTable[Role]("roles")
	Policies       = state.NewTable[Policy]("policies")
	PolicyVersions = state.NewTable[PolicyVersion]("policyVersions")
	InlinePolicies = state.NewTable[InlinePolicy]("inlinePolicies")
	Attachments    = state.NewTable[Attachment]("attachments")
	Memberships    = state.NewTable[Membership]("memberships")
	AccessKeys     = state.NewTable[AccessKey]("accessKeys")
	LoginProfiles  = state.NewTable[LoginProfile]("loginProfiles")
	// PasswordPolicies has one row at most, under AccountKey.
	PasswordPolicies = state.NewTable[PasswordPolicy]("passwordPolicy")

	SSHPublicKeys       = state.NewTable[SSHPublicKey]("sshPublicKeys")
	SigningCertificates = state.NewTable[SigningCertificate]("signingCertificates")
	ServerCertificates  = state.NewTable[ServerCertificate]("serverCertificates")
	ServiceCredentials  = state.NewTable[ServiceCredential]("serviceCredentials")
	MFADevices          = state.NewTable[MFADevice]("mfaDevices")
	// PasskeyCounts has a row for each security key that was used, under its id. It
	// is apart so that a sign-in's entry holds no more of the key.
	PasskeyCounts    = state.NewTable[PasskeyCount]("passkeyCounts")
	InstanceProfiles = state.NewTable[InstanceProfile]("instanceProfiles")
	OIDCProviders    = state.NewTable[OIDCProvider]("oidcProviders")
	SAMLProviders    = state.NewTable[SAMLProvider]("samlProviders")
	RoleDeletions    = state.NewTable[RoleDeletion]("roleDeletions")
	// OutboundFederations has one row at most, under AccountKey.
	OutboundFederations = state.NewTable[OutboundFederation]("outboundFederation")
)

// The indexes over them. Names are folded to lower case.
var (
	UsersByName    = state.NewIndex(Users, "name", func(_ string, u *User) []string { return []string{FoldName(u.Name)} })
	GroupsByName   = state.NewIndex(Groups, "name", func(_ string, g *Group) []string { return []string{FoldName(g.Name)} })
	RolesByName    = state.NewIndex(Roles, "name", func(_ string, r *Role) []string { return []string{FoldName(r.Name)} })
	PoliciesByName = state.NewIndex(Policies, "name", func(_ string, p *Policy) []string { return []string{FoldName(p.Name)} })

	InstanceProfilesByName = state.NewIndex(InstanceProfiles, "name", func(_ string, p *InstanceProfile) []string { return []string{FoldName(p.Name)} })
	// InstanceProfilesByRole has no entry for a profile without a role.
	InstanceProfilesByRole = state.NewIndex(InstanceProfiles, "role", func(_ string, p *InstanceProfile) []string { return optional(p.Role) })

	SAMLProvidersByName = state.NewIndex(SAMLProviders, "name", func(_ string, p *SAMLProvider) []string { return []string{FoldName(p.Name)} })

	AttachmentsByPolicy = state.NewIndex(Attachments, "policy", func(_ string, a *Attachment) []string { return []string{a.Policy} })
	MembershipsByGroup  = state.NewIndex(Memberships, "group", func(_ string, m *Membership) []string { return []string{m.Group} })
	AccessKeysByUser    = state.NewIndex(AccessKeys, "user", func(_ string, k *AccessKey) []string { return []string{k.User} })

	SigningCertificatesByFingerprint = state.NewIndex(SigningCertificates, "fingerprint", func(_ string, c *SigningCertificate) []string { return []string{c.Fingerprint} })
	ServerCertificatesByName         = state.NewIndex(ServerCertificates, "name", func(_ string, c *ServerCertificate) []string { return []string{FoldName(c.Name)} })
	ServiceCredentialsByService      = state.NewIndex(ServiceCredentials, "service", func(key string, c *ServiceCredential) []string { return []string{c.Service + "/" + key} })
	ServiceCredentialsByUserName     = state.NewIndex(ServiceCredentials, "userName", func(_ string, c *ServiceCredential) []string { return []string{c.Service + "/" + FoldName(c.UserName)} })
	// MFADevicesByName is by kind, path and name; MFADevicesByOwner has no entry
	// for a device that is assigned to nobody.
	MFADevicesByName  = state.NewIndex(MFADevices, "name", func(_ string, d *MFADevice) []string { return []string{d.nameKey()} })
	MFADevicesByOwner = state.NewIndex(MFADevices, "owner", func(_ string, d *MFADevice) []string { return optional(d.Owner) })

	// MFADevicesByPasskey has an entry for security keys alone.
	MFADevicesByPasskey = state.NewIndex(MFADevices, "passkey", func(_ string, d *MFADevice) []string { return d.passkeyKey() })

	// UsersByBoundary and RolesByBoundary have no entry for an entity without
	// a permissions boundary.
	UsersByBoundary = state.NewIndex(Users, "boundary", func(_ string, u *User) []string { return optional(u.Boundary) })
	RolesByBoundary = state.NewIndex(Roles, "boundary", func(_ string, r *Role) []string { return optional(r.Boundary) })
)

// Tables lists every table of an account, for the state's schema.
func Tables() []state.AnyTable {
	return []state.AnyTable{
		Accounts, Users, Groups, Roles, Policies, PolicyVersions, InlinePolicies,
		Attachments, Memberships, AccessKeys, LoginProfiles, PasswordPolicies, MFADevices, PasskeyCounts, InstanceProfiles, RoleDeletions,
		SSHPublicKeys, SigningCertificates, ServerCertificates, ServiceCredentials,
		OIDCProviders, SAMLProviders, OutboundFederations, ConsoleSessions,
	}
}

func optional(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// FoldName is the form in which names of one kind are compared for uniqueness.
// Names are ASCII, so that folding is lower-casing.
func FoldName(name string) string { return strings.ToLower(name) }

// FoldEmail is the form in which e-mail addresses of root users are compared.
func FoldEmail(email string) string { return strings.ToLower(email) }

// VersionKey is the key of version n of a customer managed policy. Keys sort
// by number.
func VersionKey(policyID string, n int) string {
	digits := strconv.Itoa(n)
	return policyID + "/" + strings.Repeat("0", max(0, 10-len(digits))) + digits
}

// InlineKey is the key of an inline policy of the entity with the given id.
func InlineKey(entityID, name string) string { return entityID + "/" + name }

// AttachmentKey is the key of an attachment of a managed policy to an entity.
func AttachmentKey(entityID, policyARN string) string { return entityID + "/" + policyARN }

// MembershipKey is the key of a user's membership in a group.
func MembershipKey(userID, groupID string) string { return userID + "/" + groupID }

// AccessKeySecret is the id under which an access key's secret is sealed.
func AccessKeySecret(keyID string) string { return "access-key/" + keyID }

// LoginSecret is the id under which the password hash of a login profile is
// sealed.
func LoginSecret(profileKey string) string { return "login/" + profileKey }

// EarlierLoginSecret is the id under which the hashes of a login profile's earlier
// passwords are sealed.
func EarlierLoginSecret(profileKey string) string { return "earlier-login/" + profileKey }

// CredentialKey is the key of an SSH public key, signing certificate or
// service-specific credential: its owner, the unique id of a user or RootLogin,
// comes first.
func CredentialKey(owner, id string) string { return owner + "/" + id }

// CredentialOwner is the owner that begins a CredentialKey.
func CredentialOwner(key string) string {
	owner, _, _ := strings.Cut(key, "/")
	return owner
}

// ServerCertificateSecret is the id under which a server certificate's private
// key is sealed.
func ServerCertificateSecret(id string) string { return "server-certificate/" + id }

// ServiceCredentialSecret is the id under which the hash of a service-specific
// credential's password or secret is sealed.
func ServiceCredentialSecret(id string) string { return "service-credential/" + id }
