package history

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"sallyport/internal/iam"
	"sallyport/internal/operation"
)

// The documents have the member names of the IAM API (User, Group, Role,
// Policy, PolicyVersion, AttachedPolicy, AccessKeyMetadata, LoginProfile,
// MFADevice, InstanceProfile, providers), with policies as JSON, as the aws CLI prints them. A document says what its own
// row holds and nothing of other rows, so that what is shown before one change
// is what was shown after the change before. Members are only ever added.

type tag struct{ Key, Value string }

type boundary struct{ PermissionsBoundaryType, PermissionsBoundaryArn string }

func tagsOf(tags []operation.Tag) []tag {
	out := make([]tag, len(tags))
	for i, t := range tags {
		out[i] = tag{t.Key, t.Value}
	}
	return out
}

func boundaryOf(policyARN string) *boundary {
	if policyARN == "" {
		return nil
	}
	return &boundary{"Policy", policyARN}
}

// policyJSON is a policy as JSON; as text if it is none, which no operation
// stores.
func policyJSON(document string) jsontext.Value {
	if v := jsontext.Value(document); v.IsValid() {
		return v
	}
	quoted, _ := jsontext.AppendQuote(nil, document) // the error only says that UTF-8 was replaced
	return quoted
}

func accountDocument(_ string, a *iam.Account) any {
	return struct {
		Id, Email, Name  string    `json:",omitzero"`
		AccountAlias     string    `json:",omitzero"`
		CreatedTimestamp time.Time `json:",omitzero"`

		GlobalEndpointTokenVersion int `json:",omitzero"`
	}{Id: a.ID, Email: a.Email, Name: a.Name, AccountAlias: a.Alias, CreatedTimestamp: a.Created, GlobalEndpointTokenVersion: a.TokenVersion}
}

func passwordPolicyDocument(_ string, p *iam.PasswordPolicy) any {
	return iam.DescribedPasswordPolicy(p)
}

// outboundDocument has the last part of the issuer's URL, and its keys by id, which
// the IAM API shows of neither.
func outboundDocument(_ string, f *iam.OutboundFederation) any {
	keys := make([]string, len(f.Keys))
	for i, k := range f.Keys {
		keys[i] = k.ID
	}
	return struct {
		IssuerId          string
		JwtVendingEnabled bool
		KeyIds            []string
	}{f.Issuer, f.Enabled, keys}
}

func userDocument(account string, u *iam.User) any {
	return struct {
		Path, UserName, UserId, Arn string
		CreateDate                  time.Time
		PasswordLastUsed            *time.Time `json:",omitzero"`
		PermissionsBoundary         *boundary  `json:",omitzero"`
		Tags                        []tag      `json:",omitempty"`
	}{
		Path: u.Path, UserName: u.Name, UserId: u.ID, Arn: iam.UserARN(account, u), CreateDate: u.Created,
		PasswordLastUsed: u.PasswordLastUsed, PermissionsBoundary: boundaryOf(u.Boundary), Tags: tagsOf(u.Tags),
	}
}

func groupDocument(account string, g *iam.Group) any {
	return struct {
		Path, GroupName, GroupId, Arn string
		CreateDate                    time.Time
	}{g.Path, g.Name, g.ID, iam.GroupARN(account, g), g.Created}
}

// roleDocument has one member that the IAM API lacks: TrustedPrincipalIds, the
// unique ids of the principals that the trust policy names by ARN, which are
// whom it trusts.
func roleDocument(account string, r *iam.Role) any {
	return struct {
		Path, RoleName, RoleId, Arn string
		CreateDate                  time.Time
		AssumeRolePolicyDocument    jsontext.Value
		TrustedPrincipalIds         map[string]string `json:",omitempty"`
		Description                 *string           `json:",omitzero"`
		MaxSessionDuration          int64
		PermissionsBoundary         *boundary `json:",omitzero"`
		Tags                        []tag     `json:",omitempty"`
	}{
		Path: r.Path, RoleName: r.Name, RoleId: r.ID, Arn: iam.RoleARN(account, r), CreateDate: r.Created,
		AssumeRolePolicyDocument: policyJSON(r.Trust), TrustedPrincipalIds: r.TrustPins,
		Description: r.Description, MaxSessionDuration: r.MaxSession,
		PermissionsBoundary: boundaryOf(r.Boundary), Tags: tagsOf(r.Tags),
	}
}

// instanceProfileDocument has RoleId for the API's list of one role: a row
// knows its role by id.
func instanceProfileDocument(account string, p *iam.InstanceProfile) any {
	return struct {
		Path, InstanceProfileName, InstanceProfileId, Arn string
		CreateDate                                        time.Time
		RoleId                                            string `json:",omitzero"`
		Tags                                              []tag  `json:",omitempty"`
	}{
		Path: p.Path, InstanceProfileName: p.Name, InstanceProfileId: p.ID, Arn: iam.InstanceProfileARN(account, p),
		CreateDate: p.Created, RoleId: p.Role, Tags: tagsOf(p.Tags),
	}
}

func policyDocument(account string, p *iam.Policy) any {
	return struct {
		PolicyName, PolicyId, Arn, Path, DefaultVersionId string
		CreateDate, UpdateDate                            time.Time
		Description                                       string `json:",omitzero"`
		Tags                                              []tag  `json:",omitempty"`
	}{
		PolicyName: p.Name, PolicyId: p.ID, Arn: iam.PolicyARN(account, p), Path: p.Path,
		DefaultVersionId: iam.VersionID(p.Default), CreateDate: p.Created, UpdateDate: p.Updated,
		Description: p.Description, Tags: tagsOf(p.Tags),
	}
}

func versionDocument(_ string, v *iam.PolicyVersion) any {
	return struct {
		VersionId  string
		Document   jsontext.Value
		CreateDate time.Time
	}{iam.VersionID(v.Number), policyJSON(v.Document), v.Created}
}

func inlineDocument(_ string, p *iam.InlinePolicy) any {
	return struct {
		PolicyName     string
		PolicyDocument jsontext.Value
	}{p.Name, policyJSON(p.Document)}
}

func attachmentDocument(_ string, a *iam.Attachment) any {
	return struct {
		PolicyArn, EntityId string
		AttachDate          time.Time
	}{a.Policy, a.Entity, a.At}
}

func membershipDocument(_ string, m *iam.Membership) any {
	return struct {
		UserId, GroupId string
		JoinDate        time.Time
	}{m.User, m.Group, m.At}
}

func status(active bool) string {
	if active {
		return "Active"
	}
	return "Inactive"
}

func accessKeyDocument(_ string, k *iam.AccessKey) any {
	return struct {
		AccessKeyId, Status string
		CreateDate          time.Time
	}{k.ID, status(k.Active), k.Created}
}

func loginDocument(_ string, p *iam.LoginProfile) any {
	return struct {
		CreateDate            time.Time
		PasswordLastChanged   time.Time
		PasswordResetRequired bool
	}{p.Created, p.Changed, p.ResetRequired}
}

func sshKeyDocument(_ string, k *iam.SSHPublicKey) any {
	return struct {
		SSHPublicKeyId, SSHPublicKeyBody, Status string
		UploadDate                               time.Time
	}{k.ID, k.Key, status(k.Active), k.Uploaded}
}

func signingCertificateDocument(_ string, c *iam.SigningCertificate) any {
	return struct {
		CertificateId, CertificateBody, Status string
		UploadDate                             time.Time
	}{c.ID, c.Body, status(c.Active), c.Uploaded}
}

// serverCertificateDocument leaves the chain out, which may be of megabytes and
// never changes.
func serverCertificateDocument(account string, c *iam.ServerCertificate) any {
	return struct {
		Path, ServerCertificateName, ServerCertificateId, Arn string
		UploadDate, Expiration                                time.Time
		CertificateBody                                       string
		Tags                                                  []tag `json:",omitempty"`
	}{
		Path: c.Path, ServerCertificateName: c.Name, ServerCertificateId: c.ID, Arn: iam.ServerCertificateARN(account, c),
		UploadDate: c.Uploaded, Expiration: c.Expires, CertificateBody: c.Body, Tags: tagsOf(c.Tags),
	}
}

// serviceCredentialDocument has one member that the IAM API lacks: ResetDate,
// when the password or API key was replaced last.
func serviceCredentialDocument(_ string, c *iam.ServiceCredential) any {
	return struct {
		ServiceSpecificCredentialId, ServiceName, ServiceUserName, Status string
		CreateDate                                                        time.Time
		ResetDate                                                         time.Time  `json:",omitzero"`
		ExpirationDate                                                    *time.Time `json:",omitzero"`
	}{
		ServiceSpecificCredentialId: c.ID, ServiceName: c.Service, ServiceUserName: c.UserName, Status: status(c.Active),
		CreateDate: c.Created, ResetDate: c.Reset, ExpirationDate: c.Expires,
	}
}

// deviceDocument has two members that the IAM API lacks: AssignedTo, the unique
// id of the user, or "root"; and what the device's codes were synchronized with.
func deviceDocument(account string, d *iam.MFADevice) any {
	return struct {
		SerialNumber   string
		CreateDate     time.Time
		AssignedTo     string            `json:",omitzero"`
		EnableDate     time.Time         `json:",omitzero"`
		ClockDrift     int64             `json:",omitzero"`
		LastStep       int64             `json:",omitzero"`
		Tags           []tag             `json:",omitempty"`
		Certifications map[string]string `json:",omitempty"`
	}{iam.MFASerial(account, d), d.Created, d.Owner, d.Enabled, d.Drift, d.LastStep, tagsOf(d.Tags), d.Certifications}
}

// consoleSessionDocument has the members of sallyport's ListConsoleSessions.
func consoleSessionDocument(_ string, s *iam.ConsoleSession) any {
	switched := ""
	if s.Switched != nil {
		switched = "arn:aws:sts::" + s.Switched.Account + ":assumed-role/" + s.Switched.RoleName + "/" + s.Switched.Name
	}
	return struct {
		CreatedTimestamp, ExpiresTimestamp time.Time
		MfaAuthenticated                   bool
		SourceIpAddress                    string
		UserAgent                          string `json:",omitzero"`
		SwitchedRoleArn                    string `json:",omitzero"`
	}{s.Created, s.Expires, !s.MFAAt.IsZero(), s.SourceIP, s.UserAgent, switched}
}

func oidcProviderDocument(account string, p *iam.OIDCProvider) any {
	return struct {
		OpenIDConnectProviderArn, Url string
		CreateDate                    time.Time
		ClientIDList, ThumbprintList  []string
		Tags                          []tag `json:",omitempty"`
	}{
		OpenIDConnectProviderArn: iam.OIDCProviderARN(account, p), Url: p.URL, CreateDate: p.Created,
		ClientIDList: p.ClientIDs, ThumbprintList: p.Thumbprints, Tags: tagsOf(p.Tags),
	}
}

// samlProviderDocument has the hash of the metadata document for the document,
// which may be of megabytes: SAMLMetadataDocumentSHA256, in hexadecimal digits.
func samlProviderDocument(account string, p *iam.SAMLProvider) any {
	type key struct {
		KeyId     string
		Timestamp time.Time
	}
	keys := make([]key, len(p.PrivateKeys))
	for i, k := range p.PrivateKeys {
		keys[i] = key{k.ID, k.Created}
	}
	digest := sha256.Sum256([]byte(p.Metadata))
	return struct {
		SAMLProviderUUID, SAMLProviderArn, SAMLMetadataDocumentSHA256 string
		CreateDate, UpdateDate                                        time.Time
		ValidUntil                                                    *time.Time `json:",omitzero"`
		AssertionEncryptionMode                                       string     `json:",omitzero"`
		PrivateKeyList                                                []key      `json:",omitempty"`
		Tags                                                          []tag      `json:",omitempty"`
	}{
		SAMLProviderUUID: p.ID, SAMLProviderArn: iam.SAMLProviderARN(account, p), SAMLMetadataDocumentSHA256: hex.EncodeToString(digest[:]),
		CreateDate: p.Created, UpdateDate: p.Updated, ValidUntil: p.ValidUntil,
		AssertionEncryptionMode: p.EncryptionMode, PrivateKeyList: keys, Tags: tagsOf(p.Tags),
	}
}

// encode writes a document. Equal rows give equal bytes.
func encode(document any) (string, error) {
	b, err := json.Marshal(document, json.Deterministic(true))
	return string(b), err
}
