package audit

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"sallyport/internal/api"
	"sallyport/internal/operation"
	"sallyport/policy"
)

// EventVersion is the version of CloudTrail's record format that is written.
const EventVersion = "1.11"

// An Event is one API call to be recorded.
type Event struct {
	ID        string // eventID, a UUID
	RequestID string
	Time      time.Time
	// Source is the event source, such as "iam.amazonaws.com", and Name the
	// operation.
	Source string
	Name   string
	Region string
	// SourceIP and UserAgent are the client's; UserAgent is cut to
	// maxUserAgent.
	SourceIP  string
	UserAgent string
	// Caller is nil when authentication failed; AccessKeyID is then what the
	// request claimed.
	Caller      *operation.Caller
	AccessKeyID string
	// Service is set for what the server did by itself.
	Service string
	// Op, In and Out are nil when the request was not decoded, or gave no
	// reply.
	Op      *api.Operation
	In, Out any
	// ErrorCode and ErrorMessage are empty for success.
	ErrorCode    string
	ErrorMessage string
	Mutating     bool
	// Recipient is the account whose trail this record belongs to.
	Recipient string
	// SharedID joins the records of one call in several accounts.
	SharedID string
	// Resources are the ARNs that a cross-account call was about.
	Resources []Resource
	TLS       *TLS
	// SignIn is set for what people did where they sign in, which is no call of
	// an operation.
	SignIn *SignIn
}

// A SignIn is what a record of the sign-in service has in place of parameters
// and a reply
// (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html).
type SignIn struct {
	Response   []Member // responseElements
	Additional []Member // additionalEventData
	// Root and Hidden describe somebody who is not known, so that Caller is nil: a
	// root user, or a user whose name may be a password put into the wrong field.
	Root, Hidden bool
	// SAML is for somebody whom an identity provider is said to have sent, and is
	// not believed.
	SAML bool
}

// A Member is a name and its value in a record.
type Member struct{ Name, Value string }

// A Resource is an entry of a record's "resources".
type Resource struct{ Account, Type, ARN string }

// TLS are the connection's "tlsDetails".
type TLS struct{ Version, CipherSuite, Host string }

// maxUserAgent is CloudTrail's own limit for the field, in bytes.
const maxUserAgent = 1024

// Append adds the record's JSON to dst.
func (e *Event) Append(dst []byte) []byte {
	o := object{buf: append(dst, '{'), first: true}
	o.str("eventVersion", EventVersion)
	o.key("userIdentity")
	o.buf = e.identity(o.buf)
	o.time("eventTime", e.Time)
	o.str("eventSource", e.Source)
	o.str("eventName", e.Name)
	o.str("awsRegion", e.Region)
	o.str("sourceIPAddress", e.SourceIP)
	o.str("userAgent", truncate(e.UserAgent, maxUserAgent))
	if e.ErrorCode != "" {
		o.str("errorCode", e.ErrorCode)
	}
	if e.ErrorCode != "" || e.ErrorMessage != "" {
		o.str("errorMessage", e.ErrorMessage)
	}
	o.key("requestParameters")
	o.buf = e.parameters(o.buf)
	o.key("responseElements")
	o.buf = e.response(o.buf)
	if e.SignIn != nil {
		o.members("additionalEventData", e.SignIn.Additional)
	}
	o.str("requestID", e.RequestID)
	o.str("eventID", e.ID)
	o.bool("readOnly", !e.Mutating)
	if len(e.Resources) > 0 {
		o.key("resources")
		o.buf = appendResources(o.buf, e.Resources)
	}
	o.str("eventType", e.eventType())
	o.bool("managementEvent", true)
	o.str("recipientAccountId", e.Recipient)
	if e.SharedID != "" {
		o.str("sharedEventID", e.SharedID)
	}
	o.str("eventCategory", "Management")
	if e.TLS != nil {
		o.key("tlsDetails")
		t := object{buf: append(o.buf, '{'), first: true}
		t.str("tlsVersion", e.TLS.Version)
		t.str("cipherSuite", e.TLS.CipherSuite)
		t.str("clientProvidedHostHeader", e.TLS.Host)
		o.buf = append(t.buf, '}')
	}
	if e.Caller != nil && e.Caller.Console != nil && e.SignIn == nil {
		o.str("sessionCredentialFromConsole", "true")
	}
	return append(o.buf, '}')
}

func (e *Event) eventType() string {
	if e.SignIn != nil {
		return "AwsConsoleSignIn"
	}
	return "AwsApiCall"
}

// response appends what changed, or for calls that issue credentials what was
// issued. Replies to reads are not recorded, as in CloudTrail.
func (e *Event) response(dst []byte) []byte {
	if e.SignIn != nil {
		return appendMembers(dst, e.SignIn.Response)
	}
	if e.Out == nil || e.Op == nil || (!e.Mutating && !issues(e.Op)) {
		return append(dst, "null"...)
	}
	return appendParameters(dst, e.Op.Output, e.Out, formOf(e.Op.Service, true))
}

// issues reports whether the operation's reply carries temporary credentials or
// another token.
func issues(op *api.Operation) bool {
	if op.Output == nil {
		return false
	}
	for i := range op.Output.Members {
		if m := &op.Output.Members[i]; m.Name == "Credentials" || m.Shape.Sensitive {
			return true
		}
	}
	return false
}

// parameters appends what was asked for.
func (e *Event) parameters(dst []byte) []byte {
	if e.Op == nil {
		return append(dst, "null"...)
	}
	return appendParameters(dst, e.Op.Input, e.In, formOf(e.Op.Service, false))
}

// identity writes userIdentity
// (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html).
func (e *Event) identity(dst []byte) []byte {
	o := object{buf: append(dst, '{'), first: true}
	c := e.Caller
	if e.Service != "" {
		o.str("type", "AWSService")
		o.str("invokedBy", e.Service)
		return append(o.buf, '}')
	}
	if c == nil && e.SignIn != nil {
		return e.SignIn.identity(o, e.Recipient)
	}
	if c == nil {
		o.str("type", "Unknown")
		if e.AccessKeyID != "" {
			o.str("accessKeyId", truncate(e.AccessKeyID, 128))
		}
		return append(o.buf, '}')
	}
	if c.Assertion != nil {
		return appendFederated(o, c)
	}
	o.str("type", identityType(c.Principal.Kind))
	o.str("principalId", c.Principal.ID)
	o.str("arn", c.Principal.ARN)
	o.str("accountId", c.Principal.Account)
	if c.AccessKeyID != "" {
		o.str("accessKeyId", c.AccessKeyID)
	}
	if c.UserName != "" {
		o.str("userName", c.UserName)
	}
	if c.Session != nil {
		o.key("sessionContext")
		o.buf = sessionContext(o.buf, c)
	}
	return append(o.buf, '}')
}

// identity is what is told of somebody who could not be told who they are.
func (s *SignIn) identity(o object, account string) []byte {
	kind := map[bool]string{true: "Root", false: "IAMUser"}[s.Root]
	if s.SAML {
		kind = "SAMLUser"
	}
	o.str("type", kind)
	if account != "" {
		o.str("accountId", account)
	}
	o.str("accessKeyId", "")
	if s.Hidden {
		o.str("userName", hidden)
	}
	return append(o.buf, '}')
}

// appendFederated writes a caller that an identity provider vouches for
// (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html#STS-API-SAML-WIF).
func appendFederated(o object, c *operation.Caller) []byte {
	kind := "WebIdentityUser"
	if saml(&c.Assertion.Federation) {
		kind = "SAMLUser"
	}
	o.str("type", kind)
	o.str("principalId", c.Principal.ID)
	o.str("userName", c.Assertion.Subject)
	o.str("identityProvider", c.Assertion.Provider)
	return append(o.buf, '}')
}

func saml(f *operation.Federation) bool { return strings.Contains(f.Provider, ":saml-provider/") }

func sessionContext(dst []byte, c *operation.Caller) []byte {
	o := object{buf: append(dst, '{'), first: true}
	if kind, arn := sessionIssuer(&c.Principal); kind != "" {
		o.key("sessionIssuer")
		issuer := object{buf: append(o.buf, '{'), first: true}
		issuer.str("type", kind)
		issuer.str("principalId", cmp.Or(c.EntityID, c.Principal.Account))
		issuer.str("arn", arn)
		issuer.str("accountId", c.Principal.Account)
		if kind != "Root" {
			issuer.str("userName", lastSegment(arn))
		}
		o.buf = append(issuer.buf, '}')
	}
	if f := c.Session.Federation; f != nil && !saml(f) {
		o.key("webIdFederationData")
		federation := object{buf: append(o.buf, '{'), first: true}
		federation.str("federatedProvider", f.Provider)
		federation.key("attributes")
		o.buf = append(federation.buf, "{}}"...)
	}
	o.key("attributes")
	attributes := object{buf: append(o.buf, '{'), first: true}
	attributes.time("creationDate", c.Session.Issued)
	attributes.str("mfaAuthenticated", strconv.FormatBool(c.MFAPresent()))
	o.buf = append(attributes.buf, '}')
	if c.Session.SourceIdentity != "" {
		o.str("sourceIdentity", c.Session.SourceIdentity)
	}
	return append(o.buf, '}')
}

// sessionIssuer is the type and ARN of whom a session has its permissions from.
func sessionIssuer(p *policy.Principal) (kind, arn string) {
	switch {
	case p.Kind == policy.RoleSession:
		return "Role", p.RoleARN
	case p.Kind == policy.FederatedUser && p.OfRoot():
		return "Root", p.UserARN
	case p.Kind == policy.FederatedUser:
		return "IAMUser", p.UserARN
	}
	return "", ""
}

func identityType(k policy.PrincipalKind) string {
	switch k {
	case policy.Root:
		return "Root"
	case policy.User:
		return "IAMUser"
	case policy.RoleSession:
		return "AssumedRole"
	case policy.FederatedUser:
		return "FederatedUser"
	default:
		return "Unknown"
	}
}

func appendResources(dst []byte, resources []Resource) []byte {
	dst = append(dst, '[')
	for i, r := range resources {
		if i > 0 {
			dst = append(dst, ',')
		}
		o := object{buf: append(dst, '{'), first: true}
		o.str("accountId", r.Account)
		o.str("type", r.Type)
		o.str("ARN", r.ARN)
		dst = append(o.buf, '}')
	}
	return append(dst, ']')
}

// object appends the members of one JSON object.
type object struct {
	buf   []byte
	first bool
}

func (o *object) key(name string) {
	if !o.first {
		o.buf = append(o.buf, ',')
	}
	o.first = false
	o.buf = append(o.buf, '"')
	o.buf = append(o.buf, name...)
	o.buf = append(o.buf, '"', ':')
}

func (o *object) str(name, value string) {
	o.key(name)
	o.buf = appendString(o.buf, value)
}

func (o *object) members(name string, members []Member) {
	o.key(name)
	o.buf = appendMembers(o.buf, members)
}

func appendMembers(dst []byte, members []Member) []byte {
	if len(members) == 0 {
		return append(dst, "null"...)
	}
	o := object{buf: append(dst, '{'), first: true}
	for _, m := range members {
		o.str(m.Name, truncate(m.Value, maxValue))
	}
	return append(o.buf, '}')
}

func (o *object) bool(name string, value bool) {
	o.key(name)
	o.buf = strconv.AppendBool(o.buf, value)
}

func (o *object) time(name string, t time.Time) {
	o.key(name)
	o.buf = append(o.buf, '"')
	o.buf = t.UTC().AppendFormat(o.buf, "2006-01-02T15:04:05Z")
	o.buf = append(o.buf, '"')
}

// appendString quotes s. Control characters are escaped, so that no value can
// forge a line or a member of the record; invalid UTF-8 is replaced.
func appendString(dst []byte, s string) []byte {
	quoted, _ := jsontext.AppendQuote(dst, s) // the error only says that UTF-8 was replaced
	return quoted
}

func truncate(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return s[:n]
}

func lastSegment(arn string) string {
	for i := len(arn) - 1; i >= 0; i-- {
		if arn[i] == '/' {
			return arn[i+1:]
		}
	}
	return arn
}
