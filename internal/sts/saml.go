package sts

import (
	"cmp"
	"context"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"sallyport/arn"
	"sallyport/internal/api"
	"sallyport/internal/api/stsapi"
	"sallyport/internal/federation/saml"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
	"sallyport/policy"
	"sallyport/policy/condition"
)

const samlAction = "sts:AssumeRoleWithSAML"

// What identity providers know AWS by. Those that were set up for it name their
// audience and recipient so (IAM User Guide,
// id_roles_providers_create_saml_relying-party.html).
const (
	awsAudience = "urn:amazon:webservices"
	awsSignIn   = "https://signin.aws.amazon.com/saml"
)

// SAMLConsumer is between the sign-in URL and a provider's id, where the provider
// has a URL of its own; encrypted assertions need it (IAM User Guide,
// id_roles_providers_create_saml_assertions.html).
const SAMLConsumer = "/acs/"

// samlSkew is how far a provider's clock may be off.
const samlSkew = time.Minute

// rememberedKeys are the condition keys of an assertion that its session keeps
// (IAM User Guide, reference_policies_iam-condition-keys.html#condition-keys-saml).
var rememberedKeys = []string{"saml:namequalifier", "saml:sub", "saml:sub_type"}

// SAMLOptions are what the service needs to take the assertions of SAML providers.
type SAMLOptions struct {
	// SignIn is the URL that assertions are sent to.
	SignIn string
	// Secret opens a sealed secret of an account.
	Secret func(ctx context.Context, account, id string) ([]byte, error)
	// Once reports whether a key is new, and keeps it until it expires.
	Once func(ctx context.Context, key string, expires time.Time) (bool, error)
}

// identifySAML finds out who calls AssumeRoleWithSAML, which the assertion proves
// and nothing else
// (https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html).
func (s *Service) identifySAML(c *operation.Call, in *stsapi.AssumeRoleWithSAMLRequest) (*operation.Caller, string, error) {
	target, err := roleARN(*in.RoleArn)
	if err != nil {
		return nil, "", err
	}
	named, err := arn.Parse(*in.PrincipalArn)
	if err != nil || named.Service != "iam" || !strings.HasPrefix(named.Resource, "saml-provider/") {
		return nil, "", api.ValidationError(c.Op.Service, "%s is invalid", *in.PrincipalArn)
	}
	view, known := s.Accounts(named.Account)
	if !known || named.Account != target.Account {
		return nil, "", s.samlError(errNoSAMLProvider)
	}
	account := named.Account
	provider, err := iam.FindSAMLProvider(view, *in.PrincipalArn)
	if err != nil {
		return nil, account, s.samlError(errNoSAMLProvider)
	}
	vouched, err := s.vouchSAML(c.Context, c.Now, account, provider, *in.SAMLAssertion)
	if err != nil {
		return nil, account, s.samlError(err)
	}
	if err := vouched.claims.CheckRole(*in.RoleArn, *in.PrincipalArn); err != nil {
		return nil, account, s.samlError(err)
	}
	caller := vouched.caller()
	if vouched.assertion.OneTimeUse {
		caller.Assertion.Once, caller.Assertion.OnceUntil = vouched.once(), vouched.assertion.Expires
	}
	if err := possibleSAML(caller, in); err != nil {
		return nil, account, err
	}
	return caller, account, nil
}

// possibleSAML refuses an assertion that wants what no session can have, whatever
// the role allows.
func possibleSAML(caller *operation.Caller, in *stsapi.AssumeRoleWithSAMLRequest) error {
	request := samlRequest(caller, in)
	err := api.Validate(stsapi.OpAssumeRole, request, stsapi.Service.Style())
	if err == nil {
		_, err = newAssumption(caller, request)
	}
	if err != nil {
		return stsapi.InvalidIdentityTokenException("%s", api.From(err).Message)
	}
	return nil
}

// A samlVouched is what a provider says of somebody, verified.
type samlVouched struct {
	account, provider string // the provider's account and ARN
	assertion         *saml.Assertion
	claims            *saml.Claims
}

// vouchSAML checks a response as one of the provider's, and reads what it says to
// AWS.
func (s *Service) vouchSAML(ctx context.Context, now time.Time, account string, p *iam.SAMLProvider, response string) (*samlVouched, error) {
	assertion, err := s.verifySAML(ctx, now, account, p, response, saml.Rules{Recipients: s.samlURLs(p.ID)})
	if err != nil {
		return nil, err
	}
	return readSAML(account, p, assertion)
}

// readSAML reads what an assertion that a provider's metadata verified says to AWS.
func readSAML(account string, p *iam.SAMLProvider, assertion *saml.Assertion) (*samlVouched, error) {
	claims, err := assertion.Claims(account, p.Name)
	if err != nil {
		return nil, err
	}
	return &samlVouched{account: account, provider: iam.SAMLProviderARN(account, p), assertion: assertion, claims: claims}, nil
}

// verifySAML verifies a response by the provider's metadata, which was checked when
// it was given. Strangers can send what takes milliseconds to refuse: no more than
// half of the processors do that, and what comes while too many wait is Throttling.
// rules say at which URLs it may be received.
func (s *Service) verifySAML(ctx context.Context, now time.Time, account string, p *iam.SAMLProvider, response string, rules saml.Rules) (*saml.Assertion, error) {
	metadata, err := s.metadata(p)
	if err != nil {
		return nil, err
	}
	rules.Audiences = append([]string{awsAudience}, rules.Recipients...)
	rules.Encryption, rules.Skew = p.EncryptionMode, samlSkew
	if rules.Keys, err = s.samlKeys(ctx, account, p); err != nil {
		return nil, err
	}
	if err := s.responses.Enter(); err != nil {
		return nil, api.Throttling().WithCause(err)
	}
	defer s.responses.Leave()
	var assertion *saml.Assertion
	var refused error
	err = s.responses.Run(ctx, func() { assertion, refused = saml.Verify([]byte(response), metadata, now, rules) })
	return assertion, cmp.Or(err, refused)
}

// samlURLs are the URLs that responses are sent to: those of all providers, and the
// own one of the provider with the id, unless it is empty.
func (s *Service) samlURLs(id string) []string {
	urls := []string{awsSignIn, s.SAML.SignIn}
	if id != "" {
		urls = append(urls, awsSignIn+SAMLConsumer+id, s.SAML.SignIn+SAMLConsumer+id)
	}
	return urls
}

// samlKeys opens the keys by which a provider's assertions are decrypted.
func (s *Service) samlKeys(ctx context.Context, account string, p *iam.SAMLProvider) ([]*rsa.PrivateKey, error) {
	var keys []*rsa.PrivateKey
	for _, k := range p.PrivateKeys {
		text, err := s.SAML.Secret(ctx, account, iam.SAMLKeySecret(p.ID, k.ID))
		if err != nil {
			return nil, fmt.Errorf("private key %s of SAML provider %s: %w", k.ID, p.ID, err)
		}
		key, err := saml.ParsePrivateKey(text)
		if err != nil {
			return nil, fmt.Errorf("private key %s of SAML provider %s: %w", k.ID, p.ID, err)
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// maxMetadata bounds how many providers' metadata is kept read.
const maxMetadata = 1000

// A readMetadata is a provider's metadata, as it was when of was the provider.
type readMetadata struct {
	of       *iam.SAMLProvider
	metadata *saml.Metadata
}

// metadata reads a provider's metadata, once for each change of it: strangers can
// ask for it at any rate.
func (s *Service) metadata(p *iam.SAMLProvider) (*saml.Metadata, error) {
	s.metadataMu.Lock()
	defer s.metadataMu.Unlock()
	if r, ok := s.metadataOf[p.ID]; ok && r.of == p {
		return r.metadata, nil
	}
	m, err := saml.ParseMetadata([]byte(p.Metadata))
	if err != nil {
		return nil, fmt.Errorf("metadata of SAML provider %s: %w", p.ID, err)
	}
	if s.metadataOf == nil || len(s.metadataOf) >= maxMetadata {
		s.metadataOf = make(map[string]readMetadata)
	}
	s.metadataOf[p.ID] = readMetadata{p, m}
	return m, nil
}

// errNoSAMLProvider is AWS's answer for a provider that isn't there, as its users
// published it (IAM User Guide, troubleshoot_saml.html).
var errNoSAMLProvider = &saml.Error{
	Code: saml.CodeInvalidIdentityToken, Status: 400,
	Message: "Specified provider doesn't exist", Discovery: "AuthSamlManifestNotFoundException",
}

// samlError is how STS reports a response that is refused: behind the words of the
// service that AWS has look at it, in parentheses, come that service and its code
// (row sts-035).
func (s *Service) samlError(err error) error {
	refusal, ok := errors.AsType[*saml.Error](err)
	if !ok {
		return err
	}
	message := refusal.Message
	if refusal.Discovery != "" {
		message += fmt.Sprintf(" (Service: AWSOpenIdDiscoveryService; Status Code: %d; Error Code: %s; Request ID: %s; Proxy: null)",
			refusal.Status, refusal.Discovery, s.Ident.RequestID())
	}
	return api.Errorf(refusal.Code, refusal.Status, true, "%s", message).WithCause(refusal.Cause)
}

// caller makes a caller of an assertion.
func (v *samlVouched) caller() *operation.Caller {
	claims := v.claims
	made := &operation.Assertion{
		Federation: operation.Federation{Provider: v.provider, Keys: make(map[string][]string)},
		Subject:    claims.Subject, Audience: claims.Audience, Context: claims.Keys,
		Transitive: claims.TransitiveTagKeys, SourceIdentity: claims.SourceIdentity,
		SessionName: claims.RoleSessionName, SessionEnds: v.assertion.SessionNotOnOrAfter,
	}
	for _, key := range rememberedKeys {
		made.Keys[key] = []string{only(claims.Keys, key)}
	}
	for _, tag := range claims.Tags {
		made.Tags = append(made.Tags, operation.Tag{Key: tag.Key, Value: tag.Value})
	}
	return &operation.Caller{
		Principal: policy.Principal{
			Kind: policy.Federated, Account: v.account, Federated: v.provider,
			ID: claims.NameQualifier + ":" + claims.Subject,
		},
		Assertion: made,
	}
}

// once names an assertion among all providers'.
func (v *samlVouched) once() string {
	sum := sha256.Sum256([]byte(v.assertion.Issuer + "\x00" + v.assertion.ID))
	return "saml-assertion/" + hex.EncodeToString(sum[:])
}

// samlRequest is what the caller asks for, as AssumeRole would be asked for it.
func samlRequest(caller *operation.Caller, in *stsapi.AssumeRoleWithSAMLRequest) *stsapi.AssumeRoleRequest {
	return federatedRequest(caller, &stsapi.AssumeRoleRequest{
		RoleArn: in.RoleArn, RoleSessionName: &caller.Assertion.SessionName, DurationSeconds: in.DurationSeconds,
		Policy: in.Policy, PolicyArns: in.PolicyArns, MinimumSessionTokenSize: in.MinimumSessionTokenSize,
	})
}

// authorizeSAML asks for sts:AssumeRoleWithSAML on the role.
func (s *Service) authorizeSAML(c *operation.Call, _ state.Reader, in *stsapi.AssumeRoleWithSAMLRequest) ([]operation.Check, error) {
	asked, err := newAssumption(c.Caller, samlRequest(c.Caller, in))
	if err != nil {
		return nil, err
	}
	return s.checks(c, asked, samlAction, maps.Clone(c.Caller.Assertion.Context)), nil
}

// assumeRoleWithSAML issues the credentials of a role session. An assertion can be
// used again until it expires, as at AWS, unless it says that it must not.
func (s *Service) assumeRoleWithSAML(c *operation.Call, _ state.Reader, in *stsapi.AssumeRoleWithSAMLRequest) (*stsapi.AssumeRoleWithSAMLResponse, error) {
	a := c.Caller.Assertion
	asked, err := newAssumption(c.Caller, samlRequest(c.Caller, in))
	if err != nil {
		return nil, err
	}
	out, err := s.assume(c, asked)
	if err != nil {
		return nil, err
	}
	if a.Once != "" {
		first, err := s.SAML.Once(c.Context, a.Once, a.OnceUntil)
		if err != nil {
			return nil, err
		}
		if !first {
			return nil, stsapi.InvalidIdentityTokenException("The assertion was used before, and it says that it must not be used twice.")
		}
	}
	return &stsapi.AssumeRoleWithSAMLResponse{
		Credentials: out.Credentials, AssumedRoleUser: out.AssumedRoleUser, PackedPolicySize: out.PackedPolicySize,
		SessionTokenSize: out.SessionTokenSize, SessionTokenUtilization: out.SessionTokenUtilization,
		SourceIdentity: out.SourceIdentity, Subject: &a.Subject, Audience: &a.Audience,
		SubjectType: new(only(a.Context, "saml:sub_type")), Issuer: new(only(a.Context, "saml:iss")),
		NameQualifier: new(only(a.Context, "saml:namequalifier")),
	}, nil
}

// only is the value of a key that has one.
func only(keys condition.Map, key string) string {
	v := keys[key]
	if v.Len() != 1 {
		return ""
	}
	return v.At(0)
}
