package oidc

import "errors"

// A Kind says what is wrong, as AWS STS tells it apart
// (https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html).
type Kind uint8

const (
	// Invalid tokens could not be validated: InvalidIdentityToken.
	Invalid Kind = iota
	// Expired tokens may have been good: ExpiredTokenException.
	Expired
	// Unreachable says that an issuer whose keys are not known failed to answer a
	// moment ago and is not asked again yet: IDPCommunicationError, which SDKs try
	// again.
	Unreachable
)

// An Error is why a token is refused. Message is for the client, in AWS's words
// where they are known; Cause is for the log.
type Error struct {
	Kind    Kind
	Message string
	Cause   error
}

// Error returns message and cause. Neither holds any part of a token but its
// issuer.
func (e *Error) Error() string {
	if e.Cause != nil {
		return e.Message + ": " + e.Cause.Error()
	}
	return e.Message
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// ErrNotAsked says that an issuer's keys are not known and the caller did not want
// it to be asked.
var ErrNotAsked = errors.New("oidc: the issuer's keys are not known")

// Messages. Those of AWS are as its users quote them.
const (
	msgNotJWT     = "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
	msgIssuer     = "Issuer must be a valid URL"
	msgMissing    = "Missing a required claim: "
	msgAudience   = "Incorrect token audience"
	msgKey        = "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements"
	msgThumbprint = "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint"
	msgTooOld     = "Token must be redeemed within 24 hours of issuance"

	// AWS's words for these are not known.
	msgAlgorithm   = "The signature algorithm of the token is not supported."
	msgCritical    = "The token has critical header parameters that are not supported."
	msgClaim       = "The token has an invalid claim: "
	msgNotYet      = "The token is not valid yet."
	msgSignature   = "The token's signature is not valid."
	msgUnreachable = "The identity provider could not be reached. Try again later."
)

func invalid(message string, cause error) *Error {
	return &Error{Kind: Invalid, Message: message, Cause: cause}
}
