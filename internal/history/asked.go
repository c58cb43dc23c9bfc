package history

import (
	"strings"

	"sallyport/internal/iam"
	"sallyport/internal/ident"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// asked is what a request names: the entities that bore an ARN of the account,
// or the one with a unique id. Exactly one of resource and id is set, neither
// for an ARN that no entity of the account can bear.
type asked struct {
	resource string // such as "user/alice"
	id       string
}

// parse reads the Entity of a request of the account.
func parse(account, entity string) asked {
	if !strings.HasPrefix(entity, "arn:") {
		return asked{id: entity}
	}
	resource, _ := strings.CutPrefix(entity, iam.EntityARN(account, "", "", ""))
	if resource == entity {
		return asked{}
	}
	return asked{resource: resource}
}

// living is the ARN and tags of the entity that has the unique id now.
func living(r state.Reader, account, id string) (arn string, tags []operation.Tag, ok bool) {
	if id == account {
		return iam.RootARN(account), nil, true
	}
	if u, ok := iam.Users.Get(r, id); ok {
		return iam.UserARN(account, u), u.Tags, true
	}
	if g, ok := iam.Groups.Get(r, id); ok {
		return iam.GroupARN(account, g), nil, true
	}
	if role, ok := iam.Roles.Get(r, id); ok {
		return iam.RoleARN(account, role), role.Tags, true
	}
	if p, ok := iam.Policies.Get(r, id); ok {
		return iam.PolicyARN(account, p), p.Tags, true
	}
	if c, ok := iam.ServerCertificates.Get(r, id); ok {
		return iam.ServerCertificateARN(account, c), c.Tags, true
	}
	if d, ok := iam.MFADevices.Get(r, id); ok {
		return iam.MFADeviceARN(account, d), d.Tags, true
	}
	if p, ok := iam.InstanceProfiles.Get(r, id); ok {
		return iam.InstanceProfileARN(account, p), p.Tags, true
	}
	if p, ok := iam.SAMLProviders.Get(r, id); ok {
		return iam.SAMLProviderARN(account, p), p.Tags, true
	}
	return "", nil, false
}

// tagsOfARN are the tags of the entity that bears the ARN now, if there is one.
func tagsOfARN(r state.Reader, account, arn string) []operation.Tag {
	kind, rest, _ := strings.Cut(parse(account, arn).resource, "/")
	name := rest[strings.LastIndexByte(rest, '/')+1:]
	switch kind {
	case "user":
		if u, err := iam.FindUser(r, name); err == nil && iam.UserARN(account, u) == arn {
			return u.Tags
		}
	case "role":
		if role, err := iam.FindRole(r, name); err == nil && iam.RoleARN(account, role) == arn {
			return role.Tags
		}
	case "policy":
		if p, err := iam.FindPolicy(r, account, arn); err == nil {
			return p.Tags
		}
	case "server-certificate":
		if _, c, ok := iam.ServerCertificatesByName.First(r, iam.FoldName(name)); ok && iam.ServerCertificateARN(account, c) == arn {
			return c.Tags
		}
	case iam.MFAVirtual, iam.MFASecurityKey:
		if d, ok := iam.FindMFADevice(r, account, arn); ok {
			return d.Tags
		}
	case "instance-profile":
		if p, err := iam.FindInstanceProfile(r, name); err == nil && iam.InstanceProfileARN(account, p) == arn {
			return p.Tags
		}
	case iam.OIDCProviderKind:
		if p, err := iam.FindOIDCProvider(r, arn); err == nil {
			return p.Tags
		}
	case iam.SAMLProviderKind:
		if p, err := iam.FindSAMLProvider(r, arn); err == nil {
			return p.Tags
		}
	}
	return nil
}

// kinds are the kinds of entities by how their unique ids begin
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html).
var kinds = map[string]string{"AIDA": "user", "AGPA": "group", "AROA": "role", "ANPA": "policy", "ASCA": "server-certificate", "AIPA": "instance-profile", "SAML": "saml-provider", ident.PrefixMFADevice: "mfa"}

// unknown is the ARN that a unique id nobody has is authorized on: that of an
// entity which has the id for a name.
func unknown(account, id string) string {
	kind := "user"
	if k, ok := kinds[id[:min(4, len(id))]]; ok {
		kind = k
	}
	return iam.EntityARN(account, kind, "/", id)
}
