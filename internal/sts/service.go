package sts

import (
	"context"

	"sallyport/internal/api/stsapi"
	"sallyport/internal/ident"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// A Service carries out STS's operations.
type Service struct {
	tokens    *Tokens
	messages  *Messages
	ident     *ident.Source
	mfa       SecondFactor
	issuers   Issuers
	accounts  func(account string) (*state.View, bool)
	directory func() (*state.View, bool)
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
	// Sign makes a token of claims, which are JSON.
	Sign(ctx context.Context, r state.Reader, account, algorithm string, claims []byte) (string, error)
}

// New returns the service. accounts gives the committed state of an account,
// directory that of the directory.
func New(tokens *Tokens, messages *Messages, ids *ident.Source, mfa SecondFactor, issuers Issuers, accounts func(account string) (*state.View, bool), directory func() (*state.View, bool)) *Service {
	return &Service{tokens: tokens, messages: messages, ident: ids, mfa: mfa, issuers: issuers, accounts: accounts, directory: directory}
}

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
	identityToken := operation.Reads(stsapi.OpGetWebIdentityToken, authorizeIdentityToken, s.getWebIdentityToken)
	identityToken.Issues = true
	return []operation.Definition{
		identity, session, federated, assume, identityToken,
		operation.Reads(stsapi.OpGetAccessKeyInfo, authorizeKeyInfo, s.getAccessKeyInfo),
		operation.Reads(stsapi.OpDecodeAuthorizationMessage, authorizeDecode, s.decodeAuthorizationMessage),
	}
}
