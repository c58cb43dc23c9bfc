package sts

import (
	"context"
	"runtime"
	"sync"

	"sallyport/internal/api/stsapi"
	"sallyport/internal/credential"
	"sallyport/internal/ident"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// Config is what a Service needs. WebIdentities and SAML may be left out where
// nothing is served.
type Config struct {
	Tokens        *Tokens
	Messages      *Messages
	Ident         *ident.Source
	MFA           SecondFactor
	WebIdentities WebIdentities
	SAML          SAMLOptions
	Issuers       Issuers
	// Accounts gives the committed state of an account, Directory that of the
	// directory.
	Accounts  func(account string) (*state.View, bool)
	Directory func() (*state.View, bool)
}

// A Service carries out STS's operations.
type Service struct {
	Config
	responses *credential.Gate // of SAML

	metadataMu sync.Mutex
	metadataOf map[string]readMetadata // by the provider's id
}

// A SecondFactor decides whether a serial number and a code prove that the
// caller has an MFA device; *mfa.Service does. It uses the code up and returns
// the device's id, nothing when neither is given. r is of the caller's account.
type SecondFactor interface {
	Prove(c *operation.Call, r state.Reader, serial, code *string) (device string, err error)
}

// Issuers have the issuers of web identity tokens of accounts; *outbound.Service
// does. r is of the account.
type Issuers interface {
	// Issuer is the URL of the account's issuer; ok is false when it issues no
	// tokens.
	Issuer(r state.Reader, account string) (url string, ok bool)
	// Own reports whether a URL is that of an issuer of this server.
	Own(issuer string) bool
	// Sign makes a token of claims, which are JSON.
	Sign(ctx context.Context, r state.Reader, account, algorithm string, claims []byte) (string, error)
}

// New returns the service.
func New(c Config) *Service {
	return &Service{Config: c, responses: credential.NewGate(max(1, runtime.GOMAXPROCS(0)/2), waitingResponses)}
}

// waitingResponses is how many SAML responses may wait to be verified.
const waitingResponses = 64

// Operations lists what the service serves.
func (s *Service) Operations() []operation.Definition {
	identity := operation.Reads(stsapi.OpGetCallerIdentity, nil, s.getCallerIdentity)
	identity.Open = "GetCallerIdentity needs no permission, and no policy can deny it"

	session := operation.Reads(stsapi.OpGetSessionToken, nil, s.getSessionToken)
	session.Open = "GetSessionToken needs no permission; policies can't restrict it"
	session.Issues = true

	federated := operation.Reads(stsapi.OpGetFederationToken, authorizeFederation, s.getFederationToken)
	federated.Issues = true
	federated.NotReadOnly = true // row ct-017

	assume := operation.Reads(stsapi.OpAssumeRole, s.authorizeAssumeRole, s.assumeRole)
	assume.Issues = true

	webIdentity := operation.Identifies(
		operation.Reads(stsapi.OpAssumeRoleWithWebIdentity, s.authorizeWebIdentity, s.assumeRoleWithWebIdentity), s.identifyWebIdentity)
	webIdentity.Issues = true
	assertion := operation.Identifies(operation.Reads(stsapi.OpAssumeRoleWithSAML, s.authorizeSAML, s.assumeRoleWithSAML), s.identifySAML)
	assertion.Issues = true
	identityToken := operation.Reads(stsapi.OpGetWebIdentityToken, authorizeIdentityToken, s.getWebIdentityToken)
	identityToken.Issues = true
	return []operation.Definition{
		identity, session, federated, assume, webIdentity, assertion, identityToken,
		operation.Reads(stsapi.OpGetAccessKeyInfo, authorizeKeyInfo, s.getAccessKeyInfo),
		operation.Reads(stsapi.OpDecodeAuthorizationMessage, authorizeDecode, s.decodeAuthorizationMessage),
	}
}
