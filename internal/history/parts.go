package history

import (
	"fmt"
	"strings"

	"sallyport/internal/api/sallyportapi"
	"sallyport/internal/iam"
	"sallyport/internal/state"
)

// A part is a table as history sees it: whose rows they are, and how one is
// shown.
type part struct {
	kind string
	// owners are the unique ids of the entities that the row belongs to; the
	// account's own is its account id. value is nil for a row that was deleted.
	// An entity itself comes first.
	owners func(x *index, key string, value []byte) ([]string, error)
	// resource is set for the tables of entities: the resource part of the
	// ARN that the row gives the entity.
	resource func(value []byte) (string, error)
	// name says which one of its kind the row is, to the entity with the id
	// owner, at a revision.
	name func(x *index, owner, key string, at state.Revision) string
	// document is the row as it is shown.
	document func(account string, value []byte) (any, error)
}

// parts has every table of an account. A table without a part would leave
// changes out, so that a test holds it to iam.Tables.
var parts = map[string]part{
	iam.Accounts.Name(): {
		kind: sallyportapi.EntityChangeKindAccount, name: ownName,
		owners:   func(x *index, _ string, _ []byte) ([]string, error) { return []string{x.account}, nil },
		resource: func([]byte) (string, error) { return "root", nil },
		document: shown(iam.Accounts, accountDocument),
	},
	iam.Users.Name(): entityPart(sallyportapi.EntityChangeKindUser, iam.Users, userDocument,
		func(u *iam.User) string { return "user" + u.Path + u.Name }),
	iam.Groups.Name(): entityPart(sallyportapi.EntityChangeKindGroup, iam.Groups, groupDocument,
		func(g *iam.Group) string { return "group" + g.Path + g.Name }),
	iam.Roles.Name(): entityPart(sallyportapi.EntityChangeKindRole, iam.Roles, roleDocument,
		func(r *iam.Role) string { return "role" + r.Path + r.Name }),
	// Deletion tasks are nobody's: the role's own history has its deletion.
	iam.RoleDeletions.Name(): {
		owners: func(*index, string, []byte) ([]string, error) { return nil, nil },
	},
	iam.Policies.Name(): entityPart(sallyportapi.EntityChangeKindPolicy, iam.Policies, policyDocument,
		func(p *iam.Policy) string { return "policy" + p.Path + p.Name }),
	iam.InstanceProfiles.Name(): entityPart(sallyportapi.EntityChangeKindInstanceProfile, iam.InstanceProfiles, instanceProfileDocument,
		func(p *iam.InstanceProfile) string { return "instance-profile" + p.Path + p.Name }),
	iam.OIDCProviders.Name(): {
		kind: sallyportapi.EntityChangeKindOIDCProvider, name: ownName, document: shown(iam.OIDCProviders, oidcProviderDocument),
		// A provider has no unique id. What its ARN calls it can't be taken for
		// one of another entity, as its URL alone could.
		owners: func(_ *index, url string, _ []byte) ([]string, error) {
			return []string{iam.OIDCProviderKind + "/" + url}, nil
		},
		resource: func(value []byte) (string, error) {
			p, err := iam.OIDCProviders.Decode(value)
			if err != nil {
				return "", err
			}
			return iam.OIDCProviderKind + "/" + p.URL, nil
		},
	},
	iam.SAMLProviders.Name(): entityPart(sallyportapi.EntityChangeKindSAMLProvider, iam.SAMLProviders, samlProviderDocument,
		func(p *iam.SAMLProvider) string { return iam.SAMLProviderKind + "/" + p.Name }),
	iam.PolicyVersions.Name(): {
		kind: sallyportapi.EntityChangeKindPolicyVersion, owners: firstOfKey, name: versionName,
		document: shown(iam.PolicyVersions, versionDocument),
	},
	iam.InlinePolicies.Name(): {
		kind: sallyportapi.EntityChangeKindInlinePolicy, owners: firstOfKey, name: restOfKey,
		document: shown(iam.InlinePolicies, inlineDocument),
	},
	iam.Attachments.Name(): {
		kind: sallyportapi.EntityChangeKindAttachedPolicy, owners: attachmentOwners, name: attachmentName,
		document: shown(iam.Attachments, attachmentDocument),
	},
	iam.Memberships.Name(): {
		kind: sallyportapi.EntityChangeKindGroupMembership, owners: membershipOwners, name: membershipName,
		document: shown(iam.Memberships, membershipDocument),
	},
	iam.AccessKeys.Name(): {
		kind: sallyportapi.EntityChangeKindAccessKey, owners: accessKeyOwners,
		name:     func(_ *index, _, key string, _ state.Revision) string { return key },
		document: shown(iam.AccessKeys, accessKeyDocument),
	},
	iam.LoginProfiles.Name(): {
		kind: sallyportapi.EntityChangeKindLoginProfile, owners: loginOwners, name: ownName,
		document: shown(iam.LoginProfiles, loginDocument),
	},
	iam.PasswordPolicies.Name(): {
		kind: sallyportapi.EntityChangeKindPasswordPolicy, name: ownName,
		owners:   func(x *index, _ string, _ []byte) ([]string, error) { return []string{x.account}, nil },
		document: shown(iam.PasswordPolicies, passwordPolicyDocument),
	},
	iam.OutboundFederations.Name(): {
		kind: sallyportapi.EntityChangeKindOutboundWebIdentityFederation, name: ownName,
		owners:   func(x *index, _ string, _ []byte) ([]string, error) { return []string{x.account}, nil },
		document: shown(iam.OutboundFederations, outboundDocument),
	},
	iam.SSHPublicKeys.Name(): {
		kind: sallyportapi.EntityChangeKindSSHPublicKey, owners: credentialOwners, name: restOfKey,
		document: shown(iam.SSHPublicKeys, sshKeyDocument),
	},
	iam.SigningCertificates.Name(): {
		kind: sallyportapi.EntityChangeKindSigningCertificate, owners: credentialOwners, name: restOfKey,
		document: shown(iam.SigningCertificates, signingCertificateDocument),
	},
	iam.ServerCertificates.Name(): entityPart(sallyportapi.EntityChangeKindServerCertificate, iam.ServerCertificates, serverCertificateDocument,
		func(c *iam.ServerCertificate) string { return "server-certificate" + c.Path + c.Name }),
	iam.ServiceCredentials.Name(): {
		kind: sallyportapi.EntityChangeKindServiceSpecificCredential, owners: credentialOwners, name: restOfKey,
		document: shown(iam.ServiceCredentials, serviceCredentialDocument),
	},
	iam.ConsoleSessions.Name(): {
		kind: sallyportapi.EntityChangeKindConsoleSession, owners: credentialOwners, name: restOfKey,
		document: shown(iam.ConsoleSessions, consoleSessionDocument),
	},
	// How often a security key was used is shown nowhere: its sign-ins are.
	iam.PasskeyCounts.Name(): {
		owners: func(*index, string, []byte) ([]string, error) { return nil, nil },
	},
	iam.MFADevices.Name(): {
		kind: sallyportapi.EntityChangeKindMFADevice, owners: deviceOwners, name: deviceName,
		resource: func(value []byte) (string, error) {
			d, err := iam.MFADevices.Decode(value)
			if err != nil {
				return "", err
			}
			return d.Kind + d.Path + d.Name, nil
		},
		document: shown(iam.MFADevices, deviceDocument),
	},
}

// entityPart is the part of a table whose rows are entities by unique id.
func entityPart[V any](kind string, t *state.Table[V], document func(string, *V) any, resource func(*V) string) part {
	return part{
		kind: kind, name: ownName, document: shown(t, document),
		owners: func(_ *index, key string, _ []byte) ([]string, error) { return []string{key}, nil },
		resource: func(value []byte) (string, error) {
			v, err := t.Decode(value)
			if err != nil {
				return "", err
			}
			return resource(v), nil
		},
	}
}

// shown decodes a row before it is shown.
func shown[V any](t *state.Table[V], document func(account string, v *V) any) func(string, []byte) (any, error) {
	return func(account string, value []byte) (any, error) {
		v, err := t.Decode(value)
		if err != nil {
			return nil, err
		}
		return document(account, v), nil
	}
}

// firstOfKey is the owner that begins a row's key.
func firstOfKey(_ *index, key string, _ []byte) ([]string, error) {
	owner, _, ok := strings.Cut(key, "/")
	if !ok {
		return nil, fmt.Errorf("key %q names no entity", key)
	}
	return []string{owner}, nil
}

// attachmentOwners are the user, group or role, and the policy when it is a
// customer managed one.
func attachmentOwners(x *index, key string, _ []byte) ([]string, error) {
	entity, policyARN, ok := strings.Cut(key, "/")
	if !ok {
		return nil, fmt.Errorf("key %q names no policy", key)
	}
	owners := []string{entity}
	if resource, ours := strings.CutPrefix(policyARN, iam.EntityARN(x.account, "", "", "")); ours {
		if policy := x.bearer(resource); policy != nil {
			owners = append(owners, policy.id)
		}
	}
	return owners, nil
}

// membershipOwners are the user and the group.
func membershipOwners(_ *index, key string, _ []byte) ([]string, error) {
	user, group, ok := strings.Cut(key, "/")
	if !ok {
		return nil, fmt.Errorf("key %q names no group", key)
	}
	return []string{user, group}, nil
}

// accessKeyOwners is the user, or the account for a key of root's. A key that
// was deleted does not say whose it was; the index does.
func accessKeyOwners(x *index, key string, value []byte) ([]string, error) {
	if value == nil {
		owner, ok := x.keys[key]
		if !ok {
			return nil, fmt.Errorf("access key %s was deleted but never made", key)
		}
		return []string{owner}, nil
	}
	k, err := iam.AccessKeys.Decode(value)
	if err != nil {
		return nil, err
	}
	if k.User == "" {
		return []string{x.account}, nil
	}
	return []string{k.User}, nil
}

// credentialOwners is the user that begins a CredentialKey, or the account for
// root's.
func credentialOwners(x *index, key string, _ []byte) ([]string, error) {
	return loginOwners(x, iam.CredentialOwner(key), nil)
}

// loginOwners is the user, or the account for root's profile.
func loginOwners(x *index, key string, _ []byte) ([]string, error) {
	if key == iam.RootLogin {
		return []string{x.account}, nil
	}
	return []string{key}, nil
}

// deviceOwners are the MFA device itself, whom it is assigned to, and whom it
// was assigned to before.
func deviceOwners(x *index, key string, value []byte) ([]string, error) {
	owners := []string{key}
	before, after := x.devices[key], ""
	if value != nil {
		var err error
		if after, err = holderOf(x, value); err != nil {
			return nil, err
		}
	}
	if before != "" {
		owners = append(owners, before)
	}
	if after != "" && after != before {
		owners = append(owners, after)
	}
	return owners, nil
}

// holderOf is the unique id of whom an MFA device is assigned to: the account's
// for root, none for nobody.
func holderOf(x *index, value []byte) (string, error) {
	d, err := iam.MFADevices.Decode(value)
	if err != nil {
		return "", err
	}
	if d.Owner == iam.RootLogin {
		return x.account, nil
	}
	return d.Owner, nil
}

func deviceName(x *index, _, key string, at state.Revision) string { return x.arnAt(key, at) }

func ownName(x *index, owner, _ string, at state.Revision) string { return x.arnAt(owner, at) }

func restOfKey(_ *index, _, key string, _ state.Revision) string {
	_, name, _ := strings.Cut(key, "/")
	return name
}

// versionName is the id of a policy version, whose key pads the number.
func versionName(_ *index, _, key string, _ state.Revision) string {
	_, number, _ := strings.Cut(key, "/")
	return "v" + strings.TrimLeft(number, "0")
}

// attachmentName and membershipName are the ARN of the other side.
func attachmentName(x *index, owner, key string, at state.Revision) string {
	entity, policyARN, _ := strings.Cut(key, "/")
	if owner == entity {
		return policyARN
	}
	return x.arnAt(entity, at)
}

func membershipName(x *index, owner, key string, at state.Revision) string {
	user, group, _ := strings.Cut(key, "/")
	if owner == user {
		return x.arnAt(group, at)
	}
	return x.arnAt(user, at)
}
