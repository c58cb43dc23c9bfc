package saml

import "net/http"

// Codes of the errors that Verify and Claims return, as STS spells them on the
// wire (AWS STS API Reference, AssumeRoleWithSAML).
const (
	CodeInvalidIdentityToken = "InvalidIdentityToken"
	CodeIDPRejectedClaim     = "IDPRejectedClaim"
	CodeExpiredToken         = "ExpiredTokenException"
	CodeAccessDenied         = "AccessDenied"
)

// discoveryInvalid is what AWS's service behind STS says of a response that it
// doesn't take; see Error.Discovery.
const discoveryInvalid = "AuthSamlInvalidSamlResponseException"

// Error is a refusal. All but Cause is safe to send: it holds nothing of the
// response.
type Error struct {
	Code    string // one of the Code constants
	Status  int    // HTTP status
	Message string // AWS's wording where it is known
	// Discovery, if set, is the code of the service behind STS, which AWS names in
	// parentheses behind the message: "(Service: AWSOpenIdDiscoveryService; Status
	// Code: 400; Error Code: …; Request ID: …; Proxy: null)".
	Discovery string
	Cause     error // for the log; nil where the message says it all
}

// Error implements error, for logs.
func (e *Error) Error() string {
	if e.Cause != nil {
		return e.Code + ": " + e.Message + ": " + e.Cause.Error()
	}
	return e.Code + ": " + e.Message
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

func invalid(message string, cause error) *Error {
	return &Error{Code: CodeInvalidIdentityToken, Status: http.StatusBadRequest, Message: message, Cause: cause}
}

// malformed is the answer to what isn't a response at all.
func malformed(message string, cause error) *Error {
	e := invalid(message, cause)
	e.Discovery = discoveryInvalid
	return e
}

// Messages are AWS's (IAM User Guide, troubleshoot_saml.html, or replies that its
// users published, spelling included), but for those in lower part.
const (
	messageBase64       = "Invalid base64 SAMLResponse"
	messageIssuer       = "Issuer not present in specified provider"
	messageSignature    = "Response signature invalid"
	messageConfirmation = "Responses must contain SubjectConfirmatonData with a Recipient and NotOnOrAfter"
	messageAudience     = "Response does not contain the required audience"
	messageAge          = "Token must be redeemed within 5 minutes of issuance"
	messageExpired      = "Response has expired"
	messageSession      = "RoleSessionName is required in AuthnResponse"
	messageSessionName  = "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}"
	messageSource       = `Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"`
	messageRole         = "SAML Assertion doesn't contain the requested Role and Metadata in the attributes"
	messageDenied       = "Not authorized to perform sts:AssumeRoleWithSAML"

	messageMalformed = "Invalid SAMLResponse"
	messageRejected  = "The identity provider reported that authentication failed"
	messageEncrypted = "Response must contain an encrypted assertion"
	messageOwnURL    = "An encrypted response must be sent to the URL of its provider"
	messageEarly     = "Response is not yet valid"
	messageRecipient = "Response is for another recipient"
	messageRequest   = "Response is to another request"
	messageDuration  = "SessionDuration in AuthnResponse must be a number of seconds from 900 to 43200"
	messageTag       = "PrincipalTag in AuthnResponse must have a key and exactly one value"
)

func rejected(cause error) *Error {
	return &Error{Code: CodeIDPRejectedClaim, Status: http.StatusForbidden, Message: messageRejected, Cause: cause}
}

func expired(message string) *Error {
	return &Error{Code: CodeExpiredToken, Status: http.StatusBadRequest, Message: message}
}

func denied(cause error) *Error {
	return &Error{Code: CodeAccessDenied, Status: http.StatusForbidden, Message: messageDenied, Cause: cause}
}
